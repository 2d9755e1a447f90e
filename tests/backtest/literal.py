"""Hands a case to the literal reference, and holds an outcome of the kernel against what it found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.backtest import reference
from trader_cli.rules import codes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.backtest.kernel import Outcome
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.market import Market
    from trader_cli.domain.signal import Signals
    from trader_cli.rules.numbers import Grid, Numbers

EXITS = {0: None, 1: "signal", 2: "threshold"}

type Plain = dict[str, Any]


def read_aloud(
    markets: Sequence[Market],
    signals: Sequence[Signals],
    numbers: Numbers,
    grids: Sequence[Grid],
    *,
    start: int | None = None,
    warmup: int = 0,
) -> Plain:
    """What the reference makes of the arguments of `kernel.simulate`."""
    symbols = [_symbol(*one) for one in zip(markets, signals, grids, strict=True)]
    return reference.simulate(symbols, numbers._asdict(), start, warmup)  # type: ignore[no-untyped-call, no-any-return]


def _symbol(market: Market, signals: Signals, grid: Grid) -> Plain:
    bars = _candles(market.bars)
    marks = _candles(market.mark) if market.mark else [None] * len(bars)
    due = market.funding_due.tolist() if market.funding_due is not None else [0.0] * len(bars)
    wishes = zip(
        market.bars.session.tolist(),
        marks,
        due,
        signals.entry.tolist(),
        [EXITS[code] for code in signals.exit_long.tolist()],
        [EXITS[code] for code in signals.exit_short.tolist()],
        signals.confidence.tolist(),
        strict=True,
    )
    names = "day", "mark", "funding", "entry", "exit_long", "exit_short", "confidence"
    told = [bar | dict(zip(names, wish, strict=True)) for bar, wish in zip(bars, wishes, strict=True)]
    detail = _candles(market.detail) if market.detail else []
    return grid._asdict() | {"bars": told, "detail": detail, "length": market.bars.timeframe.nanoseconds}


def _candles(bars: Bars) -> list[Plain]:
    columns = bars.open_time, bars.open, bars.high, bars.low, bars.close
    names = "time", "open", "high", "low", "close"
    return [dict(zip(names, row, strict=True)) for row in zip(*(column.tolist() for column in columns), strict=True)]


def assert_same(outcome: Outcome, expected: Plain) -> None:
    """Every field: what can be counted exactly, amounts to 1e-11."""
    reasons = {str(name): code for code, name in codes.EXIT_REASONS.items()} | {None: 0}
    trades = [[*row[:9], reasons[row[9]]] for row in expected["trades"]]
    pending = [[*row[:3], reasons[row[3]], row[4]] for row in expected["pending"]]
    times, days, equity = zip(*expected["curve"], strict=True) if expected["curve"] else ((), (), ())
    _assert_rows(outcome.trades, trades, 10, {4, 5, 6, 7, 8})
    _assert_rows(outcome.positions, expected["positions"], 7, {3, 4, 5, 6})
    _assert_rows(outcome.pending, pending, 5, {2})
    assert outcome.times.tolist() == list(times)
    assert outcome.sessions.tolist() == list(days)
    _assert_close(outcome.equity, equity)
    assert [(at, codes.REFUSALS[code]) for at, code in outcome.halts.tolist()] == expected["halts"]
    assert {codes.REFUSALS[i]: n for i, n in enumerate(outcome.refusals.tolist()) if n} == Counter(expected["refused"])
    assert outcome.ambiguous_bars == expected["ambiguous"]
    _assert_close([outcome.exposure_sum], [expected["exposure_sum"]])


def _assert_rows(found: Any, expected: Sequence[Sequence[float]], width: int, amounts: set[int]) -> None:
    assert found.shape == (len(expected), width)
    for row, other in zip(found.tolist(), expected, strict=True):
        exact = [i for i in range(width) if i not in amounts]
        assert [row[i] for i in exact] == [other[i] for i in exact]
        _assert_close([row[i] for i in sorted(amounts)], [other[i] for i in sorted(amounts)])


def _assert_close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-9)
