"""Arguments and options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader_cli.cli.context import Context
from trader_cli.domain.timeframe import Timeframe, near
from trader_cli.errors import UsageError
from trader_cli.settings import variants_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trader_cli.variant.model import Variant as LoadedVariant

Variant = Annotated[str, typer.Argument(help="A name in the variants folder, or a path.", metavar="VARIANT")]
Variants = Annotated[
    list[str] | None, typer.Argument(help="Names in the variants folder, or paths.", metavar="[VARIANT]...")
]
MaybeVariant = Annotated[
    str | None,
    typer.Argument(help="A name in the variants folder, or a path; default: all that traded.", metavar="[VARIANT]"),
]
Broker = Annotated[str | None, typer.Option(help="bybit, binance, okx, kraken, deribit, alpaca or a plug-in.")]
Strategy = Annotated[str | None, typer.Option(help="momentum, rsi, macd, mfi, vwap, a plug-in or path.py:Class.")]
Mode = Annotated[str | None, typer.Option(help="backtest, paper, live or futures.")]
AssetClass = Annotated[str | None, typer.Option(help="crypto, stocks, etf or futures.")]
Symbols = Annotated[list[str] | None, typer.Option("--symbol", help="Trade this symbol; repeat for several.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="e.g. risk_settings.stop_loss=0.03; repeat.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
JsonLines = Annotated[bool, typer.Option("--json", help="Print one JSON object an event: JSON Lines.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="First bar that may decide; earlier ones warm up.")
]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Use only bars before this.")]
TIMEFRAMES = "|".join(Timeframe)


def timeframe(option: str) -> Callable[[str], Timeframe]:
    """Reads the value of an option, which Typer would refuse in a library's words. Raises: UsageError."""

    def read(text: str) -> Timeframe:
        if text not in set(Timeframe):
            raise UsageError(f"must be one of {', '.join(Timeframe)}, is '{text[:60]}'{near(text)}", file=option)
        return Timeframe(text)

    return read


Detail = Annotated[
    Timeframe | None,
    typer.Option(
        parser=timeframe("--detail"),
        metavar=TIMEFRAMES,
        help="Finer bars that decide which of stop and target a bar met first.",
        show_default=False,
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(help="Market data: a file or a folder; default: the data folder of $TRADER_HOME.", show_default=False),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
Output = Annotated[Path | None, typer.Option(help="Write this file instead of one in the variants folder.")]


def flags(
    broker: str | None,
    strategy: str | None,
    mode: str | None,
    asset_class: str | None,
    symbols: list[str] | None,
) -> dict[str, object]:
    """What the dimension flags say, in the shape that loading a variant takes."""
    return {
        "broker": broker,
        "strategy": strategy,
        "mode": mode,
        "asset_class": asset_class,
        "symbol": tuple(symbols or ()),
    }


def demand_some(
    references: Sequence[str] | None, matrix: Sequence[str] | None, dimensions: Mapping[str, object]
) -> None:
    """Demands a VARIANT, or what makes one: a broker and a strategy. Raises: UsageError."""
    named = {text.partition("=")[0].strip() for text in matrix or ()} | {
        name for name, value in dimensions.items() if value
    }
    if not references and not {"broker", "strategy"} <= named:
        raise UsageError("name a VARIANT (`trader list-variants` shows them), or give --broker and --strategy")


def chosen(
    context: typer.Context,
    references: list[str] | None,
    overrides: list[str] | None,
    dimensions: dict[str, object],
) -> list[LoadedVariant]:
    """The variants a command names, or the one that the flags alone make.

    Raises: UsageError where neither is enough, ConfigError for what is wrong with them.
    """
    from trader_cli.variant.loading import load

    demand_some(references, (), dimensions)
    folder = variants_dir(Context.of(context).variants_dir)
    return [
        load(
            reference, variants_dir=folder, overrides=overrides or (), flags=dimensions, environment=os.environ
        ).variant
        for reference in references or [""]
    ]
