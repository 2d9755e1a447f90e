"""Alpaca's paths and keys. Its two hosts, for trading and for data, are one here: their paths differ."""

from __future__ import annotations

import hmac
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from tests.venues.alpaca.account import AccountDesk
from tests.venues.alpaca.data import DataDesk
from tests.venues.alpaca.trading import TradingDesk
from tests.venues.alpaca.words import WORDS
from tests.venues.core.market import Kind
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.rules import ClientIds, FeeIn, Rules
from tests.venues.front import Answer, Asked, FrontEnd, Limit, Route
from tests.venues.texts import milliseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.accounts import Account

RULES = Rules(
    client_ids=ClientIds.EVER,
    fee_in=FeeIn.RECEIVED,
    maker=Decimal("0.0015"),
    taker=Decimal("0.0025"),
    stops_hold=True,
    order_id=lambda number: str(UUID(int=(0xA1 << 120) + number)),
)
"""The fees of crypto; a stock's market is free of them (`Market.is_free`)."""
STOCKS = (Kind.STOCK, Kind.ETF)


class Alpaca(FrontEnd):
    """`/v2/...` for trading and stock data, `/v1beta3/crypto/us/...` for crypto data. A no has a status of its own."""

    name = "alpaca"
    secret_names: ClassVar[frozenset[str]] = frozenset({"apca-api-key-id", "apca-api-secret-key"})
    time_names: ClassVar[frozenset[str]] = frozenset(
        {"t", "timestamp", "created_at", "updated_at", "submitted_at", "filled_at", "canceled_at", "expired_at"}
    )

    def paths(self) -> Mapping[tuple[str, str], Route]:
        trading, account, stocks = TradingDesk(self), AccountDesk(self), DataDesk(self, STOCKS)
        crypto = DataDesk(self, (Kind.SPOT,))
        reads = {
            "/v2/account": account.account,
            "/v2/assets": account.assets,
            "/v2/assets/{id}": account.asset,
            "/v2/assets/{base}/{quote}": account.asset,
            "/v2/clock": account.clock,
            "/v2/calendar": account.calendar,
            "/v2/positions": account.positions,
            "/v2/positions/{symbol}": account.position,
            "/v2/orders": trading.orders,
            "/v2/orders:by_client_order_id": trading.by_client_id,
            "/v2/orders/{id}": trading.order,
            "/v2/stocks/bars": stocks.bars,
            "/v2/stocks/bars/latest": stocks.latest_bars,
            "/v2/stocks/quotes/latest": stocks.latest_quotes,
            "/v2/stocks/trades/latest": stocks.latest_trades,
        }
        writes = {
            ("POST", "/v2/orders"): trading.create,
            ("PATCH", "/v2/orders/{id}"): trading.replace,
            ("DELETE", "/v2/orders/{id}"): trading.cancel,
            ("DELETE", "/v2/orders"): trading.cancel_all,
            ("DELETE", "/v2/positions/{symbol}"): trading.close_position,
        }
        open_to_all = {
            "/v1beta3/crypto/us/bars": crypto.bars,
            "/v1beta3/crypto/us/latest/bars": crypto.latest_bars,
            "/v1beta3/crypto/us/latest/quotes": crypto.latest_quotes,
            "/v1beta3/crypto/us/latest/trades": crypto.latest_trades,
        }
        return {
            **{("GET", path): Route(handler) for path, handler in reads.items()},
            **{asked: Route(handler, is_write=True) for asked, handler in writes.items()},
            **{("GET", path): Route(handler, is_private=False) for path, handler in open_to_all.items()},
        }

    def holder(self, asked: Asked) -> Account:
        """Key and secret stand in headers; there is no signature and no time."""
        account = self.exchange.accounts.get(asked.headers.get("apca-api-key-id", ""))
        if account is None:
            raise Refused(Reason.BAD_KEY)
        if not hmac.compare_digest(account.secret, asked.headers.get("apca-api-secret-key", "")):
            raise Refused(Reason.BAD_SIGNATURE)
        return account

    def good(self, json: Any) -> Answer:
        return Answer(200, json)

    def refusal(self, refused: Refused, asked: Asked | None = None) -> Answer:
        """The data host says in HTML that a key is wrong."""
        status, code, text = WORDS[refused.reason]
        if status == 401 and asked is not None and "/stocks/" in asked.path:
            return Answer(status, None, html="<html><head><title>401 Authorization Required</title></head></html>")
        detail = f": {refused.detail}" if refused.detail != refused.reason.value else ""
        return Answer(status, {**({} if code is None else {"code": code}), "message": text + detail})

    def limit_headers(self, used: int, limit: Limit) -> Mapping[str, str]:
        clock = self.exchange.clock
        reset = milliseconds(clock.shown()) // 1000 + limit.retry_after(clock.now())
        return {
            "X-RateLimit-Limit": str(limit.weight),
            "X-RateLimit-Remaining": str(limit.weight - used),
            "X-RateLimit-Reset": str(reset),
        }
