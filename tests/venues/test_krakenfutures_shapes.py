"""The simulated Kraken Futures answers with the fields of the real one, as recorded."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.clients import ccxt_client
from tests.venues.core.orders import Side, Ticket, TimeInForce
from tests.venues.kraken.world import KEYS
from tests.venues.krakenfutures.front import RULES, KrakenFutures
from tests.venues.krakenfutures.world import PF_XBT, perpetuals
from tests.venues.server import serving
from tests.venues.shape import shape, shape_of
from tests.venues.test_shapes import Known, differences

if TYPE_CHECKING:
    from collections.abc import Mapping

CHART = {"symbol": "PF_XBTUSD", "interval": "1h"}
XBT = {"symbol": "PF_XBTUSD"}
TIME = frozenset({"serverTime"})
"""Documented, and missing from these recordings."""
KRAKEN: dict[str, tuple[str, dict[str, str], Known]] = {
    "krakenfutures_candles_mark": ("chartsGetPriceTypeSymbolInterval", {**CHART, "price_type": "mark"}, Known()),
    "krakenfutures_candles_trade": (
        "chartsGetPriceTypeSymbolInterval",
        {"symbol": "PF_ETHUSD", "interval": "1h", "price_type": "trade"},
        Known(),
    ),
    "krakenfutures_fills": (
        "privateGetFills",
        {},
        Known(
            ours_alone=frozenset({"fills[].cliOrdId"}),
            theirs_alone=frozenset({"fills[].cli_ord_id", "fills[].fee_currency", "fills[].fee_paid"}),
        ),
    ),
    "krakenfutures_historical_funding_rates": ("publicGetHistoricalfundingrates", XBT, Known(ours_alone=TIME)),
    "krakenfutures_instruments": (
        "publicGetInstruments",
        {},
        Known(
            ours_alone=TIME,
            theirs_alone=frozenset({"instruments[].underlying", "instruments[].marginLevels[].contracts"}),
        ),
    ),
    "krakenfutures_open_orders": (
        "privateGetOpenorders",
        {},
        Known(
            ours_alone=frozenset({"openOrders[].cliOrdId"}),
            theirs_alone=frozenset({"openOrders[].cli_ord_id"}),
        ),
    ),
    "krakenfutures_open_positions": ("privateGetOpenpositions", {}, Known()),
    "krakenfutures_orderbook": ("publicGetOrderbook", XBT, Known()),
    "krakenfutures_tickers": ("publicGetTickers", {}, Known()),
}
"""By recording: how ccxt asks for it, and what differs. Kraken's documentation calls a client id `cliOrdId` and
tells no fee of a fill, where these recordings have more; two fields are those of inverse contracts."""


@pytest.fixture(scope="module")
def answers() -> Mapping[str, Any]:
    """The answers of a simulated Kraken Futures with a position, an open order and a stop."""
    exchange = perpetuals(RULES)
    account = exchange.accounts[KEYS["apiKey"]]
    size = Decimal("0.01")
    tickets = [
        Ticket("PF_XBTUSD", Side.BUY, size, time_in_force=TimeInForce.IOC, client_id="a"),
        Ticket("PF_XBTUSD", Side.BUY, size, Decimal(30_000), client_id="b"),
        Ticket("PF_XBTUSD", Side.SELL, size, trigger=Decimal(40_000), time_in_force=TimeInForce.IOC),
    ]
    for ticket in tickets:
        exchange.place(account, PF_XBT, ticket)

    async def ask() -> dict[str, Any]:
        async with ccxt_client(venue, "krakenfutures", **KEYS) as client:
            return {name: await getattr(client, call)(query) for name, (call, query, _) in KRAKEN.items()}

    with serving(KrakenFutures(exchange)) as venue:
        return asyncio.run(ask())


@pytest.mark.parametrize("name", KRAKEN)
def test_kraken_futures_answers_in_the_fields_of_the_recorded_answer(answers: Mapping[str, Any], name: str) -> None:
    assert differences(shape(answers[name]), shape_of(name)) == KRAKEN[name][2]
