"""The simulated Deribit answers with the fields of the real one, as recorded."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.clients import ccxt_client
from tests.venues.core.orders import Side, Ticket
from tests.venues.deribit.front import RULES, Deribit
from tests.venues.deribit.world import ETH, INVERSE, perpetuals
from tests.venues.server import serving
from tests.venues.shape import shape, shape_of
from tests.venues.test_shapes import Known, differences
from tests.venues.worlds import BEGINS, KEYS, NOW

if TYPE_CHECKING:
    from collections.abc import Mapping

CALL = frozenset({"id"})
PERIOD = {"start_timestamp": BEGINS // 10**6, "end_timestamp": NOW // 10**6, "resolution": "60"}
INSTRUMENT = {"instrument_name": "ETH_USDC-PERPETUAL"}
DERIBIT: dict[str, tuple[str, dict[str, Any], Known]] = {
    "deribit_get_account_summaries": (
        "privateGetGetAccountSummaries",
        {},
        Known(
            ours_alone=frozenset(
                f"result.summaries[].{name}_map.usdc_usd" for name in ("delta_total", "estimated_liquidation_ratio")
            ),
            theirs_alone=CALL | {f"result.summaries[].options_{name}_map.btc_usd" for name in ("gamma", "vega")},
        ),
    ),
    "deribit_get_instruments": (
        "publicGetGetInstruments",
        {"currency": "BTC"},
        Known(theirs_alone=CALL | {"result[].option_type", "result[].strike"}),
    ),
    "deribit_get_order_book": (
        "publicGetGetOrderBook",
        {"instrument_name": "BTC-PERPETUAL"},
        Known(theirs_alone=CALL),
    ),
    "deribit_get_tradingview_chart_data": (
        "publicGetGetTradingviewChartData",
        {**INSTRUMENT, **PERIOD},
        Known(theirs_alone=CALL),
    ),
    "deribit_ws_order_buy_response": (
        "privateGetBuy",
        {**INSTRUMENT, "amount": "0.1", "price": "1000", "type": "limit"},
        Known(theirs_alone=CALL),
    ),
    "deribit_ws_order_cancel_response": ("privateGetCancel", {"order_id": "104819327003"}, Known(theirs_alone=CALL)),
    "deribit_ws_order_stop_market_response": (
        "privateGetSell",
        {**INSTRUMENT, "amount": "0.1", "type": "stop_market", "trigger_price": "1000", "trigger": "last_price"},
        Known(ours_alone=frozenset({"result.order.triggered"}), theirs_alone=CALL),
    ),
}
"""By recording: how ccxt asks for it, and what differs. A GET has no id, as a call has; the recorded account
has options and no dollars."""


@pytest.fixture(scope="module")
def answers() -> Mapping[str, Any]:
    """The answers of a simulated Deribit with two positions."""
    exchange = perpetuals(RULES)
    account = exchange.accounts[KEYS["apiKey"]]
    account.balances["ETH"] = Decimal(100)
    exchange.place(account, ETH, Ticket(ETH.symbol, Side.BUY, Decimal("0.1")))
    exchange.place(account, INVERSE, Ticket(INVERSE.symbol, Side.BUY, Decimal(10)))

    async def ask() -> dict[str, Any]:
        async with ccxt_client(venue, "deribit", **KEYS) as client:
            return {name: await getattr(client, call)(query) for name, (call, query, _) in DERIBIT.items()}

    with serving(Deribit(exchange)) as venue:
        return asyncio.run(ask())


@pytest.mark.parametrize("name", DERIBIT)
def test_deribit_answers_in_the_fields_of_the_recorded_answer(answers: Mapping[str, Any], name: str) -> None:
    assert differences(shape(answers[name]), shape_of(name)) == DERIBIT[name][2]
