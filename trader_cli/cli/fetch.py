"""`trader data fetch`: history of venues into the data folder."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader_cli.cli import options, render
from trader_cli.cli.stopping import run_until_stopped
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import ExitCode, UsageError
from trader_cli.settings import data_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.progress import Progress, TaskID

    from trader_cli.app.fetching import Outcome
    from trader_cli.app.series import Fetched
    from trader_cli.data.catalog import DataFile

ANY_STRATEGY = "rsi"
"""A variant names one; what is fetched does not depend on it."""


def fetch(
    context: typer.Context,
    variants: options.Variants = None,
    broker: options.Broker = None,
    asset_class: options.AssetClass = None,
    symbols: Annotated[
        list[str] | None, typer.Option("--symbol", help="Fetch this symbol, e.g. BTC/USDT; repeat for several.")
    ] = None,
    timeframe: Annotated[
        Timeframe | None,
        typer.Option(
            parser=options.timeframe("--timeframe"),
            metavar=options.TIMEFRAMES,
            help="Length of a bar, e.g. 1h; default: the variant's, else 1m.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE",
            help="First bar, e.g. 2024-01-31; default: where the file begins, for a new one a year back.",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="DATE", help="Only bars before this, e.g. 2024-12-31; default: now.", show_default=False
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Data folder, e.g. data; default: that of $TRADER_HOME.", show_default=False),
    ] = None,
    overrides: options.Overrides = None,
    as_json: options.Json = False,
) -> int:
    """Downloads history into `<venue>/<SYMBOL>-<timeframe>.parquet`: what variants trade on, or what the flags say.

    What is there is kept, and only what is missing is asked for: stopped or killed, run it again. Contracts get their
    mark prices and funding rates too. No key is needed but for Alpaca's stocks.

    Example: `trader data fetch --broker binance --symbol BTC/USDT --timeframe 1h --from 2024-01-01`
    """
    from trader_cli.app.fetching import fetch as fetched
    from trader_cli.app.markets import Span

    if not variants and not broker:
        raise UsageError("name a VARIANT (`trader list-variants` shows them), or give --broker and --symbol")
    span = Span.of(since, until)
    strategy = None if variants else ANY_STRATEGY
    said = [*(overrides or ()), *([f"session.timeframe={timeframe}"] if timeframe else ())]
    chosen = options.chosen(context, variants, said, options.flags(broker, strategy, None, asset_class, symbols))
    with _Shown(as_json=as_json) as shown:
        outcomes = run_until_stopped(fetched(chosen, data_dir() if data is None else data, span, shown))
    return _told(outcomes, as_json=as_json)


class _Shown:
    """A bar a series on a terminal; elsewhere a line for each that is whole."""

    def __init__(self, *, as_json: bool) -> None:
        self._bars: Progress = render.progress()
        self._tasks: dict[Path, TaskID] = {}
        self._is_plain, self._stack = self._bars.disable, ExitStack()
        self._has_lines = not as_json
        self._held: list[Fetched] = []

    def __enter__(self) -> _Shown:
        self._stack.enter_context(self._bars)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        for fetched in self._held:
            _show(fetched)

    def advanced(self, file: DataFile, fraction: float) -> None:
        if file.path not in self._tasks:
            self._tasks[file.path] = self._bars.add_task(f"{file.venue}/{file.path.stem}", total=1.0)
        self._bars.update(self._tasks[file.path], completed=fraction)

    def finished(self, fetched: Fetched) -> None:
        self.advanced(fetched.file, 1.0)
        if self._has_lines and self._is_plain:
            _show(fetched)
        elif self._has_lines:
            self._held.append(fetched)  # a line between the bars would tear them


def _show(fetched: Fetched) -> None:
    found = fetched.document()
    holes = f", {fetched.missing_bars:,} missing in {fetched.gaps:,} gaps" if fetched.gaps else ""
    render.line(
        f"{found['path']}: {fetched.rows:,} rows (+{fetched.added:,}), {found['start']} to {found['end']}{holes}"
    )


def _told(outcomes: Sequence[Outcome], *, as_json: bool) -> ExitCode:
    """Says what is to be said of what was fetched, and what went wrong; the first exit code that is not 0."""
    series = [fetched for outcome in outcomes for fetched in outcome.series]
    if as_json:
        render.document({"series": [fetched.document() for fetched in series]})
    for fetched in series:
        for warning in fetched.warnings:
            render.words(f"warning: {fetched.file.venue}/{fetched.file.path.stem}: {warning}")
    failures = [outcome.error for outcome in outcomes if outcome.error is not None]
    for error in failures:
        render.problems(error.problems, error.code, as_json=as_json)
    return failures[0].exit_code if failures else ExitCode.OK
