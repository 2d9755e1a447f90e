"""What a backtest found, as values, and as the JSON document of CONTRACT section 4."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.domain.clock import from_nanoseconds, iso
from trader_cli.metrics.figures import measure
from trader_cli.rules import codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.domain.trade import Halt, OpenPosition, PendingOrder, Trade
    from trader_cli.metrics.figures import Metrics
    from trader_cli.strategies.base import Strategy

_NAMES = {"return_fraction": "return"}


@dataclass(frozen=True, slots=True)
class Period:
    """The times that were judged, at which any symbol has a bar: the first, the last, and how many they were."""

    start: datetime | None
    end: datetime | None
    bars: int


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One run over one account.

    Shape: `times` and `equity` have one entry a time of `period`: when its bars open (ns since 1970 UTC), and the
    account at their close. `refusals` counts entries refused, by reason code.
    """

    timeframe: Timeframe
    warmup_bars: int
    window_bars: int
    period: Period
    symbols: tuple[str, ...]
    metrics: Metrics
    trades: tuple[Trade, ...]
    open_positions: tuple[OpenPosition, ...]
    pending_at_end: tuple[PendingOrder, ...]
    halts: tuple[Halt, ...]
    refusals: Mapping[str, int]
    warnings: tuple[str, ...]
    times: Ints
    equity: Floats

    def saying(self, *warnings: str) -> Result:
        """The same run with more warnings."""
        return replace(self, warnings=self.warnings + warnings)

    def document(self, variant: str) -> dict[str, Any]:
        """The run as one JSON document; the same run gives the same bytes (law D1)."""
        return {
            "variant": variant,
            "timeframe": str(self.timeframe),
            "warmup_bars": self.warmup_bars,
            "window_bars": self.window_bars,
            "period": _plain(self.period),
            "symbols": list(self.symbols),
            "metrics": _plain(self.metrics),
            "trades": [_plain(trade) for trade in self.trades],
            "open_positions": [_plain(position) for position in self.open_positions],
            "pending_at_end": [_plain(order) for order in self.pending_at_end],
            "halts": [_plain(halt) for halt in self.halts],
            "refusals": dict(self.refusals),
            "warnings": list(self.warnings),
        }


def judged(
    *,
    strategy: Strategy[Any],
    timeframe: Timeframe,
    hours: TradingHours,
    symbols: Sequence[str],
    starting_balance: float,
    times: Sequence[int] | Ints,
    sessions: Sequence[int] | Ints,
    equity: Sequence[float] | Floats,
    exposure_sum: float,
    ambiguous_bars: int,
    trades: Sequence[Trade],
    open_positions: Sequence[OpenPosition],
    open_fees: Iterable[float],
    open_funding: Iterable[float],
    pending: Sequence[PendingOrder],
    halts: Sequence[Halt],
    refusals: Mapping[str, int],
) -> Result:
    """What an account did, with its figures. Whoever did it: the same lists give the same bits.

    Shape: `times`, `sessions` and `equity` have one entry a time at which the account was judged; `open_fees` and
    `open_funding`, what the open positions have paid so far, one a position. Units: `times` in ns since 1970 UTC;
    `exposure_sum` is the sum over `times` of gross notional / equity, NaN for unknown.
    """
    count = len(times)
    metrics = measure(
        equity=np.asarray(equity, dtype=np.float64),
        session=np.asarray(sessions, dtype=np.int64),
        start=starting_balance,
        per_year=hours.days_per_year,
        profits=np.array([trade.pnl for trade in trades], dtype=np.float64),
        fees=_total([trade.fees for trade in trades], open_fees),
        funding=_total([trade.funding for trade in trades], open_funding),
        exposure_sum=exposure_sum,
        ambiguous_bars=ambiguous_bars,
    )
    return Result(
        timeframe=timeframe,
        warmup_bars=strategy.warmup(timeframe, hours),
        window_bars=strategy.window(timeframe, hours),
        period=Period(from_nanoseconds(times[0]), from_nanoseconds(times[-1]), count)
        if count
        else Period(None, None, 0),
        symbols=tuple(symbols),
        metrics=metrics,
        trades=tuple(trades),
        open_positions=tuple(open_positions),
        pending_at_end=tuple(pending),
        halts=tuple(halts),
        refusals={name: int(refusals[name]) for name in codes.REFUSALS if refusals.get(name)},
        warnings=(),
        times=np.asarray(times, dtype=np.int64),
        equity=np.asarray(equity, dtype=np.float64),
    )


def _total(closed: Iterable[float], still_open: Iterable[float]) -> float:
    """One after the other: `sum` compensates its rounding, numpy adds in pairs."""
    total = 0.0
    for amount in (*closed, *still_open):
        total += amount
    return total


def _plain(value: Any) -> dict[str, Any]:
    """A dataclass of simple fields as JSON knows them."""
    plain = {}
    for field in fields(value):
        content = getattr(value, field.name)
        plain[_NAMES.get(field.name, field.name)] = iso(content) if isinstance(content, datetime) else content
    return plain
