"""The simulated Kraken answers with the fields of the real one, as recorded."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.clients import ccxt_client
from tests.venues.core.orders import Side, Ticket
from tests.venues.kraken.front import RULES, Kraken
from tests.venues.kraken.world import KEYS, XBT, dollars
from tests.venues.server import serving
from tests.venues.shape import shape, shape_of
from tests.venues.test_shapes import Known, differences
from tests.venues.worlds import minutes

if TYPE_CHECKING:
    from collections.abc import Mapping

TETHER = replace(XBT, symbol="XBTUSDT", quote="USDT")
"""The pair of the recordings."""
PAIR = {"pair": "XBTUSDT"}
DESCRIPTION = frozenset(f"result.descr.{name}" for name in ("leverage", "ordertype", "pair", "price", "price2", "type"))
KRAKEN: dict[str, tuple[str, dict[str, str], Known]] = {
    "kraken_add_order_spot": (
        "privatePostAddOrder",
        {"pair": "XBTUSDT", "type": "buy", "ordertype": "limit", "price": "40000", "volume": "0.001"},
        Known(theirs_alone=DESCRIPTION),
    ),
    "kraken_asset_pairs": ("publicGetAssetPairs", PAIR, Known()),
    "kraken_cancel_order_spot": ("privatePostCancelOrder", {"txid": "OVENUE-ORDER-000003"}, Known()),
    "kraken_closed_orders": ("privatePostClosedOrders", {}, Known()),
    "kraken_ohlc": ("publicGetOHLC", PAIR, Known()),
    "kraken_open_orders": ("privatePostOpenOrders", {}, Known()),
    "kraken_order_book": ("publicGetDepth", PAIR, Known()),
    "kraken_server_time": ("publicGetTime", {}, Known()),
    "kraken_system_status": ("publicGetSystemStatus", {}, Known()),
    "kraken_ticker": ("publicGetTicker", PAIR, Known()),
    "kraken_trades_history": ("privatePostTradesHistory", {}, Known()),
}
"""By recording: how ccxt asks for it, and what differs. Kraken's documentation has only the sentence in the answer to
a new order, where the recording, made by hand, has more."""


@pytest.fixture(scope="module")
def answers() -> Mapping[str, Any]:
    """The answers of a simulated Kraken with two fills, an open order and a stop."""
    exchange = dollars(RULES)
    account = exchange.accounts[KEYS["apiKey"]]
    account.balances["USDT"] = Decimal(10_000)
    exchange.add_market(TETHER, minutes(240))
    tickets = [
        Ticket("XBTUSDT", Side.BUY, Decimal("0.01")),
        Ticket("XBTUSDT", Side.SELL, Decimal("0.01")),
        Ticket("XBTUSDT", Side.BUY, Decimal("0.01"), Decimal(1000)),
        Ticket("XBTUSDT", Side.BUY, Decimal("0.01"), Decimal(1001)),
        Ticket("XBTUSDT", Side.SELL, Decimal("0.01"), trigger=Decimal(1000)),
    ]
    for ticket in tickets:
        exchange.place(account, TETHER, ticket)

    async def ask() -> dict[str, Any]:
        async with ccxt_client(venue, "kraken", **KEYS) as client:
            return {name: await getattr(client, call)(query) for name, (call, query, _) in KRAKEN.items()}

    with serving(Kraken(exchange)) as venue:
        return asyncio.run(ask())


@pytest.mark.parametrize("name", KRAKEN)
def test_kraken_answers_in_the_fields_of_the_recorded_answer(answers: Mapping[str, Any], name: str) -> None:
    assert differences(without_ids(shape(answers[name])), without_ids(shape_of(name))) == KRAKEN[name][2]


def without_ids(paths: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """A shape with a star for each order or trade whose id stands as a key."""
    found: dict[str, set[str]] = {}
    for path, kinds in paths.items():
        found.setdefault(re.sub(r"\b[A-Z0-9]+-[A-Z0-9]+-[A-Z0-9]+\b", "*", path), set()).update(kinds)
    return found
