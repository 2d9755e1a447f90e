"""The only place that prints: data to stdout, words to stderr, colours to terminals alone."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from trader_cli.cleaning import safe
from trader_cli.redaction import redacted, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from rich.console import Console
    from rich.progress import Progress
    from rich.text import Text

    from trader_cli.errors import Problem


MARK = "bold green"
"""How a cell stands out."""


def line(text: str) -> None:
    """One line of data."""
    sys.stdout.write(safe(text) + "\n")


def text(block: str) -> None:
    """A block of data as it is, but for secrets: a file's text, a picture in characters."""
    sys.stdout.write(redacted(block).removesuffix("\n") + "\n")


def document(value: Any) -> None:
    """One JSON document, on one line of ASCII: whatever stands in a name, no terminal and no encoding minds it.

    Raises: ValueError for NaN and infinity, which no document of ours may hold.
    """
    sys.stdout.write(_json(value) + "\n")


def long_document(name: str, rows: Iterable[Any], rest: dict[str, Any]) -> None:
    """One JSON document with a list of any length, whose rows are written as they come, and what else it holds.

    Raises: ValueError for NaN and infinity.
    """
    sys.stdout.write(f"{{{_json(name)}: [")
    for number, row in enumerate(rows):
        sys.stdout.write((", " if number else "") + _json(row))
    sys.stdout.write("], " + _json(rest).removeprefix("{") + "\n")


def _json(value: Any) -> str:
    """Secrets are struck out of the texts in it, and of nothing else: a number stays a number."""
    written = json.dumps(value, allow_nan=False)
    if redacted(written) == written:
        return written
    return json.dumps(without_secrets(json.loads(written)), allow_nan=False)


def words(text: str) -> None:
    """One line for people, beside the data; nothing with `--quiet`."""
    if not _silence.get():
        aside(text)


def be_quiet(wanted: bool) -> None:
    """Whether stderr is to carry errors alone: `--quiet`."""
    _silence.set(wanted)


_silence: ContextVar[bool] = ContextVar("silence", default=False)


def aside(text: str) -> None:
    """A text on stderr, whatever `--quiet` says."""
    sys.stderr.write(safe(text) + "\n")


def problems(found: Iterable[Problem], code: str, *, as_json: bool) -> None:
    """Each problem on one line of stderr, `file: key: what is wrong`; with `as_json` as a record."""
    for problem in found:
        if as_json:
            error = {"code": code, "message": problem.message, "file": problem.file, "key": problem.key}
            sys.stderr.write(_json({"error": error}) + "\n")
        else:
            mark = "" if problem.file else "error: "
            aside(mark + " ".join(redacted(str(problem)).split()))


def console(*, stderr: bool = False) -> Console:
    """A Rich console of a terminal's width, or of 80 columns and no colour where there is none."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    on_terminal = stream.isatty()
    return Console(stderr=stderr, force_terminal=on_terminal, width=None if on_terminal else 80, highlight=False)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str | None = None,
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
    marked: Collection[tuple[int, int]] = (),
) -> None:
    """A table for people; columns named in `right` hold numbers, those in `whole` what must not be broken.

    On terminals the cells `marked`, each by its row and column, stand out.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(
        title=None if title is None else Text(safe(title)), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for column in columns:
        grid.add_column(
            Text(safe(column)),
            justify="right" if column in right else "left",
            overflow="fold",
            no_wrap=column in whole or column in right,
        )
    for place, row in enumerate(rows):
        styles = (MARK if (place, column) in marked else "" for column in range(len(row)))
        grid.add_row(*(Text(safe(cell), style) for cell, style in zip(row, styles, strict=True)))
    console().print(grid)


def drawn(lines: Iterable[Text]) -> None:
    """Lines that were drawn to fit: nothing in them is folded."""
    screen = console()
    for each in lines:
        screen.print(each, soft_wrap=True)


_LEVELS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int) -> str:
    """A curve in one line: the last value of each of `width` equal stretches, lowest to highest.

    >>> sparkline([1.0, 2.0, 3.0], 3)
    '▁▅█'
    """
    count = min(width, len(values))
    points = [values[(i + 1) * len(values) // count - 1] for i in range(count)]
    low, high = min(points, default=0.0), max(points, default=0.0)
    spread = (high - low) or 1.0
    return "".join(_LEVELS[round((point - low) / spread * (len(_LEVELS) - 1))] for point in points)


@contextmanager
def activity() -> Iterator[Callable[[str], None]]:
    """A spinner on stderr that says what is being done and for how long, drawn on terminals only."""
    if _silence.get() or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("")
        yield lambda doing: bar.update(task, description=safe(doing))


def progress() -> Progress:
    """A progress bar on stderr, drawn on terminals only."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    screen = console(stderr=True)
    parts = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    return Progress(*parts, console=screen, transient=True, disable=_silence.get() or not screen.is_terminal)
