"""Kraken's envelope, its signature, and where everything is asked."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar

from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.rules import ClientIds, FeeIn, Rules
from tests.venues.front import Answer, Asked, FrontEnd, Limit, Route
from tests.venues.kraken.account import AccountDesk
from tests.venues.kraken.desk import form
from tests.venues.kraken.markets import MarketDesk
from tests.venues.kraken.trading import TradingDesk
from tests.venues.kraken.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.accounts import Account
    from tests.venues.core.exchange import Exchange

RULES = Rules(
    client_ids=ClientIds.OPEN,
    fee_in=FeeIn.QUOTE,
    maker=Decimal("0.0025"),
    taker=Decimal("0.004"),
    post_only_cancels=True,
    stops_hold=True,
    order_id=lambda number: f"OVENUE-ORDER-{number:06d}",
)
"""The fees of the lowest volume. An order that waits for its trigger holds what it would sell: there is no OCO."""


class Kraken(FrontEnd):
    """`/0/public/...` and `/0/private/...`, in an envelope of `error` and `result`; a no comes with status 200."""

    name = "kraken"
    secret_names: ClassVar[frozenset[str]] = frozenset({"api-key", "api-sign"})
    time_names: ClassVar[frozenset[str]] = frozenset({"unixtime", "rfc1123", "timestamp", "time", "opentm", "closetm"})

    def __init__(self, exchange: Exchange, limit: Limit | None = None) -> None:
        super().__init__(exchange, limit)
        self._nonces: dict[str, int] = {}

    def paths(self) -> Mapping[tuple[str, str], Route]:
        markets, trading, account = MarketDesk(self), TradingDesk(self), AccountDesk(self)
        public = {
            "Time": markets.time,
            "SystemStatus": markets.status,
            "Assets": markets.assets,
            "AssetPairs": markets.pairs,
            "OHLC": markets.candles,
            "Ticker": markets.tickers,
            "Depth": markets.book,
        }
        reads = {
            "Balance": account.balance,
            "BalanceEx": account.balance_and_holds,
            "OpenPositions": account.positions,
            "OpenOrders": trading.open_orders,
            "QueryOrders": trading.orders,
        }
        histories = {"ClosedOrders": trading.closed_orders, "TradesHistory": trading.fills}
        writes = {"AddOrder": trading.create, "CancelOrder": trading.cancel, "CancelAll": trading.cancel_all}
        return {
            **{("GET", f"/0/public/{path}"): Route(handler, is_private=False) for path, handler in public.items()},
            **{("POST", f"/0/private/{path}"): Route(handler) for path, handler in reads.items()},
            **{("POST", f"/0/private/{path}"): Route(handler, weight=2) for path, handler in histories.items()},
            **{
                ("POST", f"/0/private/{path}"): Route(handler, is_write=True, weight=0)
                for path, handler in writes.items()
            },
        }

    def holder(self, asked: Asked) -> Account:
        """The signature is over the path and a hash of nonce and body. The time is not checked: each request of a key
        has a nonce above all that came before."""
        account = self.exchange.accounts.get(asked.headers.get("api-key", ""))
        if account is None:
            raise Refused(Reason.BAD_KEY)
        nonce = form(asked).get("nonce", "")
        signed = asked.path.encode() + sha256((nonce + asked.body).encode()).digest()
        right = b64encode(hmac.new(b64decode(account.secret), signed, "sha512").digest()).decode()
        if not hmac.compare_digest(right, asked.headers.get("api-sign", "")):
            raise Refused(Reason.BAD_SIGNATURE)
        if not nonce.isdigit() or int(nonce) <= self._nonces.get(account.key, -1):
            raise Refused(Reason.EXPIRED)
        self._nonces[account.key] = int(nonce)
        return account

    def good(self, json: Any) -> Answer:
        return Answer(200, {"error": [], "result": json})

    def refusal(self, refused: Refused, asked: Asked | None = None) -> Answer:
        return Answer(200, {"error": [words(refused, asked.path if asked is not None else "")]})
