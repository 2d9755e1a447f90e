"""Kraken's texts for a no to a request, and for a no to an order, which comes as its status in a good answer.

Source: docs.kraken.com, the Futures API's general errors and the statuses of `sendorder` and `cancelorder`, as listed
by ccxt 4.5.90. For a trigger on the wrong side, and for a quantity above the maximum, none was found: those of a wrong
price and of a wrong size stand for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.venues.core.refusals import Reason

if TYPE_CHECKING:
    from tests.venues.core.refusals import Refused

ERRORS = {
    Reason.BAD_KEY: "authenticationError",
    Reason.BAD_SIGNATURE: "authenticationError",
    Reason.EXPIRED: "nonceBelowThreshold",
    Reason.NO_PERMISSION: "authenticationError",
    Reason.RATE_LIMIT: "apiLimitExceeded",
    Reason.MAINTENANCE: "Unavailable",
    Reason.NO_SUCH_PATH: "notFound",
    Reason.BAD_PARAMETER: "invalidArgument",
    Reason.UNKNOWN_SYMBOL: "contractNotFound",
    Reason.LEVERAGE: "invalidArgument",
}
STATUSES = {
    Reason.NOT_TRADING: "marketSuspended",
    Reason.TICK: "invalidPrice",
    Reason.LOT: "invalidSize",
    Reason.MIN_QUANTITY: "invalidSize",
    Reason.MAX_QUANTITY: "invalidSize",
    Reason.MIN_NOTIONAL: "invalidSize",
    Reason.FUNDS: "insufficientAvailableFunds",
    Reason.REDUCE_ONLY: "wouldNotReducePosition",
    Reason.POST_ONLY: "postWouldExecute",
    Reason.TRIGGER: "invalidPrice",
    Reason.DUPLICATE_CLIENT_ID: "clientOrderIdAlreadyExist",
    Reason.UNKNOWN_ORDER: "notFound",
    Reason.ORDER_CLOSED: "notFound",
}
ARGUMENTS = {"price": "invalidPrice", "quantity": "invalidSize"}
"""What the exchange itself finds wrong with an order."""


def order_status(refused: Refused) -> str | None:
    """The status of an order that was refused for this; None where it is the request that is wrong."""
    if refused.reason is Reason.BAD_PARAMETER:
        return ARGUMENTS.get(refused.detail.split()[0])
    return STATUSES.get(refused.reason)


def error(refused: Refused) -> str:
    """What is wrong with a request; a wrong argument is named."""
    text = ERRORS[refused.reason]
    return f"{text}: {refused.detail}" if text == "invalidArgument" else text
