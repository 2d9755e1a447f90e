"""The simulated OKX answers with the fields of the real one, as recorded."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.clients import ccxt_client
from tests.venues.core.orders import Side, Ticket
from tests.venues.okx.front import RULES, Okx
from tests.venues.server import serving
from tests.venues.shape import shape, shape_of
from tests.venues.test_shapes import Known, differences
from tests.venues.worlds import DASHED, OKX_KEYS, crypto

if TYPE_CHECKING:
    from collections.abc import Mapping

STOP = {
    "instId": "BTC-USDT-SWAP",
    "tdMode": "cross",
    "side": "sell",
    "ordType": "conditional",
    "sz": "1",
    "slTriggerPx": "45000",
    "slOrdPx": "-1",
}
STOP_NAMES = """activePx callbackRatio callbackSpread ccy closeFraction failCode lever moveTriggerPx quickMgnType
    reduceOnly slOrdPx slTriggerPx slTriggerPxType tgtCcy timeInterval tpOrdPx tpTriggerPx tpTriggerPxType"""
"""What an answer quoted in ccxt/ccxt#17022 has for such an order, and the recorded one has not."""
OKX: dict[str, tuple[str, dict[str, str], Known]] = {
    "okx_get_account_balance": ("privateGetAccountBalance", {}, Known()),
    "okx_get_instruments_spot": ("publicGetPublicInstruments", {"instType": "SPOT"}, Known()),
    "okx_get_instruments_swap": ("publicGetPublicInstruments", {"instType": "SWAP"}, Known()),
    "okx_get_order_book": ("publicGetMarketBooks", {"instId": "BTC-USDT"}, Known()),
    "okx_get_orders_algo_pending": (
        "privateGetTradeOrdersAlgoPending",
        {"ordType": "trigger"},
        Known(ours_alone=frozenset(f"data[].{name}" for name in STOP_NAMES.split())),
    ),
    "okx_get_orders_history": ("privateGetTradeOrdersHistory", {"instType": "SWAP"}, Known()),
    "okx_get_positions": (
        "privateGetAccountPositions",
        {},
        Known(ours_alone=frozenset({"data[].imr"})),  # of a cross position, where the recorded ones are isolated
    ),
    "okx_place_algo_order_response": ("privatePostTradeOrderAlgo", STOP, Known()),
}
"""By recording: how ccxt asks for it, and what differs."""


@pytest.fixture(scope="module")
def answers() -> Mapping[str, Any]:
    """The answers of a simulated OKX with a position, a fill and an order that waits for its trigger."""
    exchange = crypto(RULES, markets=DASHED)
    account, swap = exchange.accounts["a-key"], DASHED[1]
    exchange.place(account, swap, Ticket(swap.symbol, Side.BUY, Decimal(1)))
    exchange.place(account, swap, Ticket(swap.symbol, Side.SELL, Decimal(1), trigger=Decimal(49_000)))

    async def ask() -> dict[str, Any]:
        async with ccxt_client(venue, "okx", **OKX_KEYS) as client:
            return {name: await getattr(client, call)(query) for name, (call, query, _) in OKX.items()}

    with serving(Okx(exchange)) as venue:
        return asyncio.run(ask())


@pytest.mark.parametrize("name", OKX)
def test_okx_answers_in_the_fields_of_the_recorded_answer(answers: Mapping[str, Any], name: str) -> None:
    known = OKX[name][2]
    assert differences(shape(answers[name]), shape_of(name)) == known
