"""The yardstick of start-up: a Typer program with Rich help and as many commands as ours, which does nothing."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads annotations at run time
from typing import Annotated

import typer

COMMANDS = (
    "list-variants",
    "new-variant",
    "check",
    "show",
    "schema",
    "strategies",
    "import-config",
    "backtest",
    "data",
    "run",
)

app = typer.Typer(name="bare", help="A program that does nothing.", no_args_is_help=True)


def nothing(
    variant: Annotated[str, typer.Argument(help="A variant.")],
    data: Annotated[Path | None, typer.Option(help="A file or a folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Does nothing."""


for command in COMMANDS:
    app.command(command, help="Does nothing, at length.")(nothing)

if __name__ == "__main__":
    app()
