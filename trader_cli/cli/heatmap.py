"""A heat map in the terminal: coloured cells with their figures where these fit, plain figures without colours."""

from __future__ import annotations

import math
from itertools import count
from typing import TYPE_CHECKING

from rich.text import Text

from trader_cli.app.colours import Shades, ink
from trader_cli.cleaning import foreign
from trader_cli.cli import render
from trader_cli.cli.figures import number
from trader_cli.cli.fitting import cut
from trader_cli.metrics.forms import is_share, words

if TYPE_CHECKING:
    from trader_cli.app.colours import Colour
    from trader_cli.app.heatmap import HeatMap, Scale

MOST_ROWS = 40
_WIDEST_LABEL = 20
_FIGURE = 6
"""Cells for a figure and its mark, at least."""
_BLOCK = 2
"""Cells of a block without a figure, at least."""
_WIDEST_BLOCK = 4
_LEGEND = 24
HIGHEST = "*"
"""The mark of the highest cell."""


def show(heat: HeatMap) -> None:
    """Draws a heat map as wide as the terminal is."""
    console = render.console()
    is_coloured = console.color_system is not None and not console.no_color
    render.drawn([Text(), *lines(heat, console.width, is_coloured=is_coloured)])


def lines(heat: HeatMap, width: int, *, is_coloured: bool) -> list[Text]:
    """The map, below a title and above its legend; neighbours share a row or a column where there are too many."""
    y = heat.y.fitted(MOST_ROWS)
    margin = max(len(heat.y.name), *map(len, y.labels)) if y.labels else len(heat.y.name)
    margin = min(margin, _WIDEST_LABEL)
    room = width - margin - 1
    x, cell, has_figures = _columns(heat.x, room, is_coloured=is_coloured)
    shown = heat.over(x, y)
    shades = Shades.of(heat.figure, shown.values) if is_coloured else None
    figures = _figures(shown, cell - 2) if has_figures else None
    drawn = [*_title(shown), Text(), *_head(shown, margin, cell)]
    for row, label in enumerate(y.labels):
        start = cut(Text(foreign(label)), margin)
        line = Text.assemble(" " * (margin - start.cell_len), start, " ")
        for column in range(len(x)):
            line.append_text(_cell(shown, row, column, cell, figures, shades))
        if shades is None:
            line.rstrip()
        drawn.append(line)
    return [*drawn, Text(), *_legend(shown, shades)]


def _columns(x: Scale, room: int, *, is_coloured: bool) -> tuple[Scale, int, bool]:
    """The columns that fit, how wide each is, and whether figures stand in them.

    Colours speak for themselves: before neighbours would have to share a column, the figures go.
    """
    for step in count(1):
        fitting = x.by(step)
        wide = max(_FIGURE, *(min(len(label), _WIDEST_LABEL) for label in fitting.labels), 0) + 1
        if len(fitting) * wide <= room or len(fitting) == 1:
            return fitting, wide, True
        if is_coloured and len(fitting) * _BLOCK <= room:
            return fitting, min(_WIDEST_BLOCK, room // len(fitting)), False
    raise AssertionError


def _figures(heat: HeatMap, width: int) -> list[list[str]]:
    """All figures in one form: the most decimals, at most two, with which the longest fits."""
    scale = 100.0 if is_share(heat.figure) else 1.0
    values = [[value * scale for value in row] for row in heat.values.tolist()]
    known = [value for row in values for value in row if not math.isnan(value)]
    most = 0 if all(map(float.is_integer, known)) else 1 if is_share(heat.figure) else 2
    for form in (*(f".{decimals}f" for decimals in range(most, -1, -1)), ".1e", ".0e"):
        texts = [[_written(value, form) for value in row] for row in values]
        if all(len(text) <= width for row in texts for text in row):
            return texts
    return texts


def _written(value: float, form: str) -> str:
    if math.isnan(value):
        return ""
    digits, exponent, power = format(value, form).partition("e")
    text = f"{digits}e{int(power)}" if exponent else digits
    return text if float(text) else text.removeprefix("-")


def _cell(
    heat: HeatMap, row: int, column: int, width: int, figures: list[list[str]] | None, shades: Shades | None
) -> Text:
    """One cell: blank where no run is, a dash where none of its runs has the figure."""
    value = float(heat.values[row, column])
    mark = HIGHEST if heat.highest == (row, column) else " "
    if math.isnan(value):
        return Text(("- " if heat.pivot.runs[row, column] else "").rjust(width))
    text = mark.center(width) if figures is None else f"{figures[row][column]}{mark}".rjust(width)
    if shades is None:
        return Text(text)
    colour = shades.colour(value)
    return Text(text, f"{'bold ' if mark == HIGHEST else ''}{_rgb(ink(colour))} on {_rgb(colour)}")


def _head(heat: HeatMap, margin: int, cell: int) -> list[Text]:
    """The names of both axes, and the labels of the columns, as many as fit."""
    labels = [cut(Text(foreign(label)), max(cell - 1, _WIDEST_LABEL)).plain for label in heat.x.labels]
    every = -(-(max(map(len, labels), default=0) + 1) // cell)
    down = cut(Text(foreign(heat.y.name), "dim"), margin)
    line = Text.assemble(" " * (margin - down.cell_len), down, " ")
    for start in range(0, len(labels), every):
        wide = cell * min(every, len(labels) - start)
        if every == 1:
            line.append(f"{labels[start]} ".rjust(cell))
        elif len(labels[start]) < wide:
            line.append(labels[start].ljust(wide))
    across = Text(foreign(heat.x.name), "dim")
    line.rstrip()
    return [Text.assemble(" " * (margin + 1), across), line]


def _title(heat: HeatMap) -> list[Text]:
    runs = heat.pivot.runs[heat.pivot.runs > 0]
    some = f"{runs.min():,}" if runs.min() == runs.max() else f"{runs.min():,} to {runs.max():,}"
    unit = " (%)" if is_share(heat.figure) else ""
    fold = "best" if heat.is_best else "median"
    what = f"{words(heat.figure)}{unit}"
    said = what if runs.max() == 1 else f"{fold} {what} of the {some} runs of each cell"
    binned = [
        f"{axis.step} neighbouring values of {axis.name} share a cell" for axis in (heat.x, heat.y) if axis.step > 1
    ]
    return [Text(foreign(text)) for text in (said, *binned)]


def _legend(heat: HeatMap, shades: Shades | None) -> list[Text]:
    """From the lowest to the highest, and where that is."""
    if heat.highest is None:
        return [Text("no run has this figure")]
    row, column = heat.highest
    known = [value for line in heat.values.tolist() for value in line if not math.isnan(value)]
    low, high = min(known), max(known)
    scale, unit = (100.0, " %") if is_share(heat.figure) else (1.0, "")
    ends = [f"{number(value * scale, digits=3)}{unit}" for value in (low, high)]
    where = f"{heat.y.name} {heat.y.labels[row]}, {heat.x.name} {heat.x.labels[column]}"
    if shades is None:
        first = Text(f"lowest {ends[0]}, highest {ends[1]}")
    else:
        steps = [low + (high - low) * place / (_LEGEND - 1) for place in range(_LEGEND)]
        bar = [(" ", f"on {_rgb(shades.colour(value))}") for value in steps]
        first = Text.assemble(f"{ends[0]} ", *bar, f" {ends[1]}")
    said = [first, Text(foreign(f"{HIGHEST} highest at {where}"))]
    if heat.is_best and heat.pivot.runs.max() > 1:
        said.append(Text("the best of many runs flatters: the median says what to expect"))
    return said


def _rgb(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
