"""`trader service`: a crontab line or a systemd unit that runs variants."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.errors import UsageError
from trader_cli.settings import home, variants_dir

_NAME = "trader"


def service(
    context: typer.Context,
    references: Annotated[list[str], typer.Argument(help="Names in the variants folder, or paths.", metavar="VARIANT")],
    cron: Annotated[bool, typer.Option("--cron", help="A crontab line: one pass after each close of a bar.")] = False,
    systemd: Annotated[bool, typer.Option("--systemd", help="A unit: left running, started again.")] = False,
    as_json: options.Json = False,
) -> None:
    """Prints a checked crontab line or systemd unit that trades the variants; installs nothing.

    Example: `trader service kraken_crypto_macd --cron`
    """
    from trader_cli.app.service import Kind, Site
    from trader_cli.app.service import service as made
    from trader_cli.app.variants import loaded

    if cron == systemd:
        raise UsageError("give one of --cron and --systemd")
    folder = variants_dir(Context.of(context).variants_dir)
    chosen = loaded(references, variants_dir=folder, environment=os.environ)
    site = Site(_program(), home().absolute(), os.environ)
    found = made(Kind.CRON if cron else Kind.SYSTEMD, chosen, site)
    return render.document(found.document()) if as_json else render.text(found.text)


def _program() -> Path:
    """The program that is running, by its whole path: neither cron nor systemd has the caller's `PATH`.

    Raises: UsageError where there is none to name.
    """
    beside = Path(sys.executable).with_name(_NAME)
    started = Path(sys.argv[0])
    for path in (started, beside) if started.name == _NAME else (beside,):
        whole = path.absolute()  # links stay: they outlive the version they lead to
        if whole.is_file() and os.access(whole, os.X_OK):
            return whole
    raise UsageError("there is no program to name in the line: install it", file=str(beside))
