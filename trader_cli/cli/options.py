"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Variant = Annotated[str, typer.Argument(help="A name in the variants folder, or a path.", metavar="VARIANT")]
Variants = Annotated[
    list[str] | None, typer.Argument(help="Names in the variants folder, or paths.", metavar="[VARIANT]...")
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
