"""Many variants on one screen: what all come to, what is wrong with which, and a row for each.

Imported where it is drawn and not before: it needs Rich.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.cli import standings as parts
from trader_cli.cli.fitting import Section
from trader_cli.cli.screen import Screen, inner, page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.text import Text

    from trader_cli.engine.snapshot import Standing

_SECONDS_BETWEEN_DRAWINGS = 0.5
_MOST_ALARMS = 6
_ANY = 1000


def cockpit(standings: Sequence[Standing], title: str, now: datetime, width: int, height: int) -> Text:
    """The variants in at most `width` cells and `height` lines, however many there are and whatever is in them.

    What does not fit is left out, the least important first: the money goes last, and no figure is ever cut.
    """
    within = inner(width)
    top = parts.header(title, standings, now, within)
    money = parts.money(standings, within) if height > 1 else parts.money_line(standings, within)
    count = sum(each.state in parts.TROUBLE for each in standings)
    sections = [
        Section(lambda _: top, 1, 1, 2, 2),
        Section(lambda _: [], 8, 0, 0, 1),
        Section(lambda _: money, 0, min(2, height), 2, 2),
        Section(lambda _: [], 9, 0, 0, 1),
        Section(lambda rows: parts.alarms(standings, within, rows), 3, 0, min(2, count), min(_MOST_ALARMS, count)),
        Section(lambda rows: parts.rows(standings, now, within, rows), 2, 3, min(12, 2 + len(standings)), _ANY),
    ]
    return page(sections, width, height)


class Cockpit(Screen):
    """The terminal's other screen while several variants run, drawn at most twice a second."""

    def __init__(self, title: str = "trader") -> None:
        super().__init__(_SECONDS_BETWEEN_DRAWINGS)
        self._title = title

    def show(self, standings: Sequence[Standing], now: datetime, *, force: bool = False) -> None:
        """Draws the variants, unless `force` only when the last drawing is half a second old."""
        self.draw(lambda width, height: cockpit(standings, self._title, now, width, height), force=force)
