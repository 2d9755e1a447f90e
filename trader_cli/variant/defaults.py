"""Built-in defaults that depend on the cell: symbols, fees, shorts and the names of the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trader_cli.data.book import default_symbols, fee_tier
from trader_cli.domain.instrument import AssetClass
from trader_cli.variant.cells import trades

if TYPE_CHECKING:
    from trader_cli.variant.reading import Document


def asset_class_of(broker: Any) -> AssetClass:
    """What a broker trades where the variant does not say: the first class it trades."""
    classes = trades(broker) if isinstance(broker, str) else ()
    return classes[0] if classes else AssetClass.CRYPTO


def for_cell(broker: Any, asset_class: Any) -> Document:
    """The defaults of one broker and asset class, in the shape of the file.

    Both may be of any kind: what they are is checked elsewhere, and no broker has no defaults of its own.
    """
    if not isinstance(broker, str) or not trades(broker):
        return {}
    defaults: Document = {
        "trading_symbols": {each.value: list(default_symbols(broker, each)) for each in AssetClass},
        "broker_config": {"credentials": _references(broker)},
    }
    if isinstance(asset_class, str) and asset_class in trades(broker):
        fees = fee_tier(broker, AssetClass(asset_class))
        defaults["costs"] = {"taker_fee": fees.taker, "maker_fee": fees.maker}
        defaults["risk_settings"] = {"allow_short": asset_class == AssetClass.FUTURES}
    return defaults


def _references(broker: str) -> dict[str, str]:
    keys = ("api_key", "api_secret", "passphrase") if broker == "okx" else ("api_key", "api_secret")
    return {key: f"${{{broker}_{key}}}".upper() for key in keys}
