"""The parts of the cockpit: how all variants stand together, what is wrong with some, and a row for each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from trader_cli.cleaning import foreign
from trader_cli.cli.figures import NOTHING, age, amount, gain, share, value_of
from trader_cli.cli.fitting import GAP, Column, bar, cut, rule, spread, table, widths
from trader_cli.cli.gauges import NEAR
from trader_cli.cli.panels import ALARM, coloured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from trader_cli.engine.snapshot import Standing

TROUBLE = ("failed", "cut_off", "silent", "halted", "exits-only", "no-entries")
"""The states that are told above the rows, the worst first."""

_BAR = 4
_WIDE = 60
_SHORT = {"daily loss": "day"}
_SHORTEST_NAME = 10
_GAUGE_NAME = 9
_CALM = len(TROUBLE)


@dataclass(frozen=True, slots=True)
class Sums:
    """What several variants come to; `unknown` is of how many that is not known."""

    equity: float | None
    day_pnl: float | None
    holding: int
    positions: int
    unknown: int

    @classmethod
    def of(cls, standings: Sequence[Standing]) -> Sums:
        """Added up; None where nothing is known of any."""
        pairs = [(value_of(each.equity), value_of(each.day_pnl)) for each in standings]
        equity = [one for one, _ in pairs if one is not None]
        made = [other for _, other in pairs if other is not None]
        return cls(
            sum(equity) if equity else None,
            sum(made) if made else None,
            sum(bool(each.held) for each in standings),
            sum(len(each.held) for each in standings),
            sum(None in pair for pair in pairs),
        )


def header(title: str, standings: Sequence[Standing], now: datetime, width: int) -> list[Text]:
    """What this is, whether all is well, and how many are in which state."""
    count = Counter(foreign(each.state) for each in standings)
    worst = next((state for state in TROUBLE if count[state]), None)
    status = Text("ok") if worst is None else Text(f"{count[worst]} {_loud(worst)}", _style(worst))
    clock = Text(f"{now:%Y-%m-%d %H:%M:%S} UTC")
    ordered = sorted(count, key=lambda state: (_place(state), state != "running", state))
    return [
        spread(Text(foreign(title), "bold"), [Text.assemble(status, " " * GAP, clock), status], width),
        _whole([Text(f"{count[state]} {_words(state)}", _style(state)) for state in ordered], width),
    ]


def money(standings: Sequence[Standing], width: int) -> list[Text]:
    """What all have and made today; in one line or two, as the width allows."""
    sums = Sums.of(standings)
    day = coloured(gain(sums.day_pnl), sums.day_pnl)
    cells = [
        ("Equity", Text(amount(sums.equity), "bold")),
        ("Today", _result(sums) if width >= _WIDE else day),
        ("Positions", Text(f"{sums.positions} in {sums.holding}" if sums.positions else "none")),
        ("Unknown", Text(f"{sums.unknown} of {len(standings)}", "bold")),
    ]
    least = 14 if width >= _WIDE else 0
    shown = cells if sums.unknown else cells[:-1]
    columns = [Column(title, [value], rank, least) for rank, (title, value) in enumerate(shown)]
    if {0, 1} <= set(widths(columns, width)):
        return table(columns, width)
    return [_whole([Text.assemble((f"{title} ", "dim"), value)], width) for title, value in (cells[0], ("Today", day))]


def money_line(standings: Sequence[Standing], width: int) -> list[Text]:
    """The same where there is but one line for it."""
    sums = Sums.of(standings)
    equity = Text.assemble(("Equity ", "dim"), amount(sums.equity))
    return [_whole([Text.assemble(("Today ", "dim"), coloured(gain(sums.day_pnl), sums.day_pnl)), equity], width)]


def alarms(standings: Sequence[Standing], width: int, rows: int) -> list[Text]:
    """What is wrong, a line a variant, the worst first; the last line says how many more there are."""
    found = [each for each in by_weight(standings) if each.state in TROUBLE]
    lines = []
    for place, each in enumerate(found[:rows]):
        unseen = len(found) - rows if place == rows - 1 else 0
        since = "" if each.decided_at is None or each.state != "failed" else f"{each.decided_at:%m-%d %H:%M}"
        words = Text.assemble(
            (f" {_loud(each.state)} ", _style(each.state)), f" {foreign(each.variant)}: {_trouble(each)}"
        )
        more = Text(f"+{unseen} more", "bold") if unseen > 0 else Text(since, "dim")
        lines.append(spread(words, [more], width))
    return lines


def rows(standings: Sequence[Standing], now: datetime, width: int, height: int) -> list[Text]:
    """A line a variant below a line of titles; in their own order, the most important first where they do not all fit.

    Those that found no line are added up in the last one. A last decision that finds no room beside its variant stands
    below it where all of them can.
    """
    title = Text.assemble(("Variants", "bold"), f" {len(standings)}")
    room = height - 2
    if not standings:
        return [rule(title, width), Text("none", "dim")]
    count = len(standings) if len(standings) <= room else max(1, room - 1)
    ordered = list(standings) if count == len(standings) else by_weight(standings)
    shown, rest = ordered[:count], ordered[count:]
    columns = _columns(shown, now)
    head, *lines = table(columns, width)
    if len(columns) - 1 not in widths(columns, width) and 2 * count <= room:
        below = (Text.assemble("  ", (f"last decision: {foreign(each.decision) or NOTHING}", "dim")) for each in shown)
        lines = [line for pair in zip(lines, below, strict=True) for line in pair]
    return [rule(title, width), head, *lines, *([_rest(rest, width)] if rest else [])]


def by_weight(standings: Iterable[Standing]) -> list[Standing]:
    """Those in trouble first, the worst before the others; then those that hold something; else as they stand."""
    return sorted(standings, key=lambda each: (_place(each.state), not each.held))


def _rest(rest: Sequence[Standing], width: int) -> Text:
    """The sums of those that found no row."""
    sums = Sums.of(rest)
    pieces = [
        Text(f"+{len(rest)} more", "bold"),
        Text.assemble(("today ", "dim"), coloured(gain(sums.day_pnl), sums.day_pnl)),
        Text.assemble(("equity ", "dim"), amount(sums.equity)),
        Text.assemble(("positions ", "dim"), f"{sums.positions}"),
    ]
    return _whole(pieces, width)


def _whole(pieces: Iterable[Text], width: int) -> Text:
    """The pieces that fit, each whole."""
    line = Text()
    for piece in pieces:
        gap = " " * GAP if line else ""
        if line.cell_len + len(gap) + piece.cell_len <= width:
            line = Text.assemble(line, gap, piece)
    return line


def _columns(shown: Sequence[Standing], now: datetime) -> list[Column]:
    def column(title: str, cell: Callable[[Standing], Text], rank: int, least: int, *, right: bool = False) -> Column:
        return Column(title, [cell(each) for each in shown], rank, least, right)

    def words(title: str, cell: Callable[[Standing], Text], rank: int, shortest: int) -> Column:
        return Column(title, [cell(each) for each in shown], rank, shortest, shortest=shortest)

    return [
        words("variant", lambda each: Text(foreign(each.variant), "bold"), 0, _SHORTEST_NAME),
        column("state", lambda each: Text(_words(each.state), _style(each.state)), 1, 10),
        words("holds", _holds, 5, 11),
        column("today", lambda each: coloured(gain(each.day_pnl), each.day_pnl), 2, 8, right=True),
        column("equity", lambda each: Text(amount(each.equity)), 7, 9, right=True),
        column("nearest limit", _nearest, 4, 20),
        column("data", lambda each: _age(each.data_time, now), 3, 4, right=True),
        words("last decision", lambda each: Text(foreign(each.decision) or NOTHING, "dim"), 6, 13),
    ]


def _holds(standing: Standing) -> Text:
    held = standing.held
    if not held:
        return Text(NOTHING, "dim")
    return Text(foreign(held[0]) if len(held) == 1 else f"{len(held)} positions")


def _nearest(standing: Standing) -> Text:
    """The limit that is used most: its name, a bar, how much of it is used."""
    gauge = standing.nearest
    if gauge is None:
        return Text(NOTHING, "dim")
    used, limit = value_of(gauge.used), value_of(gauge.limit)
    part = used / limit if used is not None and limit else 0.0
    style = "red" if gauge.tripped or part >= NEAR else ""
    name = cut(Text(_SHORT.get(gauge.name, _words(gauge.name)), style), _GAUGE_NAME)
    idle = " " * (_GAUGE_NAME + 1 - name.cell_len)
    said = share(gauge.used, gauge.limit, decimals=0, signed=False)
    return Text.assemble(name, idle, bar(part, _BAR, style), (f"{said:>6}", style))


def _age(moment: datetime | None, now: datetime) -> Text:
    """In its larger unit alone: a cockpit's column is narrow."""
    return Text(NOTHING if moment is None else age(moment, now).split(" ", maxsplit=1)[0])


def _result(sums: Sums) -> Text:
    if sums.day_pnl is None or sums.equity is None:
        return Text(NOTHING)
    return coloured(f"{gain(sums.day_pnl)}  {share(sums.day_pnl, sums.equity - sums.day_pnl)}", sums.day_pnl)


def _trouble(standing: Standing) -> str:
    """Why it does not trade as it should, and what ends that."""
    if standing.state == "cut_off":
        return "killed; the same command goes on where it was"
    if standing.state in {"halted", "exits-only"}:
        closes = "exits only; " if standing.state == "exits-only" else ""
        return f"kill switch; {closes}`trader resume` ends it"
    if standing.state == "no-entries":
        tripped = [foreign(each.name) for each in standing.gauges if each.tripped and each.unit == "%"]
        return f"{' and '.join(tripped) or 'loss'} limit reached"
    return foreign(standing.decision) or "no reason is known"


def _place(state: str) -> int:
    return TROUBLE.index(state) if state in TROUBLE else _CALM


def _style(state: str) -> str:
    if state in {"failed", "cut_off", "halted", "silent"}:
        return ALARM
    return "red" if state in TROUBLE else "green" if state == "running" else "dim"


def _words(state: str) -> str:
    return foreign(state).replace("_", " ")


def _loud(state: str) -> str:
    return _words(state).replace("-", " ").upper()
