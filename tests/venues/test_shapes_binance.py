"""The simulated Binance answers with the fields of the real one, as recorded."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.binance.front import RULES, Binance
from tests.venues.binanceusdm.front import RULES as USDM_RULES
from tests.venues.binanceusdm.front import BinanceUsdm
from tests.venues.clients import ccxt_client
from tests.venues.core.orders import Side, Ticket
from tests.venues.server import serving
from tests.venues.shape import shape, shape_of
from tests.venues.test_shapes import Known, differences
from tests.venues.worlds import BTC, KEYS, PERP, crypto

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.front import FrontEnd

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "quantity": "0.01"}
FILTERS = """filterType minPrice maxPrice tickSize minQty maxQty stepSize
    minNotional applyMinToMarket maxNotional applyMaxToMarket avgPriceMins"""
"""What stands in the lists of filters, which the recording has empty."""
ALGO = """orderType price closePosition priceProtect priceMatch selfTradePreventionMode goodTillDate icebergQuantity
    tpOrderType triggerTime actualOrderId actualPrice actualQty actualType"""
"""What an answer of 2026 has for one such order (quoted in JKorf/Binance.Net#1575), and the recorded list not yet."""
SPOT: dict[str, tuple[str, dict[str, str], Known]] = {
    "binance_spot_json_account_response": ("privateGetAccount", {}, Known()),
    "binance_spot_json_account_trades_response": ("privateGetMyTrades", {"symbol": "BTCUSDT"}, Known()),
    "binance_spot_json_depth_response": ("publicGetDepth", {"symbol": "BTCUSDT"}, Known()),
    "binance_spot_json_exchange_info_response": (
        "publicGetExchangeInfo",
        {},
        Known(
            ours_alone=frozenset(f"symbols[].filters[].{name}" for name in FILTERS.split()),
            theirs_alone=frozenset({"symbols[].filters", "sors[].baseAsset", "sors[].symbols[]"}),
        ),
    ),
    "binance_spot_json_new_order_full_response": ("privatePostOrder", {**ORDER, "type": "MARKET"}, Known()),
    "binance_spot_json_order_response": ("privateGetOrder", {"symbol": "BTCUSDT", "orderId": "5000002"}, Known()),
    "binance_spot_json_cancel_order_response": (
        "privateDeleteOrder",
        {"symbol": "BTCUSDT", "orderId": "5000002"},
        Known(),
    ),
    "binance_spot_json_ticker_24hr_response": ("publicGetTicker24hr", {"symbol": "BTCUSDT"}, Known()),
}
USDM: dict[str, tuple[str, dict[str, str], Known]] = {
    "binance_futures_json_account_info_v2": ("fapiPrivateV2GetAccount", {}, Known()),
    "binance_futures_json_algo_order": ("fapiPrivateGetAlgoOrder", {"algoId": "1000007000004"}, Known()),
    "binance_futures_json_balance": ("fapiPrivateV2GetBalance", {}, Known()),
    "binance_futures_json_open_algo_orders": (
        "fapiPrivateGetOpenAlgoOrders",
        {},
        Known(ours_alone=frozenset(f"[].{name}" for name in ALGO.split()), theirs_alone=frozenset({"[].type"})),
    ),
    "binance_futures_json_order_response": (
        "fapiPrivateGetOrder",
        {"symbol": "BTCUSDT", "orderId": "7000002"},
        Known(),
    ),
    "binance_futures_json_position_risk": ("fapiPrivateV2GetPositionRisk", {}, Known()),
}
"""By recording: how ccxt asks for it, and what differs."""


@pytest.fixture(scope="module")
def answers() -> Mapping[str, Any]:
    """The answers of both, with a fill, an open order, and on futures a position and two stops, one of them hit."""
    spot, futures = crypto(RULES), crypto(USDM_RULES)
    account = spot.accounts["a-key"]
    spot.place(account, BTC, Ticket("BTCUSDT", Side.BUY, Decimal("0.01")))
    spot.place(account, BTC, Ticket("BTCUSDT", Side.BUY, Decimal("0.01"), Decimal(40_000)))
    account = futures.accounts["a-key"]
    futures.place(account, PERP, Ticket("BTCUSDT", Side.BUY, Decimal("0.1")))
    futures.place(account, PERP, Ticket("BTCUSDT", Side.BUY, Decimal("0.1"), Decimal(40_000)))
    for trigger in (45_000, 49_000):
        futures.place(account, PERP, Ticket("BTCUSDT", Side.SELL, Decimal("0.05"), trigger=Decimal(trigger)))
    futures.set_price(PERP, "48990")
    return {**_asked(Binance(spot), SPOT), **_asked(BinanceUsdm(futures), USDM)}


def _asked(front: FrontEnd, table: Mapping[str, tuple[str, dict[str, str], Known]]) -> Mapping[str, Any]:
    """What a front end answers."""

    async def ask() -> dict[str, Any]:
        found = {}
        async with ccxt_client(venue, "binance", **KEYS) as client:
            for name, (call, query, _) in table.items():
                found[name] = await getattr(client, call)(query)
        return found

    with serving(front) as venue:
        return asyncio.run(ask())


@pytest.mark.parametrize("name", [*SPOT, *USDM])
def test_binance_answers_in_the_fields_of_the_recorded_answer(answers: Mapping[str, Any], name: str) -> None:
    known = {**SPOT, **USDM}[name][2]
    assert differences(shape(answers[name]), shape_of(name)) == known
