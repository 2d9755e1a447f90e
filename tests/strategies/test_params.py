"""The parameters: the contract's defaults, and each wrong value refused at its own key."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.strategies.cases import build
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.registry import strategy_class, strategy_names

CONTRACT: dict[str, dict[str, object]] = {
    "momentum": {"lookback_period": 20, "threshold_buy": 2.0, "threshold_sell": -2.0, "volatility_filter": 0.15},
    "rsi": {
        "period": 14,
        "oversold_level": 30,
        "overbought_level": 70,
        "upper_threshold": 0.65,
        "lower_threshold": 0.35,
    },
    "macd": {"fast_period": 12, "slow_period": 26, "signal_period": 9, "threshold": 0.0001},
    "mfi": {"period": 14, "oversold_level": 20, "overbought_level": 80},
    "vwap": {"anchor": "session", "deviation": 0.01},
}


def _refusals(name: str, params: dict[str, Any]) -> dict[str, str]:
    """Key -> message, of every problem."""
    with pytest.raises(ValidationError) as caught:
        build(name, **params)
    return {".".join(map(str, error["loc"])): error["msg"] for error in caught.value.errors()}


@pytest.mark.parametrize("name", strategy_names())
def test_keys_and_defaults_are_those_of_the_contract(name: str) -> None:
    assert strategy_class(name).params_model().model_dump() == CONTRACT[name]


@pytest.mark.parametrize("name", strategy_names())
def test_every_key_says_what_it_means_and_every_number_is_bounded(name: str) -> None:
    for key, field in strategy_class(name).params_model.model_json_schema()["properties"].items():
        assert field["description"], key
        if field["type"] in ("integer", "number"):
            assert {"minimum", "exclusiveMinimum"} & set(field), key
            assert {"maximum", "exclusiveMaximum"} & set(field), key


@pytest.mark.parametrize(
    ("name", "params", "key", "message"),
    [
        ("macd", {"fast_period": 26}, "slow_period", "26 must be above fast_period (26)"),
        ("macd", {"fast_period": 10, "slow_period": 5}, "slow_period", "5 must be above fast_period (10)"),
        ("rsi", {"oversold_level": 50, "overbought_level": 50}, "overbought_level", "50 must be above oversold_level"),
        ("mfi", {"oversold_level": 90}, "overbought_level", "80 must be above oversold_level (90.0)"),
        ("rsi", {"upper_threshold": 0.30}, "upper_threshold", "100 x 0.3 must be above oversold_level (30.0)"),
        ("rsi", {"oversold_level": 7, "upper_threshold": 0.07}, "upper_threshold", "100 x 0.07 must be above"),
        ("rsi", {"lower_threshold": 0.70}, "lower_threshold", "100 x 0.7 must be below overbought_level (70.0)"),
        ("rsi", {"overbought_level": 57, "lower_threshold": 0.57}, "lower_threshold", "100 x 0.57 must be below"),
        ("momentum", {"threshold_sell": 2.0}, "threshold_sell", "2 must be below threshold_buy (2.0)"),
        ("momentum", {"threshold_buy": -3.0}, "threshold_sell", "-2 must be below threshold_buy (-3.0)"),
        ("vwap", {"anchor": "week"}, "anchor", "'week' must be 'session' or 'rolling:N', N from 2 to 10000"),
        ("vwap", {"anchor": "{x}"}, "anchor", "'{x}' must be 'session'"),
    ],
)
def test_values_that_contradict_each_other_are_refused_at_their_key(
    name: str, params: dict[str, Any], key: str, message: str
) -> None:
    found = _refusals(name, params)
    assert list(found) == [key]
    assert found[key].startswith(message)


@pytest.mark.parametrize(
    "anchor", ["rolling", "rolling:", "rolling:1", "rolling:01", "rolling:10001", "session\n", "", "rolling:٣"]
)
def test_an_anchor_is_the_session_or_a_bounded_number_of_bars(anchor: str) -> None:
    assert list(_refusals("vwap", {"anchor": anchor})) == ["anchor"]


@pytest.mark.parametrize("anchor", ["session", "rolling:2", "rolling:48", "rolling:9999", "rolling:10000"])
def test_known_anchors_are_taken(anchor: str) -> None:
    assert build("vwap", anchor=anchor).params.anchor == anchor


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, keys in CONTRACT.items() for key in keys if key != "anchor"]
)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300, -1e300, True, "14", None, []])
def test_every_number_is_a_finite_bounded_number(name: str, key: str, value: object) -> None:
    assert key in _refusals(name, {key: value})


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("momentum", "lookback_period"),
        ("rsi", "period"),
        ("macd", "fast_period"),
        ("macd", "slow_period"),
        ("macd", "signal_period"),
        ("mfi", "period"),
    ],
)
@pytest.mark.parametrize("value", [1, 0, -1, 10_001, 14.0, 14.5])
def test_a_period_is_a_whole_number_of_bars_from_two(name: str, key: str, value: object) -> None:
    assert key in _refusals(name, {key: value})


def test_two_wrong_keys_are_both_told() -> None:
    assert set(_refusals("rsi", {"period": 0, "oversold_level": -1})) == {"period", "oversold_level"}


def test_thresholds_can_be_switched_off() -> None:
    assert build("rsi", upper_threshold=1.0, lower_threshold=0.0).params.upper_threshold == 1


def test_a_session_of_daily_bars_is_told() -> None:
    (problem,) = build("vwap").problems(Timeframe.D1, TradingHours.REGULAR)
    assert problem.key == "anchor"
    assert "rolling:N" in problem.message
    assert not build("vwap", anchor="rolling:20").problems(Timeframe.D1, TradingHours.REGULAR)
    assert not build("vwap").problems(Timeframe.H12, TradingHours.CONTINUOUS)
    assert not build("rsi").problems(Timeframe.D1, TradingHours.REGULAR)


@pytest.mark.parametrize(
    ("hours", "timeframe", "bars"),
    [
        (TradingHours.CONTINUOUS, Timeframe.M1, 1440),
        (TradingHours.CONTINUOUS, Timeframe.H8, 3),
        (TradingHours.REGULAR, Timeframe.M1, 390),
        (TradingHours.REGULAR, Timeframe.H1, 7),
        (TradingHours.EXTENDED, Timeframe.M1, 960),
    ],
)
def test_the_window_of_a_session_is_the_session(hours: TradingHours, timeframe: Timeframe, bars: int) -> None:
    assert build("vwap").window(timeframe, hours) == bars
    assert build("vwap").warmup(timeframe, hours) == bars - 1
