"""One symbol, many spellings: how a name is compared, and how it is written in a file name."""

from __future__ import annotations

import re

_CONTRACT = re.compile(
    r"^(?P<base>[A-Z0-9]+)[^A-Z0-9](?P<quote>USDT|USDC|USD)[^A-Z0-9](?:(?P<perpetual>PERP|PERPETUAL|SWAP)|(?P=quote))$"
)
_INVERSE = re.compile(
    r"^(?P<base>[A-Z0-9]+)[^A-Z0-9][A-Z0-9]+[^A-Z0-9](?P=base)(?:-\d+)?$"  # base, quote, settled in the base coin
    r"|^(?P<deribit>[A-Z0-9]+)-PERPETUAL$"
)


def symbol_key(symbol: str) -> str:
    """The spelling by which two symbols are compared: letters and digits alone, in capitals.

    >>> {symbol_key(name) for name in ("BTC/USDT", "BTC-USDT", "BTC_USDT", "btcusdt")}
    {'BTCUSDT'}
    """
    return re.sub(r"[^A-Z0-9]", "", symbol.upper())


def file_name(symbol: str) -> str:
    """A symbol as it stands in a file name: `/` and `:` become `_`.

    >>> file_name("BTC/USDT:USDT")
    'BTC_USDT_USDT'
    """
    return symbol.replace("/", "_").replace(":", "_")


def matching_keys(symbol: str) -> tuple[str, ...]:
    """The keys under which data of a symbol may be filed, the closest first.

    A perpetual is filed under its own name or as base, quote and settlement coin; `BTC_USD_PERP` means the
    venue's USDT, USDC or USD-settled contract, any other name its own coin alone.

    >>> matching_keys("BTC/USDT")
    ('BTCUSDT',)
    >>> matching_keys("BTC/USDT:USDT")
    ('BTCUSDTUSDT', 'BTCUSDTPERP', 'BTCUSDPERP')
    >>> matching_keys("BTC_USD_PERP")
    ('BTCUSDPERP', 'BTCUSDTUSDT', 'BTCUSDTPERP', 'BTCUSDCUSDC', 'BTCUSDCPERP', 'BTCUSDUSD')
    """
    contract = _CONTRACT.match(symbol.upper())
    if contract is None:
        return (symbol_key(symbol),)
    base, quote = contract["base"], contract["quote"]
    coins = ("USDT", "USDC", "USD") if quote == "USD" and contract["perpetual"] else (quote,)
    filed = [f"{base}{coin}{form}" for coin in coins for form in (coin, "PERP")]
    return tuple(dict.fromkeys([symbol_key(symbol), *filed, f"{base}USDPERP"]))


def inverse_coin(symbol: str) -> str | None:
    """The coin that an inverse contract is settled in; None for every other symbol.

    >>> inverse_coin("BTC/USD:BTC"), inverse_coin("BTC-PERPETUAL"), inverse_coin("ETH/USD:ETH-261225")
    ('BTC', 'BTC', 'ETH')
    >>> [inverse_coin(name) for name in ("BTC/USDT:USDT", "BTC_USD_PERP", "BTC_USDC-PERPETUAL", "BTC/USD")]
    [None, None, None, None]
    """
    inverse = _INVERSE.match(symbol.upper())
    return inverse and (inverse["base"] or inverse["deribit"])
