"""How near the limits of an account are: a bar and its figures for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from trader_cli.cleaning import foreign
from trader_cli.cli.figures import amount, number, share, value_of
from trader_cli.cli.fitting import GAP, bar, cut, rule

if TYPE_CHECKING:
    from trader_cli.engine.snapshot import Gauge, Snapshot

NEAR = 0.8
"""From this share of a limit on its bar is red."""

_WIDTH = 36
_NAME = 10
_BAR = 10


def limits(snapshot: Snapshot, width: int) -> list[Text]:
    """How near each limit is: a bar, and the figures where they fit."""
    across = max(1, (width + GAP) // (_WIDTH + GAP))
    each = (width + GAP) // across - GAP
    drawn = [_gauge(gauge, each) for gauge in snapshot.gauges]
    lines = [rule(Text("Limits", "bold"), width)]
    for start in range(0, len(drawn), across):
        padded = (Text.assemble(line, " " * (each - line.cell_len)) for line in drawn[start : start + across])
        lines.append(Text(" " * GAP).join(padded))
    return lines


def _gauge(gauge: Gauge, width: int) -> Text:
    used, limit = value_of(gauge.used) or 0.0, value_of(gauge.limit) or 0.0
    part = used / limit if limit > 0.0 else 0.0
    style = "red" if gauge.tripped or part >= NEAR else ""
    name = cut(Text(foreign(words(gauge.name)), style), _NAME)
    room = width - _NAME - _BAR - 2
    readings = [reading(gauge), share(part, decimals=0, signed=False)]
    marks = (" tripped", " !") if gauge.tripped else ("",)
    fitting = [said + mark for said in readings for mark in marks if len(said + mark) <= room]
    said = fitting[0] if fitting else ""
    return Text.assemble(name, " " * (_NAME + 1 - name.cell_len), bar(part, _BAR, style), " ", (said, style))


def reading(gauge: Gauge) -> str:
    """`2.1 % of 5.0 %`, `3 of 8`, `2,000 of 3,000`."""
    pair = gauge.used, gauge.limit
    if gauge.unit == "%":
        return " of ".join(share(value, decimals=1, signed=False) for value in pair)
    return " of ".join(number(value) if gauge.unit == "#" else amount(value, cents=False) for value in pair)


def words(code: str) -> str:
    """A limit's name, or a halt's reason, as people write it."""
    return code.replace("_", " ")
