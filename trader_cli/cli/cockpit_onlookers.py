"""Several sessions of one process in one cockpit: an onlooker for each, that keeps its row."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trader_cli.domain.event import EventKind
from trader_cli.engine.snapshot import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trader_cli.cli.cockpit import Cockpit
    from trader_cli.domain.event import Event
    from trader_cli.engine.view import View

_OVER = ("failed", "stopped")


@contextmanager
def cockpit_onlookers(names: Sequence[str], title: str = "trader run") -> Iterator[Sequence[RowOnlooker]]:
    """One onlooker a variant, in the order of their names, all drawing into one cockpit on the terminal's other screen.

    To be used where `screen.is_possible()`. What is looked at is drawn at most twice a second, a failure at once.
    """
    from trader_cli.cli.cockpit import Cockpit

    with Cockpit(title) as cockpit:
        yield _Board(cockpit, names).onlookers


class _Board:
    """The rows of all variants."""

    def __init__(self, cockpit: Cockpit, names: Sequence[str]) -> None:
        self.onlookers = [RowOnlooker(name, self) for name in names]
        self._cockpit = cockpit
        self._now: datetime | None = None

    @property
    def now(self) -> datetime:
        """The latest time that any session has told; the wall's before there is one."""
        return self._now or datetime.now(UTC)

    def seen(self, now: datetime) -> None:
        """A session has told the time, and its row."""
        self._now = now if self._now is None else max(self._now, now)
        self.draw()

    def draw(self, *, force: bool = False) -> None:
        """Shows all rows."""
        self._cockpit.show([each.standing for each in self.onlookers], self.now, force=force)


class RowOnlooker:
    """Watches one of several sessions."""

    def __init__(self, name: str, board: _Board) -> None:
        self._name, self._board = name, board
        self._standing = Standing(name, "starting", (), None, None, (), None, "", None)
        self._trouble: tuple[datetime, str] | None = None

    @property
    def standing(self) -> Standing:
        """The row: how the session stood when it was last looked at, with what went wrong since its last decision."""
        row, trouble = self._standing, self._trouble
        if trouble is None or row.state in _OVER or (row.decided_at is not None and row.decided_at > trouble[0]):
            return row
        return replace(row, decision=trouble[1], decided_at=trouble[0])

    def tell(self, event: Event) -> None:
        """Remembers what went wrong; the rest is in the next look."""
        if event.kind in {EventKind.WARNING, EventKind.HALT}:
            said = event.details.get("message") or event.details.get("detail") or event.kind
            self._trouble = event.time, str(said)

    def look(self, view: View, now: datetime) -> None:
        """Keeps how the session stands, under the name it was given."""
        self._standing = replace(view.standing(), variant=self._name)
        self._board.seen(now)

    def leave(self, failure: str | None) -> None:
        """The session is over, with an error or as it should be; its last figures stay."""
        if failure is None:
            self._standing = replace(self._standing, state="stopped")
        else:
            self._standing = replace(self._standing, state="failed", decision=failure, decided_at=self._board.now)
        self._board.draw(force=True)
