"""What a backtest found, as values, and as the JSON document of CONTRACT section 4."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trader_cli.domain.clock import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.domain.bars import Floats
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.domain.trade import Halt, OpenPosition, PendingOrder, Trade
    from trader_cli.metrics.performance import Metrics

_NAMES = {"return_fraction": "return"}


@dataclass(frozen=True, slots=True)
class Period:
    """The bars that were judged: open times of the first and the last, and how many they were."""

    start: datetime | None
    end: datetime | None
    bars: int


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One run over one account.

    Shape: `equity` has one entry a bar of `period`, at its close. `refusals` counts entries refused, by reason code.
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


def _plain(value: Any) -> dict[str, Any]:
    """A dataclass of simple fields as JSON knows them."""
    plain = {}
    for field in fields(value):
        content = getattr(value, field.name)
        plain[_NAMES.get(field.name, field.name)] = iso(content) if isinstance(content, datetime) else content
    return plain
