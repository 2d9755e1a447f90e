"""What is allowed in a variant, yet worth a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trader_cli.variant.model import Variant

LEVERAGE_TO_CONFIRM = 3


def notes(variant: Variant) -> Iterator[Problem]:
    """Settings that have no effect in this cell, and leverage that arming will ask about."""
    risk, cell = variant.risk_settings, variant.variants
    if risk.default_leverage != variant.leverage:
        what = f"{risk.default_leverage} has no effect: {cell.asset_class} in mode {cell.mode} trades without leverage"
        yield Problem(what, key="risk_settings.default_leverage")
    elif variant.leverage > LEVERAGE_TO_CONFIRM:
        what = f"{variant.leverage} is above {LEVERAGE_TO_CONFIRM}: arming for mode futures will ask to confirm it"
        yield Problem(what, key="risk_settings.default_leverage")
    if not cell.asset_class.is_stock_like:
        if variant.session.extended_hours:
            yield Problem(f"has no effect: {cell.asset_class} trades around the clock", key="session.extended_hours")
        if risk.fractional_shares:
            yield Problem(f"has no effect on {cell.asset_class}", key="risk_settings.fractional_shares")
