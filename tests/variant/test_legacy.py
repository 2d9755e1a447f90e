"""A 2.5 JSON configuration: every key is carried over or told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trader_cli.errors import ConfigError
from trader_cli.variant.legacy import imported, parsed
from trader_cli.variant.loading import load_mapping

OLD = """
/* the user's document, shortened;
   its keys all stand here */
{
  "trader_name": "unified_memgpt_trader", // "quoted": 1
  "version": "2.5.0",
  "variants": {"broker": "bybit", "strategy": "momentum", "mode": "live", "asset_class": "crypto",},
  "strategy_config": {
    "momentum": {"lookback_period": 20, "threshold_buy": 2.0, "threshold_sell": -2.0, "volatility_filter": 0.15},
    "rsi": {"period": 14, "oversold_level": 30, "overbought_level": 70,
            "upper_threshold": 0.65, "lower_threshold": 0.35},
    "macd": {"fast_period": 12, "slow_period": 26, "signal_period": 9, "threshold": 0.0001}
  },
  "broker_config": {
    "active_broker": "bybit",
    "test_mode": false,
    "endpoint": "https://a.example/*b*/,]", /* kept: it is a text */
    "credentials": {"api_key": "${BYBIT_API_KEY}", "api_secret": "${BYBIT_API_SECRET}"}
  },
  "trading_symbols": {"crypto": ["BTCUSDT", "ETHUSDT", ], "stocks": ["AAPL"], "futures": ["BTC_USD_PERP"]},
  "risk_settings": {
    "max_position_size": 750, "max_total_exposure": 3000, "max_concurrent_positions": 8,
    "default_leverage": 75, "risk_per_trade": 0.02,
  },
}
"""


def old(**sections: Any) -> dict[str, Any]:
    return {**parsed(OLD, "old.json"), **sections}


def keys(document: dict[str, Any], prefix: str = "") -> set[str]:
    found = set()
    for name, value in document.items():
        found |= keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return found


def test_every_key_is_carried_over_or_told() -> None:
    document = old(surprise=1, learning={"rate": 0.1}, strategy_config={"rsi": {"perod": 3}, "bollinger": {"n": 20}})
    found = imported(document, "old.json")
    told = {remark.key for remark in found.remarks}
    carried = keys(found.document)
    for key in keys(document) - {"broker_config.active_broker"}:
        assert key in carried or told & {key, key.partition(".")[0], ".".join(key.split(".")[:2])}, key
    assert {"surprise", "learning", "strategy_config.rsi.perod", "strategy_config.bollinger"} <= told


def test_the_users_document_becomes_the_variant_it_describes() -> None:
    found = imported(old(), "old.json")
    variant = load_mapping(found.document, environment={}).variant
    assert [remark.key for remark in found.remarks] == ["version"]
    assert variant.variants.model_dump(mode="json") == old()["variants"]
    assert variant.symbols == ("BTCUSDT", "ETHUSDT")
    assert variant.risk_settings.default_leverage == 75
    assert variant.broker_config.endpoint == "https://a.example/*b*/,]"
    assert variant.strategy().params.model_dump() == old()["strategy_config"]["momentum"]


def test_two_brokers_in_one_file_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"old\.json: broker_config\.active_broker: 'okx' contradicts .* 'bybit'"):
        imported(old(broker_config={"active_broker": "okx"}), "old.json")


def test_the_active_broker_stands_in_for_a_missing_one() -> None:
    found = imported(old(variants={"strategy": "rsi"}, broker_config={"active_broker": "okx"}), "old.json")
    assert found.document["variants"]["broker"] == "okx"


@pytest.mark.parametrize("value", ["CANARY", "", 7, None, ["CANARY"]])
def test_f113_a_literal_key_is_neither_carried_over_nor_repeated(value: object) -> None:
    found = imported(old(broker_config={"credentials": {"api_key": value}}), "old.json")
    assert "CANARY" not in repr(found)
    assert "broker_config.credentials.api_key" in {remark.key for remark in found.remarks}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "7",
        '{"a": 1',
        '{"a": 1, "a": 2}',
        "{" * 5000,
        "[" * 200_000,
        "/*" * 400_000,
        '{"a": "/*}',
    ],
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^old\.json: "):
        parsed(text, "old.json")


def test_a_text_is_never_taken_for_a_comment() -> None:
    texts = ["//", "/* */", ",]", '\\"//', "a\\\\", ", }"]
    assert parsed(json.dumps({"a": texts}), "old.json") == {"a": texts}


def test_an_error_names_the_line_behind_comments() -> None:
    with pytest.raises(ConfigError, match="line 4"):
        parsed("/* one\ntwo */ {\n// three\nx}", "old.json")


@pytest.mark.parametrize(
    "document", [{"variants": 7}, {"broker_config": []}, {"strategy_config": "x"}, {"trader_name": {}}]
)
def test_sections_of_another_kind_are_refused_later_not_here(document: dict[str, Any]) -> None:
    found = imported(old(**document), "old.json")
    with pytest.raises(ConfigError):
        load_mapping(found.document, environment={})
