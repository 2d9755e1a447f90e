"""The shared scalar functions: mirrored for shorts, the same compiled as plain, rounded in one direction."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.backtest.markets import FREE, FREE_GRID
from trader_cli.rules import account, codes, compiled, exits, fills, limits, sizing
from trader_cli.rules.numbers import Candle, FineBars, Grid, Levels, Numbers

if TYPE_CHECKING:
    from pathlib import Path

LONG, SHORT = 1, -1
QUARTERS = st.integers(1, 200).map(lambda n: n / 4)
SIDES = st.sampled_from([LONG, SHORT])
CANDLES = st.tuples(QUARTERS, QUARTERS, QUARTERS).map(lambda p: Candle(p[0], max(p), min(p)))
LEVELS = st.builds(Levels, QUARTERS, QUARTERS, QUARTERS)
NOTHING: Any = np.empty(0)
OUTSIDE = FineBars(NOTHING, NOTHING, NOTHING, 0, 0)

FUTURES = FREE._replace(is_margined=True, allows_short=True, leverage=10.0)
"""Contracts on a tenth of their notional: liquidated 9.5 % away, bankrupt 10 % away."""


@st.composite
def numbers(draw: st.DrawFn) -> Numbers:
    """Settings that switch each rule on and off."""

    def pick(*values: float) -> float:
        return draw(st.sampled_from(values))

    is_margined = draw(st.booleans())
    return FREE._replace(
        sizes_by_risk=draw(st.booleans()),
        risk_per_trade=pick(0.02, 0.5),
        max_position_size=pick(5.0, 750.0, 1e9),
        max_total_exposure=pick(500.0, 1e9),
        is_margined=is_margined,
        leverage=pick(1.0, 3.0, 10.0) if is_margined else 1.0,
        take_profit=pick(0.05, 0.25, 2.0),
        stop_loss=pick(0.02, 0.25, 0.5),
        trailing_stop=pick(0.0, 0.1, 0.3),
        taker_fee=pick(0.0, 0.001),
        maker_fee=pick(0.0, 0.0005),
        slippage=pick(0.0, 0.0001, 0.01),
    )


def fine(*candles: Candle) -> FineBars:
    """The inside of a bar, between finer bars of its neighbours that no rule may look at."""
    wild = Candle(1.0, 1e9, 0.001)
    rows: Any = np.array([wild, *candles, wild])
    return FineBars(rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy(), 1, 1 + len(candles))


def mirrored(candle: Candle) -> Candle:
    """A bar seen from a short."""
    return Candle(-candle.open, -candle.low, -candle.high)


@given(st.booleans(), CANDLES, CANDLES, LEVELS)
def test_a_short_is_a_long_seen_in_a_mirror(carried: bool, candle: Candle, mark: Candle, levels: Levels) -> None:
    which, price, ambiguous = fills.protective_hit(SHORT, carried, candle, mark, levels)
    seen = Levels(*(-level for level in levels))
    assert fills.protective_hit(LONG, carried, mirrored(candle), mirrored(mark), seen) == (which, -price, ambiguous)


@given(QUARTERS, st.sampled_from([0.01, 0.02, 0.25]))
def test_levels_of_a_short_lie_on_the_other_side(price: float, fraction: float) -> None:
    even = FREE._replace(stop_loss=fraction, take_profit=fraction, is_margined=True, leverage=2.0)
    long, short = (fills.protective_levels(even, side, price) for side in (LONG, SHORT))
    assert long.stop == short.target < price < long.target == short.stop
    assert long.liquidation < price < short.liquidation
    assert fills.slipped(price, LONG, fraction) > price > fills.slipped(price, SHORT, fraction)


def test_a_trailing_stop_of_a_short_follows_the_lowest_price_down() -> None:
    assert fills.trailed_stop(102.0, 90.0, SHORT, 0.1) == pytest.approx(99)
    assert fills.trailed_stop(102.0, 99.0, SHORT, 0.1) == 102.0
    assert fills.trailed_stop(102.0, 90.0, SHORT, 0.0) == 102.0


@given(QUARTERS, QUARTERS, QUARTERS, st.sampled_from([1.0, 4.0]))
def test_what_one_side_gains_the_other_loses_on_the_same_margin(
    quantity: float, entry: float, price: float, leverage: float
) -> None:
    gained = account.gain(LONG, quantity, entry, price)
    assert gained == -account.gain(SHORT, quantity, entry, price) == quantity * (price - entry)
    bound = account.margin(quantity, entry, leverage)
    assert bound == quantity * entry / leverage
    assert account.value(LONG, quantity, entry, price, leverage) == pytest.approx(bound + gained)
    assert account.value(SHORT, quantity, entry, price, leverage) == pytest.approx(bound - gained)


@given(SIDES, QUARTERS, QUARTERS, QUARTERS, st.sampled_from([1.0, 4.0]), st.sampled_from([0.0, 1.5]))
def test_entry_and_exit_leave_the_profit_in_the_cash(
    side: int, quantity: float, entry: float, price: float, leverage: float, fees: float
) -> None:
    inside = account.cash_after_entry(10_000.0, quantity, entry, fees, leverage)
    assert inside == pytest.approx(10_000 - quantity * entry / leverage - fees)
    after = account.cash_after_exit(inside, side, quantity, entry, price, fees, leverage)
    assert after - 10_000 == pytest.approx(account.profit(side, quantity, entry, price, 2 * fees, 0.0), abs=1e-9)


def test_longs_pay_a_positive_funding_rate_and_shorts_receive_it() -> None:
    due = 100.0 * 0.0001  # mark price x rate
    assert account.funding(LONG, 5.0, due) == pytest.approx(0.05)
    assert account.funding(SHORT, 5.0, due) == pytest.approx(-0.05)
    assert account.profit(SHORT, 5.0, 100.0, 90.0, 1.0, -0.05) == pytest.approx(50 - 1 + 0.05)


@given(numbers(), st.floats(1.0, 1e6), QUARTERS, SIDES)
def test_what_is_affordable_is_what_its_entry_takes(n: Numbers, cash: float, price: float, side: int) -> None:
    """At the worst fill (a long's, which slips upwards) nothing is missing and nothing is left."""
    notional = account.affordable(n, cash)
    assert account.reserved(n, notional) == pytest.approx(cash)
    quantity = notional / price
    filled = fills.slipped(price, side, n.slippage)
    left = account.cash_after_entry(cash, quantity, filled, account.fee(quantity, filled, n.taker_fee), n.leverage)
    assert left >= -cash * (n.slippage * n.taker_fee * n.leverage + 1e-9)
    if side == LONG and n.leverage == 1.0:
        assert left == pytest.approx(0, abs=cash * (n.slippage * n.taker_fee + 1e-9))


@given(numbers(), SIDES, QUARTERS, QUARTERS, QUARTERS)
def test_what_is_released_is_what_leaving_brings(
    n: Numbers, side: int, quantity: float, entry: float, price: float
) -> None:
    filled = fills.slipped(price, -side, n.slippage)
    fees = account.fee(quantity, filled, n.taker_fee)
    brought = account.cash_after_exit(0.0, side, quantity, entry, filled, fees, n.leverage)
    released = account.released(n, side, quantity, entry, price)
    assert released == pytest.approx(brought, abs=quantity * price * n.slippage * n.taker_fee + 1e-9)


def test_liquidation_and_bankruptcy_lie_where_the_margin_is_used_up() -> None:
    assert fills.liquidation_price(FUTURES, LONG, 100.0) == pytest.approx(100 * (1 - (0.1 - 0.005)))
    assert fills.liquidation_price(FUTURES, SHORT, 100.0) == pytest.approx(100 * (1 + (0.1 - 0.005)))
    for side, price in ((LONG, 90.0), (SHORT, 110.0)):
        assert fills.bankruptcy_price(FUTURES, side, 100.0) == pytest.approx(price)
        assert account.value(side, 3.0, 100.0, price, 10.0) == pytest.approx(0, abs=1e-9)


@given(SIDES, QUARTERS)
def test_what_is_paid_in_full_is_never_liquidated(side: int, price: float) -> None:
    level = fills.liquidation_price(FREE, side, price)
    assert not fills.at_or_below(1e-300 if side > 0 else 1e300, level, side)


CALM = Candle(100.0, 101.0, 99.0)


def test_liquidation_goes_by_the_mark_prices_and_the_stop_by_the_bars() -> None:
    levels = Levels(95.0, 110.0, 91.0)
    crash, fall = Candle(100.0, 101.0, 91.0), Candle(100.0, 101.0, 95.0)
    assert fills.protective_hit(LONG, True, CALM, crash, levels) == (fills.LIQUIDATION_HIT, 0.0, False)
    assert fills.protective_hit(LONG, True, CALM, fall, levels) == (fills.NO_HIT, 0.0, False)
    assert fills.protective_hit(LONG, True, fall, CALM, levels) == (fills.STOP_HIT, 95.0, False)


def test_within_a_bar_the_stop_comes_before_liquidation_and_at_its_opening_liquidation_before_the_stop() -> None:
    levels = Levels(95.0, 110.0, 91.0)
    crash, gap = Candle(100.0, 101.0, 90.0), Candle(90.0, 101.0, 90.0)
    assert fills.protective_hit(LONG, True, crash, crash, levels)[:2] == (fills.STOP_HIT, 95.0)
    assert fills.protective_hit(LONG, True, gap, gap, levels)[0] == fills.LIQUIDATION_HIT
    assert fills.protective_hit(LONG, False, gap, gap, levels)[0] == fills.STOP_HIT  # entered at that opening


def left(
    n: Numbers, side: int, candle: Candle, inside: FineBars, levels: Levels, mark: Candle | None = None
) -> tuple[int, float, float, bool]:
    """What a carried position entered at 100 does."""
    marks = candle if mark is None else mark
    return exits.leaving(n, side, codes.STAY, True, candle, marks, levels, 100.0, 100.0, inside)


def test_a_liquidation_fills_at_the_bankruptcy_price_as_a_taker_without_slippage() -> None:
    n = FUTURES._replace(slippage=0.01, taker_fee=0.001, maker_fee=0.0)
    levels = fills.protective_levels(n._replace(stop_loss=0.5), SHORT, 100.0)
    rise = Candle(100.0, 120.0, 99.0)
    reason, price, rate, ambiguous = left(n, SHORT, CALM, OUTSIDE, levels, mark=rise)
    assert (reason, rate, ambiguous) == (codes.LIQUIDATION, 0.001, False)
    assert price == pytest.approx(110)
    assert exits.is_stop(reason)


BOTH = Candle(100.0, 106.0, 97.0)
AROUND = Levels(98.0, 105.0, 0.0)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (OUTSIDE, (codes.STOP_LOSS, 98.0, True)),
        (fine(CALM, Candle(100.0, 106.0, 100.0), BOTH), (codes.TAKE_PROFIT, 105.0, False)),
        (fine(CALM, Candle(100.0, 101.0, 97.0), BOTH), (codes.STOP_LOSS, 98.0, False)),
        (fine(CALM, Candle(97.5, 106.0, 97.0)), (codes.STOP_LOSS, 97.5, False)),  # a gap between finer bars
        (fine(CALM, BOTH), (codes.STOP_LOSS, 98.0, True)),  # finer, but not fine enough
        (fine(CALM, CALM), (codes.STOP_LOSS, 98.0, True)),  # the finer bars know nothing of it
    ],
)
def test_finer_bars_decide_an_ambiguous_bar(inside: FineBars, expected: tuple[int, float, bool]) -> None:
    reason, price, _, ambiguous = left(FREE, LONG, BOTH, inside, AROUND)
    assert (reason, price, ambiguous) == expected


@pytest.mark.parametrize(
    ("inside", "price", "ambiguous"),
    [(fine(Candle(97.5, 106.0, 97.0)), 98.0, True), (fine(CALM, Candle(97.5, 106.0, 97.0)), 97.5, False)],
)
def test_a_position_entered_in_a_bar_knows_no_gap_in_the_first_of_its_finer_bars_but_in_later_ones(
    inside: FineBars, price: float, ambiguous: bool
) -> None:
    found = exits.leaving(FREE, LONG, codes.STAY, False, BOTH, BOTH, AROUND, 100.0, 100.0, inside)
    assert (found[0], found[1], found[3]) == (codes.STOP_LOSS, price, ambiguous)


def test_finer_bars_are_not_asked_about_a_bar_that_is_not_ambiguous() -> None:
    reason, price, _, ambiguous = left(FREE, LONG, Candle(100.0, 104.0, 97.0), fine(BOTH), AROUND)
    assert (reason, price, ambiguous) == (codes.STOP_LOSS, 98.0, False)


@given(numbers(), SIDES, st.integers(0, 3), st.booleans(), CANDLES, CANDLES, LEVELS, QUARTERS, QUARTERS, CANDLES)
def test_compiled_and_plain_leave_at_the_same_bits(
    n: Numbers,
    side: int,
    ordered: int,
    carried: bool,
    candle: Candle,
    mark: Candle,
    levels: Levels,
    entry: float,
    best: float,
    within: Candle,
) -> None:
    arguments = (n, side, ordered, carried, candle, mark, levels, entry, best, fine(within))
    assert _compiled_leaving(*arguments) == exits.leaving(*arguments)


@given(numbers(), QUARTERS, st.floats(0, 1e6), st.floats(0, 1e4), QUARTERS)
def test_compiled_and_plain_size_to_the_same_bits(
    n: Numbers, equity: float, cash: float, exposure: float, price: float
) -> None:
    arguments = (n, FREE_GRID, equity, cash, exposure, price)
    assert _compiled_quantity(*arguments) == sizing.entry_quantity(*arguments)


def _leaving_again(*arguments):  # type: ignore[no-untyped-def]
    return exits.leaving(*arguments)


def _quantity_again(*arguments):  # type: ignore[no-untyped-def]
    return sizing.entry_quantity(*arguments)


def _lots_again(*arguments):  # type: ignore[no-untyped-def]
    return sizing.floor_to_lot(*arguments)


compiled.make_rules_compilable()
_compiled_lots = compiled.compiled(_lots_again)
_compiled_leaving = compiled.compiled(_leaving_again)
_compiled_quantity = compiled.compiled(_quantity_again)


@given(st.floats(1e-6, 1e9), st.sampled_from(["1e-9", "1e-8", "0.00001", "0.001", "0.1", "0.5", "1", "5", "10"]))
def test_a_quantity_is_rounded_down_to_a_decimal_multiple_of_the_lot(quantity: float, lot: str) -> None:
    rounded = sizing.floor_to_lot(quantity, float(lot))
    assert rounded <= quantity * (1 + 2e-15)
    assert rounded > quantity - float(lot) * (1 + 1e-6) - quantity * 1e-15
    count = Decimal(repr(rounded)) / Decimal(lot)
    assert abs(count - round(count)) <= abs(count) * Decimal("1e-15")


@given(st.floats(1e-12, 1e15), st.sampled_from([1e-9, 1e-8, 0.001, 0.5, 1.0, 10.0]))
def test_compiled_and_plain_round_to_the_same_bits_however_many_lots_there_are(quantity: float, lot: float) -> None:
    assert _compiled_lots(quantity, lot) == sizing.floor_to_lot(quantity, lot) <= quantity * (1 + 2e-15)


@given(st.integers(1, 10_000), st.sampled_from(["1e-8", "0.001", "0.1", "0.3", "1", "7"]))
def test_a_whole_number_of_lots_loses_none(count: int, lot: str) -> None:
    whole = float(count * Decimal(lot))
    assert sizing.floor_to_lot(whole, float(lot)) == pytest.approx(whole, rel=1e-15)


@pytest.mark.parametrize("over", [0.0, 500.0])
def test_without_room_below_the_exposure_cap_nothing_is_entered(over: float) -> None:
    capped = FREE._replace(max_total_exposure=3_000.0)
    found = sizing.entry_quantity(capped, FREE_GRID, 10_000.0, 9_000.0, 3_000.0 + over, 100.0)
    assert found == (0.0, codes.MAX_TOTAL_EXPOSURE)


def test_an_entry_is_cut_to_the_room_below_the_exposure_cap_and_to_the_free_cash() -> None:
    capped = FREE._replace(max_total_exposure=3_000.0)
    assert sizing.entry_quantity(capped, FREE_GRID, 10_000.0, 9_000.0, 2_750.0, 100.0) == (2.5, codes.ALLOWED)
    assert sizing.entry_quantity(FUTURES, FREE_GRID, 10_000.0, 50.0, 0.0, 100.0) == (5.0, codes.ALLOWED)
    assert sizing.entry_quantity(FREE, FREE_GRID, 10_000.0, 0.0, 0.0, 100.0) == (0.0, codes.BELOW_LOT)
    assert sizing.entry_quantity(FREE, FREE_GRID, 10_000.0, -5.0, 0.0, 100.0) == (0.0, codes.BELOW_LOT)


@given(numbers(), st.floats(1.0, 1e6), st.floats(0.0, 1e6), st.floats(0.0, 1e3), QUARTERS)
def test_no_entry_breaks_a_cap(n: Numbers, equity: float, free: float, exposure: float, price: float) -> None:
    quantity, why = sizing.entry_quantity(n, Grid(0.001, 0.001, 10.0), equity, free, exposure, price)
    assume(why == codes.ALLOWED)
    notional = quantity * price
    assert notional <= min(n.max_position_size, n.max_total_exposure - exposure) * (1 + 1e-12)
    assert account.reserved(n, notional) <= free * (1 + 1e-12)
    assert notional >= 10.0


def test_exposure_on_no_equity_is_not_known() -> None:
    assert account.exposure_share(0.0, -5.0) == 0.0
    assert account.exposure_share(50.0, 200.0) == 0.25
    assert np.isnan(account.exposure_share(50.0, 0.0))


def test_a_limit_is_reached_by_equality_and_one_is_off() -> None:
    assert limits.loss_reached(95.0, 100.0, 0.05)
    assert not limits.loss_reached(95.01, 100.0, 0.05)
    assert not limits.loss_reached(0.0, 100.0, 1.0)


def test_a_changed_rule_gets_a_cache_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from numba.core import config

    before = config.CACHE_DIR
    copy = tmp_path / "trader_cli"
    shutil.copytree(compiled._PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(compiled, "_PACKAGE", copy)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    try:
        compiled._use_own_cache.__wrapped__()
        first = config.CACHE_DIR
        rule = copy / "rules" / "fills.py"
        rule.write_text(rule.read_text(encoding="utf-8") + "\n# another rule\n", encoding="utf-8")
        compiled._use_own_cache.__wrapped__()
        assert first != config.CACHE_DIR
    finally:
        config.CACHE_DIR = before


def test_without_a_place_for_the_cache_everything_still_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert compiled._use_own_cache.__wrapped__() is False


@pytest.mark.parametrize(
    ("day_lost", "drawn_down", "stopped_at", "others", "leverage", "ban"),
    [
        (True, True, 9, 8, 40, codes.MAX_DAILY_LOSS),
        (False, True, 9, 8, 40, codes.MAX_DRAWDOWN),
        (False, False, 9, 8, 40, codes.COOLDOWN),
        (False, False, 8, 8, 40, codes.COOLDOWN),
        (False, False, 7, 8, 40, codes.MAX_CONCURRENT_POSITIONS),
        (False, False, 7, 7, 40, codes.LIQUIDATION_BEFORE_STOP),
        (False, False, limits.NEVER, 0, 10, codes.ALLOWED),
    ],
)
def test_the_first_ban_that_holds_is_the_reason(
    day_lost: bool, drawn_down: bool, stopped_at: int, others: int, leverage: float, ban: int
) -> None:
    n = FUTURES._replace(cooldown_bars=3, max_concurrent_positions=8, leverage=float(leverage))
    assert limits.entry_ban(n, day_lost, drawn_down, 10, stopped_at, others) == ban


def test_a_stop_on_the_very_first_bar_starts_a_cooldown_too() -> None:
    assert limits.entry_ban(FREE._replace(cooldown_bars=2), False, False, 1, 0, 0) == codes.COOLDOWN


@pytest.mark.parametrize(
    ("stop_loss", "slippage", "ban"),
    [
        (0.1875, 0.0, codes.ALLOWED),
        (0.25, 0.0, codes.LIQUIDATION_BEFORE_STOP),
        (0.1875, 0.0625, codes.LIQUIDATION_BEFORE_STOP),
    ],
)
def test_a_liquidation_no_farther_than_stop_and_slippage_bars_entries(
    stop_loss: float, slippage: float, ban: int
) -> None:
    n = FUTURES._replace(leverage=2.0, maintenance_margin_rate=0.25, stop_loss=stop_loss, slippage=slippage)
    assert limits.entry_ban(n, False, False, 10, limits.NEVER, 0) == ban  # liquidated a quarter away
    assert limits.entry_ban(n._replace(is_margined=False), False, False, 10, limits.NEVER, 0) == codes.ALLOWED
