"""A trading session on one screen: is it making money, what does it hold, is anything wrong.

Imported where a session is drawn and not before: it needs Rich.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from rich.control import Control
from rich.segment import Segment
from rich.text import Text

from trader_cli.cli import history, panels, render
from trader_cli.cli.fitting import Section, beside, cut, stack

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console, RenderableType
    from rich.live import Live

    from trader_cli.engine.snapshot import Snapshot

_SECONDS_BETWEEN_DRAWINGS = 0.1
_SIDE_BY_SIDE = 138
_RIGHT_PART = 0.34
_BETWEEN = 3
_MARGIN_FROM = 60
_ALARMS = ((40, 6), (20, 3), (0, 1))
"""From so many lines on, so many alarms."""
_MONEY_PART = 3
_ANY = 1000


def _escape(code: str) -> Control:
    """A request to the terminal that Rich has no name for; one that does not know it passes over it."""
    control = Control()
    control.segment = Segment(f"\x1b[{code}", None, [])
    return control


_NO_WRAPPING, _WRAPPING = _escape("?7l"), _escape("?7h")
_BEGIN, _END = _escape("?2026h"), _escape("?2026l")
"""Around one drawing: the terminal shows it all at once."""


def picture(snapshot: Snapshot, width: int, height: int) -> RenderableType:
    """The snapshot in at most `width` cells and `height` lines, whatever is in it.

    What does not fit is left out, the least important first: the money goes last, and no figure is ever cut.
    """
    margin = 1 if width >= _MARGIN_FROM else 0
    inner = width - 2 * margin
    lines = []
    for line in stack(_sections(snapshot, inner, height), height):
        drawn = Text.assemble(" " * margin, cut(line, inner))
        drawn.rstrip()
        lines.append(drawn)
    return Text("\n", no_wrap=True, overflow="crop").join(lines)


def _sections(snapshot: Snapshot, width: int, height: int) -> list[Section]:
    """From top to bottom. Who trades, alarms and money are as high as what they say; the rest shares what remains."""
    top = panels.header(snapshot, width)
    alarms = panels.alarms(snapshot, width, next(most for from_height, most in _ALARMS if height >= from_height))
    money = panels.money(snapshot, width) if height > 1 else panels.money_line(snapshot, width)
    least = min(len(money), max(2, height // _MONEY_PART))
    sections = [
        Section(lambda _: top, 1, 2, 2, 2),
        Section(lambda _: alarms, 2, len(alarms), len(alarms), len(alarms)),
        Section(lambda _: [], 8, 0, 0, 1),
        Section(lambda _: money, 0, least, len(money), len(money)),
        Section(lambda _: [], 9, 0, 0, 1),
    ]
    if width >= _SIDE_BY_SIDE:
        return [*sections, Section(lambda rows: _both_sides(snapshot, width, rows), 3, 1, 1, _ANY)]
    bars = panels.limits(snapshot, width)
    return [
        *sections,
        Section(lambda rows: panels.positions(snapshot, width, rows), 3, 3, 7, _ANY),
        Section(lambda _: bars, 4, len(bars), len(bars), len(bars)),
        Section(lambda rows: history.latest(snapshot, width, rows), 5, 2, 5, _ANY),
    ]


def _both_sides(snapshot: Snapshot, width: int, height: int) -> list[Text]:
    """Positions and trades on the left, limits and what was decided on the right."""
    right = int(width * _RIGHT_PART)
    left = width - right - _BETWEEN
    bars = panels.limits(snapshot, right)
    blank = Section(lambda _: [], 9, 0, 1, 1)
    first = [
        Section(lambda rows: panels.positions(snapshot, left, rows), 0, 3, 10, _ANY),
        blank,
        Section(lambda rows: history.trades(snapshot, left, rows), 1, 3, 6, _ANY),
    ]
    second = [
        Section(lambda _: bars, 0, len(bars), len(bars), len(bars)),
        blank,
        Section(lambda rows: history.orders(snapshot, right, rows), 2, 2, 4, 6),
        blank,
        Section(lambda rows: history.signals(snapshot, right, rows), 1, 2, 6, _ANY),
        blank,
        Section(lambda rows: history.refusals(snapshot, right, rows), 3, 2, 4, _ANY),
    ]
    return beside(stack(first, height), stack(second, height), left, _BETWEEN)


def is_possible() -> bool:
    """Whether standard output is a terminal that can show a dashboard; elsewhere a session tells lines."""
    console = render.console()
    return console.is_terminal and not console.is_dumb_terminal


class Dashboard:
    """The terminal's other screen while a session runs; what stood on the terminal is back afterwards, cursor too.

    A context manager. Every drawing fits the terminal's size of that moment and goes over the one before, so that
    nothing flickers.
    """

    def __init__(self) -> None:
        from rich.live import Live

        self._console: Console = render.console()
        self._live: Live = Live(console=self._console, screen=True, auto_refresh=False)
        self._latest: Snapshot | None = None
        self._drawn_at = -_SECONDS_BETWEEN_DRAWINGS

    def __enter__(self) -> Self:
        try:
            self._live.start()
            self._console.control(_NO_WRAPPING)
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave()

    def show(self, snapshot: Snapshot, *, force: bool = False) -> None:
        """Draws the snapshot, unless `force` only when the last drawing is 0.1 s old; `redraw` knows it anyway."""
        self._latest = snapshot
        if force or time.monotonic() - self._drawn_at >= _SECONDS_BETWEEN_DRAWINGS:
            self.redraw()

    def redraw(self) -> None:
        """Draws the latest snapshot at the terminal's present size; to be called now and then while nothing happens."""
        if self._latest is None:
            return
        width, height = self._console.size
        with self._console:
            self._console.control(_BEGIN)
            self._live.update(picture(self._latest, width, height), refresh=True)
            self._console.control(_END)
        self._drawn_at = time.monotonic()

    def _leave(self) -> None:
        try:
            self._console.control(_WRAPPING)
        finally:
            self._live.stop()
