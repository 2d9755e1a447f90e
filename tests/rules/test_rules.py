"""The shared scalar functions: mirrored for shorts, the same compiled as plain, rounded in one direction."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.backtest.markets import FREE, terms
from trader_cli.rules import codes, compiled, exits, fills, limits, sizing

if TYPE_CHECKING:
    from pathlib import Path

    from trader_cli.rules.numbers import Numbers

LONG, SHORT = 1, -1
QUARTERS = st.integers(1, 200).map(lambda n: n / 4)
BARS = st.tuples(QUARTERS, QUARTERS, QUARTERS).map(lambda p: (p[0], max(p), min(p)))


@given(st.booleans(), BARS, QUARTERS, QUARTERS)
def test_a_short_is_a_long_seen_in_a_mirror(
    carried: bool, bar: tuple[float, float, float], stop: float, target: float
) -> None:
    opening, high, low = bar
    which, price, ambiguous = fills.protective_hit(SHORT, carried, opening, high, low, stop, target)
    mirrored = fills.protective_hit(LONG, carried, -opening, -low, -high, -stop, -target)
    assert mirrored == (which, -price, ambiguous)


@given(QUARTERS, st.sampled_from([0.01, 0.02, 0.25]))
def test_levels_of_a_short_lie_on_the_other_side(price: float, fraction: float) -> None:
    assert fills.stop_level(price, LONG, fraction) == fills.target_level(price, SHORT, fraction) < price
    assert fills.target_level(price, LONG, fraction) == fills.stop_level(price, SHORT, fraction) > price
    assert fills.slipped(price, LONG, fraction) > price > fills.slipped(price, SHORT, fraction)


def test_a_trailing_stop_of_a_short_follows_the_lowest_price_down() -> None:
    assert fills.trailed_stop(102.0, 90.0, SHORT, 0.1) == pytest.approx(99)
    assert fills.trailed_stop(102.0, 99.0, SHORT, 0.1) == 102.0
    assert fills.trailed_stop(102.0, 90.0, SHORT, 0.0) == 102.0


@given(terms(), st.sampled_from([LONG, SHORT]), st.integers(0, 3), st.booleans(), BARS, QUARTERS, QUARTERS, QUARTERS)
def test_compiled_and_plain_leave_at_the_same_bits(
    n: Numbers,
    side: int,
    ordered: int,
    carried: bool,
    bar: tuple[float, float, float],
    stop: float,
    target: float,
    best: float,
) -> None:
    arguments = (n, side, ordered, carried, *bar, stop, target, best)
    assert _compiled_leaving(*arguments) == exits.leaving(*arguments)


@given(terms(), QUARTERS, st.floats(0, 1e6), st.floats(0, 1e4), QUARTERS)
def test_compiled_and_plain_size_to_the_same_bits(
    n: Numbers, equity: float, cash: float, exposure: float, price: float
) -> None:
    arguments = (n, equity, cash, exposure, price)
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


def test_no_room_buys_nothing_and_says_why() -> None:
    assert sizing.entry_quantity(FREE, 10_000.0, 0.0, 0.0, 100.0) == (0.0, codes.BELOW_LOT)
    full = FREE._replace(max_total_exposure=3_000.0)
    assert sizing.entry_quantity(full, 10_000.0, 9_000.0, 3_000.0, 100.0) == (0.0, codes.BELOW_LOT)
    over = sizing.entry_quantity(full, 10_000.0, 9_000.0, 3_500.0, 100.0)
    assert over == (0.0, codes.BELOW_LOT)


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
    ("day_lost", "drawn_down", "stopped_at", "ban"),
    [
        (True, True, 9, codes.MAX_DAILY_LOSS),
        (False, True, 9, codes.MAX_DRAWDOWN),
        (False, False, 9, codes.COOLDOWN),
        (False, False, 8, codes.COOLDOWN),
        (False, False, 7, codes.ALLOWED),
        (False, False, limits.NEVER, codes.ALLOWED),
    ],
)
def test_the_first_ban_that_holds_is_the_reason(day_lost: bool, drawn_down: bool, stopped_at: int, ban: int) -> None:
    assert limits.entry_ban(day_lost, drawn_down, 10, stopped_at, 3) == ban


def test_a_stop_on_the_very_first_bar_starts_a_cooldown_too() -> None:
    assert limits.entry_ban(False, False, 1, 0, 2) == codes.COOLDOWN
