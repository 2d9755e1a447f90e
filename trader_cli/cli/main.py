"""The program `trader`: its global options, its commands, and how an error becomes a line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from copy import copy
from functools import cache
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, TextIO, cast

import typer
from typer.exceptions import TyperException

from trader_cli import __version__
from trader_cli.cli import data, db, guard, logbook, render
from trader_cli.cli.backtest import backtest
from trader_cli.cli.brokers import brokers
from trader_cli.cli.check import check
from trader_cli.cli.compare import compare
from trader_cli.cli.context import Context
from trader_cli.cli.doctor import doctor
from trader_cli.cli.halt import halt, resume
from trader_cli.cli.import_config import import_config
from trader_cli.cli.knowing import orders, positions, status, trades
from trader_cli.cli.list_variants import list_variants
from trader_cli.cli.new_variant import new_variant
from trader_cli.cli.reproduce import reproduce
from trader_cli.cli.run import PAPER, run
from trader_cli.cli.schema import schema
from trader_cli.cli.service import service
from trader_cli.cli.show import show
from trader_cli.cli.strategies import strategies
from trader_cli.cli.watch import watch
from trader_cli.cli.why import why
from trader_cli.errors import ExitCode, Problem, TraderError
from trader_cli.redaction import traceback_of

app = typer.Typer(
    name="trader",
    help="One trader, assembled at run time from a small variant file.",
    epilog="Start with `trader list-variants`, then `trader backtest NAME --data DIR`. Docs: docs/ in the repository.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        render.line(f"trader {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    variants_dir: Annotated[
        Path | None,
        typer.Option(
            envvar="TRADER_VARIANTS_DIR",
            help="Folder of variant files; default: ./variants, then $TRADER_HOME/variants.",
            show_default=False,
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more on stderr.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing on stderr but errors.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """One trader, assembled at run time from a small variant file."""
    render.be_quiet(quiet)
    context.call_on_close(logbook.closed)
    logbook.prepare(verbose=verbose, quiet=quiet)
    context.obj = Context(variants_dir=variants_dir)


app.command("list-variants")(list_variants)
app.command("new-variant")(new_variant)
app.command("run")(run)
app.command(PAPER, help="The same as `trader run` with mode paper: trades simulated money.")(run)
app.command("backtest")(backtest)
app.command("compare")(compare)
app.command("reproduce")(reproduce)
app.command("status")(status)
app.command("positions")(positions)
app.command("orders")(orders)
app.command("trades")(trades)
app.command("why")(why)
app.command("watch")(watch)
app.command("halt")(halt)
app.command("resume")(resume)
app.command("service")(service)
app.command("check")(check)
app.command("show")(show)
app.add_typer(data.app, name="data")
app.add_typer(db.app, name="db")
app.command("strategies")(strategies)
app.command("brokers")(brokers)
app.command("doctor")(doctor)
app.command("schema")(schema)
app.command("import-config")(import_config)


@cache
def _program(command: str | None) -> Callable[..., object]:
    """The app as Click runs it, of one command where it is known: Typer takes 30 ms to read what all of them take."""
    if command is None:
        return typer.main.get_command(app)
    only = copy(app)
    only.registered_commands = [each for each in app.registered_commands if each.name == command]
    only.registered_groups = [each for each in app.registered_groups if each.name == command]
    return typer.main.get_command(only)


def _command(arguments: list[str]) -> str | None:
    """The command that comes first among the arguments; None where an option does, or none that there is."""
    first = arguments[0] if arguments else None
    commands, groups = app.registered_commands, app.registered_groups
    is_known = any(each.name == first for each in commands) or any(each.name == first for each in groups)
    return first if is_known else None


def main(arguments: list[str] | None = None) -> int:
    """Runs the program; returns its exit code. The one place where errors become text."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments
    _settle_streams()
    guard.stand()
    try:
        result = _program(_command(arguments))(arguments, prog_name="trader", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else ExitCode.OK
    except TraderError as error:
        return _say(error.problems, error.code, error.exit_code, as_json)
    except TyperException as error:
        said = error.format_message()  # nothing where the help was shown instead
        return _say((Problem(said),) if said else (), "usage", ExitCode.USAGE, as_json)
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):  # Rich and Typer turn it into exit code 1
            return _reader_gone()
        raise
    except OSError as error:
        where = str(error.filename) if error.filename else None
        return _say((Problem(error.strerror or str(error), where),), "unavailable", ExitCode.UNAVAILABLE, as_json)
    except Exception as error:  # noqa: BLE001 - the last resort: a bug is one line, and its place with --verbose
        if "--verbose" in arguments:
            render.aside(traceback_of(error).rstrip("\n"))
        problem = Problem(f"{type(error).__name__}: {error} (a bug; --verbose before the command shows where)")
        return _say((problem,), "internal", ExitCode.BUG, as_json)


def _settle_streams() -> None:
    """Makes the streams what the rest may rely on: open, able to write any text, and plain without a terminal."""
    sys.stdin = sys.stdin or _nowhere("r")
    sys.stdout = sys.stdout or _nowhere("w")
    sys.stderr = sys.stderr or _nowhere("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    if not sys.stdout.isatty():
        os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"  # else CI variables colour the help


def _nowhere(mode: str) -> TextIO:
    """Stands in for a stream that was closed before the start, for as long as the program runs."""
    return cast("TextIO", Path(os.devnull).open(mode, encoding="utf-8"))


def _reader_gone() -> int:
    """Ends quietly: what is still buffered has nowhere to go, and must not be flushed at exit."""
    _silence(sys.stdout)
    return ExitCode.OK


def _silence(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _say(problems: tuple[Problem, ...], code: str, exit_code: ExitCode, as_json: bool) -> int:
    try:
        render.problems(problems, code, as_json=as_json)
        sys.stderr.flush()
    except OSError:  # nobody listens, or the disk behind it is full; the exit code still tells
        _silence(sys.stderr)
    return exit_code
