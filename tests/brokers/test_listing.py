"""What a user calls a market, on venues that each call it otherwise."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_cli.brokers.listing import Listed, Listing
from trader_cli.domain.instrument import AssetClass, Instrument
from trader_cli.errors import ConfigError

STEP = Decimal("0.1")


def market(symbol: str, *also: str, barred: str = "") -> Listed:
    return Listed(Instrument(symbol, STEP, STEP, STEP, Decimal(5)), also, barred, {})


SPOT = Listing(
    "kraken",
    AssetClass.CRYPTO,
    [
        market("BTC/USD", "XXBTZUSD", "XBTUSD", "XBT/USD"),
        market("BTC/USDT", "XBTUSDT", "XBT/USDT"),
        market("ETH/USD", "XETHZUSD", "ETHUSD"),
        market("LUNA/USD", "LUNAUSD", barred="which the venue does not let anybody trade now"),
    ],
)


def perpetual(base: str, quote: str, settle: str, venue_id: str) -> Listed:
    names = (venue_id, f"{base}/{quote}", f"{base}{quote}PERP") if settle != base else (venue_id, f"{base}/{quote}")
    inverse = "" if settle != base else f"an inverse contract, settled in {base}: linear ones are traded"
    return market(f"{base}/{quote}:{settle}", *names, barred=inverse)


BYBIT = Listing(
    "bybit",
    AssetClass.FUTURES,
    [perpetual("BTC", "USDT", "USDT", "BTCUSDT"), perpetual("BTC", "USDC", "USDC", "BTCPERP")],
)
OKX = Listing(
    "okx",
    AssetClass.FUTURES,
    [perpetual("BTC", "USD", "BTC", "BTC-USD-SWAP"), perpetual("BTC", "USDT", "USDT", "BTC-USDT-SWAP")],
)
DERIBIT = Listing(
    "deribit",
    AssetClass.FUTURES,
    [perpetual("BTC", "USD", "BTC", "BTC-PERPETUAL"), perpetual("BTC", "USDC", "USDC", "BTC_USDC-PERPETUAL")],
)
KRAKEN = Listing(
    "kraken",
    AssetClass.FUTURES,
    [perpetual("BTC", "USD", "BTC", "PI_XBTUSD"), perpetual("BTC", "USD", "USD", "PF_XBTUSD")],
)


@pytest.mark.parametrize("spelled", ["BTC/USD", "BTCUSD", "btc-usd", "BTC_USD", "XBTUSD", "XBT/USD", "XXBTZUSD"])
def test_a_pair_is_found_however_it_is_spelled(spelled: str) -> None:
    assert SPOT.find(spelled).symbol == "BTC/USD"


@pytest.mark.parametrize(
    ("listing", "meant"),
    [(BYBIT, "BTC/USDT:USDT"), (OKX, "BTC/USDT:USDT"), (DERIBIT, "BTC/USDC:USDC"), (KRAKEN, "BTC/USD:USD")],
)
def test_the_perpetual_of_a_coin_is_the_venues_linear_one(listing: Listing, meant: str) -> None:
    assert listing.find("BTC_USD_PERP").symbol == meant
    assert listing.find(meant).symbol == meant


@pytest.mark.parametrize(
    ("listing", "spelled", "meant"),
    [
        (BYBIT, "BTCUSDT", "BTC/USDT:USDT"),
        (BYBIT, "BTC_USDC_PERP", "BTC/USDC:USDC"),
        (OKX, "BTC-USDT-SWAP", "BTC/USDT:USDT"),
        (OKX, "BTC/USDT", "BTC/USDT:USDT"),
        (DERIBIT, "BTC_USDC-PERPETUAL", "BTC/USDC:USDC"),
        (KRAKEN, "PF_XBTUSD", "BTC/USD:USD"),
        (KRAKEN, "BTC/USD", "BTC/USD:USD"),
    ],
)
def test_a_venues_own_name_will_do(listing: Listing, spelled: str, meant: str) -> None:
    assert listing.find(spelled).symbol == meant


@pytest.mark.parametrize(
    ("listing", "spelled"), [(OKX, "BTC-USD-SWAP"), (DERIBIT, "BTC-PERPETUAL"), (KRAKEN, "PI_XBTUSD")]
)
def test_an_inverse_contract_is_refused_with_the_reason(listing: Listing, spelled: str) -> None:
    with pytest.raises(ConfigError, match="inverse contract, settled in BTC"):
        listing.find(spelled)


def test_what_is_not_listed_comes_with_what_may_have_been_meant() -> None:
    with pytest.raises(ConfigError, match=r"trading_symbols\.crypto: kraken lists no 'ETHUSDC': did you mean ETH/USD"):
        SPOT.find("ETHUSDC")
    with pytest.raises(ConfigError, match=r"lists no 'DOGE/USD'"):
        SPOT.find("DOGE/USD")


def test_f058_what_the_venue_has_taken_off_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'LUNA/USD' is LUNA/USD on kraken, which the venue does not let anybody"):
        SPOT.find("LUNA/USD")


def test_a_name_of_several_markets_is_an_error_that_names_them() -> None:
    listing = Listing("v", AssetClass.CRYPTO, [market("ABC/DE", "abcde"), market("AB/CDE", "ab_cde")])
    with pytest.raises(ConfigError, match="'abc-de' may be ABC/DE, AB/CDE on v: name one of them"):
        listing.find("abc-de")
    assert listing.find("AB/CDE").symbol == "AB/CDE"


@given(st.text(st.characters(categories=["L", "N", "P"]), max_size=12))
def test_whatever_is_asked_for_is_found_or_refused_in_one_line(text: str) -> None:
    try:
        found = SPOT.find(text)
    except ConfigError as refusal:
        lines = str(refusal).splitlines()
    else:
        lines = [found.symbol]
        assert not found.barred
    assert len(lines) == 1


def test_an_instrument_goes_by_the_name_its_user_gave_it() -> None:
    assert SPOT.find("btcusd").called("btcusd").symbol == "btcusd"
