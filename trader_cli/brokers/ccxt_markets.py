"""ccxt's description of a market, as ours: what it is, on which grid it trades, and what bars it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from trader_cli.brokers.listing import Listed
from trader_cli.domain.instrument import AssetClass, Instrument
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEPT = (
    *("id", "symbol", "base", "quote", "settle", "baseId", "quoteId", "settleId", "type", "active", "created"),
    *("spot", "margin", "swap", "future", "option", "contract", "linear", "inverse", "contractSize", "expiry"),
    *("precision", "limits"),
)
"""What a client needs to be told of a market to ask for its bars."""

_OTHER_NAMES = ("altname", "wsname")
"""Where kraken writes how else it calls a market."""


def listed(market: Mapping[str, Any], asset_class: AssetClass, *, in_coins: bool) -> Listed | None:
    """A market of an asset class; None for one of another class.

    Where sizes are `in_coins` what a contract is of them does not count. Raises: DataError for one without a grid.
    """
    is_contract = bool(market.get("contract")) and not market.get("option")
    if is_contract != (asset_class is AssetClass.FUTURES) or not (is_contract or market.get("spot")):
        return None
    barred = _barred(market)
    try:
        instrument = _instrument(market, contract_size=1 if in_coins else market.get("contractSize") or 1)
    except (InvalidOperation, TypeError, KeyError, ValueError) as error:
        if barred:
            return None
        raise DataError(f"the market list makes no sense of {market.get('symbol')} ({error})") from error
    return Listed(instrument, _also(market), barred, {name: market.get(name) for name in _KEPT})


def _barred(market: Mapping[str, Any]) -> str:
    """Why it cannot be traded; empty: it can."""
    if market.get("inverse"):
        return f"an inverse contract, settled in {market.get('settle')}: linear ones are traded"
    if market.get("future"):  # an expiry alone says nothing: Deribit has one for perpetuals, in the year 3000
        return "a contract that expires: perpetual ones are traded"
    if market.get("active") is False:
        return "which the venue does not let anybody trade now"
    return ""


def _instrument(market: Mapping[str, Any], contract_size: object) -> Instrument:
    precision, limits = market["precision"], market["limits"]
    amount, cost = limits.get("amount") or {}, limits.get("cost") or {}
    lot = _number(precision["amount"])
    most = _maybe(amount.get("max"))
    return Instrument(
        market["symbol"],
        tick=_number(precision["price"]),
        lot=lot,
        minimum_quantity=max(lot, _maybe(amount.get("min")) or lot),
        minimum_notional=_maybe(cost.get("min")) or Decimal(0),
        contract_size=_number(contract_size),
        maximum_quantity=most if most and most >= lot else None,
        quote=market.get("quote") or "",
        settle=market.get("settle") or market.get("quote") or "",
    )


def _number(value: object) -> Decimal:
    """Raises: ValueError unless it is finite and above 0; InvalidOperation where it is no number."""
    number = Decimal(str(value))
    if not (number.is_finite() and number > 0):
        raise ValueError(f"{value} is no step")
    return number


def _maybe(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _also(market: Mapping[str, Any]) -> tuple[str, ...]:
    """Its other names. A perpetual is also called by its pair alone: its asset class says what is meant."""
    base, quote = market.get("base"), market.get("quote")
    told = market.get("info") or {}
    names = [market["id"], f"{base}/{quote}", *(told.get(name) for name in _OTHER_NAMES)]
    if market.get("contract"):
        names += [f"{base}{quote}PERP"] if market.get("linear") else []
    return tuple(dict.fromkeys(str(name) for name in names if name and name != market["symbol"]))
