"""Where the clients of ccxt are pointed, and what loading one of them costs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from trader_cli.brokers.base import Access
from trader_cli.brokers.ccxt_family import CcxtBroker
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.registry import BROKERS, broker_class

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = [
    (name, asset_class)
    for name in BROKERS
    for asset_class in broker_class(name).asset_classes
    if issubclass(broker_class(name), CcxtBroker)
]
TEST_HOSTS = {
    ("bybit", AssetClass.CRYPTO): "testnet",
    ("bybit", AssetClass.FUTURES): "testnet",
    ("binance", AssetClass.CRYPTO): "testnet",
    ("binance", AssetClass.FUTURES): "demo-fapi",
    ("kraken", AssetClass.FUTURES): "demo-futures",
    ("deribit", AssetClass.CRYPTO): "test.deribit.com",
    ("deribit", AssetClass.FUTURES): "test.deribit.com",
}
"""okx has the same host, and a header."""


def client_of(name: str, asset_class: AssetClass, **access: Any) -> Any:
    """The client that a broker reads with. Nothing is connected."""
    broker = broker_class(name)(Access(asset_class, TradingHours.CONTINUOUS, **access))
    assert isinstance(broker, CcxtBroker)
    return broker.connection.client()


def addresses(urls: Any) -> Iterator[str]:
    """All of them, however they are nested."""
    if isinstance(urls, dict):
        for nested in urls.values():
            yield from addresses(nested)
    elif isinstance(urls, str):
        yield urls


@pytest.mark.parametrize(("name", "asset_class"), PARTS)
def test_another_endpoint_is_where_everything_goes(name: str, asset_class: AssetClass) -> None:
    client = client_of(name, asset_class, endpoint="http://127.0.0.1:9/")
    asked = [url for url in addresses(client.urls["api"]) if url.startswith("http")]
    assert {urlsplit(url).netloc for url in asked} == {"127.0.0.1:9"}


@pytest.mark.parametrize(("name", "asset_class"), PARTS)
def test_in_test_mode_it_is_the_venues_test_endpoint(name: str, asset_class: AssetClass) -> None:
    shown = broker_class(name).capabilities(asset_class)
    assert shown is not None
    if not shown.has_test_mode:
        assert (name, asset_class) == ("kraken", AssetClass.CRYPTO)
        return
    client = client_of(name, asset_class, test_mode=True)
    if name == "okx":
        assert client.headers["x-simulated-trading"] == "1"
        return
    own = client_of(name, asset_class).urls["api"]
    asked = "fapiPublic" if client.id == "binanceusdm" else "public"
    (url, *_) = addresses(client.urls["api"].get(asked, client.urls["api"]))
    assert TEST_HOSTS[name, asset_class] in url
    assert client.urls["api"] != own


@pytest.mark.parametrize(("name", "asset_class"), PARTS)
def test_s7_no_client_holds_a_key_and_none_tries_again_by_itself(
    name: str, asset_class: AssetClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in ("API_KEY", "API_SECRET"):
        monkeypatch.setenv(f"{name.upper()}_{each}", "a-canary-secret")
    client = client_of(name, asset_class)
    assert not any((client.apiKey, client.secret, client.password))
    assert not client.options.get("maxRetriesOnFailure")


@pytest.mark.parametrize(("name", "asset_class"), PARTS)
def test_the_timeframes_said_are_the_clients(name: str, asset_class: AssetClass) -> None:
    """What `trader brokers` says without asking the client is what the client says."""
    shown = broker_class(name).capabilities(asset_class)
    assert shown is not None
    theirs = client_of(name, asset_class).timeframes
    assert set(shown.timeframes) == {timeframe for timeframe in Timeframe if timeframe in theirs}


LOADED = """
import json, sys
from trader_cli.brokers.ccxt_loading import exchange_class
first = exchange_class("kraken")
loaded = [name for name in sys.modules if name.startswith("ccxt.async_support.") and name.count(".") == 2]
import ccxt, ccxt.async_support
whole = ccxt.async_support.kraken is first and ccxt.BadSymbol is sys.modules["ccxt.base.errors"].BadSymbol
print(json.dumps([loaded, whole, len(ccxt.exchanges) > 50, exchange_class("okx") is ccxt.async_support.okx]))
"""


def test_one_exchange_is_loaded_without_the_others_and_ccxt_stays_whole() -> None:
    loaded, is_same, has_all, is_shared = said_by(LOADED)
    assert loaded == ["ccxt.async_support.base", "ccxt.async_support.kraken"]
    assert is_same
    assert has_all
    assert is_shared


READING = """
import sys
from trader_cli.brokers.ccxt_loading import exchange_class
client = exchange_class("kraken")
"""
LEFT_OUT = f"""{READING}
import json
left_out = sorted({{"requests", "urllib3", "cryptography"}} - set(sys.modules))
import ccxt, requests
from cryptography.hazmat.primitives.asymmetric import ec
base, blocking = sys.modules["ccxt.base.exchange"], ccxt.kraken()
real = base.Timeout is requests.Timeout and base.ec is ec and type(blocking.session) is requests.Session
print(json.dumps([left_out, real, client().userAgent, blocking.userAgent]))
"""


def test_what_a_reading_client_does_not_use_is_left_out_and_is_there_for_others() -> None:
    left_out, is_real, ours, theirs = said_by(LEFT_OUT)
    assert left_out == ["cryptography", "requests", "urllib3"]
    assert is_real
    assert ours == theirs


@pytest.mark.parametrize("used", ["ecdsa('00', '11')", "eddsa(b'00', b'11')", "rsa('00', '11')"])
def test_a_client_made_to_read_signs_nothing(used: str) -> None:
    ran = subprocess.run([sys.executable, "-c", f"{READING}client.{used}"], capture_output=True, text=True, check=False)
    assert ran.stderr.splitlines()[-1].startswith("NotImplementedError: a client that reads")


def said_by(script: str) -> Any:
    """What a process of its own tells."""
    return json.loads(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)
