"""Lines of exact width: what fits is shown whole, what does not is left out; only words are cut, and never a number."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

GAP = 2
"""Cells between two columns."""

_NUMBER = re.compile(r"[+-]?\d[\d.,:]*(?:e[+-]?\d+)?(?: ?%)?")
_WIDEST_SPREAD = 4


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. The lower its `rank`, the later it is dropped where the width does not reach for all.

    It is at least `least` cells wide, so that it does not move while its figures change. `shortest` is the width down
    to which its words may be cut; None for figures, which are shown whole or not at all.
    """

    title: str
    cells: Sequence[Text]
    rank: int
    least: int = 0
    right: bool = False
    shortest: int | None = None

    @property
    def natural(self) -> int:
        """The width at which nothing is cut."""
        return max(self.least, cell_len(self.title), *(cell.cell_len for cell in self.cells), 0)


def widths(columns: Sequence[Column], width: int) -> dict[int, int]:
    """Which columns fit into `width` cells, by index, and how wide each is then."""
    chosen: dict[int, int] = {}
    room = width + GAP
    for index in sorted(range(len(columns)), key=lambda index: columns[index].rank):
        column = columns[index]
        needed = column.natural if column.shortest is None else min(column.natural, column.shortest)
        if needed + GAP <= room:
            chosen[index] = needed
            room -= needed + GAP
    for index, given in chosen.items():
        grown = min(room, columns[index].natural - given)
        chosen[index] = given + grown
        room -= grown
    each = min(_WIDEST_SPREAD, room // max(1, len(chosen)))
    return {index: chosen[index] + each for index in sorted(chosen)}


def table(columns: Sequence[Column], width: int, *, head: bool = True) -> list[Text]:
    """The columns that fit, one line a row, below a line of titles."""
    chosen = widths(columns, width)
    lines = []
    if head:
        titles = (_cell(Text(columns[i].title, "dim"), chosen[i], right=columns[i].right) for i in chosen)
        lines.append(Text(" " * GAP).join(titles))
    for row in range(max((len(column.cells) for column in columns), default=0)):
        cells = (_cell(columns[i].cells[row], chosen[i], right=columns[i].right) for i in chosen)
        lines.append(Text(" " * GAP).join(cells))
    return lines


def cut(text: Text, width: int) -> Text:
    """At most `width` cells of a text, an ellipsis where it was cut; a number stays whole or goes whole."""
    if text.cell_len <= width:
        return text
    if width < 1:
        return Text()
    plain = text.plain
    end = bisect_right(range(len(plain) + 1), width - 1, key=lambda count: cell_len(plain[:count])) - 1
    for number in _NUMBER.finditer(plain):
        whole = number.end() <= end and cell_len(plain[: number.end()]) <= width - 2
        if number.start() < end and not whole:
            end = number.start()
    kept = text[:end]
    kept.rstrip()
    return kept.append(" …" if kept.plain[-1:].isdigit() else "…")


def spread(left: Text, right: Sequence[Text], width: int) -> Text:
    """`left` cut to what remains beside the first of the alternatives of `right` that leaves room for all of it.

    Where none does, the last alternative is taken, or none at all below half the width.
    """
    for choice in right:
        if left.cell_len + GAP + choice.cell_len <= width:
            break
    else:
        choice = right[-1] if right and right[-1].cell_len + GAP <= width // 2 else Text()
    room = width - choice.cell_len - GAP
    words = cut(left, room if choice else width)
    return Text.assemble(words, " " * (width - words.cell_len - choice.cell_len), choice)


def rule(title: Text, width: int) -> Text:
    """A title within a line across the width."""
    words = cut(title, width - 2)
    return Text.assemble(words, " ", ("─" * max(0, width - words.cell_len - 1), "dim"))


def bar(part: float, width: int, style: str) -> Text:
    """How full something is."""
    full = int(min(1.0, max(0.0, part)) * width)
    return Text.assemble(("█" * full, style), ("░" * (width - full), "dim"))


def beside(left: Sequence[Text], right: Sequence[Text], left_width: int, gap: int) -> list[Text]:
    """Two blocks side by side."""
    lines = []
    for row in range(max(len(left), len(right))):
        first = left[row] if row < len(left) else Text()
        second = right[row] if row < len(right) else Text()
        lines.append(Text.assemble(first, " " * (left_width + gap - first.cell_len), second))
    return lines


@dataclass(frozen=True, slots=True)
class Section:
    """A block of lines that can be drawn in any height from `least` rows on.

    Those of lower `rank` get their `least` rows first, then what is `enough` for them; what is still left is dealt
    round, up to `wish`. A section keeps its rows whatever it holds, so that nothing below it jumps.
    """

    draw: Callable[[int], list[Text]]
    rank: int
    least: int
    enough: int
    wish: int


def stack(sections: Sequence[Section], height: int) -> list[Text]:
    """The sections below each other, at most `height` lines."""
    rows = dict.fromkeys(range(len(sections)), 0)
    order = sorted(rows, key=lambda index: sections[index].rank)
    left = height
    for index in order:
        if sections[index].least <= left:
            rows[index] = sections[index].least
            left -= rows[index]
    order = [index for index in order if rows[index] == sections[index].least]
    for index in order:
        grown = min(left, sections[index].enough - rows[index])
        rows[index] += grown
        left -= grown
    while growing := [index for index in order if rows[index] < sections[index].wish][:left]:
        for index in growing:
            rows[index] += 1
        left -= len(growing)
    lines: list[Text] = []
    for index, section in enumerate(sections):
        drawn = section.draw(rows[index])[: rows[index]] if rows[index] else []
        lines += [*drawn, *(Text() for _ in range(rows[index] - len(drawn)))]
    return lines


def _cell(text: Text, width: int, *, right: bool) -> Text:
    shown = cut(text, width)
    idle = " " * (width - shown.cell_len)
    return Text.assemble(idle, shown) if right else Text.assemble(shown, idle)
