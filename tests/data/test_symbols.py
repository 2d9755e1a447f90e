"""Symbols in their many spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_cli.domain.symbols import file_name, inverse_coin, matching_keys, symbol_key


@pytest.mark.parametrize("spelling", ["BTC/USDT", "BTC-USDT", "BTC_USDT", "btcusdt", "BTCUSDT", "Btc usdt"])
def test_every_spelling_of_a_pair_has_one_key(spelling: str) -> None:
    assert symbol_key(spelling) == "BTCUSDT"


def test_a_perpetual_and_its_file_have_one_key() -> None:
    assert symbol_key("BTC/USDT:USDT") == symbol_key(file_name("BTC/USDT:USDT")) == "BTCUSDTUSDT"


@pytest.mark.parametrize("filed", ["BTC_USD_PERP", "BTC_USDT_USDT", "BTC_USDC_USDC", "BTC_USD_USD", "BTC_USDT_PERP"])
def test_a_futures_name_matches_its_linear_files(filed: str) -> None:
    assert symbol_key(filed) in matching_keys("BTC_USD_PERP")


@pytest.mark.parametrize("filed", ["BTC_USD_BTC", "BTC_USDT", "BTC_USD", "ETH_USDT_USDT"])
def test_a_futures_name_never_matches_spot_inverse_or_another_coin(filed: str) -> None:
    assert symbol_key(filed) not in matching_keys("BTC_USD_PERP")


def test_spot_never_matches_a_perpetual() -> None:
    assert matching_keys("BTC/USDT") == ("BTCUSDT",)


def test_a_named_settlement_matches_no_other() -> None:
    assert symbol_key("BTC_USDC_USDC") not in matching_keys("BTC/USDT:USDT")


@pytest.mark.parametrize("symbol", ["BTC/USD:BTC", "btc_usd_btc", "BTC/USDT:BTC-241227", "BTC-PERPETUAL"])
def test_an_inverse_contract_tells_the_coin_it_is_settled_in(symbol: str) -> None:
    assert inverse_coin(symbol) == "BTC"


@pytest.mark.parametrize(
    "symbol", ["BTC/USD:USD", "BTC/USDC:USDC-241227", "BTC_USD_PERP", "BTC-USD", "BTC", "X_BTC_USD_BTC"]
)
def test_a_linear_contract_or_none_is_settled_in_no_coin_of_its_own(symbol: str) -> None:
    assert inverse_coin(symbol) is None


@given(st.text(max_size=30))
def test_any_text_has_keys_and_the_first_is_its_own(symbol: str) -> None:
    assert matching_keys(symbol)[0] == symbol_key(symbol)
    assert symbol_key(symbol_key(symbol)) == symbol_key(symbol)
