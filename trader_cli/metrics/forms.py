"""How figures are read: in which form they are written, and which value of one is neither good nor bad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING: Final = "-"
"""What stands for a figure that there is not."""

FORMS: Final[Mapping[str, str]] = {
    "final_equity": ",.2f",
    "total_return": ".2%",
    "cagr": ".2%",
    "max_drawdown": ".2%",
    "sharpe": ".2f",
    "sortino": ".2f",
    "calmar": ".2f",
    "exposure": ".1%",
    "trades": ",d",
    "win_rate": ".1%",
    "profit_factor": ".2f",
    "expectancy": ",.2f",
    "fees": ",.2f",
    "funding": ",.2f",
    "ambiguous_bars": ",d",
    "deflated_sharpe": ".2f",
}
"""The form of each figure, in the order in which people are shown them."""

EVEN: Final[Mapping[str, float]] = {
    **dict.fromkeys(("total_return", "cagr", "sharpe", "sortino", "calmar", "expectancy", "funding"), 0.0),
    "profit_factor": 1.0,
}
"""The value on either side of which a figure speaks of gain or of loss; others have no such value."""


def written(figure: str, value: float | None) -> str:
    """A figure as people read it.

    >>> written("total_return", -0.0635), written("trades", 1200), written("sharpe", None), words("max_drawdown")
    ('-6.35%', '1,200', '-', 'max drawdown')
    """
    if value is None:
        return NOTHING
    form = FORMS[figure]
    return format(int(value) if form.endswith("d") else value, form)


def is_share(figure: str) -> bool:
    """Whether a figure is a fraction that people read in percent."""
    return FORMS[figure].endswith("%")


def words(figure: str) -> str:
    """The name of a figure as people write it."""
    return figure.replace("_", " ")
