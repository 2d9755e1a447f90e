"""The simulated venues answer with the fields of the real ones, as recorded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.venues.bybit.front import RULES, Bybit
from tests.venues.clients import ccxt_client
from tests.venues.core.orders import Side, Ticket
from tests.venues.server import serving
from tests.venues.shape import shape, shape_of
from tests.venues.worlds import BTC, ETH, KEYS, PERP, crypto

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Known:
    """Where an answer differs from the recorded one on purpose: fields of one alone, and other kinds of value."""

    ours_alone: frozenset[str] = frozenset()
    theirs_alone: frozenset[str] = frozenset()
    of_another_kind: frozenset[str] = frozenset()


CATEGORY = frozenset({"result.category"})
"""Documented, and missing from these recordings."""
BYBIT: dict[str, tuple[str, dict[str, str], Known]] = {
    "bybit_get_account_info": ("privateGetV5AccountInfo", {}, Known(ours_alone=frozenset({"retExtInfo", "time"}))),
    "bybit_get_executions": ("privateGetV5ExecutionList", {"category": "linear"}, Known()),
    "bybit_get_instruments_linear": (
        "publicGetV5MarketInstrumentsInfo",
        {"category": "linear"},
        Known(ours_alone=CATEGORY, of_another_kind=frozenset({"result.nextPageCursor"})),
    ),
    "bybit_get_instruments_spot": (
        "publicGetV5MarketInstrumentsInfo",
        {"category": "spot"},
        Known(ours_alone=CATEGORY),
    ),
    "bybit_get_orderbook": (
        "publicGetV5MarketOrderbook",
        {"category": "spot", "symbol": "BTCUSDT"},
        Known(ours_alone=frozenset({"retExtInfo"})),
    ),
    "bybit_get_orders_realtime": (
        "privateGetV5OrderRealtime",
        {"category": "linear", "settleCoin": "USDT"},
        Known(
            ours_alone=CATEGORY | {"result.list[].marketUnit"},
            of_another_kind=frozenset(f"result.list[].{name}" for name in ("avgPrice", "blockTradeId", "orderIv")),
        ),
    ),
    "bybit_get_positions": ("privateGetV5PositionList", {"category": "linear", "settleCoin": "USDT"}, Known()),
    "bybit_get_user_query_api": ("privateGetV5UserQueryApi", {}, Known()),
    "bybit_get_wallet_balance": ("privateGetV5AccountWalletBalance", {"accountType": "UNIFIED"}, Known()),
}
"""By recording: how ccxt asks for it, and what differs. A text "" stands where these recordings have null."""


@pytest.fixture(scope="module")
def answers() -> Mapping[str, Any]:
    """The answers of a simulated Bybit with a position, a fill and an open order."""
    exchange = crypto(RULES)
    account = exchange.accounts["a-key"]
    exchange.place(account, PERP, Ticket("BTCUSDT", Side.BUY, Decimal("0.1")))
    exchange.place(account, PERP, Ticket("BTCUSDT", Side.BUY, Decimal("0.1"), Decimal(40_000)))
    exchange.place(account, BTC, Ticket("BTCUSDT", Side.SELL, Decimal("0.1"), Decimal(60_000)))
    exchange.place(account, ETH, Ticket("ETHUSDT", Side.BUY, Decimal("0.1")))

    async def ask() -> dict[str, Any]:
        async with ccxt_client(venue, "bybit", **KEYS) as client:
            return {name: await getattr(client, call)(query) for name, (call, query, _) in BYBIT.items()}

    with serving(Bybit(exchange)) as venue:
        return asyncio.run(ask())


@pytest.mark.parametrize("name", BYBIT)
def test_bybit_answers_in_the_fields_of_the_recorded_answer(answers: Mapping[str, Any], name: str) -> None:
    known = BYBIT[name][2]
    assert differences(shape(answers[name]), shape_of(name)) == known


def differences(ours: Mapping[str, set[str]], theirs: Mapping[str, set[str]]) -> Known:
    """How two shapes differ. A list or object that is empty on one side may be full on the other."""
    ours_alone = {path for path in ours.keys() - theirs.keys() if not _stands_for(path, theirs)}
    theirs_alone = {path for path in theirs.keys() - ours.keys() if not _stands_for(path, ours)}
    other = {path for path in ours.keys() & theirs.keys() if not ours[path] & theirs[path]}
    return Known(frozenset(ours_alone), frozenset(theirs_alone), frozenset(other))


def _stands_for(path: str, shape: Mapping[str, set[str]]) -> bool:
    """Whether a shape has this path as a list or an object that is sometimes empty, or sometimes full."""
    empty = path.removesuffix("[]")
    return "nothing in it" in shape.get(empty, set()) or f"{path}[]" in shape
