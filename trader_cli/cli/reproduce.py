"""`trader reproduce`: a run that was shown, made again to the last byte."""

from __future__ import annotations

from typing import Annotated

import typer

from trader_cli.cli import options, render, result


def reproduce(
    beginning: Annotated[
        str, typer.Argument(help="The id that `trader backtest` shows, or its first digits.", metavar="RUN")
    ],
    any_version: Annotated[
        bool, typer.Option("--any-version", help="Make a run of another version of trader, too.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Makes a run again, from the variant and the files it had then, and compares it byte for byte.

    With --json it prints what `trader backtest --json` has printed. A file that has changed is named (exit code 2).

    Example: `trader reproduce 425259103cfd`
    """
    from trader_cli.app.reproducing import found, reproduced

    run = found(beginning)
    with render.activity() as announce:
        again = reproduced(run, announce, any_version=any_version)
    if as_json:
        render.document(again.backtest.document())
    else:
        result.show(again.backtest.result, again.backtest.variant.name)
    render.words(again.said)
