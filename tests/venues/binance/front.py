"""Binance's signature, its refusals and limits, and where everything is asked of spot."""

from __future__ import annotations

import hmac
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from tests.venues.binance.account import AccountDesk, KeyDesk
from tests.venues.binance.desk import mandatory, parameters_of
from tests.venues.binance.markets import MarketDesk
from tests.venues.binance.trading import TradingDesk
from tests.venues.binance.words import SPOT, STATUSES
from tests.venues.core.clock import SECOND
from tests.venues.core.market import Kind
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.rules import ClientIds, FeeIn, Rules
from tests.venues.front import Answer, Asked, FrontEnd, Limit, Route
from tests.venues.spoken import Spoken
from tests.venues.texts import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.binance.words import Words
    from tests.venues.core.accounts import Account

RULES = Rules(
    client_ids=ClientIds.OPEN,
    fee_in=FeeIn.RECEIVED,
    maker=Decimal("0.001"),
    taker=Decimal("0.001"),
    stops_hold=True,
    order_id=lambda number: str(5_000_000 + number),
)
WITH_DETAIL = {Reason.BAD_PARAMETER, Reason.NO_SUCH_PATH}
"""The texts that say more than the venue's; the others stand alone, since clients compare them whole."""


class Binance(FrontEnd):
    """`/api/v3/...`, without an envelope; a no is `{"code": -1013, "msg": "..."}` with a status of its own."""

    name = "binance"
    kind: ClassVar[Kind] = Kind.SPOT
    words: ClassVar[Words] = SPOT
    secret_names: ClassVar[frozenset[str]] = frozenset({"x-mbx-apikey", "signature"})
    time_names: ClassVar[frozenset[str]] = frozenset(
        {"serverTime", "time", "updateTime", "transactTime", "workingTime", "openTime", "closeTime", "E", "T"}
        | {"createTime", "triggerTime", "fundingTime", "nextFundingTime"}
    )

    def paths(self) -> Mapping[tuple[str, str], Route]:
        markets, trading, account = MarketDesk(self), TradingDesk(self), AccountDesk(self)
        public = {
            "ping": (markets.ping, 1),
            "time": (markets.time, 1),
            "exchangeInfo": (markets.instruments, 20),
            "klines": (markets.candles, 2),
            "ticker/24hr": (markets.tickers, 2),
            "ticker/bookTicker": (markets.touches, 2),
            "depth": (markets.book, 5),
        }
        private = {
            ("GET", "account"): (account.wallet, 20),
            ("GET", "order"): (trading.order, 4),
            ("GET", "openOrders"): (trading.open_orders, 6),
            ("GET", "allOrders"): (trading.all_orders, 20),
            ("GET", "myTrades"): (trading.fills, 20),
            ("POST", "order"): (trading.create, 1),
            ("DELETE", "order"): (trading.cancel, 1),
            ("DELETE", "openOrders"): (trading.cancel_all, 1),
        }
        return {
            **{
                ("GET", f"/api/v3/{path}"): Route(handler, is_private=False, weight=weight)
                for path, (handler, weight) in public.items()
            },
            **{
                (method, f"/api/v3/{path}"): Route(handler, is_write=method != "GET", weight=weight)
                for (method, path), (handler, weight) in private.items()
            },
            **self.key_paths(),
        }

    def key_paths(self) -> Mapping[tuple[str, str], Route]:
        """What is asked of the key and the coins, at the same paths for spot and futures."""
        key = KeyDesk(self)
        return {
            ("GET", f"/sapi/v1/{path}"): Route(handler)
            for path, handler in {
                "account/apiRestrictions": key.restrictions,
                "capital/config/getall": key.coins,
                "margin/allPairs": key.no_pairs,
                "margin/isolated/allPairs": key.no_pairs,
            }.items()
        }

    def holder(self, asked: Asked) -> Account:
        """The signature is over the query and the body as they came, and is their last parameter."""
        account = self.exchange.accounts.get(asked.headers.get("x-mbx-apikey", ""))
        if account is None:
            raise Refused(Reason.BAD_KEY)
        parameters = parameters_of(asked)
        sent, window = mandatory(parameters, "timestamp"), parameters.get("recvWindow", "5000")
        if not (sent.isdigit() and window.isdigit()):
            raise Refused(Reason.EXPIRED)
        now = self.exchange.clock.shown()
        if nanoseconds(sent) >= now + SECOND:
            raise Spoken(Reason.EXPIRED, -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if nanoseconds(sent) < now - nanoseconds(window):
            raise Refused(Reason.EXPIRED)
        signed, _, signature = (asked.raw_query + asked.body).rpartition("&signature=")
        mandatory({"signature": signature}, "signature")
        right = hmac.new(account.secret.encode(), signed.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(right, signature):
            raise Refused(Reason.BAD_SIGNATURE)
        return account

    def good(self, json: Any) -> Answer:
        return Answer(200, json)

    def refusal(self, refused: Refused, asked: Asked | None = None) -> Answer:
        code, text = (refused.code, refused.detail) if isinstance(refused, Spoken) else self.words[refused.reason]
        if refused.reason is Reason.UNKNOWN_ORDER and asked is not None and asked.method == "DELETE":
            code, text = self.words[Reason.ORDER_CLOSED]
        if refused.reason in WITH_DETAIL and not isinstance(refused, Spoken):
            text = f"{text} [{refused.detail}]"
        headers = {}
        if refused.reason is Reason.RATE_LIMIT and self.limit is not None:
            headers["Retry-After"] = str(self.limit.retry_after(self.exchange.clock.now()))
        return Answer(STATUSES.get(refused.reason, 400), {"code": code, "msg": text}, headers)

    def limit_headers(self, used: int, limit: Limit) -> Mapping[str, str]:
        return {"X-MBX-USED-WEIGHT": str(used), "X-MBX-USED-WEIGHT-1M": str(used)}
