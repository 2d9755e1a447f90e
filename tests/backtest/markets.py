"""Bars and signals for tests: written by hand, or made by hypothesis."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from trader_cli.domain.bars import Bars
from trader_cli.domain.signal import Signals
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.rules.numbers import Numbers
from trader_cli.strategies.base import Params, Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXAMPLES = int(os.environ.get("TRADER_TEST_EXAMPLES", "400"))
"""How many markets a law is tried on; `make laws` tries many more."""

HOUR = Timeframe.H1.nanoseconds
EXITS = {None: 0, "signal": 1, "threshold": 2}

type Row = tuple[float, float, float, float]

FREE = Numbers(
    starting_balance=10_000.0,
    sizes_by_risk=False,
    risk_per_trade=0.02,
    max_position_size=1_000.0,
    max_total_exposure=1e12,
    take_profit=0.05,
    stop_loss=0.02,
    trailing_stop=0.0,
    max_daily_loss=1.0,
    max_drawdown=1.0,
    cooldown_bars=0,
    max_holding_bars=0,
    taker_fee=0.0,
    maker_fee=0.0,
    slippage=0.0,
    lot=1e-8,
    minimum_quantity=1e-8,
    minimum_notional=0.0,
)
"""Terms under which nothing but price moves equity, so that a test adds the one rule it is about."""


def bars_of(rows: Sequence[Row], *, hours_per_day: int = 24) -> Bars:
    """Hourly bars of (open, high, low, close)."""
    columns = np.array(rows, dtype=np.float64).reshape(-1, 4).T.copy()
    index = np.arange(len(rows), dtype=np.int64)
    return Bars(
        symbol="TEST",
        timeframe=Timeframe.H1,
        hours=TradingHours.CONTINUOUS,
        open_time=index * HOUR,
        open=columns[0],
        high=columns[1],
        low=columns[2],
        close=columns[3],
        volume=np.ones(len(rows)),
        session=index // hours_per_day,
    )


class Script(Strategy[Params]):
    """A strategy that wishes what it was told to: one character a bar.

    `L` enter long, `S` signal out (and enter short), `T` threshold out, `B` enter long and threshold out, `.` nothing.
    """

    name = "script"
    summary = "wishes what it was told to"
    params_model = Params

    def __init__(self, script: str) -> None:
        super().__init__(Params())
        self.script = script

    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return 0

    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return 1

    def signals(self, bars: Bars) -> Signals:
        entry = np.array([{"L": 1, "B": 1, "S": -1}.get(wish, 0) for wish in self.script], dtype=np.int8)
        leave = np.array([{"S": 1, "T": 2, "B": 2}.get(wish, 0) for wish in self.script], dtype=np.int8)
        return Signals(entry, leave, np.zeros_like(leave), np.full(len(entry), 0.8))

    def reason(self, values: Mapping[str, float]) -> str:
        return "it was told to"


PRICES = st.integers(1, 400)
"""Quarters of a unit: few enough that prices meet levels exactly, and often."""


@st.composite
def markets(draw: st.DrawFn, max_bars: int = 24) -> tuple[list[Row], str]:
    """Bars with flat stretches, gaps and extreme moves, and a script for them."""
    count = draw(st.integers(1, max_bars))
    rows: list[Row] = []
    close = draw(PRICES)
    for _ in range(count):
        opening = draw(st.one_of(st.just(close), PRICES))
        close = draw(st.one_of(st.just(opening), st.integers(max(1, opening - 12), opening + 12), PRICES))
        high = max(opening, close) + draw(st.integers(0, 12))
        low = max(1, min(opening, close) - draw(st.integers(0, 12)))
        rows.append((opening / 4, high / 4, low / 4, close / 4))
    return rows, draw(st.text("LLLLST.B", min_size=count, max_size=count))


@st.composite
def terms(draw: st.DrawFn) -> Numbers:
    """Settings that switch each rule on and off, with values that collide with the prices of `markets`."""

    def pick(*values: Any) -> Any:
        return draw(st.sampled_from(values))

    return Numbers(
        starting_balance=pick(100.0, 10_000.0),
        sizes_by_risk=pick(False, True),
        risk_per_trade=pick(0.02, 0.5),
        max_position_size=pick(5.0, 750.0, 9_999.0, 1e9),
        max_total_exposure=pick(500.0, 1e9),
        take_profit=pick(0.05, 0.25, 2.0),
        stop_loss=pick(0.02, 0.25, 0.5),
        trailing_stop=pick(0.0, 0.0, 0.1, 0.3),
        max_daily_loss=pick(1.0, 0.05),
        max_drawdown=pick(1.0, 0.2),
        cooldown_bars=pick(0, 0, 1, 3),
        max_holding_bars=pick(0, 0, 1, 4),
        taker_fee=pick(0.0, 0.001),
        maker_fee=pick(0.0, 0.0005),
        slippage=pick(0.0, 0.0001, 0.01),
        lot=pick(1e-8, 0.1, 1.0),
        minimum_quantity=pick(1e-8, 1.0),
        minimum_notional=pick(0.0, 10.0),
    )
