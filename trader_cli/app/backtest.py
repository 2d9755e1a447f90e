"""The use case behind `trader backtest`: a variant and a data file to a judged run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.app.markets import Span  # noqa: TC001 - the command takes it from here
from trader_cli.domain.clock import from_nanoseconds, iso, to_nanoseconds
from trader_cli.domain.instrument import AssetClass
from trader_cli.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trader_cli.backtest.result import Result
    from trader_cli.backtest.run import Terms
    from trader_cli.data.reading import Series
    from trader_cli.domain.bars import Bars
    from trader_cli.variant.model import Variant


def run(variant: Variant, source: Path, span: Span, announce: Callable[[str], None]) -> Result:
    """Backtests a variant on market data; `announce` is told what is being done.

    Raises: UsageError for what cannot be backtested (yet), DataError for data that is missing or wrong.
    """
    symbol = _only_symbol(variant)
    _demand_simulated(variant)
    announce(f"reading {symbol}")
    from trader_cli.data.reading import load_bars

    series = load_bars(source, symbol, variant.timeframe, variant.hours)
    bars = _until(series, span)
    announce("preparing")
    from trader_cli.backtest.run import backtest

    terms = terms_of(variant, symbol)
    announce("trading")
    start = None if span.start is None else to_nanoseconds(span.start)
    result = backtest(bars, variant.strategy(), terms, start=start)
    return result.saying(*_remarks(series, bars, result, terms))


def terms_of(variant: Variant, symbol: str) -> Terms:
    """What the variant's simulated account may do and what it pays, for one symbol."""
    from trader_cli.backtest.run import Terms
    from trader_cli.data.book import instrument

    risk = variant.risk_settings
    cell = variant.variants
    found = instrument(cell.broker, cell.asset_class, symbol, fractional=risk.fractional_shares)
    return Terms(variant.session.starting_balance, risk, variant.costs, found)


def _only_symbol(variant: Variant) -> str:
    symbols = variant.symbols
    if len(symbols) == 1:
        return symbols[0]
    listed = ", ".join(symbols) or "none"
    raise UsageError(
        f"a backtest takes one symbol so far, '{variant.name}' trades {len(symbols)} ({listed}): name one with --symbol"
    )


def _demand_simulated(variant: Variant) -> None:
    if variant.variants.asset_class is AssetClass.FUTURES:
        raise UsageError(
            f"'{variant.name}' trades futures, whose margin and funding backtests do not simulate yet",
            key="variants.asset_class",
        )
    if variant.risk_settings.allow_short:
        raise UsageError(
            f"'{variant.name}' allows shorts, which backtests do not simulate yet: set it to false",
            key="risk_settings.allow_short",
        )


def _until(series: Series, span: Span) -> Bars:
    """The bars before the span's end.

    Raises: DataError where the span holds no bar.
    """
    import numpy as np

    bars = series.bars
    if span.end is not None:
        bars = bars.slice(0, int(np.searchsorted(bars.open_time, to_nanoseconds(span.end))))
    if not len(bars) or (span.start is not None and to_nanoseconds(span.start) > bars.open_time[-1]):
        first, last = (iso(from_nanoseconds(series.bars.open_time[i])) for i in (0, -1))
        raise DataError(f"no bars between --from and --to; it holds {first} to {last}", file=str(series.files[0]))
    return bars


def _remarks(series: Series, bars: Bars, result: Result, terms: Terms) -> tuple[str, ...]:
    """What a reader of the result must know about the data and the terms behind it."""
    remarks = list(series.warnings)
    if series.gaps:
        remarks.append(f"{series.gaps} gaps in the data, {series.missing_bars} bars missing; they were not filled")
    if not terms.instrument.known:
        remarks.append(
            f"the instrument book does not know {bars.symbol}: lot {terms.instrument.lot}, "
            f"minimum notional {terms.instrument.minimum_notional} assumed"
        )
    if len(bars) <= result.warmup_bars:
        remarks.append(f"{len(bars)} bars are no more than the warm-up of {result.warmup_bars}: no signal was possible")
    return tuple(remarks)
