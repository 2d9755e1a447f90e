"""Bybit's envelope, its signature, and where everything is asked."""

from __future__ import annotations

import hmac
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from tests.venues.bybit.account import AccountDesk
from tests.venues.bybit.markets import MarketDesk
from tests.venues.bybit.trading import TradingDesk
from tests.venues.bybit.words import words
from tests.venues.core.clock import SECOND
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.rules import ClientIds, FeeIn, Rules
from tests.venues.front import Answer, Asked, FrontEnd, Limit, Route
from tests.venues.texts import milliseconds, nanoseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.accounts import Account

RULES = Rules(
    client_ids=ClientIds.EVER,
    fee_in=FeeIn.RECEIVED,
    maker=Decimal("0.0002"),
    taker=Decimal("0.00055"),
    post_only_cancels=True,
    order_id=lambda number: f"{number:08x}-0000-4000-8000-{number:012x}",
)
"""One pair of fees for spot and contracts, where the venue has two."""


class Bybit(FrontEnd):
    """`/v5/...`, in an envelope of `retCode`, `retMsg` and `result`; a no comes with status 200."""

    name = "bybit"
    secret_names: ClassVar[frozenset[str]] = frozenset({"x-bapi-api-key", "x-bapi-sign"})
    time_names: ClassVar[frozenset[str]] = frozenset(
        {"time", "ts", "cts", "createdTime", "updatedTime", "execTime", "timeSecond", "timeNano"}
    )

    def paths(self) -> Mapping[tuple[str, str], Route]:
        markets, trading, account = MarketDesk(self), TradingDesk(self), AccountDesk(self)
        public = {
            "market/time": markets.time,
            "market/instruments-info": markets.instruments,
            "market/kline": markets.candles,
            "market/mark-price-kline": markets.mark_candles,
            "market/funding/history": markets.funding,
            "market/tickers": markets.tickers,
            "market/orderbook": markets.book,
        }
        reads = {
            "user/query-api": account.key,
            "account/info": account.info,
            "account/wallet-balance": account.wallet,
            "asset/coin/query-info": account.coins,
            "position/list": account.positions,
            "order/realtime": trading.open_orders,
            "order/history": trading.closed_orders,
            "execution/list": trading.fills,
        }
        writes = {
            "order/create": trading.create,
            "order/cancel": trading.cancel,
            "order/cancel-all": trading.cancel_all,
            "position/set-leverage": account.set_leverage,
            "position/switch-mode": account.set_position_mode,
            "account/set-margin-mode": account.set_margin_mode,
        }
        return {
            **{("GET", f"/v5/{path}"): Route(handler, is_private=False) for path, handler in public.items()},
            **{("GET", f"/v5/{path}"): Route(handler) for path, handler in reads.items()},
            **{("POST", f"/v5/{path}"): Route(handler, is_write=True) for path, handler in writes.items()},
        }

    def holder(self, asked: Asked) -> Account:
        """The signature is over time, key, window, and the query or the body as they came."""
        headers = asked.headers
        account = self.exchange.accounts.get(headers.get("x-bapi-api-key", ""))
        if account is None:
            raise Refused(Reason.BAD_KEY)
        sent, window = headers.get("x-bapi-timestamp", ""), headers.get("x-bapi-recv-window", "5000")
        if not (sent.isdigit() and window.isdigit()):
            raise Refused(Reason.EXPIRED)
        now = self.exchange.clock.shown()
        if not now - nanoseconds(window) <= nanoseconds(sent) < now + SECOND:
            raise Refused(Reason.EXPIRED)
        signed = sent + account.key + window + (asked.raw_query if asked.method == "GET" else asked.body)
        right = hmac.new(account.secret.encode(), signed.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(right, headers.get("x-bapi-sign", "")):
            raise Refused(Reason.BAD_SIGNATURE)
        return account

    def good(self, json: Any) -> Answer:
        return self._envelope(0, "OK", json)

    def refusal(self, refused: Refused, asked: Asked | None = None) -> Answer:
        code, text = words(refused.reason, category_of(asked) if asked is not None else "linear")
        detail = f" [{refused.detail}]" if refused.detail != refused.reason.value else ""
        status = {Reason.NO_SUCH_PATH: 404, Reason.BAD_KEY: 401}.get(refused.reason, 200)
        return self._envelope(code, text + detail, {}, status)

    def limit_headers(self, used: int, limit: Limit) -> Mapping[str, str]:
        clock = self.exchange.clock
        reset = milliseconds(clock.shown()) + limit.retry_after(clock.now()) * 1000
        return {
            "X-Bapi-Limit": str(limit.weight),
            "X-Bapi-Limit-Status": str(limit.weight - used),
            "X-Bapi-Limit-Reset-Timestamp": str(reset),
        }

    def _envelope(self, code: int, text: str, result: Any, status: int = 200) -> Answer:
        time = milliseconds(self.exchange.clock.shown())
        return Answer(status, {"retCode": code, "retMsg": text, "result": result, "retExtInfo": {}, "time": time})


def category_of(asked: Asked) -> str:
    """The `category` of a request, wherever it stands; empty without one."""
    if asked.method == "GET":
        return asked.query.get("category", "")
    try:
        return str(asked.json.get("category", ""))
    except Refused:
        return ""
