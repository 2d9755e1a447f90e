"""The log on stderr: what people should see at once."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trader_cli.logs.entries import for_people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trader_cli.logs.entries import Entry

MOST_HELD = 100


class Screen:
    """Shows warnings and worse; everything when `verbose`, nothing but errors when `quiet`.

    `on_terminal` lines have their time. What the program tells by other means (a session's events) is shown again only
    where `tells_all`: those other means go elsewhere, to a file or another program.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        verbose: bool = False,
        quiet: bool = False,
        on_terminal: bool = False,
        tells_all: bool = False,
    ) -> None:
        self._say = say
        self._lowest = logging.ERROR if quiet else logging.DEBUG if verbose else logging.WARNING
        self._in_full = verbose or on_terminal
        self._tells_all = verbose or tells_all
        self._places = verbose
        self._held: deque[str] | None = None
        self._passed_over = 0

    def show(self, level: int, entry: Entry, *, is_told: bool) -> None:
        """Shows an entry, unless it is too small a matter or `is_told` already."""
        if level < self._lowest or (is_told and not self._tells_all):
            return
        shown = entry if self._places else {name: value for name, value in entry.items() if name != "exception"}
        line = for_people(shown, in_full=self._in_full)
        if self._held is None:
            self._say(line)
        else:
            self._passed_over += len(self._held) == MOST_HELD
            self._held.append(line)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Keeps lines until the picture that a terminal shows meanwhile is gone."""
        self._held, self._passed_over = deque(maxlen=MOST_HELD), 0
        try:
            yield
        finally:
            held, self._held = self._held, None
            if self._passed_over:
                self._say(f"{self._passed_over} earlier lines stand in the log")
            for line in held:
                self._say(line)
