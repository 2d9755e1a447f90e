"""OKX's envelope, its signature, and where everything is asked."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from tests.venues.core.clock import SECOND
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.rules import ClientIds, FeeIn, Rules
from tests.venues.front import Answer, Asked, FrontEnd, Limit, Route
from tests.venues.okx.account import AccountDesk
from tests.venues.okx.algo import AlgoDesk
from tests.venues.okx.markets import MarketDesk
from tests.venues.okx.trading import TradingDesk
from tests.venues.okx.words import STATUSES, said
from tests.venues.spoken import Spoken
from tests.venues.texts import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.accounts import Account
    from tests.venues.core.exchange import Exchange

RULES = Rules(
    client_ids=ClientIds.OPEN,
    fee_in=FeeIn.RECEIVED,
    maker=Decimal("0.0002"),
    taker=Decimal("0.0005"),
    post_only_cancels=True,
    order_id=lambda number: str(2_000_000_000_000_000_000 + number),
)
"""One pair of fees for spot and swaps, where the venue has two."""
WINDOW = 30 * SECOND


class Okx(FrontEnd):
    """`/api/v5/...`, in an envelope of `code`, `msg` and `data`; demo trading needs a header that says so."""

    name = "okx"
    secret_names: ClassVar[frozenset[str]] = frozenset({"ok-access-key", "ok-access-sign", "ok-access-passphrase"})
    time_names: ClassVar[frozenset[str]] = frozenset(
        {"ts", "cTime", "uTime", "fillTime", "triggerTime", "fundingTime", "nextFundingTime", "inTime", "outTime"}
    )

    def __init__(self, exchange: Exchange, limit: Limit | None = None, *, is_demo: bool = False) -> None:
        super().__init__(exchange, limit)
        self.is_demo = is_demo

    def paths(self) -> Mapping[tuple[str, str], Route]:
        markets, trading, algo, account = MarketDesk(self), TradingDesk(self), AlgoDesk(self), AccountDesk(self)
        public = {
            "public/time": markets.time,
            "public/instruments": markets.instruments,
            "public/funding-rate": markets.funding,
            "public/funding-rate-history": markets.funding_history,
            "public/mark-price": markets.mark_prices,
            "market/candles": markets.candles,
            "market/history-candles": markets.candles,
            "market/mark-price-candles": markets.mark_candles,
            "market/history-mark-price-candles": markets.mark_candles,
            "market/ticker": markets.ticker,
            "market/tickers": markets.tickers,
            "market/books": markets.book,
            "system/status": markets.status,
        }
        reads = {
            "account/config": account.config,
            "account/balance": account.wallet,
            "account/positions": account.positions,
            "account/leverage-info": account.leverage,
            "asset/balances": account.funding_wallet,
            "asset/currencies": account.coins,
            "trade/order": trading.order,
            "trade/orders-pending": trading.open_orders,
            "trade/orders-history": trading.closed_orders,
            "trade/orders-history-archive": trading.closed_orders,
            "trade/fills": trading.fills,
            "trade/fills-history": trading.fills,
            "trade/order-algo": algo.order,
            "trade/orders-algo-pending": algo.open_orders,
            "trade/orders-algo-history": algo.closed_orders,
        }
        writes = {
            "account/set-leverage": account.set_leverage,
            "account/set-position-mode": account.set_position_mode,
            "trade/order": trading.create,
            "trade/batch-orders": trading.create_several,
            "trade/cancel-order": trading.cancel,
            "trade/cancel-batch-orders": trading.cancel_several,
            "trade/order-algo": algo.create,
            "trade/cancel-algos": algo.cancel,
        }
        return {
            **{("GET", f"/api/v5/{path}"): Route(handler, is_private=False) for path, handler in public.items()},
            **{("GET", f"/api/v5/{path}"): Route(handler) for path, handler in reads.items()},
            **{("POST", f"/api/v5/{path}"): Route(handler, is_write=True) for path, handler in writes.items()},
        }

    def holder(self, asked: Asked) -> Account:
        """The signature is over time, method, path with its query, and body."""
        headers = asked.headers
        account = self.exchange.accounts.get(headers.get("ok-access-key", ""))
        if account is None:
            raise Refused(Reason.BAD_KEY)
        if (headers.get("x-simulated-trading") == "1") != self.is_demo:
            raise Spoken(Reason.BAD_KEY, 50101, "APIKey does not match current environment.")
        if not hmac.compare_digest(account.passphrase, headers.get("ok-access-passphrase", "")):
            raise Spoken(Reason.BAD_SIGNATURE, 50105, "Request header OK-ACCESS-PASSPHRASE incorrect.")
        sent = headers.get("ok-access-timestamp", "")
        if abs(self.exchange.clock.shown() - _nanoseconds(sent)) > WINDOW:
            raise Refused(Reason.EXPIRED)
        query = f"?{asked.raw_query}" if asked.raw_query else ""
        signed = f"{sent}{asked.method}{asked.path}{query}{asked.body}"
        right = base64.b64encode(hmac.digest(account.secret.encode(), signed.encode(), "sha256")).decode()
        if not hmac.compare_digest(right, headers.get("ok-access-sign", "")):
            raise Refused(Reason.BAD_SIGNATURE)
        return account

    def good(self, json: Any) -> Answer:
        return Answer(200, {"code": "0", "data": json, "msg": ""})

    def refusal(self, refused: Refused, asked: Asked | None = None) -> Answer:
        code, text = said(refused)
        return Answer(STATUSES.get(refused.reason, 200), {"code": str(code), "data": [], "msg": text})


def _nanoseconds(text: str) -> int:
    """A time as `2026-03-02T02:00:00.000Z`. Raises: Refused."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Spoken(Reason.EXPIRED, 50112, "Invalid OK-ACCESS-TIMESTAMP") from wrong
    return nanoseconds(int(time.astimezone(UTC).timestamp() * 1000))
