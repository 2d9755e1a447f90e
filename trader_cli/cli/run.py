"""`trader run` and `trader paper`: a session, told as a dashboard, as lines, or as JSON Lines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader_cli.cli import options, render
from trader_cli.cli.backtest import judge, show
from trader_cli.cli.onlookers import onlooker
from trader_cli.cli.stopping import run_until_stopped
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from trader_cli.app.markets import Span
    from trader_cli.app.trading import Past, Replay
    from trader_cli.variant.model import Variant

PAPER = "paper"


def run(
    context: typer.Context,
    references: options.Variants = None,
    replay: Annotated[
        Path | None,
        typer.Option(help="Trade this market data bar by bar on the simulated exchange: a file or a folder."),
    ] = None,
    start: options.From = None,
    end: options.To = None,
    detail: options.Detail = None,
    cycles: Annotated[int | None, typer.Option(min=1, help="End after so many closed bars.")] = None,
    once: Annotated[bool, typer.Option("--once", help="One cycle: the same as --cycles 1.")] = False,
    speed: Annotated[
        float | None,
        typer.Option(
            min=1e-3, max=1e9, help="Replay so many times faster than the market; default: as fast as it can."
        ),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Backtest the same bars afterwards, and demand the very same trades.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help="Mode backtest: the market data, a file or a folder.", show_default=False)
    ] = None,
    overrides: options.Overrides = None,
    broker: options.Broker = None,
    strategy: options.Strategy = None,
    mode: options.Mode = None,
    asset_class: options.AssetClass = None,
    symbols: options.Symbols = None,
    as_json: options.JsonLines = False,
) -> None:
    """Trades variants: bar by bar, through the loop that every mode shares.

    On a terminal it shows a dashboard, elsewhere one line an event.

    Example: `trader run demo_btc_rsi --replay samples --from 2019-01-01 --speed 7200`
    """
    if context.info_name == PAPER:
        if mode not in {None, PAPER}:
            raise UsageError(f"`trader paper` has mode paper, not '{mode}'; `trader run` takes --mode")
        mode = PAPER
    if once and cycles is not None:
        raise UsageError("--once is --cycles 1: give one of the two")
    dimensions = options.flags(broker, strategy, mode, asset_class, symbols)
    chosen = options.chosen(context, references, overrides, dimensions)

    from trader_cli.app.markets import Span
    from trader_cli.app.trading import Past

    span = Span.of(start, end)
    if replay is not None and data is not None:
        raise UsageError("--data is for mode backtest, --replay trades bar by bar: give one of the two")
    was_halted = False
    for variant in chosen:
        if replay is not None:
            was_halted |= _replay(
                variant, Past(replay, span, detail, speed), 1 if once else cycles, as_json, verify, len(chosen) == 1
            )
        else:
            _backtest(variant, data, span, detail, as_json)
    if was_halted:
        raise typer.Exit(ExitCode.HALTED)


def _backtest(variant: Variant, data: Path | None, span: Span, detail: Timeframe | None, as_json: bool) -> None:
    """A run in mode backtest is a backtest, of data it names.

    Raises: UsageError in every other mode, which needs a venue, or where no data is named.
    """
    from trader_cli.app.trader import without_replay
    from trader_cli.variant.sections import Mode

    if variant.variants.mode is not Mode.BACKTEST:
        raise UsageError(without_replay(variant))
    if data is None:
        raise UsageError(f"'{variant.name}' is a backtest: name its market data, --data FILE or DIR")
    judge(variant, data, span, detail, as_json=as_json)


def _replay(variant: Variant, past: Past, cycles: int | None, as_json: bool, verify: bool, is_alone: bool) -> bool:
    """Whether the kill switch was in force when it ended."""
    from trader_cli.app.journaling import driven, journaled

    with driven(variant):  # before anything is read: a second process leaves at once
        from trader_cli.app.trading import Replay, loaded_for

        with render.activity() as announce:
            loaded = loaded_for(variant, past, announce)
        with journaled(variant, past, loaded) as record:
            replay = Replay(variant, past, loaded, record)
            try:
                with onlooker(variant.name, as_json=as_json, is_alone=is_alone) as watching:
                    run_until_stopped(replay.run(watching, cycles))
            except typer.Exit as stopped:
                if stopped.exit_code != ExitCode.HUNG_UP:  # then there is nobody to show it to
                    _sum_up(replay, variant.name, as_json=as_json)
                raise
    _sum_up(replay, variant.name, as_json=as_json)
    if verify and replay.was_halted:
        render.words("warning: the kill switch was thrown: there is no backtest to compare this with")
    elif verify:
        with render.activity() as announce:
            announce("backtesting the same bars")
            count = replay.verify()
        say = render.words if as_json else render.line
        say(f"backtest and replay: both made the same {count} trades")
    return replay.is_halted


def _sum_up(replay: Replay, name: str, *, as_json: bool) -> None:
    """Leaves the figures on a terminal, whose dashboard is gone."""
    if sys.stdout.isatty() and not as_json:
        show(replay.result(), name)
