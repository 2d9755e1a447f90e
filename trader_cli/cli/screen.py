"""The terminal's other screen: one picture over the other, and what stood there before is back afterwards.

Imported where something is drawn and not before: it needs Rich.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from rich.control import Control
from rich.segment import Segment
from rich.text import Text

from trader_cli.cli import render
from trader_cli.cli.fitting import Section, cut, stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from rich.console import Console, RenderableType
    from rich.live import Live

    type Picture = Callable[[int, int], RenderableType]
    """What is drawn on a screen of that width and height."""

_MARGIN_FROM = 60


def _escape(code: str) -> Control:
    """A request to the terminal that Rich has no name for; one that does not know it passes over it."""
    control = Control()
    control.segment = Segment(f"\x1b[{code}", None, [])
    return control


_NO_WRAPPING, _WRAPPING = _escape("?7l"), _escape("?7h")
_BEGIN, _END = _escape("?2026h"), _escape("?2026l")
"""Around one drawing: the terminal shows it all at once."""


def is_possible() -> bool:
    """Whether standard output is a terminal that can be drawn on; elsewhere there are lines."""
    console = render.console()
    return console.is_terminal and not console.is_dumb_terminal


def inner(width: int) -> int:
    """What remains of a width between the margins."""
    return width - 2 * _margin(width)


def page(sections: Sequence[Section], width: int, height: int) -> Text:
    """The sections, drawn `inner(width)` wide, in at most `width` cells and `height` lines."""
    lines = []
    for line in stack(sections, height):
        drawn = Text.assemble(" " * _margin(width), cut(line, inner(width)))
        drawn.rstrip()
        lines.append(drawn)
    return Text("\n", no_wrap=True, overflow="crop").join(lines)


def _margin(width: int) -> int:
    return 1 if width >= _MARGIN_FROM else 0


class Screen:
    """A context manager; what stood on the terminal is back afterwards, cursor too.

    Every drawing fits the terminal's size of that moment and goes over the one before, so that nothing flickers.
    """

    def __init__(self, seconds_between: float) -> None:
        """To be drawn on no more often than that."""
        from rich.live import Live

        self._console: Console = render.console()
        self._live: Live = Live(console=self._console, screen=True, auto_refresh=False)
        self._latest: Picture | None = None
        self._seconds_between = seconds_between
        self._drawn_at = -seconds_between

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

    def draw(self, picture: Picture, *, force: bool = False) -> None:
        """Draws, unless `force` only when the last drawing is old enough; `redraw` knows the picture anyway."""
        self._latest = picture
        if force or time.monotonic() - self._drawn_at >= self._seconds_between:
            self.redraw()

    def redraw(self) -> None:
        """Draws the latest picture at the terminal's present size; to be called now and then while nothing happens."""
        if self._latest is None:
            return
        width, height = self._console.size
        with self._console:
            self._console.control(_BEGIN)
            self._live.update(self._latest(width, height), refresh=True)
            self._console.control(_END)
        self._drawn_at = time.monotonic()

    def _leave(self) -> None:
        """Restores the terminal; one that was closed needs nothing more, and how the session ended is still told."""
        with suppress(OSError):
            try:
                self._console.control(_WRAPPING)
            finally:
                self._live.stop()
