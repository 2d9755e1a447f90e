"""A variant and market data to a judged run."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from trader_cli.app.judging import start_of, too_short
from trader_cli.app.markets import Past, load_markets, terms_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trader_cli.app.markets import Loaded, Span
    from trader_cli.backtest.result import Result
    from trader_cli.data.source import File
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.variant.model import Variant


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """What came of a variant on a past, and the files it hung on: market data, and the strategy where it is a user's.

    `run` is the id that it is kept under and `trials` how many were ever tried on its markets; None where it was
    neither kept nor counted.
    """

    variant: Variant
    past: Past
    result: Result
    data: tuple[File, ...]
    code: tuple[File, ...]
    run: str | None = None
    trials: int | None = None

    @property
    def files(self) -> tuple[File, ...]:
        """All that was read, named so that it is found from any folder."""
        return tuple(replace(file, path=file.path.absolute()) for file in (*self.data, *self.code))

    @property
    def checksum(self) -> str:
        """The SHA-256 of the document, without the id that is made of it."""
        return sha256(json.dumps(self.result.document(self.variant.name)).encode()).hexdigest()

    def document(self) -> dict[str, Any]:
        """The document of CONTRACT section 4, with the id."""
        return {**self.result.document(self.variant.name), "run": self.run}


def run(
    variant: Variant, source: Path, span: Span, announce: Callable[[str], None], *, detail: Timeframe | None = None
) -> Result:
    """Backtests a variant on market data; `announce` is told what is being done.

    Raises: UsageError, ConfigError for what cannot be traded so, DataError for data that is missing or wrong.
    """
    return backtested(variant, Past(source, span, detail), announce).result


def backtested(variant: Variant, past: Past, announce: Callable[[str], None], loaded: Loaded | None = None) -> Backtest:
    """As `run`, with all that it hung on; `loaded` is the market data where that was read already."""
    if loaded is None:
        loaded = load_markets(variant, past.source, past.span, detail=past.detail, announce=announce)
    announce("preparing")
    from trader_cli.backtest.run import backtest

    announce("trading")
    result = backtest(loaded.markets, variant.strategy(), terms_of(variant, variant.symbols), start=start_of(past.span))
    result = result.saying(*loaded.warnings, *too_short(loaded.markets, result.warmup_bars))
    return Backtest(variant, past, result, loaded.files, variant.strategy_files())
