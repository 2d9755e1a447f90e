"""Markets, wishes and terms for tests: written by hand, or made by hypothesis.

The wish of a bar stands in its `volume`, so that a `Script` answers from bars alone, however few of them it is shown.
"""

from __future__ import annotations

import os
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from trader_cli.domain.bars import Bars
from trader_cli.domain.instrument import Instrument
from trader_cli.domain.market import Market
from trader_cli.domain.risk import Costs, RiskSettings, Sizing
from trader_cli.domain.signal import Signals
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.rules.numbers import Grid, Numbers
from trader_cli.rules.terms import Terms
from trader_cli.strategies.base import Params, Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.bars import Floats

EXAMPLES = int(os.environ.get("TRADER_TEST_EXAMPLES", "400"))
"""How many markets a law is tried on; `make laws` tries many more."""

HOUR = Timeframe.H1.nanoseconds

type Row = tuple[float, float, float, float]

FREE = Numbers(
    starting_balance=10_000.0,
    sizes_by_risk=False,
    risk_per_trade=0.02,
    max_position_size=1_000.0,
    max_total_exposure=1e12,
    max_concurrent_positions=100,
    allows_short=False,
    is_margined=False,
    leverage=1.0,
    maintenance_margin_rate=0.005,
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
)
"""Terms under which nothing but price moves equity, so that a test adds the one rule it is about."""

FREE_GRID = Grid(lot=1e-8, minimum_quantity=1e-8, minimum_notional=0.0)

WISHES = MappingProxyType(
    {
        ".": (0, 0, 0),  # nothing
        "L": (1, 0, 1),  # long: out of a short, and in
        "S": (-1, 1, 0),  # short: out of a long, and in
        "l": (1, 0, 0),  # enter long, but stay in a short
        "s": (-1, 0, 0),  # enter short, but stay in a long
        "x": (0, 1, 0),  # out of a long
        "X": (0, 0, 1),  # out of a short
        "T": (0, 2, 0),  # threshold: out of a long
        "t": (0, 0, 2),  # threshold: out of a short
        "B": (1, 2, 0),  # enter long, and out of a long by its threshold
        "b": (-1, 0, 2),  # enter short, and out of a short by its threshold
        "R": (1, 0, 2),  # enter long, and out of a short by its threshold
        "r": (-1, 2, 0),  # enter short, and out of a long by its threshold
    }
)
"""What each character of a script wishes: entry, exit_long, exit_short."""

CONFIDENCES = 0.8, 0.5, 1.0


def bars_of(
    rows: Sequence[Row],
    script: str = "",
    ranks: str = "",
    *,
    symbol: str = "TEST",
    at: Sequence[int] | None = None,
    timeframe: Timeframe = Timeframe.H1,
    hours_per_day: int = 24,
) -> Bars:
    """Bars of (open, high, low, close), one after the other or `at` these multiples of the timeframe since 1970.

    `script` holds a character of `WISHES` a bar, `ranks` a digit, the place of its confidence in `CONFIDENCES`.
    """
    columns = np.array(rows, dtype=np.float64).reshape(-1, 4).T.copy()
    times = np.array(range(len(rows)) if at is None else at, dtype=np.int64) * timeframe.nanoseconds
    wishes = [list(WISHES).index(wish) for wish in script or "." * len(rows)]
    confidences = [int(digit) for digit in ranks or "0" * len(rows)]
    return Bars(
        symbol=symbol,
        timeframe=timeframe,
        hours=TradingHours.CONTINUOUS,
        open_time=times,
        open=columns[0],
        high=columns[1],
        low=columns[2],
        close=columns[3],
        volume=np.array(wishes, dtype=np.float64) + 100.0 * np.array(confidences, dtype=np.float64),
        session=times // (hours_per_day * HOUR),
    )


def market_of(
    rows: Sequence[Row],
    script: str = "",
    ranks: str = "",
    *,
    mark: Sequence[Row] | None = None,
    funding: Sequence[float] | None = None,
    detail: Bars | None = None,
    **place: Any,
) -> Market:
    """A market of such bars; `mark` and `funding` in their rows; `place` as `bars_of` takes it."""
    return Market(
        bars_of(rows, script, ranks, **place),
        mark=None if mark is None else bars_of(mark, **place),
        funding_due=None if funding is None else np.array(funding, dtype=np.float64),
        detail=detail,
    )


class Script(Strategy[Params]):
    """A strategy that wishes what stands in the bars' volumes, or in a script of one character a bar of `WISHES`."""

    name = "script"
    summary = "wishes what it was told to"
    params_model = Params

    def __init__(self, script: str = "", *, warmup: int = 0) -> None:
        super().__init__(Params())
        self.script = script
        self.bars_of_warmup = warmup

    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return self.bars_of_warmup

    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return self.bars_of_warmup + 1

    def signals(self, bars: Bars) -> Signals:
        told = bars.volume % 100.0
        characters = self.script or [list(WISHES)[int(place)] for place in told]
        wishes = np.array([WISHES[wish] for wish in characters], dtype=np.int8).reshape(-1, 3).T.copy()
        confidence = np.array(CONFIDENCES)[(bars.volume // 100.0).astype(np.int64)]
        if len(set(confidence)) == 1:  # as the shipped strategies hand it over
            confidence = np.broadcast_to(confidence[0], confidence.shape)
        return Signals(wishes[0], wishes[1], wishes[2], confidence)

    def reason(self, values: Mapping[str, float]) -> str:
        return "it was told to"


class Case(NamedTuple):
    """All that one simulation takes. `start` in ns since 1970 or None, `warmup` in bars."""

    markets: tuple[Market, ...]
    terms: Terms
    start: int | None
    warmup: int


FIRST_STEP = 2  # 08:00, so that the first day ends after four bars
STEP, FINE = Timeframe.H4, Timeframe.H1
SCRIPTS = "LLLL...TxB", "SSSS...tXb", "LSLSlsxXTtBbRr...", "LS......", "LLSS.BbRr"
SHIFTS = 0.0, 0.0, 0.0, 0.02, -0.02, 0.15, -0.15, 0.5, -0.5  # of mark prices, fractions of the opening
RATES = 0.0, 0.0, 0.0, 0.0001, -0.0001, 0.01, -0.02


def pick[T](values: Sequence[T], chance: float) -> T:
    """The value that a chance in 0..1 falls on."""
    return values[int(chance * len(values))]


def _walk(chances: Floats, wildness: float, price: int) -> list[tuple[int, int, int, int]]:
    """Bars with flat stretches, gaps and extreme moves, in quarters: few enough that prices meet levels, and often."""
    bars, close = [], price
    for chance in chances:
        anywhere = 1 + int(chance[2] * 400)
        opening = close if chance[0] < 0.6 else max(1, close + int(chance[3] * 25) - 12)
        opening = anywhere if chance[0] > 1 - wildness else opening
        close = opening if chance[1] < 0.2 else max(1, opening + int(chance[4] * 25) - 12)
        close = anywhere if chance[1] > 1 - wildness else close
        high, low = max(opening, close) + int(chance[5] * 13), min(opening, close) - int(chance[6] * 13)
        bars.append((opening, high, max(1, low), close))
    return bars


def _inside(bar: tuple[int, int, int, int], chances: Floats) -> list[tuple[int, int, int, int]]:
    """The four finer bars of one bar, by way of its high and its low; or, now and then, four that belong elsewhere."""
    opening, high, low, close = bar
    first, second = (high, low) if chances[0] < 0.5 else (low, high)
    early = opening if chances[1] < 0.4 else first  # or the second hour opens with a gap
    if chances[2] < 0.1:
        first = second = early = opening
    ends = (opening, early), (first, second), (second, close), (close, close)
    return [(start, max(start, end), min(start, end), end) for start, end in ends]


def _quarters(bars: Sequence[tuple[int, int, int, int]]) -> list[Row]:
    return [(bar[0] / 4, bar[1] / 4, bar[2] / 4, bar[3] / 4) for bar in bars]


def _made(symbol: str, seed: int, steps: int) -> Market:
    """A market from one number; with fewer steps, the beginning of the same market, so that examples shrink."""
    rng = np.random.default_rng(seed)
    traits = rng.random(12)
    chances = rng.random((steps, 24))
    bars = _walk(chances, pick((0.0, 0.05, 0.2), traits[0]), 1 + int(traits[1] * 400))
    shifts = [int(bar[0] * pick(SHIFTS, chance)) for bar, chance in zip(bars, chances[:, 7], strict=True)]
    marks = [tuple(max(1, price + shift) for price in bar) for bar, shift in zip(bars, shifts, strict=True)]
    idle = pick((0.0, 0.0, 0.25), traits[2])
    first, last = pick((0, 0, 1, 4), traits[3]), steps - pick((0, 0, 1, 4), traits[4])
    rows = [i for i in range(steps) if first <= i < last and chances[i, 8] >= idle] or [0]
    wishes, ranks = pick(SCRIPTS, traits[5]), pick(("012", "012", "0", "1"), traits[10])
    fine = {
        4 * (FIRST_STEP + i) + hour: row
        for i, bar in enumerate(bars)
        for hour, row in enumerate(_inside(bar, chances[i, 9:12]))
        if chances[i, 12 + hour] > pick((0.0, 0.2), traits[6])
    }
    due = [bars[i][0] / 4 * pick(RATES, chances[i, 16]) for i in rows]
    return market_of(
        _quarters([bars[i] for i in rows]),
        "".join(pick(wishes, chances[i, 17]) for i in rows),
        "".join(pick(ranks, chances[i, 18]) for i in rows),
        mark=_quarters([marks[i] for i in rows]) if traits[7] < 0.5 else None,  # type: ignore[misc]
        funding=[0.0, *due[1:]] if traits[8] < 0.5 else None,
        detail=bars_of(_quarters(list(fine.values())), at=list(fine), symbol=symbol, timeframe=FINE)
        if traits[9] < 0.5
        else None,
        symbol=symbol,
        at=[FIRST_STEP + i for i in rows],
        timeframe=STEP,
        hours_per_day=pick((24, 24, 24, 16), traits[11]),
    )


SEEDS = st.integers(0, 2**32 - 1)


@st.composite
def accounts(draw: st.DrawFn, symbols: Sequence[str] = ("TEST",)) -> Terms:
    """Terms that switch each rule on and off, with values that collide with the prices of the made markets."""

    def one_of(*values: Any) -> Any:
        return draw(st.sampled_from(values))

    is_margined = one_of(False, True)
    risk = RiskSettings(
        sizing=one_of(*Sizing),
        risk_per_trade=one_of(0.02, 0.5),
        max_position_size=one_of(750.0, 60.0, 9_999.0, 1e9),
        max_total_exposure=one_of(1e9, 500.0, 150.0),
        max_concurrent_positions=one_of(8, 1, 2, 3),
        allow_short=one_of(True, True, False),
        take_profit=one_of(0.05, 0.25, 2.0),
        stop_loss=one_of(0.02, 0.1, 0.25, 0.5),
        trailing_stop=one_of(0.0, 0.0, 0.1, 0.3),
        max_daily_loss=one_of(1.0, 0.05),
        max_drawdown=one_of(1.0, 1.0, 0.2, 0.05),
        cooldown_bars=one_of(0, 0, 1, 3),
        max_holding_bars=one_of(0, 0, 1, 4),
    )
    costs = Costs(
        taker_fee=one_of(0.0, 0.001),
        maker_fee=one_of(0.0, 0.0005),
        slippage_bps=one_of(0.0, 1.0, 300.0),
        maintenance_margin_rate=one_of(0.005, 0.005, 0.025, 0.1),
    )
    instruments = tuple(
        Instrument(
            symbol,
            tick=Decimal("0.01"),
            lot=one_of(Decimal("1e-8"), Decimal("1e-8"), Decimal("0.1"), Decimal(1)),
            minimum_quantity=one_of(Decimal("1e-8"), Decimal("1e-8"), Decimal(1)),
            minimum_notional=one_of(Decimal(0), Decimal(0), Decimal(10)),
            contract_size=one_of(Decimal(1), Decimal("0.01")) if is_margined else Decimal(1),
        )
        for symbol in symbols
    )
    leverage = one_of(3, 1, 2, 5, 10, 20, 20) if is_margined else 1
    return Terms(one_of(10_000.0, 1_000.0, 100.0), risk, costs, instruments, leverage, is_margined)


def terms() -> st.SearchStrategy[Numbers]:
    """The same as the numbers that the rules take."""
    return accounts().map(lambda account: account.numbers())


@st.composite
def cases(draw: st.DrawFn, max_bars: int = 24, max_symbols: int = 4) -> Case:
    """One to four symbols that share an account: with holes, late starts, early ends, marks, funding and finer bars."""
    steps = draw(st.integers(1, max_bars))
    seeds = draw(st.lists(SEEDS, min_size=1, max_size=max_symbols))
    markets = tuple(_made(f"COIN{place}", seed, steps) for place, seed in enumerate(seeds))
    begin = draw(st.one_of(st.none(), st.integers(0, (steps + 1) // 2)))
    start = None if begin is None else (FIRST_STEP + begin) * STEP.nanoseconds
    return Case(markets, draw(accounts([market.symbol for market in markets])), start, draw(st.integers(0, 3)))
