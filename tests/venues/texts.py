"""Amounts and times as venues write them."""

from __future__ import annotations

from decimal import Decimal

_EXACT = Decimal("1e-12")


def plain(value: Decimal | None) -> str | None:
    """All digits up to the twelfth after the point, without an exponent or zeros at the end; None stays absent."""
    if value is None or not value.is_finite():
        return None if value is None else str(value)
    text = f"{value.quantize(_EXACT):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def on_grid(value: Decimal, step: Decimal) -> str:
    """As many digits as the step has: 0.01 on a lot of 0.001 is "0.010"."""
    return f"{value.quantize(step.normalize() if step < 1 else Decimal(1)):f}"


def milliseconds(nanoseconds: int) -> int:
    return nanoseconds // 1_000_000


def nanoseconds(milliseconds: int | str) -> int:
    """Raises: ValueError for a text that is no whole number."""
    return int(milliseconds) * 1_000_000
