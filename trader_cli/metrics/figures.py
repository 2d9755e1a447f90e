"""From what became of runs to their figures: one run and a million by the same text."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.metrics import performance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trader_cli.domain.bars import Floats, Ints

    type Rows = NDArray[np.void]

TALLY = np.dtype(
    [
        ("trades", np.int64),
        ("wins", np.int64),
        ("profit", np.float64),
        ("gross_profit", np.float64),
        ("gross_loss", np.float64),
        ("fees", np.float64),
        ("funding", np.float64),
        ("final_equity", np.float64),
        ("ambiguous_bars", np.int64),
        ("halted_at", np.int64),
        ("max_drawdown", np.float64),
        ("exposure_sum", np.float64),
    ]
)
"""What became of one run: sums over its trades in the order of their exits, fees and funding with those of positions
still open. `gross_loss` <= 0; `halted_at` is the bar, counted from the first judged one, whose close tripped
`max_drawdown`, or -1; `exposure_sum` adds gross notional / equity over the bars. The last two are NaN where the equity
was not followed bar by bar, `exposure_sum` also where positions stood on no equity."""


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


COUNTS = ("trades", "ambiguous_bars")
NAMES = tuple(field.name for field in fields(Metrics))
FIGURES = np.dtype([(name, np.int64 if name in COUNTS else np.float64) for name in NAMES])
"""The figures of one run, as `Metrics` has them; NaN where one is not defined or was not asked for."""


def figures(tallies: Rows, closes: Floats | None, *, start: Floats, per_year: int, sessions: int, bars: int) -> Rows:
    """The figures of many runs over the same bars.

    Shape: `tallies` (runs,) of `TALLY`, `start` (runs,) starting balances, `closes` (runs, sessions) the equity at the
    end of each session; without them what hangs on the equity is NaN. The result: (runs,) of `FIGURES`.
    """
    found = np.empty(len(tallies), FIGURES)
    found["sharpe"] = found["sortino"] = found["calmar"] = np.nan
    for name in ("trades", "final_equity", "max_drawdown", "fees", "funding", "ambiguous_bars"):
        found[name] = tallies[name]
    count, loss = tallies["trades"], -tallies["gross_loss"]
    found["total_return"] = tallies["final_equity"] / start - 1.0
    found["cagr"] = [or_nan(performance.cagr(total, sessions, per_year)) for total in found["total_return"].tolist()]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        found["win_rate"] = np.where(count > 0, tallies["wins"] / count, np.nan)
        found["expectancy"] = np.where(count > 0, tallies["profit"] / count, np.nan)
        found["profit_factor"] = np.where(loss > 0.0, tallies["gross_profit"] / loss, np.nan)
    found["exposure"] = tallies["exposure_sum"] / max(bars, 1)
    if closes is not None:
        for run, (row, first) in enumerate(zip(closes, start.tolist(), strict=True)):
            returns = performance.session_returns(np.concatenate(([first], row)))
            if returns is not None:
                found["sharpe"][run] = or_nan(performance.sharpe(returns, per_year))
                found["sortino"][run] = or_nan(performance.sortino(returns, per_year))
        fallen = np.where(found["max_drawdown"] < 0.0, -found["max_drawdown"], np.nan)
        found["calmar"] = found["cagr"] / fallen
    return found


def plain(row: np.void) -> dict[str, Any]:
    """The figures of one run by name; None where one is not a finite number."""
    values = zip(NAMES, row.tolist(), strict=True)
    return {name: value if isfinite(value) else None for name, value in values}


def measure(
    *,
    equity: Floats,
    session: Ints,
    start: float,
    per_year: int,
    profits: Floats,
    fees: float,
    funding: float,
    exposure_sum: float,
    ambiguous_bars: int,
) -> Metrics:
    """All figures of one run, from its equity at each bar's close and the net profit of each trade.

    Units: `exposure_sum` is the sum over the bars of gross notional / equity, NaN for unknown.
    """
    closes = performance.session_closes(equity, session)
    tally = tallied(
        equity=equity,
        start=start,
        profits=profits,
        fees=fees,
        funding=funding,
        exposure_sum=exposure_sum,
        ambiguous_bars=ambiguous_bars,
    )
    (row,) = figures(
        tally, closes[np.newaxis], start=np.array([start]), per_year=per_year, sessions=len(closes), bars=len(equity)
    )
    return Metrics(**plain(row))


def tallied(
    *,
    equity: Floats,
    start: float,
    profits: Floats,
    fees: float,
    funding: float,
    exposure_sum: float,
    ambiguous_bars: int,
) -> Rows:
    """What became of one run, as `measure` takes it. Shape: (1,) of `TALLY`; `halted_at` is left to the caller."""
    tally = np.zeros(1, TALLY)
    tally["trades"], tally["wins"], tally["profit"] = len(profits), np.count_nonzero(profits > 0.0), total(profits)
    tally["gross_profit"], tally["gross_loss"] = total(profits[profits > 0.0]), total(profits[profits < 0.0])
    tally["fees"], tally["funding"], tally["ambiguous_bars"] = fees, funding, ambiguous_bars
    tally["final_equity"] = equity[-1] if len(equity) else start
    tally["max_drawdown"], tally["exposure_sum"] = performance.max_drawdown(equity, start), exposure_sum
    return tally


def total(values: Floats) -> float:
    """One after the other, as a loop adds them: numpy's own sum adds in pairs."""
    return float(np.add.accumulate(values)[-1]) if len(values) else 0.0


def or_nan(value: float | None) -> float:
    """A figure as a column holds it: NaN where there is none."""
    return np.nan if value is None else value
