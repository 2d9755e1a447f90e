"""The sections that are the variant file's own; `[risk_settings]` and `[costs]` live in the domain."""

from __future__ import annotations

import re
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.section import Fraction, Section
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import suggest
from trader_cli.registry import broker_names

REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_:.-]{0,39}")


class Mode(StrEnum):
    """The third dimension of a variant: what its decisions become."""

    BACKTEST = "backtest"
    PAPER = "paper"
    LIVE = "live"
    FUTURES = "futures"


class Dimensions(Section):
    """Which cell of the matrix this is: broker, strategy, mode, asset class."""

    broker: str = Field(
        description="the venue: bybit, binance, okx, kraken, deribit, alpaca, or a plug-in's name", examples=["bybit"]
    )
    strategy: str = Field(
        description='momentum, rsi, macd, mfi, vwap, a plug-in\'s name, or "path.py:Class" relative to this file',
        examples=["rsi"],
    )
    mode: Mode = Field(
        Mode.PAPER, strict=False, description="backtest, paper, live, or futures: live on the derivatives account"
    )
    asset_class: AssetClass = Field(
        AssetClass.CRYPTO, strict=False, description="what is traded; alpaca's default is stocks"
    )

    @field_validator("broker")
    @classmethod
    def _is_registered(cls, broker: str) -> str:
        known = broker_names()
        if broker not in known:
            raise ValueError(f"'{broker}' is no broker (known: {', '.join(known)}){suggest(broker, known)}")
        return broker


def _refers(value: str) -> str:
    if not REFERENCE.fullmatch(value):
        raise ValueError("must be a ${NAME} reference to an environment variable; a key never stands in the file")
    return value


Reference = Annotated[str, AfterValidator(_refers)]


class Credentials(Section):
    """Where the keys come from: references to environment variables, looked up only when a command needs them."""

    api_key: Reference = Field("${API_KEY}", description="${NAME} of the key")
    api_secret: Reference = Field("${API_SECRET}", description="${NAME} of the secret")
    passphrase: Reference | None = Field(
        None, description="okx: ${NAME} of the passphrase", examples=["${OKX_PASSPHRASE}"]
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_base_url(url: str) -> str:
    """Keys travel to this address: it is encrypted, unless it never leaves the machine."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("must be an address without spaces and control characters")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # its words repeat a part of the address
        raise ValueError("must be an address whose host and port can be read") from None
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must be a base address: no user, password, query or fragment")
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("must start with https:// (http:// for this machine only) and name a host")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("must start with https://: http is for loopback addresses only")
    return url


Endpoint = Annotated[str, AfterValidator(_is_base_url)]


class BrokerConfig(Section):
    """How the broker is reached."""

    test_mode: bool = Field(False, description="the venue's testnet, demo or paper endpoint")
    endpoint: Endpoint | None = Field(
        None,
        description="another base URL (regional host, gateway); default: the client's own",
        examples=["https://api.bytick.com"],
    )
    data_endpoint: Endpoint | None = Field(
        None,
        description="alpaca: market data elsewhere than `endpoint`; default: `endpoint` where that is set",
        examples=["https://data.example.com"],
    )
    credentials: Credentials = Field(Credentials(), description="only ${NAME} references; a literal key is refused")


def _is_symbol(symbol: str) -> str:
    if not _SYMBOL.fullmatch(symbol):
        raise ValueError("must be a symbol such as BTCUSDT, BTC/USDT, BTC_USD_PERP or AAPL")
    return symbol


Symbols = tuple[Annotated[str, AfterValidator(_is_symbol)], ...]


class TradingSymbols(Section):
    """What is traded: one list an asset class; without one, the broker's default symbols."""

    crypto: Symbols = Field((), strict=False, description="symbols of asset class crypto", examples=[["BTCUSDT"]])
    stocks: Symbols = Field((), strict=False, description="symbols of asset class stocks", examples=[["AAPL"]])
    etf: Symbols = Field((), strict=False, description="symbols of asset class etf", examples=[["SPY"]])
    futures: Symbols = Field(
        (), strict=False, description="symbols of asset class futures: linear contracts", examples=[["BTC_USD_PERP"]]
    )


class Session(Section):
    """The rhythm of trading and the simulated account."""

    timeframe: Timeframe = Field(Timeframe.M1, strict=False, description="length of a bar")
    poll_seconds: float = Field(30, ge=1, le=3600, description="seconds between looks at the venue within a bar")
    starting_balance: float = Field(10_000, gt=0, le=1e12, description="cash of the simulated account")
    extended_hours: bool = Field(False, description="stocks, etf: trade before and after the regular session too")


def trading_hours(asset_class: AssetClass, *, extended: bool) -> TradingHours:
    """When a market trades."""
    if not asset_class.is_stock_like:
        return TradingHours.CONTINUOUS
    return TradingHours.EXTENDED if extended else TradingHours.REGULAR


class Live(Section):
    """Caution on top of the risk settings where orders are real."""

    max_orders_per_minute: int = Field(
        3, ge=1, le=600, description="entries only; exits and protective stops are never held back"
    )
    max_orders_per_day: int = Field(50, ge=1, le=100_000, description="entries only, likewise")
    price_collar_fraction: Fraction = Field(
        0.01, description="a market order only within this fraction of a fresh mid price"
    )
