"""`trader strategies`: the registry, with parameters, warm-up and window."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from trader_cli.cli import options, render
from trader_cli.domain.timeframe import Timeframe, TradingHours


def strategies(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Only these; path.py:Class too.", show_default=False),
    ] = None,
    timeframe: Annotated[
        Timeframe,
        typer.Option(
            parser=options.timeframe("--timeframe"),
            metavar=options.TIMEFRAMES,
            help="Bars in which warm-up and window are counted (24/7 market).",
        ),
    ] = Timeframe.M1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """List the strategies: when each buys and sells, its parameters, the history it needs.

    Example: trader strategies rsi --timeframe 1h
    """
    from trader_cli.app.strategies import listings

    found = listings(tuple(names or ()), timeframe, TradingHours.CONTINUOUS)
    if as_json:
        render.document({"strategies": [asdict(listing) for listing in found]})
        return
    for listing in found:
        render.line(f"{listing.name}: {listing.summary}")
        if listing.window_bars is not None:
            render.line(f"warm-up {listing.warmup_bars} bars, window {listing.window_bars} bars of {timeframe}")
        render.table(
            ("parameter", "type", "default", "allowed", "meaning"),
            (
                (p.name, p.type, "required" if p.required else p.default, p.allowed, p.meaning)
                for p in listing.parameters
            ),
        )
