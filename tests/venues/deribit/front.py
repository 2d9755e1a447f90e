"""Deribit's envelope, its signature, and where everything is asked."""

from __future__ import annotations

import hmac
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from tests.venues.core.clock import MINUTE
from tests.venues.core.refusals import Reason, Refused
from tests.venues.core.rules import ClientIds, FeeIn, Rules
from tests.venues.deribit.account import AccountDesk
from tests.venues.deribit.markets import MarketDesk
from tests.venues.deribit.trading import TradingDesk
from tests.venues.deribit.words import STATUSES, words
from tests.venues.front import Answer, Asked, FrontEnd, Route
from tests.venues.texts import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.venues.core.accounts import Account

RULES = Rules(
    client_ids=ClientIds.ANY,
    fee_in=FeeIn.QUOTE,
    taker=Decimal("0.0005"),
    order_id=lambda number: str(104_819_327_000 + number),
)
"""A label may stand for any number of orders. Spot is free: its markets say so."""
WINDOW = MINUTE
"""How far from the venue's a request's time may lie. The venue's own window was not found."""
SIGNED = re.compile(r"deri-hmac-sha256 id=([^,]*),ts=(\d+),sig=([0-9a-f]+),nonce=([^,]*)")


class Deribit(FrontEnd):
    """`/api/v2/public/...` and `/api/v2/private/...`, each by GET with a query, or by POST with a call of JSON-RPC.

    Orders are GETs too: a client that sends a GET again by itself, when its connection breaks, orders twice.
    """

    name = "deribit"
    secret_names: ClassVar[frozenset[str]] = frozenset({"authorization"})
    time_names: ClassVar[frozenset[str]] = frozenset(
        {"timestamp", "creation_timestamp", "last_update_timestamp", "ticks", "usIn", "usOut", "usDiff"}
    )

    def paths(self) -> Mapping[tuple[str, str], Route]:
        markets, trading, account = MarketDesk(self), TradingDesk(self), AccountDesk(self)
        public = {
            "get_time": markets.time,
            "status": markets.status,
            "get_currencies": markets.currencies,
            "get_instruments": markets.instruments,
            "get_instrument": markets.instrument,
            "get_tradingview_chart_data": markets.candles,
            "get_funding_rate_history": markets.funding,
            "get_funding_rate_value": markets.funding_value,
            "ticker": markets.ticker,
            "get_book_summary_by_currency": markets.summaries,
            "get_book_summary_by_instrument": markets.summaries,
            "get_order_book": markets.book,
        }
        reads = {
            "get_account_summaries": account.summaries,
            "get_account_summary": account.summary,
            "get_positions": account.positions,
            "get_position": account.position,
            "get_order_state": trading.order,
            "get_order_state_by_label": trading.orders_by_label,
            "get_open_orders": trading.open_orders,
            "get_open_orders_by_currency": trading.open_orders,
            "get_open_orders_by_instrument": trading.open_orders,
            "get_order_history_by_currency": trading.closed_orders,
            "get_order_history_by_instrument": trading.closed_orders,
            "get_user_trades_by_currency": trading.fills,
            "get_user_trades_by_currency_and_time": trading.fills,
            "get_user_trades_by_instrument": trading.fills,
            "get_user_trades_by_instrument_and_time": trading.fills,
        }
        writes = {
            "buy": trading.buy,
            "sell": trading.sell,
            "cancel": trading.cancel,
            "cancel_all": trading.cancel_all,
            "cancel_all_by_instrument": trading.cancel_all,
            "cancel_by_label": trading.cancel_all,
        }
        routes = {
            **{f"public/{method}": Route(handler, is_private=False) for method, handler in public.items()},
            **{f"private/{method}": Route(handler) for method, handler in reads.items()},
            **{f"private/{method}": Route(handler, is_write=True) for method, handler in writes.items()},
        }
        return {(verb, f"/api/v2/{path}"): route for path, route in routes.items() for verb in ("GET", "POST")}

    def holder(self, asked: Asked) -> Account:
        """The signature is over time, nonce, method, path with its query, and body, a line each."""
        found = SIGNED.fullmatch(asked.headers.get("authorization", ""))
        account = self.exchange.accounts.get(found[1]) if found is not None else None
        if found is None or account is None:
            raise Refused(Reason.BAD_KEY)
        _, sent, signature, nonce = found.groups()
        if abs(nanoseconds(sent) - self.exchange.clock.shown()) > WINDOW:
            raise Refused(Reason.EXPIRED)
        uri = f"{asked.path}?{asked.raw_query}" if asked.raw_query else asked.path
        signed = "".join(f"{line}\n" for line in (sent, nonce, asked.method, uri, asked.body))
        right = hmac.new(account.secret.encode(), signed.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(right, signature):
            raise Refused(Reason.BAD_SIGNATURE)
        return account

    def answer(self, asked: Asked) -> Answer:
        """The answer to a call has its id."""
        found = super().answer(asked)
        call = _call(asked)
        return replace(found, json={"id": call["id"], **found.json}) if "id" in call else found

    def good(self, json: Any) -> Answer:
        return Answer(200, self._envelope({"result": json}))

    def refusal(self, refused: Refused, asked: Asked | None = None) -> Answer:
        code, text = words(refused)
        error = {"code": code, "message": text}
        if code == -32602:
            param = refused.detail.split()[0] if refused.reason is Reason.BAD_PARAMETER else "amount"
            error["data"] = {"reason": refused.detail, "param": param}
        return Answer(STATUSES.get(refused.reason, 400), self._envelope({"error": error}))

    def _envelope(self, json: dict[str, Any]) -> dict[str, Any]:
        """The time of the answer is told in microseconds."""
        now = self.exchange.clock.shown() // 1000
        return {"jsonrpc": "2.0", **json, "testnet": False, "usIn": now, "usOut": now, "usDiff": 0}


def _call(asked: Asked) -> Mapping[str, Any]:
    """The call in the body of a request; empty where there is none."""
    try:
        return asked.json
    except Refused:
        return {}
