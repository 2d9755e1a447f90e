"""The use case behind `trader backtest`: a variant and market data to a judged run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.app.judging import start_of, too_short
from trader_cli.app.markets import load_markets, terms_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trader_cli.app.markets import Span
    from trader_cli.backtest.result import Result
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.variant.model import Variant


def run(
    variant: Variant, source: Path, span: Span, announce: Callable[[str], None], *, detail: Timeframe | None = None
) -> Result:
    """Backtests a variant on market data; `announce` is told what is being done.

    Raises: UsageError, ConfigError for what cannot be traded so, DataError for data that is missing or wrong.
    """
    loaded = load_markets(variant, source, span, detail=detail, announce=announce)
    announce("preparing")
    from trader_cli.backtest.run import backtest

    announce("trading")
    result = backtest(loaded.markets, variant.strategy(), terms_of(variant, variant.symbols), start=start_of(span))
    return result.saying(*loaded.warnings, *too_short(loaded.markets, result.warmup_bars))
