"""The library's front door: one trader, made of a variant."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trader_cli.app.markets import Past, Span
from trader_cli.app.onlooking import Nobody
from trader_cli.app.replaying import Replay, loaded_for
from trader_cli.errors import UsageError
from trader_cli.settings import variants_dir
from trader_cli.variant.loading import load, load_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trader_cli.app.onlooking import Onlooker
    from trader_cli.backtest.result import Result
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.variant.model import Variant


class Trader:
    """One trader, assembled from a variant; what it trades, how and where stands in `variant`.

    trader = Trader.load("variants/demo_btc_rsi.toml")
    result = await trader.run(replay="samples")
    """

    def __init__(self, variant: Variant) -> None:
        self.variant = variant

    @classmethod
    def load(cls, source: str | Path | Mapping[str, Any]) -> Trader:
        """The trader of a variant file (a path, or a name in the variants folder) or of a mapping of the same shape.

        Raises: ConfigError with every problem found.
        """
        if isinstance(source, str | Path):
            found = load(str(source), variants_dir=variants_dir(None), environment=os.environ)
        else:
            found = load_mapping(source, environment=os.environ)
        return cls(found.variant)

    async def run(
        self,
        cycles: int | None = None,
        replay: str | Path | None = None,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        detail: Timeframe | None = None,
        speed: float | None = None,
        onlooker: Onlooker | None = None,
    ) -> Result:
        """Trades for so many cycles, or for as long as there are bars, and returns what came of it.

        `replay` is a market data file or folder: its bars are traded one by one on the simulated exchange, whatever the
        variant's mode, from `start` on and before `end` (aware datetimes). `detail` are finer bars that decide which of
        stop and target came first, `speed` how many times faster than the market to go. `onlooker` hears every event.
        Without it the venue's own bars are traded with simulated money, on the account that `trader paper` trades.
        Raises: UsageError, ConfigError, DataError, Locked, Unavailable.
        """
        if cycles is not None and cycles < 1:
            raise UsageError(f"cycles must be at least 1, not {cycles}")
        watching = onlooker or Nobody()
        if replay is None:
            return await self._on_venue(watching, cycles)
        past = Past(Path(replay), Span(start, end), detail, speed)
        loaded = loaded_for(self.variant, past, _silent)
        return await Replay(self.variant, past, loaded).run(watching, cycles)

    async def _on_venue(self, onlooker: Onlooker, cycles: int | None) -> Result:
        """Trades the account that `trader paper` trades, and keeps it in the same journal."""
        from trader_cli.app.running import Wanted, assembled
        from trader_cli.app.venues import Venues, demand_paper

        demand_paper(self.variant)
        venues = Venues()
        try:
            with assembled(Wanted([self.variant]), venues, _silent) as crew:
                return await crew.runs[0].run(onlooker, cycles)
        finally:
            await venues.close()

    def backtest(
        self,
        data: str | Path,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        detail: Timeframe | None = None,
    ) -> Result:
        """Trades history at once: the very trades that `run(replay=data)` makes, much faster.

        Raises: UsageError, ConfigError, DataError.
        """
        from trader_cli.app.backtest import run

        return run(self.variant, Path(data), Span(start, end), _silent, detail=detail)


def _silent(doing: str) -> None:
    """Nobody is told what is being done."""
