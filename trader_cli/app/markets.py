"""Market data to the markets of a variant: bars, mark prices, funding and finer bars of each of its symbols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trader_cli.app.detail import NoDetail, with_detail
from trader_cli.domain.clock import from_nanoseconds, iso, parse, to_nanoseconds
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.market import Market
from trader_cli.errors import ConfigError, DataError, UsageError
from trader_cli.variant.checks import contracts_are_linear

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from trader_cli.data.reading import Series
    from trader_cli.data.source import File
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.instrument import Instrument
    from trader_cli.domain.timeframe import Timeframe
    from trader_cli.rules.terms import Terms
    from trader_cli.variant.model import Variant

FAR_APART = 0.1
"""A symbol whose data begins or ends this fraction of the whole period away from the others' is worth a word."""


@dataclass(frozen=True, slots=True)
class Span:
    """The part of the data to judge: bars from `start` on and before `end`; None: all there are."""

    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def of(cls, start: str | None, end: str | None) -> Span:
        """The span two options name.

        Raises: UsageError where one is no date, or nothing lies between them.
        """
        span = cls(_time(start, "--from"), _time(end, "--to"))
        if span.start is not None and span.end is not None and span.start >= span.end:
            raise UsageError(f"'{start}' is not before --to '{end}'", file="--from")
        return span


@dataclass(frozen=True, slots=True)
class Past:
    """The market data a replay tells: the span of it that is traded, and finer bars that decide ambiguous ones.

    `speed` is how many times faster than the market it goes; None: as fast as it can.
    """

    source: Path
    span: Span
    detail: Timeframe | None = None
    speed: float | None = None


def _time(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError:
        raise UsageError(f"'{text}' is no date or time, e.g. 2024-01-31 or 2024-01-31T06:40Z", file=option) from None


@dataclass(frozen=True, slots=True)
class Loaded:
    """The markets of a variant, in the order of its symbols, and what a reader of any result must know about them.

    `files` are all that were read for them: bars, mark prices, funding rates, finer bars.
    """

    markets: tuple[Market, ...]
    warnings: tuple[str, ...]
    files: tuple[File, ...]


def load_markets(
    variant: Variant, source: Path, span: Span, *, detail: Timeframe | None, announce: Callable[[str], None]
) -> Loaded:
    """The past of every symbol of a variant, from a file (of one symbol) or a folder, without bars from `span.end` on.

    `detail` is the timeframe of finer bars that decide what happened first inside a bar; `announce` is told what is
    being read. Raises: UsageError, ConfigError for what cannot be traded so, DataError for data that is missing,
    wrong or outside the span.
    """
    symbols = variant.symbols
    _demand_linear(variant)
    _demand_folder(source, variant)
    if detail is not None:
        _demand_finer(detail, variant.timeframe)
    markets, warnings, lacking = [], [], []
    read: list[File] = []
    for symbol in symbols:
        announce(f"reading {symbol}")
        market, series, files, notes = _load(variant, symbol, source, span)
        if detail is not None:
            bars = [file.path for file in series.files]
            try:
                market, finer, said = with_detail(market, bars, detail, _judged_from(market.bars, span))
                files += finer
            except NoDetail as error:
                lacking.append(error)
                said = (f"no {detail} bars inside any of its {variant.timeframe} bars: in all the stop comes first",)
            notes += said
        markets.append(market)
        read += files
        warnings += notes if len(symbols) == 1 else [f"{symbol}: {note}" for note in notes]
    if lacking and len(lacking) == len(markets):
        raise lacking[0]
    warnings += _far_apart([market.bars for market in markets], span)
    warnings += assumptions(terms_of(variant, symbols))
    return Loaded(tuple(markets), tuple(warnings), tuple(dict.fromkeys(read)))


def terms_of(variant: Variant, symbols: Sequence[str], instruments: tuple[Instrument, ...] | None = None) -> Terms:
    """What the variant's simulated account may do and what it pays, for these symbols.

    `instruments` are what the venue says of them, in their order; None: what the instrument book says.
    """
    from trader_cli.data.book import instrument
    from trader_cli.rules.terms import Terms

    risk = variant.risk_settings
    cell = variant.variants
    if instruments is None:
        instruments = tuple(
            instrument(cell.broker, cell.asset_class, symbol, fractional=risk.fractional_shares) for symbol in symbols
        )
    return Terms(
        starting_balance=variant.session.starting_balance,
        risk=risk,
        costs=variant.costs,
        instruments=instruments,
        leverage=variant.leverage,
        is_margined=cell.asset_class is AssetClass.FUTURES,
    )


def assumptions(terms: Terms) -> tuple[str, ...]:
    """A line for each instrument whose figures the book does not know."""
    return tuple(
        f"the instrument book does not know {instrument.symbol}: lot {instrument.lot}, "
        f"minimum notional {instrument.minimum_notional} assumed"
        for instrument in terms.instruments
        if not instrument.known
    )


def _demand_linear(variant: Variant) -> None:
    if variant.variants.asset_class is AssetClass.FUTURES:
        problems = tuple(contracts_are_linear(variant.trading_symbols))
        if problems:
            raise ConfigError.of(problems)


def _demand_folder(source: Path, variant: Variant) -> None:
    symbols = variant.symbols
    if len(symbols) > 1 and source.is_file():
        raise UsageError(
            f"is one file, which serves a variant with one symbol; '{variant.name}' trades {len(symbols)} "
            f"({', '.join(symbols)}): name one with --symbol, or a folder",
            file=str(source),
        )


def _demand_finer(detail: Timeframe, timeframe: Timeframe) -> None:
    if detail is timeframe or not detail.divides(timeframe):
        raise UsageError(f"must be finer than the bars ({timeframe}), and divide them", file=f"--detail {detail}")


def _load(
    variant: Variant, symbol: str, source: Path, span: Span
) -> tuple[Market, Series, tuple[File, ...], list[str]]:
    """One symbol's market, its bars as they were read, all files of it, and what is to be said of them."""
    from trader_cli.data.reading import load_bars

    series = load_bars(source, symbol, variant.timeframe, variant.hours)
    bars = _until(series, span)
    start = _judged_from(bars, span)
    notes = [*series.warnings, *_gaps(series, bars, start, span)]
    mark = funding_due = None
    files = series.files
    if variant.variants.asset_class is AssetClass.FUTURES:
        from trader_cli.data.contracts import contract_of

        contract = contract_of(bars, files[0].path, start, variant.costs.funding_rate)
        mark, funding_due = contract.mark, contract.funding_due
        notes += contract.notes
        files += contract.files
    return Market(bars, mark, funding_due), series, files, notes


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
        raise DataError(f"no bars between --from and --to; it holds {first} to {last}", file=str(series.files[0].path))
    return bars


def _judged_from(bars: Bars, span: Span) -> int:
    """When the first bar that is judged opens, at the earliest. Units: ns."""
    first = int(bars.open_time[0])
    return first if span.start is None else max(first, to_nanoseconds(span.start))


def _gaps(series: Series, bars: Bars, start: int, span: Span) -> tuple[str, ...]:
    """What is missing of the part that is judged, up to the end that was asked for."""
    end = int(bars.open_time[-1]) + bars.timeframe.nanoseconds
    gaps, missing = series.holes.within(start, end if span.end is None else max(end, to_nanoseconds(span.end)))
    return (f"{gaps} gaps in the data, {missing} bars missing; they were not filled",) if gaps else ()


def _far_apart(markets: Sequence[Bars], span: Span) -> Iterator[str]:
    """A line for each symbol whose data begins much later, or ends much earlier, than the whole period."""
    firsts = [_judged_from(bars, span) for bars in markets]
    lasts = [int(bars.open_time[-1]) for bars in markets]
    begins, ends = min(firsts), max(lasts)
    for bars, first, last in zip(markets, firsts, lasts, strict=True):
        if max(first - begins, ends - last) > FAR_APART * (ends - begins):
            shown = (iso(from_nanoseconds(time)) for time in (first, last, begins, ends))
            yield "{}: has bars from {} to {} of a period from {} to {}".format(bars.symbol, *shown)
