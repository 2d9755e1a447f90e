"""Return, risk and trade statistics. A figure that is not defined is None, never NaN or infinity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats, Ints

NO_SPREAD = 1e-12
"""A standard deviation of daily returns below this is rounding, not risk."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """The figures of one run, named as CONTRACT section 4 names them.

    Units: fractions of 1 (`max_drawdown` <= 0), account currency (`final_equity`, `expectancy`, `fees`, `funding`),
    counts (`trades`, `ambiguous_bars`); `exposure` is mean gross notional / equity over the bars, None where positions
    stood on no equity.
    """

    trades: int
    final_equity: float
    total_return: float
    cagr: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    max_drawdown: float
    win_rate: float | None
    profit_factor: float | None
    expectancy: float | None
    exposure: float | None
    fees: float
    funding: float
    ambiguous_bars: int


def session_closes(equity: Floats, session: Ints, start: float) -> Floats:
    """The equity at the end of each session, `start` before them all.

    Shape: `equity` and `session` have one entry a bar; the result has one a session that holds bars, and one more.
    """
    if len(equity) == 0:
        return np.array([start])
    last_of_session = np.append(np.flatnonzero(np.diff(session)), len(session) - 1)
    return np.concatenate(([start], equity[last_of_session]))


def session_returns(closes: Floats) -> Floats | None:
    """Equity returns from session to session; None where one opened on no equity, on which nothing can be earned."""
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
    peaks = np.maximum(np.maximum.accumulate(equity), start)
    return min(0.0, float(np.min(equity / peaks - 1.0)))


def profit_factor(profits: Floats) -> float | None:
    """Gross profit over gross loss; None without a loss."""
    loss = -float(np.sum(profits[profits < 0.0]))
    return float(np.sum(profits[profits > 0.0])) / loss if loss > 0.0 else None


def measure(
    *,
    equity: Floats,
    session: Ints,
    start: float,
    per_year: int,
    profits: Floats,
    fees: float,
    funding: float,
    exposure: float | None,
    ambiguous_bars: int,
) -> Metrics:
    """All figures of one run, from its equity at each bar's close and the net profit of each trade."""
    final = float(equity[-1]) if len(equity) else start
    closes = session_closes(equity, session, start)
    returns = session_returns(closes)
    total = final / start - 1.0
    growth = cagr(total, len(closes) - 1, per_year)
    fall = max_drawdown(equity, start)
    count = len(profits)
    return Metrics(
        trades=count,
        final_equity=final,
        total_return=total,
        cagr=growth,
        sharpe=None if returns is None else sharpe(returns, per_year),
        sortino=None if returns is None else sortino(returns, per_year),
        calmar=growth / -fall if growth is not None and fall < 0.0 else None,
        max_drawdown=fall,
        win_rate=float(np.mean(profits > 0.0)) if count else None,
        profit_factor=profit_factor(profits),
        expectancy=float(np.mean(profits)) if count else None,
        exposure=exposure,
        fees=fees,
        funding=funding,
        ambiguous_bars=ambiguous_bars,
    )
