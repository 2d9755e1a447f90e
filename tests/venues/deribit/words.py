"""Deribit's codes and texts for a no. Source: docs.deribit.com, RPC error codes, as listed by ccxt 4.5.90.

For an order that would reduce nothing none was found: that of other rejects stands for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.venues.core.refusals import Reason

if TYPE_CHECKING:
    from tests.venues.core.refusals import Refused

WORDS = {
    Reason.BAD_KEY: (13004, "invalid_credentials"),
    Reason.BAD_SIGNATURE: (13004, "invalid_credentials"),
    Reason.EXPIRED: (13009, "unauthorized"),
    Reason.NO_PERMISSION: (13021, "forbidden"),
    Reason.RATE_LIMIT: (10028, "too_many_requests"),
    Reason.MAINTENANCE: (11051, "system_maintenance"),
    Reason.NO_SUCH_PATH: (-32601, "Method not found"),
    Reason.BAD_PARAMETER: (-32602, "Invalid params"),
    Reason.UNKNOWN_SYMBOL: (13020, "not_found"),
    Reason.NOT_TRADING: (10012, "book_closed"),
    Reason.TICK: (10043, "price_wrong_tick"),
    Reason.LOT: (-32602, "Invalid params"),
    Reason.MIN_QUANTITY: (-32602, "Invalid params"),
    Reason.MAX_QUANTITY: (10021, "invalid_amount"),
    Reason.MIN_NOTIONAL: (10032, "whole_cost_too_low"),
    Reason.FUNDS: (10009, "not_enough_funds"),
    Reason.REDUCE_ONLY: (11030, "other_reject invalid_reduce_only_order"),
    Reason.POST_ONLY: (11054, "post_only_reject"),
    Reason.TRIGGER: (11036, "invalid_stoppx_for_index_or_last"),
    Reason.UNKNOWN_ORDER: (10004, "order_not_found"),
    Reason.ORDER_CLOSED: (11044, "not_open_order"),
}
TIMED_OUT = (13888, "timed_out")
STATUSES = {Reason.BAD_KEY: 401, Reason.BAD_SIGNATURE: 401, Reason.EXPIRED: 401, Reason.RATE_LIMIT: 429}
"""The status of an answer, where it is not 400."""


def words(refused: Refused) -> tuple[int, str]:
    """The code and the text. An order that came later than it allows has its own."""
    if refused.reason is Reason.EXPIRED and refused.detail == "valid_until":
        return TIMED_OUT
    return WORDS[refused.reason]
