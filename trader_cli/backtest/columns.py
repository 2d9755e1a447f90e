"""The past of several symbols as the flat arrays a kernel reads: one column for all, one symbol after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from trader_cli.rules.numbers import Candle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trader_cli.domain.bars import Bars, Floats, Ints
    from trader_cli.domain.market import Market
    from trader_cli.domain.signal import Codes, Signals
    from trader_cli.rules.numbers import Grid


class Past(NamedTuple):
    """What has been, of all symbols.

    Shape: `times` and `sessions` have one entry a grid time that is judged. `start`, `end`, `first`, `decides_at` and
    `confidence_step` have one entry a symbol, `order_grids` a row (a `Grid`). Row r of symbol s stands at `start[s] +
    r` of every other column, before `end[s]`, its confidence at `confidence_start[s] + confidence_step[s] * r`;
    `first[s]` is the place of its first judged row, `decides_at[s]` that of the first which may decide. `open_time` is
    empty where every symbol is present at all times, `funding_due` where nothing is ever due. Symbol s's finer bars
    stand at `fine_start[s]` to `fine_start[s + 1]` of the `fine` columns.
    """

    times: Ints
    sessions: Ints
    timeframe: int
    start: Ints
    end: Ints
    first: Ints
    decides_at: Ints
    open_time: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    mark_open: Floats
    mark_high: Floats
    mark_low: Floats
    funding_due: Floats
    entry: Codes
    exit_long: Codes
    exit_short: Codes
    confidence: Floats
    confidence_start: Ints
    confidence_step: Ints
    fine_time: Ints
    fine_open: Sequence[float]
    fine_high: Sequence[float]
    fine_low: Sequence[float]
    fine_start: Ints
    order_grids: Floats


def flattened(
    markets: Sequence[Market], signals: Sequence[Signals], grids: Sequence[Grid], start: int | None, warmup: int
) -> Past:
    """The columns of all symbols; grid times from `start` on (ns) are judged. Copies nothing of a single symbol."""
    bars = [market.bars for market in markets]
    times, open_time = _grid(bars)
    first = 0 if start is None else int(np.searchsorted(times, start))
    starts = _starts(bars)
    warm = [0 if start is None else int(np.searchsorted(one.open_time, start)) for one in bars]
    prices = _candles(bars)
    marked = [market.bars if market.mark is None else market.mark for market in markets]
    marks = prices if all(market.mark is None for market in markets) else _candles(marked)
    confidence, confidence_start, confidence_step = _confidence(signals)
    fine = [_rows(one.bars, 0) if one.detail is None else one.detail for one in markets]
    fine_prices = _candles(fine)
    return Past(
        times=_fixed(times[first:]),
        sessions=_sessions(bars, times, open_time)[first:],
        timeframe=bars[0].timeframe.nanoseconds,
        start=starts[:-1],
        end=starts[1:],
        first=_fixed(starts[:-1] + np.array(warm, dtype=np.int64)),
        decides_at=_fixed(starts[:-1] + warmup),
        open_time=open_time,
        open=prices.open,
        high=prices.high,
        low=prices.low,
        close=_joined([one.close for one in bars]),
        mark_open=marks.open,
        mark_high=marks.high,
        mark_low=marks.low,
        funding_due=_funding(markets),
        entry=_joined([one.entry for one in signals], np.int8),
        exit_long=_joined([one.exit_long for one in signals], np.int8),
        exit_short=_joined([one.exit_short for one in signals], np.int8),
        confidence=confidence,
        confidence_start=confidence_start,
        confidence_step=confidence_step,
        fine_time=_joined([one.open_time for one in fine], np.int64),
        fine_open=fine_prices.open,
        fine_high=fine_prices.high,
        fine_low=fine_prices.low,
        fine_start=_starts(fine),
        order_grids=_fixed(np.array(grids, dtype=np.float64)),
    )


def _fixed(column: NDArray[Any]) -> NDArray[Any]:
    """A view nobody writes to: machine code is made for one kind of array only, be a file's columns fixed or not."""
    view = column.view()
    view.flags.writeable = False
    return view


def _joined(columns: Sequence[NDArray[Any]], kind: type[np.generic] = np.float64) -> NDArray[Any]:
    if len(columns) == 1:
        return _fixed(np.ascontiguousarray(columns[0], dtype=kind))
    out = np.empty(sum(map(len, columns)), dtype=kind)
    return _fixed(np.concatenate(columns, out=out))


def _integers(values: Sequence[int]) -> Ints:
    return _fixed(np.array(values, dtype=np.int64))


def _starts(series: Sequence[Bars]) -> Ints:
    """Where each series begins once they stand one after the other, and where the last one ends."""
    return _fixed(np.concatenate(([0], np.cumsum([len(one) for one in series], dtype=np.int64))))


def _candles(series: Sequence[Bars]) -> Any:
    """The three price columns a position meets, as a `Candle` of columns."""
    column: Callable[[str], NDArray[Any]] = lambda name: _joined([getattr(one, name) for one in series])  # noqa: E731
    return Candle(column("open"), column("high"), column("low"))  # type: ignore[arg-type]


def _rows(bars: Bars, count: int) -> Bars:
    return bars.slice(0, count)


def _grid(bars: Sequence[Bars]) -> tuple[Ints, Ints]:
    """The times at which any symbol has a bar, and each symbol's own times; none where they are all the same."""
    first = bars[0].open_time
    if all(one.open_time is first or np.array_equal(one.open_time, first) for one in bars[1:]):
        return first, _fixed(np.empty(0, dtype=np.int64))
    together = _joined([one.open_time for one in bars], np.int64)
    return np.unique(together), together


def _sessions(bars: Sequence[Bars], times: Ints, open_time: Ints) -> Ints:
    """The session at each grid time: that of the first symbol with a bar there."""
    if not len(open_time):
        return _fixed(bars[0].session)
    found = np.empty(len(times), dtype=np.int64)
    for one in reversed(bars):
        found[np.searchsorted(times, one.open_time)] = one.session
    return _fixed(found)


def _funding(markets: Sequence[Market]) -> Floats:
    if all(market.funding_due is None for market in markets):
        return _fixed(np.empty(0))
    nothing = np.zeros(1)
    due = [m.funding_due if m.funding_due is not None else np.broadcast_to(nothing, len(m.bars)) for m in markets]
    return _joined(due)


def _confidence(signals: Sequence[Signals]) -> tuple[Floats, Ints, Ints]:
    """All confidences, where each symbol's begin, and its step: 0 where one number stands for all rows."""
    columns = [one.confidence[:1] if one.confidence.strides == (0,) else one.confidence for one in signals]
    steps = [int(column is one.confidence) for column, one in zip(columns, signals, strict=True)]
    starts = np.concatenate(([0], np.cumsum([len(column) for column in columns], dtype=np.int64)))
    return _joined(columns), _fixed(starts[:-1]), _integers(steps)
