"""Return, risk and trade statistics. A figure that is not defined is None, never NaN or infinity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats, Ints

NO_SPREAD = 1e-12
"""A standard deviation of daily returns below this is rounding, not risk."""


def session_closes(equity: Floats, session: Ints) -> Floats:
    """The equity at the end of each session.

    Shape: `equity` and `session` have one entry a bar; the result has one a session that holds bars.
    """
    if len(equity) == 0:
        return equity
    closes: Floats = equity[np.append(np.flatnonzero(np.diff(session)), len(session) - 1)]
    return closes


def session_returns(closes: Floats) -> Floats | None:
    """Equity returns from close to close; None where one was no equity, on which nothing can be earned."""
    if np.any(closes[:-1] <= 0.0):
        return None
    returns: Floats = closes[1:] / closes[:-1] - 1.0
    return returns


def cagr(total_return: float, sessions: int, per_year: int) -> float | None:
    """The yearly growth that compounds to `total_return` over `sessions` of `per_year`.

    Source: Bacon, Practical Portfolio Performance Measurement and Attribution, 2nd ed., 3.15 (annualized return).

    >>> round(cagr(0.21, 730, 365), 9)
    0.1
    """
    if sessions == 0 or total_return <= -1.0:
        return None
    try:
        return float((1.0 + total_return) ** (per_year / sessions) - 1.0)
    except OverflowError:
        return None


def sharpe(returns: Floats, per_year: int) -> float | None:
    """Mean over sample standard deviation of the returns, times sqrt(per_year); risk-free rate 0.

    Source: Sharpe, The Sharpe Ratio, Journal of Portfolio Management 21(1), 1994.
    """
    if len(returns) < 2:
        return None
    spread = float(np.std(returns, ddof=1))
    return None if spread < NO_SPREAD else float(np.mean(returns)) / spread * math.sqrt(per_year)


def sortino(returns: Floats, per_year: int) -> float | None:
    """Mean over downside deviation (root mean square of the losses over all periods), times sqrt(per_year).

    Source: Sortino and Price, Performance Measurement in a Downside Risk Framework, Journal of Investing 3(3), 1994.
    """
    if len(returns) < 2:
        return None
    downside = math.sqrt(float(np.mean(np.square(np.minimum(returns, 0.0)))))
    return None if downside < NO_SPREAD else float(np.mean(returns)) / downside * math.sqrt(per_year)


def max_drawdown(equity: Floats, start: float) -> float:
    """The deepest fall from a peak, as a fraction <= 0; the starting balance is the first peak.

    Source: Magdon-Ismail and Atiya, Maximum Drawdown, Risk 17(10), 2004.
    """
    if len(equity) == 0:
        return 0.0
    return min(0.0, float(np.min(drawdowns(equity, start))))


def drawdowns(equity: Floats, start: float) -> Floats:
    """How far below the highest equity so far each one is, as a fraction <= 0; `start` is the first peak."""
    found: Floats = equity / np.maximum(np.maximum.accumulate(equity), start) - 1.0
    return found
