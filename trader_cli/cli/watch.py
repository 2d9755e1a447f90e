"""`trader watch`: traders at work, seen from another terminal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.cli.onlookers import is_dashboard_possible
from trader_cli.cli.stopping import run_until_stopped
from trader_cli.errors import UsageError
from trader_cli.settings import variants_dir

if TYPE_CHECKING:
    from rich.text import Text

    from trader_cli.app.watching import Seen, Watch

SECONDS_A_LOOK = 1.0


def watch(context: typer.Context, references: options.Variants = None) -> None:
    """Shows the dashboard of a trader that runs elsewhere, or has stopped, until Ctrl-C; it goes on undisturbed.

    One variant: what `trader run` shows. Several, or none named and several that traded: a row each. It reads the
    journal once a second and changes nothing; a variant that has not traded yet is waited for.

    Example: `trader watch demo_btc_rsi`
    """
    if not is_dashboard_possible():
        raise UsageError("`trader watch` draws on a terminal, and there is none; `trader status` tells scripts")
    from trader_cli.app.watching import Watch

    looking = Watch(references or [], variants_dir(Context.of(context).variants_dir))
    with render.activity() as announce:  # what is wrong with the request is said before the screen is taken
        announce("looking at the journal")
        first = looking.look(datetime.now(UTC))
    run_until_stopped(_watch(looking, first))


async def _watch(looking: Watch, seen: Seen) -> None:
    from trader_cli.cli.screen import Screen

    with Screen(SECONDS_A_LOOK) as screen:
        while True:
            now = datetime.now(UTC)
            found = seen
            screen.draw(lambda width, height: _picture(found, now, width, height), force=True)  # noqa: B023 - at once
            await asyncio.sleep(SECONDS_A_LOOK)
            seen = looking.look(datetime.now(UTC))


def _picture(seen: Seen, now: datetime, width: int, height: int) -> Text:
    from trader_cli.cli.cockpit import cockpit
    from trader_cli.cli.dashboard import picture

    if seen.snapshot is not None:
        return picture(seen.snapshot, width, height)
    if seen.standings:
        return cockpit(seen.standings, "trader watch", now, width, height)
    return _nothing(seen, now, width, height)


def _nothing(seen: Seen, now: datetime, width: int, height: int) -> Text:
    """Before anything has traded."""
    from rich.text import Text

    from trader_cli.cli.figures import foreign
    from trader_cli.cli.fitting import Section, spread
    from trader_cli.cli.screen import inner, page

    who = ", ".join(map(foreign, seen.waiting))
    lines = [
        spread(Text("trader watch", "bold"), [Text(f"{now:%Y-%m-%d %H:%M:%S} UTC")], inner(width)),
        Text(f"{who} has not traded yet." if who else "Nothing has traded yet."),
        Text(f"`trader paper {who or 'VARIANT'} --replay DIR` trades the past; it is shown here once it does."),
    ]
    return page([Section(lambda _: lines, 0, 1, len(lines), len(lines))], width, height)
