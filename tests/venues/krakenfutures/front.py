"""Kraken Futures' envelope, its signature, and where everything is asked."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar

from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.rules import ClientIds, FeeIn, Rules
from tests.venues.front import Answer, Asked, FrontEnd, Limit, Route
from tests.venues.krakenfutures.account import AccountDesk
from tests.venues.krakenfutures.desk import iso, with_time
from tests.venues.krakenfutures.history import HistoryDesk
from tests.venues.krakenfutures.markets import MarketDesk
from tests.venues.krakenfutures.trading import TradingDesk
from tests.venues.krakenfutures.words import error, order_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.accounts import Account
    from tests.venues.core.exchange import Exchange

RULES = Rules(
    client_ids=ClientIds.EVER,
    fee_in=FeeIn.QUOTE,
    maker=Decimal("0.0002"),
    taker=Decimal("0.0005"),
    order_id=lambda number: f"{number:08x}-0de4-4000-8000-{number:012x}",
)
"""The fees of the lowest volume."""
ROOT = "/derivatives"
V3 = f"{ROOT}/api/v3"


class KrakenFutures(FrontEnd):
    """`/derivatives/api/v3/...` in an envelope of `result` and `serverTime`; a no comes with status 200, and a no to an
    order as its status in a good answer. Charts have no envelope."""

    name = "krakenfutures"
    secret_names: ClassVar[frozenset[str]] = frozenset({"apikey", "authent"})
    time_names: ClassVar[frozenset[str]] = frozenset(
        {
            "serverTime",
            "time",
            "timestamp",
            "lastTime",
            "fillTime",
            "receivedTime",
            "lastUpdateTime",
            "lastUpdateTimestamp",
        }
    )

    def __init__(self, exchange: Exchange, limit: Limit | None = None) -> None:
        super().__init__(exchange, limit)
        self._nonces: dict[str, int] = {}

    def paths(self) -> Mapping[tuple[str, str], Route]:
        markets, trading, account, history = MarketDesk(self), TradingDesk(self), AccountDesk(self), HistoryDesk(self)
        public = {
            f"{V3}/instruments": markets.instruments,
            f"{V3}/feeschedules": markets.fees,
            f"{V3}/tickers": markets.tickers,
            f"{V3}/tickers/{{symbol}}": markets.ticker,
            f"{V3}/orderbook": markets.book,
            f"{ROOT}/api/v4/historicalfundingrates": markets.funding,
            "/api/charts/v1/{kind}/{symbol}/{resolution}": markets.candles,
        }
        reads = {
            f"{V3}/feeschedules/volumes": account.volumes,
            f"{V3}/accounts": account.wallets,
            f"{V3}/openpositions": account.positions,
            f"{V3}/leveragepreferences": account.leverages,
            f"{V3}/openorders": trading.open_orders,
            f"{V3}/orders/status": trading.statuses,
            f"{V3}/fills": trading.fills,
            "/api/history/v2/orders": history.orders,
            "/api/history/v2/triggers": history.triggers,
        }
        writes = {
            ("POST", f"{V3}/sendorder"): trading.create,
            ("POST", f"{V3}/cancelorder"): trading.cancel,
            ("POST", f"{V3}/cancelallorders"): trading.cancel_all,
            ("PUT", f"{V3}/leveragepreferences"): account.set_leverage,
        }
        return {
            **{("GET", path): Route(handler, is_private=False) for path, handler in public.items()},
            **{("GET", path): Route(handler) for path, handler in reads.items()},
            ("POST", f"{V3}/orders/status"): Route(trading.statuses),
            **{at: Route(handler, is_write=True) for at, handler in writes.items()},
        }

    def holder(self, asked: Asked) -> Account:
        """The signature is over the fields as they came, the nonce and the path. The time is not checked; a nonce may
        be left out, and is above all that came before where it is there."""
        account = self.exchange.accounts.get(asked.headers.get("apikey", ""))
        if account is None:
            raise Refused(Reason.BAD_KEY)
        nonce = asked.headers.get("nonce", "")
        signed = sha256((asked.raw_query + asked.body + nonce + asked.path.removeprefix(ROOT)).encode()).digest()
        right = b64encode(hmac.new(b64decode(account.secret), signed, "sha512").digest()).decode()
        if not hmac.compare_digest(right, asked.headers.get("authent", "")):
            raise Refused(Reason.BAD_SIGNATURE)
        if nonce:
            if not nonce.isdigit() or int(nonce) <= self._nonces.get(account.key, -1):
                raise Refused(Reason.EXPIRED)
            self._nonces[account.key] = int(nonce)
        return account

    def good(self, json: Any) -> Answer:
        return Answer(200, {"result": "success", **with_time(json, self.exchange.clock.shown())})

    def refusal(self, refused: Refused, asked: Asked | None = None) -> Answer:
        now, path = self.exchange.clock.shown(), asked.path if asked is not None else ""
        status = order_status(refused)
        if status is not None:
            kind = "cancelStatus" if "cancel" in path else "sendStatus"
            return self.good({kind: {"status": status, "receivedTime": iso(now), "orderEvents": []}})
        code = 404 if refused.reason is Reason.NO_SUCH_PATH else 200
        return Answer(code, with_time({"result": "error", "error": error(refused)}, now))
