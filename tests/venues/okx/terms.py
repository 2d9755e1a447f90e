"""What orders at OKX have in common, those of the book and those that wait for a trigger."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.venues.core.accounts import MarginMode
from tests.venues.core.refusals import Reason, Refused
from tests.venues.okx.desk import not_simulated, one_of, wrong_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.exchange import Exchange
    from tests.venues.core.market import Market
    from tests.venues.front import Asked

CLIENT_ID = re.compile(r"[A-Za-z0-9]{0,32}")


def take_margin_mode(exchange: Exchange, asked: Asked, market: Market, wanted: Mapping[str, Any]) -> None:
    """Takes the margin mode that an order names. At OKX each position has its own; here an account has one.

    Raises: Refused for another mode than a position has that is open, and for what does not fit the market.
    """
    if not market.kind.is_contract:
        one_of(wanted, "tdMode", {"cash": None})
        return
    mode = one_of(wanted, "tdMode", {mode.value: mode for mode in MarginMode})
    positions = [at for key, at in asked.account.positions.items() if exchange.markets[key].kind.is_contract]
    if mode is not asked.account.margin_mode and any(at.quantity for at in positions):
        raise not_simulated("a second margin mode beside an open position")
    asked.account.margin_mode = mode


def check_side(asked: Asked, market: Market, wanted: Mapping[str, Any]) -> None:
    """Raises: Refused for a side that does not fit the position mode; of the two modes, net alone is simulated."""
    if not market.kind.is_contract:
        return
    is_hedged = wanted.get("posSide", "") in {"long", "short"}
    if asked.account.is_hedged != is_hedged:
        raise Refused(Reason.POSITION_MODE)
    if is_hedged:
        raise not_simulated("a hedged position")


def client_id_of(wanted: Mapping[str, Any], *names: str) -> str:
    """The first client id that is given, or nothing. Raises: Refused for one that cannot be."""
    for name in names:
        client_id = str(wanted.get(name, ""))
        if CLIENT_ID.fullmatch(client_id) is None:
            raise wrong_parameter(name)
        if client_id:
            return client_id
    return ""


def reduces(market: Market, wanted: Mapping[str, Any]) -> bool:
    """Whether an order may only make a position smaller, which makes no sense on spot. Raises: Refused."""
    found = str(wanted.get("reduceOnly", "")).lower() == "true"
    if found and not market.kind.is_contract:
        raise wrong_parameter("reduceOnly")
    return found


def refuse_any(wanted: Mapping[str, Any], names: tuple[str, ...]) -> None:
    """Raises: Refused where an order carries what is not simulated."""
    for name in names:
        if wanted.get(name):
            raise not_simulated(name)
