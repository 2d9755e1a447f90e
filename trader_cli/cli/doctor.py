"""`trader doctor`: whether this machine, its variants and their venues are fit to trade."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.cli.stopping import run_until_stopped
from trader_cli.errors import ExitCode
from trader_cli.settings import variants_dir


def doctor(
    context: typer.Context,
    variant: Annotated[
        str | None,
        typer.Argument(help="A name in the variants folder, or a path; default: all of it.", metavar="[VARIANT]"),
    ] = None,
    as_json: options.Json = False,
) -> int:
    """Checks program, folders, journal and variants, and the venues they trade on: reach, clock, symbols, bars, keys.

    A line a check: ok, warning or failed, and what to do. Ends with 2 where a configuration is wrong, 5 where a venue
    cannot be reached. Only what is public is asked for; of keys the names are told and never the values.

    Example: `trader doctor my_rsi`
    """
    from trader_cli.app.health import of_the_machine, of_the_variants
    from trader_cli.app.venue_health import of_the_venues

    with render.activity() as announce:
        announce("looking at this machine")
        folder = variants_dir(Context.of(context).variants_dir)
        on_variants, sound = of_the_variants(variant, folder, os.environ)
        found = [*of_the_machine(), on_variants]
        announce("asking the venues")
        found += run_until_stopped(of_the_venues(sound, is_named=variant is not None))
    errors = [finding.error for finding in found if finding.error is not None]
    if as_json:
        render.document({"checks": [finding.document() for finding in found], "healthy": not errors})
        for error in errors:
            render.problems(error.problems, error.code, as_json=True)
    for finding in found if not as_json else ():
        remedy = f" ({finding.remedy})" if finding.remedy else ""
        render.line(f"{finding.state:<8} {finding.check}: {finding.found}{remedy}")
    return errors[0].exit_code if errors else ExitCode.OK
