"""`trader show`: what a variant comes to, each value with its origin."""

from __future__ import annotations

import json
import os

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.settings import variants_dir


def show(
    context: typer.Context,
    reference: options.Variant,
    overrides: options.Overrides = None,
    broker: options.Broker = None,
    strategy: options.Strategy = None,
    mode: options.Mode = None,
    asset_class: options.AssetClass = None,
    symbols: options.Symbols = None,
    as_json: options.Json = False,
) -> None:
    """Shows the resolved variant: each value and whether a file, the environment, a flag or a default set it.

    Example: `trader show kraken_crypto_macd --set session.timeframe=1h`
    """
    from trader_cli.app.variants import values
    from trader_cli.variant.loading import load

    resolved = load(
        reference,
        variants_dir=variants_dir(Context.of(context).variants_dir),
        overrides=overrides or (),
        flags=options.flags(broker, strategy, mode, asset_class, symbols),
        environment=os.environ,
    )
    rows = values(resolved)
    if as_json:
        return render.document({"values": rows})
    told = [(row["key"], _told(row["value"]), row["origin"].rpartition("/")[2]) for row in rows]
    return render.table(("key", "value", "origin"), told, whole=("key",))


def _told(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)
