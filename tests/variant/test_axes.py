"""Several values at a time: what `--matrix` and `--set` make of a text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_cli.errors import UsageError
from trader_cli.registry import broker_names, strategy_names
from trader_cli.variant.axes import EACH, read
from trader_cli.variant.ranges import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

PERIOD = "strategy_config.rsi.period"
STOP = "risk_settings.stop_loss"


def only(*, sets: str | None = None, matrix: str | None = None) -> tuple[str, tuple[object, ...]]:
    """The one axis of a text: key and values."""
    (axis,) = read([sets] if sets else [], [matrix] if matrix else [], {}).axes
    return axis.key, axis.values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("7,14,21", (7, 14, 21)),
        ("5..8", (5, 6, 7, 8)),
        ("5..30..10", (5, 15, 25)),
        ("-2..1", (-2, -1, 0, 1)),
        ("5..7,20, 30", (5, 6, 7, 20, 30)),
        ("0.01..0.05..0.01", (0.01, 0.02, 0.03, 0.04, 0.05)),
        ("1..2..0.5", (1.0, 1.5, 2.0)),
        ("1e-4..3e-4..1e-4", (0.0001, 0.0002, 0.0003)),
        ("7..7", (7,)),
        ("true,false", (True, False)),
        ("1h,4h", ("1h", "4h")),
        ('"a,b",c', ("a,b", "c")),
        ('["A"],["B","C"]', (["A"], ["B", "C"])),
        ('"1..2","3"', ("1..2", "3")),
    ],
)
def test_a_text_with_commas_and_ranges_is_these_values(text: str, values: tuple[object, ...]) -> None:
    assert only(sets=f"{PERIOD}={text}") == (PERIOD, values)
    assert [type(value) for value in only(sets=f"{PERIOD}={text}")[1]] == [type(value) for value in values]


@given(low=st.integers(-10_000, 10_000), step=st.integers(1, 500), count=st.integers(1, 300), places=st.integers(0, 6))
def test_a_range_holds_the_decimals_it_names_to_the_last_bit(low: int, step: int, count: int, places: int) -> None:
    high = low + step * (count - 1)
    low_text, high_text, step_text = (str(Decimal(value).scaleb(-places)) for value in (low, high, step))
    expected = [float(Decimal(low + step * number).scaleb(-places)) for number in range(count)]
    assert numbers(f"{low_text}..{high_text}..{step_text}") == expected


def test_dimensions_have_short_names_and_any_key_its_own() -> None:
    assert only(matrix="timeframe=1h,4h") == ("session.timeframe", ("1h", "4h"))
    assert only(matrix="strategy=rsi") == ("variants.strategy", ("rsi",))
    assert only(matrix=f"{STOP}=0.01..0.02..0.01") == (STOP, (0.01, 0.02))


def test_a_comma_parts_symbol_sets_and_a_plus_joins_symbols() -> None:
    assert only(matrix="symbol=BTCUSDT,ETHUSDT") == ("trading_symbols", (("BTCUSDT",), ("ETHUSDT",)))
    assert only(matrix="symbol=BTCUSDT+ETHUSDT, *") == ("trading_symbols", (("BTCUSDT", "ETHUSDT"), EACH))


def test_a_star_is_all_there_are() -> None:
    assert only(matrix="broker=*")[1] == broker_names()
    assert only(matrix="strategy=*")[1] == strategy_names()
    assert only(matrix="asset_class=*")[1] == ("crypto", "stocks", "etf", "futures")
    assert only(matrix="mode=*")[1] == ("backtest", "paper", "live", "futures")
    assert only(matrix="timeframe=*")[1] == ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d")
    assert only(matrix="risk_settings.sizing=*")[1] == ("risk", "fixed")


def test_a_set_of_one_value_stays_an_override_and_the_axes_of_the_matrix_come_first() -> None:
    found = read([f"{STOP}=0.05", f"{PERIOD}=7,14"], ["timeframe=1h"], {"mode": "backtest"})
    assert found.overrides == (f"{STOP}=0.05",)
    assert [axis.key for axis in found.axes] == ["session.timeframe", PERIOD]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{PERIOD}=7,,14", "holds an empty value"),
        (f"{PERIOD}=7,", "holds an empty value"),
        (f"{PERIOD}=5..30..0", "has the step 0: it must be above 0"),
        (f"{PERIOD}=5..30..-5", "has the step -5"),
        (f"{PERIOD}=30..5", "runs backwards: write the lower end first, 5..30"),
        (f"{STOP}=0.01..0.05", "needs a step, as in 0.01..0.05..0.01"),
        (f"{PERIOD}=5..", "is no range"),
        (f"{PERIOD}=a..b", "is no range"),
        (f"{PERIOD}=1..2..3..4", "is no range"),
        (f"{PERIOD}=1...5", "is no range"),
        (f"{PERIOD}=0..1000000", "has more than 1,000,000 values"),
        (f"{PERIOD}=1e-999..1e999..1e-999", "has more than 1,000,000 values"),
        (f"{PERIOD}=1..600000,1..600000", "has more than 1,000,000 values"),
        (f"{PERIOD}={{a = 1}},2", "a table is no value of an axis"),
        ("strategy_config.vwap.anchor=${HOME},b", "is for credentials only"),
        ("strategy_config.rsi.perod=7,14", "unknown key, did you mean 'period'?"),
        ("strategy_config.rsi=7,14", "is a table: name a key"),
        ("session.timeframe.x=7,14", "unknown key, session.timeframe is no table"),
        ("risk_setting.stop_loss=1,2", "did you mean 'risk_settings'?"),
        ("broker_config.test_mode=true,false", "how a broker is reached is no axis"),
    ],
)
def test_what_is_no_axis_is_told_with_its_option(text: str, said: str) -> None:
    for option, sets, matrix in (("--set", [text], []), ("--matrix", [], [text])):
        with pytest.raises(UsageError) as refused:
            read(sets, matrix, {})
        assert str(refused.value).startswith(f"{option}: ")
        assert said in str(refused.value)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("strateg=rsi", "--matrix: strateg: is no dimension, did you mean 'strategy'?"),
        ("rsi", "--matrix: must read DIM=A,B"),
        ("=rsi", "--matrix: must read DIM=A,B"),
        ("strategy=", "--matrix: variants.strategy: holds an empty value"),
        ("symbol=A+,B", "--matrix: trading_symbols: must read A,B for two sets, A+B for one"),
        ("risk_settings.stop_loss=*", "'*' stands for all choices, and this key has none"),
    ],
)
def test_what_is_no_dimension_is_told(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        read([], [text], {})
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("session=7,14", "--set: session: is a table: name one of its keys"),
        ("trader_name=a,b", "--set: an axis is a key of a section"),
    ],
)
def test_a_section_or_a_heading_is_no_axis(text: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        read([text], [], {})
    assert said in str(refused.value)


def test_a_secret_in_a_wrong_place_is_not_repeated() -> None:
    for text in ("broker_config.credentials.api_key=hunter2,hunter3", "hunter2=1,2", "hunter2,x"):
        with pytest.raises(UsageError) as refused:
            read([text], [], {})
        assert "hunter" not in str(refused.value)


@pytest.mark.parametrize(
    ("sets", "matrix", "flags"),
    [
        ([f"{PERIOD}=1,2", f"{PERIOD}=3,4"], [], {}),
        ([f"{PERIOD}=1,2"], [f"{PERIOD}=3"], {}),
        ([f"{PERIOD}=1,2", f"{PERIOD}=3"], [], {}),
        ([], ["symbol=*", 'trading_symbols.crypto=["A"]'], {}),
        ([], ["broker=okx"], {"broker": "kraken"}),
        ([], ["asset_class=etf"], {"asset_class": "stocks"}),
        ([], ["symbol=A"], {"symbol": ("B",)}),
        (['trading_symbols.crypto=["A"],["B"]'], [], {"symbol": ("B",)}),
    ],
)
def test_a_key_is_given_once(sets: list[str], matrix: list[str], flags: Mapping[str, object]) -> None:
    with pytest.raises(UsageError, match=r"axis already|axis elsewhere|is fixed by --"):
        read(sets, matrix, flags)


def test_each_of_the_symbols_of_a_flag_is_an_axis() -> None:
    (axis,) = read([], ["symbol=*"], {"symbol": ("A", "B")}).axes
    assert axis.values == (EACH,)
