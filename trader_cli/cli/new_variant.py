"""`trader new-variant`: writes a commented, valid variant file."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.errors import UsageError
from trader_cli.settings import variants_dir


def new_variant(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="Name of the new file: small letters, digits, _ and -.", metavar="[NAME]")
    ] = None,
    broker: options.Broker = None,
    strategy: options.Strategy = None,
    mode: options.Mode = None,
    asset_class: options.AssetClass = None,
    symbols: options.Symbols = None,
    overrides: options.Overrides = None,
    origin: Annotated[
        str, typer.Option("--from", help="Start from this variant's values.", metavar="VARIANT", show_default=False)
    ] = "",
    output: options.Output = None,
    force: options.Force = False,
) -> None:
    """Writes a variant file with every key explained; asks for what is missing on a terminal only.

    Example: `trader new-variant okx_macd --broker okx --strategy macd --symbol BTC/USDT`
    """
    name = name or (output.stem if output else None) or _asked("NAME", "Name of the new variant")
    if not origin:
        broker = broker or _asked("--broker", "Broker (bybit, binance, okx, kraken, deribit, alpaca)")
        strategy = strategy or _asked("--strategy", "Strategy (momentum, rsi, macd, mfi, vwap)")
    from trader_cli.app.new_variant import Wish, create

    path = create(
        Wish(name, origin, overrides or (), options.flags(broker, strategy, mode, asset_class, symbols)),
        variants_dir=variants_dir(Context.of(context).variants_dir),
        output=output,
        force=force,
    )
    render.line(str(path))


def _asked(flag: str, question: str) -> str:
    """The answer of somebody at a terminal.

    Raises: UsageError naming the flag where nobody is there to answer.
    """
    if not sys.stdin.isatty():
        raise UsageError("is missing, and there is no terminal to ask on", file=flag)
    return str(typer.prompt(question, err=True))
