"""Rules between keys: each is told at the key to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.variant.files import small, text
from trader_cli.domain.timeframe import TradingHours
from trader_cli.errors import ConfigError
from trader_cli.variant.loading import Resolved, load
from trader_cli.variant.notes import notes

if TYPE_CHECKING:
    from pathlib import Path

FUTURES = "variants.asset_class=futures"


def resolved(folder: Path, *overrides: str) -> Resolved:
    (folder / "own.toml").write_text(small())
    return load("own", variants_dir=folder, overrides=overrides, environment={})


def keys_refused(folder: Path, *overrides: str) -> set[str | None]:
    with pytest.raises(ConfigError) as refused:
        resolved(folder, *overrides)
    return {problem.key for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("overrides", "key"),
    [
        (["strategy_config.macd.fast_period=26"], "strategy_config.macd.slow_period"),
        (["strategy_config.momentum.lookback_period=1"], "strategy_config.momentum.lookback_period"),
        (["strategy_config.rsi.upper_threshold=0.3"], "strategy_config.rsi.upper_threshold"),
        (["strategy_config.rsi.lower_threshold=0.7"], "strategy_config.rsi.lower_threshold"),
        (["strategy_config.rsi.oversold_level=70"], "strategy_config.rsi.overbought_level"),
        (["strategy_config.mfi.oversold_level=80"], "strategy_config.mfi.overbought_level"),
        (["strategy_config.vwap.deviation=1"], "strategy_config.vwap.deviation"),
        (["strategy_config.vwap.anchor=rolling:1"], "strategy_config.vwap.anchor"),
        (["variants.strategy=vwap", "session.timeframe=1d"], "strategy_config.vwap.anchor"),
        (["variants.mode=futures"], "variants.mode"),
        (["variants.asset_class=stocks"], "variants.asset_class"),
        (["variants.mode=live", FUTURES, "risk_settings.default_leverage=2"], "risk_settings.default_leverage"),
        (["variants.broker=kraken", "broker_config.test_mode=true"], "broker_config.test_mode"),
        (['broker_config.data_endpoint="https://data.example.com"'], "broker_config.data_endpoint"),
        (["trading_symbols.crypto=[]"], "trading_symbols.crypto"),
        (['trading_symbols.etf=["SPY", "spy"]'], "trading_symbols.etf"),
        (['trading_symbols.futures=["ETH_USD_PERP", "BTC/USD:BTC"]'], "trading_symbols.futures"),
    ],
)
def test_a_contradiction_is_told_at_its_key(overrides: list[str], key: str, tmp_path: Path) -> None:
    assert key in keys_refused(tmp_path, *overrides)


@pytest.mark.parametrize(
    "overrides",
    [
        ["variants.mode=futures", FUTURES, "risk_settings.default_leverage=125"],
        ["variants.mode=paper", FUTURES, "risk_settings.default_leverage=3"],
        ["variants.mode=live", FUTURES],
        ["variants.broker=kraken", FUTURES, "broker_config.test_mode=true"],
        ["variants.strategy=vwap", "session.timeframe=1d", 'strategy_config.vwap.anchor="rolling:20"'],
        ["session.timeframe=1d"],
        ["strategy_config.rsi.upper_threshold=1.0", "strategy_config.rsi.lower_threshold=0.0"],
        ["risk_settings.max_position_size=5000", "risk_settings.max_total_exposure=10"],
        ["variants.broker=alpaca", 'broker_config.data_endpoint="http://127.0.0.1:8000"'],
        [FUTURES, 'trading_symbols.futures=["BTC/USDT:USDT", "BTC_USD_PERP", "ETH-USD-SWAP", "BTC_USDC-PERPETUAL"]'],
    ],
)
def test_what_makes_sense_is_let_be(overrides: list[str], tmp_path: Path) -> None:
    resolved(tmp_path, *overrides)


def test_a_bad_section_does_not_hide_what_is_wrong_between_the_others(tmp_path: Path) -> None:
    found = keys_refused(tmp_path, "variants.broker=kraken", "broker_config.test_mode=true", "session.poll_seconds=0")
    assert found == {"broker_config.test_mode", "session.poll_seconds"}


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://localhost:80", "http://[::1]:80", "https://a.example"])
def test_endpoints_may_be_https_or_of_this_machine(url: str, tmp_path: Path) -> None:
    assert resolved(tmp_path, f'broker_config.endpoint="{url}"').variant.broker_config.endpoint == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://2130706433",
        "ftp://127.0.0.1",
        "//127.0.0.1",
        "https://",
        "https://user:CANARY@example.com",
        "https://example.com?key=CANARY",
        "https://example.com:99999",
        "https://[::1",
        "https://exa mple.com",
        "https://\u0435xample.com",
        "",
    ],
)
def test_f081_any_other_endpoint_is_refused_and_what_it_may_hold_is_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"broker_config\.endpoint: ") as refused:
        resolved(tmp_path, f'broker_config.endpoint="{url}"')
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize(
    "value", ["CANARY", "", "$CANARY", "${CANARY", "x${CANARY}", "${CANARY}x", "${CAN ARY}", "${}"]
)
@pytest.mark.parametrize("key", ["api_key", "api_secret", "passphrase"])
def test_f107_f113_a_key_in_the_file_is_refused_and_never_repeated(key: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"broker_config\.credentials\.{key}: must be ") as refused:
        resolved(tmp_path, f'broker_config.credentials.{key}="{value}"')
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize("value", ["12345", "[12345]", "12345.5", "{a = 12345}"])
def test_f113_a_key_of_another_type_is_not_repeated_either(value: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        resolved(tmp_path, f"broker_config.credentials.api_key={value}")
    assert "12345" not in str(refused.value)


def test_references_stand_in_credentials_alone(tmp_path: Path) -> None:
    found = keys_refused(tmp_path, 'broker_config.endpoint="https://${HOST}"', 'variants.strategy="${STRATEGY}"')
    assert {"broker_config.endpoint", "variants.strategy"} <= found


def test_an_unset_reference_is_no_error(tmp_path: Path) -> None:
    assert resolved(tmp_path).variant.broker_config.credentials.api_key == "${BYBIT_API_KEY}"


@pytest.mark.parametrize(
    ("overrides", "hours"),
    [
        ([], TradingHours.CONTINUOUS),
        ([FUTURES], TradingHours.CONTINUOUS),
        (["session.extended_hours=true"], TradingHours.CONTINUOUS),
        (["variants.broker=alpaca", "variants.asset_class=etf"], TradingHours.REGULAR),
        (["variants.broker=alpaca", "session.extended_hours=true"], TradingHours.EXTENDED),
    ],
)
def test_hours_follow_the_asset_class(overrides: list[str], hours: TradingHours, tmp_path: Path) -> None:
    assert resolved(tmp_path, *overrides).variant.hours is hours


@pytest.mark.parametrize(
    ("overrides", "leverage"),
    [
        (["risk_settings.default_leverage=75"], 1),
        (["variants.mode=live", FUTURES], 1),
        (["variants.mode=futures", FUTURES, "risk_settings.default_leverage=3"], 3),
        (["variants.mode=backtest", FUTURES, "risk_settings.default_leverage=2"], 2),
    ],
)
def test_only_futures_off_mode_live_are_levered(overrides: list[str], leverage: int, tmp_path: Path) -> None:
    assert resolved(tmp_path, *overrides).variant.leverage == leverage


def test_f103_leverage_is_worth_a_word_where_it_has_no_effect_and_where_it_is_high(tmp_path: Path) -> None:
    def noted(*overrides: str) -> list[str]:
        return [str(note) for note in notes(resolved(tmp_path, *overrides).variant)]

    assert noted() == []
    assert "has no effect" in noted("risk_settings.default_leverage=75")[0]
    assert noted(FUTURES, "risk_settings.default_leverage=3") == []
    assert "confirm" in noted(FUTURES, "risk_settings.default_leverage=4")[0]
    assert len(noted("session.extended_hours=true", "risk_settings.fractional_shares=true")) == 2


def test_a_variant_is_frozen(tmp_path: Path) -> None:
    variant = resolved(tmp_path).variant
    with pytest.raises(ValueError, match="frozen"):
        variant.risk_settings.stop_loss = 0.5  # type: ignore[misc]


def test_tables_of_other_strategies_are_kept_beside_the_active_one(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(text())
    variant = load("own", variants_dir=tmp_path, environment={}).variant
    assert set(variant.strategy_config) == {"momentum", "rsi", "macd", "mfi", "vwap"}
    assert variant.strategy().name == "rsi"


OWN_STRATEGY = """
from pydantic import Field
from trader_cli.strategies.base import Params, Strategy

class MineParams(Params):
    level: float = Field(1.0, gt=0, le=2, description="a level")

class Mine(Strategy):
    name = "mine"
    summary = "does what its user says"
    params_model = MineParams
    def warmup(self, timeframe, hours): return 1
    def window(self, timeframe, hours): return 2
    def signals(self, bars): raise NotImplementedError
    def reason(self, values): return ""
"""


def test_a_strategy_by_path_starts_at_the_variants_folder_and_has_a_table(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN_STRATEGY)
    (tmp_path / "mine.py").chmod(0o600)
    path = tmp_path / "own.toml"
    path.write_text(small(strategy="mine.py:Mine") + "[strategy_config.mine]\nlevel = 1.5\n")
    strategy = load("own", variants_dir=tmp_path, environment={}).variant.strategy()
    assert (strategy.name, strategy.params.level) == ("mine", 1.5)

    path.write_text(small(strategy="mine.py:Mine") + "[strategy_config.mine]\nlevel = 3\nlvel = 1\n")
    with pytest.raises(ConfigError) as refused:
        load("own", variants_dir=tmp_path, environment={})
    assert {problem.key for problem in refused.value.problems} == {
        "strategy_config.mine.level",
        "strategy_config.mine.lvel",
    }
