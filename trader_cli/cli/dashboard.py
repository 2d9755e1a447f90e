"""A trading session on one screen: is it making money, what does it hold, is anything wrong.

Imported where a session is drawn and not before: it needs Rich.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.cli import gauges, history, panels
from trader_cli.cli.fitting import Section, beside, stack
from trader_cli.cli.screen import Screen, inner, page

if TYPE_CHECKING:
    from rich.text import Text

    from trader_cli.engine.snapshot import Snapshot

_SECONDS_BETWEEN_DRAWINGS = 0.1
_SIDE_BY_SIDE = 138
_RIGHT_PART = 0.34
_BETWEEN = 3
_ALARMS = ((40, 6), (20, 3), (0, 1))
"""From so many lines on, so many alarms."""
_MONEY_PART = 3
_ANY = 1000


def picture(snapshot: Snapshot, width: int, height: int) -> Text:
    """The snapshot in at most `width` cells and `height` lines, whatever is in it.

    What does not fit is left out, the least important first: the money goes last, and no figure is ever cut.
    """
    return page(_sections(snapshot, inner(width), height), width, height)


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
    bars = gauges.limits(snapshot, width)
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
    bars = gauges.limits(snapshot, right)
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


class Dashboard(Screen):
    """The terminal's other screen while a session runs, drawn at most ten times a second."""

    def __init__(self) -> None:
        super().__init__(_SECONDS_BETWEEN_DRAWINGS)

    def show(self, snapshot: Snapshot, *, force: bool = False) -> None:
        """Draws the snapshot, unless `force` only when the last drawing is 0.1 s old; `redraw` knows it anyway."""
        self.draw(lambda width, height: picture(snapshot, width, height), force=force)
