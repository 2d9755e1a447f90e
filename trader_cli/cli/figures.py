"""Numbers and times as people read them: one form each, in lines and on the dashboard."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

NOTHING = "-"
"""What stands for a figure that is not known or not finite."""

_FEWEST_DECIMALS, _MOST_DECIMALS = 2, 12


def value_of(figure: Any) -> float | None:
    """A number as a float; None for what is none or not finite."""
    try:
        found = float(figure)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def amount(figure: Any, *, grouped: bool = True, cents: bool = True) -> str:
    """Money to the cent, or to the unit.

    >>> amount(10234.5), amount(-0.001), amount(1e18), amount(float("nan"))
    ('10,234.50', '0.00', '1e+18', '-')
    """
    found = value_of(figure)
    if found is None:
        return NOTHING
    if abs(found) >= 1e15:
        return f"{found:.6g}"
    decimals = 2 if cents else 0
    rounded = round(found, decimals) + 0.0
    return f"{rounded:,.{decimals}f}" if grouped else f"{rounded:.{decimals}f}"


def gain(figure: Any, *, grouped: bool = True) -> str:
    """Money won or lost, always with its sign.

    >>> gain(12.3), gain(-1234.0), gain(0.0)
    ('+12.30', '-1,234.00', '0.00')
    """
    text = amount(figure, grouped=grouped)
    return "+" + text if (value_of(figure) or 0.0) > 0.0 and text != "0.00" else text


def share(part: Any, whole: Any = 1.0, *, decimals: int = 2, signed: bool = True) -> str:
    """A part of a whole in percent; a dash where that is not defined.

    >>> share(1, 8), share(-0.031), share(1, 0), share(3, 4, decimals=0, signed=False)
    ('+12.50 %', '-3.10 %', '-', '75 %')
    """
    over, under = value_of(part), value_of(whole)
    if over is None or not under:
        return NOTHING
    found = value_of(over / under * 100.0)
    if found is None:
        return NOTHING
    if abs(found) >= 1e6:
        return f"{found:{'+' if signed else ''}.3g} %"
    rounded = round(found, decimals) + 0.0
    return f"{rounded:{'+' if signed and rounded else ''}.{decimals}f} %"


def number(figure: Any, *, digits: int = 8) -> str:
    """A price or a quantity to `digits` digits or the whole unit, without an exponent as long as that stays short.

    >>> number(43210.5), number(0.01230000), number(1e-8), number(123456789.0), number(3e-20), number(None)
    ('43210.5', '0.0123', '0.00000001', '123456789', '3e-20', '-')
    """
    found = value_of(figure)
    if found is None:
        return NOTHING
    if found == 0.0:
        return "0"
    if not 1e-9 <= abs(found) < 1e15:
        return f"{found:.5g}"
    decimals = min(_MOST_DECIMALS, max(0, digits - 1 - math.floor(math.log10(abs(found)))))
    return _trimmed(f"{found:.{decimals}f}")


def prices(figures: Sequence[Any]) -> list[str]:
    """Prices of one symbol, with as many decimals each, so that they compare at a glance.

    >>> prices([43214.82105, 43310.5, 42350.52]), prices([0.1, 0.25])
    (['43214.82', '43310.50', '42350.52'], ['0.10', '0.25'])
    """
    sizes = [abs(found) for figure in figures if (found := value_of(figure))]
    if not sizes or max(sizes) > 1e4 * min(sizes) or not 1e-9 <= max(sizes) < 1e15:
        return [number(figure) for figure in figures]
    decimals = min(_MOST_DECIMALS, max(_FEWEST_DECIMALS, 5 - math.floor(math.log10(max(sizes)))))
    texts = [NOTHING if (found := value_of(figure)) is None else f"{found:.{decimals}f}" for figure in figures]
    idle = min(len(text) - len(text.rstrip("0")) for text in texts if text != NOTHING)
    cut = max(0, min(idle, decimals - _FEWEST_DECIMALS))
    return [text if text == NOTHING else text[: len(text) - cut] for text in texts]


def age(since: datetime, now: datetime) -> str:
    """How long ago, in at most two units; nothing below a minute but seconds."""
    seconds = max(0, int((now - since).total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days >= 100:
        return f"{days}d"
    if days:
        return f"{days}d {hours % 24:02d}h"
    if hours:
        return f"{hours}h {minutes % 60:02d}m"
    return f"{minutes}m" if minutes else f"{seconds}s"


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
