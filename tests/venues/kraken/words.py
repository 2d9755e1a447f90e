"""Kraken's texts for a no; it has no codes. Source: docs.kraken.com, guides/general/errors, read 2026-11.

The text for a client id that is in use was not found there; that of a wrong argument stands for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.venues.core.refusals import Reason

if TYPE_CHECKING:
    from tests.venues.core.refusals import Refused

TEXTS = {
    Reason.BAD_KEY: "EAPI:Invalid key",
    Reason.BAD_SIGNATURE: "EAPI:Invalid signature",
    Reason.EXPIRED: "EAPI:Invalid nonce",
    Reason.NO_PERMISSION: "EGeneral:Permission denied",
    Reason.RATE_LIMIT: "EAPI:Rate limit exceeded",
    Reason.MAINTENANCE: "EService:Unavailable",
    Reason.NO_SUCH_PATH: "EGeneral:Unknown method",
    Reason.BAD_PARAMETER: "EGeneral:Invalid arguments",
    Reason.UNKNOWN_SYMBOL: "EQuery:Unknown asset pair",
    Reason.NOT_TRADING: "EService:Market in cancel_only mode",
    Reason.TICK: "EOrder:Tick size check failed",
    Reason.LOT: "EGeneral:Invalid arguments:volume",
    Reason.MIN_QUANTITY: "EOrder:Order minimum not met",
    Reason.MAX_QUANTITY: "EGeneral:Invalid arguments:volume",
    Reason.MIN_NOTIONAL: "EOrder:Cost minimum not met",
    Reason.FUNDS: "EOrder:Insufficient funds",
    Reason.REDUCE_ONLY: "EOrder:Reduce only:No position exists",
    Reason.POST_ONLY: "EOrder:Post only order",
    Reason.TRIGGER: "EOrder:Invalid price",
    Reason.DUPLICATE_CLIENT_ID: "EGeneral:Invalid arguments:cl_ord_id",
    Reason.UNKNOWN_ORDER: "EOrder:Unknown order",
    Reason.ORDER_CLOSED: "EOrder:Unknown order",
}
ARGUMENTS = {"quantity": "volume", "cost": "volume"}
"""Kraken's names of what the exchange itself finds wrong."""


def words(refused: Refused, path: str) -> str:
    """A wrong argument is named; the limit of orders is another than the one of all else."""
    if refused.reason is Reason.RATE_LIMIT and path.endswith("Order"):
        return "EOrder:Rate limit exceeded"
    text = TEXTS[refused.reason]
    if refused.reason is Reason.BAD_PARAMETER and refused.detail != refused.reason.value:
        argument = refused.detail.split()[0]
        return f"{text}:{ARGUMENTS.get(argument, argument)}"
    return text
