"""`trader run` and `trader paper`: sessions, told as a dashboard, as lines, or as JSON Lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader_cli.cli import options
from trader_cli.cli.backtest import judge
from trader_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from trader_cli.app.markets import Past
    from trader_cli.variant.model import Variant

PAPER = "paper"
ONCE_DEADLINE = 50.0
"""Seconds after which a pass gives up: before cron starts the next one."""


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
    once: Annotated[
        bool, typer.Option("--once", help="Trade what has closed by now, no bar twice, and end: for cron.")
    ] = False,
    deadline: Annotated[
        float | None,
        typer.Option(
            min=1,
            metavar="SECONDS",
            help=f"Give up after so long, exit code 5; default with --once: {ONCE_DEADLINE:g}.",
        ),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            min=1e-3, max=1e9, help="Replay so many times faster than the market; default: as fast as it can."
        ),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Backtest the same bars afterwards, and demand the very same trades.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Print the orders that would be sent now; send and keep nothing.")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Begin again instead of going on; an account on a venue is copied aside.")
    ] = False,
    max_exposure: Annotated[
        float | None, typer.Option(min=0, help="All VARIANTs together: the most held or ordered.")
    ] = None,
    max_positions: Annotated[int | None, typer.Option(min=0, help="All VARIANTs together: the most positions.")] = None,
    max_daily_loss: Annotated[
        float | None, typer.Option(min=0, max=1, help="All VARIANTs together: the fraction a day may lose.")
    ] = None,
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

    Several VARIANTs trade side by side in one process, each on its own account. On a terminal it shows a dashboard,
    elsewhere one line an event.

    Example: `trader run demo_btc_rsi --replay samples --from 2019-01-01 --speed 7200`
    """
    if context.info_name == PAPER:
        if mode not in {None, PAPER}:
            raise UsageError(f"`trader paper` has mode paper, not '{mode}'; `trader run` takes --mode")
        mode = PAPER
    if once and cycles is not None:
        raise UsageError("--once is one cycle: give it or --cycles")
    if replay is not None and data is not None:
        raise UsageError("--data is for mode backtest, --replay trades bar by bar: give one of the two")
    dimensions = options.flags(broker, strategy, mode, asset_class, symbols)
    chosen = options.chosen(context, references, overrides, dimensions)

    from trader_cli.app.fleet import Rhythm
    from trader_cli.app.markets import Past, Span
    from trader_cli.app.running import Wanted, demand_apart
    from trader_cli.cli.trading import planned, trade
    from trader_cli.engine.governor import governor
    from trader_cli.risk.governor import GovernorLimits

    span = Span.of(start, end)
    demand_apart(chosen)
    if replay is None:
        chosen = _backtested(chosen, None if data is None else Past(data, span, detail), as_json)
    if not chosen:
        return
    limits = GovernorLimits(max_exposure, max_positions, max_daily_loss)
    past = None if replay is None else Past(replay, span, detail, speed)
    wanted = Wanted(chosen, past, anew, governor(limits), is_plan=plan)
    rhythm = Rhythm(cycles, once, ONCE_DEADLINE if once and deadline is None else deadline)
    code = planned(wanted, rhythm, as_json=as_json) if plan else trade(wanted, rhythm, as_json=as_json, verify=verify)
    if code != ExitCode.OK:
        raise typer.Exit(code)


def _backtested(chosen: list[Variant], past: Past | None, as_json: bool) -> list[Variant]:
    """Runs those in mode backtest, of data they name; the others, which must be able to trade on their venues.

    Raises: UsageError where no data is named, or a variant cannot trade.
    """
    from trader_cli.app.running import demand_owners
    from trader_cli.app.venues import demand_paper
    from trader_cli.variant.sections import Mode

    others = [variant for variant in chosen if variant.variants.mode is not Mode.BACKTEST]
    demand_owners(others)
    for variant in others:
        demand_paper(variant)
    for variant in chosen:
        if variant.variants.mode is Mode.BACKTEST:
            if past is None:
                raise UsageError(f"'{variant.name}' is a backtest: name its market data, --data FILE or DIR")
            judge(variant, past, as_json=as_json)
    return others
