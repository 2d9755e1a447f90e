"""Sessions run and shown, one or several, and what came of them."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import typer

from trader_cli.app.fleet import Outcome, Rhythm, alone, together
from trader_cli.app.journaling import paper_book, replay_book
from trader_cli.app.onlooking import Intentions
from trader_cli.app.running import assembled
from trader_cli.app.venues import Venues
from trader_cli.cli import render
from trader_cli.cli.figures import amount, share
from trader_cli.cli.logbook import SessionLog, logged
from trader_cli.cli.onlookers import onlookers, tell_event
from trader_cli.cli.result import show
from trader_cli.cli.stopping import run_until_stopped, stoppable
from trader_cli.domain.event import EventKind
from trader_cli.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from trader_cli.app.fleet import Run
    from trader_cli.app.onlooking import Onlooker
    from trader_cli.app.running import Wanted


def trade(wanted: Wanted, rhythm: Rhythm, *, as_json: bool, verify: bool) -> ExitCode:
    """Trades what is wanted until it is done; what the program is to end with.

    Raises: what went wrong where there is but one variant, or none could begin; typer.Exit after a signal.
    """
    venues, is_alone = Venues(), len(wanted.variants) == 1
    is_shown = sys.stdout.isatty() and not as_json
    with stoppable(), ExitStack() as stack:
        with render.activity() as announce:
            crew = stack.enter_context(assembled(wanted, venues, announce))
        for run in crew.runs:
            if run.goes_on is not None:
                render.words(f"note: '{run.name}' goes on {run.goes_on}; --anew begins again")
        lost = [Outcome(name, error=error, exit_code=error.exit_code) for name, error in crew.failures]
        try:
            with ExitStack() as logs:
                books = [logs.enter_context(_logged(wanted, run)) for run in crew.runs]
                watching = logs.enter_context(
                    onlookers([run.name for run in crew.runs], as_json=as_json, is_alone=is_alone)
                )
                beside = [book.beside(onlooker) for book, onlooker in zip(books, watching, strict=True)]
                outcomes = run_until_stopped(_traded(crew.runs, beside, rhythm, venues, is_alone))
        except typer.Exit as stopped:
            if stopped.exit_code != ExitCode.HUNG_UP:  # then there is nobody to show it to
                so_far = [Outcome(run.name, run.result()) for run in crew.runs]
                _summarize([*so_far, *lost], as_json=as_json, is_alone=is_alone, is_shown=is_shown)
            raise
        code = _summarize([*outcomes, *lost], as_json=as_json, is_alone=is_alone, is_shown=is_shown)
        if verify:
            _verify(crew.runs, as_json)
        return code


def _logged(wanted: Wanted, run: Run) -> AbstractContextManager[SessionLog]:
    """The log of one session."""
    variant = next(variant for variant in wanted.variants if variant.name == run.name)
    if wanted.past is None:
        return logged(variant, variant.variants.broker, paper_book(variant))
    return logged(variant, f"replay of {wanted.past.source}", replay_book(variant))


async def _traded(
    runs: Sequence[Run], watching: Sequence[Onlooker], rhythm: Rhythm, venues: Venues, is_alone: bool
) -> list[Outcome]:
    try:
        if is_alone:
            return [await alone(runs[0], watching[0], rhythm)]
        return await together(runs, watching, rhythm)
    finally:
        await venues.close()


def _summarize(outcomes: Sequence[Outcome], *, as_json: bool, is_alone: bool, is_shown: bool) -> ExitCode:
    """Says what went wrong and, where it `is_shown`, what came of it; the first exit code that is not 0."""
    for outcome in outcomes:
        if outcome.error is not None:
            render.problems(outcome.error.problems, outcome.error.code, as_json=as_json)
    if is_shown and is_alone and outcomes[0].result is not None:
        show(outcomes[0].result, outcomes[0].name)
    elif is_shown:
        _show_all(outcomes)
    return next((outcome.exit_code for outcome in outcomes if outcome.exit_code != ExitCode.OK), ExitCode.OK)


def _show_all(outcomes: Sequence[Outcome]) -> None:
    """One row a variant."""
    rows = []
    for outcome in outcomes:
        found = outcome.result
        if found is None:
            rows.append((outcome.name, "failed", "-", "-", "-", "-"))
            continue
        made = found.metrics.final_equity, found.metrics.total_return, found.metrics.max_drawdown
        held = f"{len(found.open_positions)} open" if found.open_positions else "done"
        rows.append((outcome.name, held, str(found.metrics.trades), amount(made[0]), share(made[1]), share(made[2])))
    numbers = ("trades", "equity", "return", "drawdown")
    render.table(("variant", "state", *numbers), rows, right=numbers)


def _verify(runs: Sequence[Run], as_json: bool) -> None:
    """Compares each replay with a backtest of the same bars."""
    say = render.words if as_json else render.line
    for run in runs:
        which = "" if len(runs) == 1 else f"{run.name}: "
        with render.activity() as announce:
            announce(f"{which}backtesting the same bars")
            count = run.verify()
        if count is None:
            render.words(
                f"warning: {which}a switch or limit over all was in force: there is no backtest to compare this with"
            )
        else:
            say(f"{which}backtest and replay: both made the same {count} trades")


def planned(wanted: Wanted, rhythm: Rhythm, *, as_json: bool) -> ExitCode:
    """Prints the orders that would be sent now, with the wishes and refusals around them. Nothing is sent or kept.

    Raises: what went wrong where there is but one variant, or none could be looked at.
    """
    venues, is_alone = Venues(), len(wanted.variants) == 1
    with stoppable(), ExitStack() as stack, render.activity() as announce:
        crew = stack.enter_context(assembled(wanted, venues, announce))
        announce("looking at the latest bars")
        minds = [Intentions() for _ in crew.runs]
        rhythm = Rhythm(rhythm.cycles, wanted.past is None, rhythm.deadline)
        outcomes = run_until_stopped(_traded(crew.runs, minds, rhythm, venues, is_alone))
    outcomes += [Outcome(name, error=error, exit_code=error.exit_code) for name, error in crew.failures]
    count = 0
    for run, mind in zip(crew.runs, minds, strict=True):
        for event in mind.latest:
            tell_event(event, run.name, as_json=as_json, is_alone=is_alone)
            count += event.kind is EventKind.ORDER
    render.words(f"{count} order{'' if count == 1 else 's'} would be sent; nothing was sent")
    return _summarize(outcomes, as_json=as_json, is_alone=is_alone, is_shown=False)
