"""The codes and texts of Binance's futures for a no.

Source: developers.binance.com/docs/derivatives/usds-margined-futures/error-code, read 2026-11.
"""

from __future__ import annotations

from tests.venues.binance.words import EVERYWHERE, Words
from tests.venues.core.refusals import Reason

CONDITIONAL = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
"""The types of order that wait for a trigger, and belong to the algo service."""

USDM: Words = {
    **EVERYWHERE,
    Reason.NOT_TRADING: (-4108, "This symbol is in delivering, delivered, settling, closed or pre-trading."),
    Reason.TICK: (-4014, "Price not increased by tick size."),
    Reason.LOT: (-1111, "Precision is over the maximum defined for this asset."),
    Reason.MIN_QUANTITY: (-4004, "Quantity less than min quantity."),
    Reason.MAX_QUANTITY: (-4005, "Quantity greater than max quantity."),
    Reason.MIN_NOTIONAL: (-4164, "Order's notional must be no smaller than 5 (unless you choose reduce only)."),
    Reason.FUNDS: (-2019, "Margin is insufficient."),
    Reason.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
    Reason.POST_ONLY: (
        -5022,
        "Due to the order could not be executed as maker, the Post Only order will be rejected.",
    ),
    Reason.TRIGGER: (-2021, "Order would immediately trigger."),
    Reason.DUPLICATE_CLIENT_ID: (-4116, "ClientOrderId is duplicated."),
    Reason.LEVERAGE: (-4028, "Leverage is not valid."),
    Reason.MARGIN_MODE_UNCHANGED: (-4046, "No need to change margin type."),
    Reason.POSITION_MODE_UNCHANGED: (-4059, "No need to change position side."),
    Reason.POSITION_MODE: (-4061, "Order's position side does not match user's setting."),
}
