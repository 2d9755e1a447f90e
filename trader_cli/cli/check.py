"""`trader check`: every problem of a variant, one line each."""

from __future__ import annotations

import os

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.errors import ConfigError
from trader_cli.settings import variants_dir


def check(
    context: typer.Context,
    references: options.Variants = None,
    overrides: options.Overrides = None,
    broker: options.Broker = None,
    strategy: options.Strategy = None,
    mode: options.Mode = None,
    asset_class: options.AssetClass = None,
    symbols: options.Symbols = None,
) -> None:
    """Validates variants, or the whole folder: each problem is one line `file: key: what is wrong`.

    Example: `trader check bybit_crypto_live`
    """
    from trader_cli.app.variants import checked

    found = checked(
        references or (),
        variants_dir=variants_dir(Context.of(context).variants_dir),
        overrides=overrides or (),
        flags=options.flags(broker, strategy, mode, asset_class, symbols),
        environment=os.environ,
    )
    for path in found.sound:
        render.line(f"{path}: ok")
    for remark in found.remarks:
        render.words(f"note: {remark}")
    if found.problems:
        raise ConfigError.of(found.problems)
