"""The parts of the dashboard: each a few lines of a given width, drawn from a snapshot alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from trader_cli.cleaning import foreign
from trader_cli.cli import drivers
from trader_cli.cli.figures import age, amount, gain, number, prices, share, value_of
from trader_cli.cli.fitting import GAP, Column, bar, cut, rule, spread, table, widths
from trader_cli.cli.gauges import reading, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.trade import Halt
    from trader_cli.engine.snapshot import HeldPosition, Snapshot

ALARM = "bold white on red"
_SYMBOL = 14
_SOURCE = 9
_BAR = 10


def coloured(text: str, worth: object) -> Text:
    """A gain in green, a loss in red; the sign says it too."""
    value = value_of(worth) or 0.0
    return Text(text, "green" if value > 0.0 else "red" if value < 0.0 else "")


def header(snapshot: Snapshot, width: int) -> list[Text]:
    """Who trades, where, how far it is."""
    status = _status(snapshot)
    clock = Text(f"{snapshot.time:%Y-%m-%d %H:%M:%S} UTC")
    name = Text(foreign(snapshot.variant), "bold")
    right = [Text.assemble(status, " " * GAP, clock), status]
    rest = [room for each in right if (room := width - name.cell_len - GAP - each.cell_len) >= 0]
    source = cut(Text(f"from {foreign(snapshot.source)}", "dim"), rest[0] - GAP) if rest else Text()
    if source.cell_len >= _SOURCE:  # the clock says more than the first letters of a path
        name = Text.assemble(name, " " * GAP, source)
    cell = " · ".join(
        foreign(word)
        for word in (snapshot.broker, snapshot.strategy, snapshot.mode, snapshot.asset_class, snapshot.timeframe)
    )
    return [
        spread(name, right, width),
        spread(Text(cell), _progress(snapshot), width),
    ]


def _status(snapshot: Snapshot) -> Text:
    """All in one word: first whether anybody trades at all, then what keeps him from it."""
    driver = snapshot.driver
    if driver is not None and (word := drivers.status(driver)):
        return word
    if halted(snapshot):
        return Text("HALTED", ALARM)
    return Text("WARNING", "bold") if snapshot.warnings else Text("running" if driver else "ok")


def _progress(snapshot: Snapshot) -> list[Text]:
    """How far the session is, from its longest form to its shortest."""
    done, all_of_them = f"cycle {snapshot.cycle:,}", snapshot.cycles
    if snapshot.driver is not None:
        heard = drivers.pulses(snapshot.driver)
        return [*(Text(f"{pulse}  {done}".strip()) for pulse in heard), Text(heard[-1] or done)]
    if all_of_them is None:
        return [Text(done)]
    part = share(snapshot.cycle, all_of_them, decimals=0, signed=False)
    count = f"{done} of {all_of_them:,}"
    drawn = bar(snapshot.cycle / max(1, all_of_them), _BAR, "")
    return [Text.assemble(count, " " * GAP, drawn, f" {part:>5}"), Text(f"{count}  {part}"), Text(done)]


def halted(snapshot: Snapshot) -> tuple[Halt, ...]:
    """The halts that still hold, the latest of each reason: one of a limit is over once its gauge is free again."""
    free = {_plain_name(gauge.name) for gauge in snapshot.gauges if not gauge.tripped}
    latest = {halt.reason: halt for halt in snapshot.halts}
    return tuple(halt for halt in latest.values() if _plain_name(halt.reason) not in free)


def _plain_name(name: str) -> str:
    return name.replace("_", " ").removeprefix("max ")


def alarms(snapshot: Snapshot, width: int, rows: int) -> list[Text]:
    """What a glance must not miss: why nothing is entered, and what was warned of; nothing where all is well.

    At most `rows` lines, and one more where there is no room else for a warning.
    """
    held = halted(snapshot)
    said = {_plain_name(halt.reason) for halt in held}
    lines = [] if snapshot.driver is None else drivers.alarm(snapshot.driver)
    for halt in held:
        why = Text.assemble((" HALT ", ALARM), f" {foreign(words(halt.reason))}: {foreign(halt.detail)}")
        lines.append(spread(why, [Text(f"{halt.time:%m-%d %H:%M}", "dim")], width))
    lines += [
        Text.assemble((" NO ENTRIES ", ALARM), f" {foreign(words(gauge.name))} {reading(gauge)}")
        for gauge in snapshot.gauges
        if gauge.tripped and gauge.unit == "%" and _plain_name(gauge.name) not in said
    ]
    del lines[rows:]
    warned = list(reversed(snapshot.warnings))
    room = max(1, rows - len(lines))
    for place, warning in enumerate(warned[:room]):
        unseen = len(warned) - room if place == room - 1 else 0
        more = [Text(f"+{unseen} more", "bold")] if unseen > 0 else [Text()]
        lines.append(spread(Text.assemble((" WARNING ", "bold reverse"), f" {foreign(warning)}"), more, width))
    return [cut(line, width) for line in lines]


def money(snapshot: Snapshot, width: int) -> list[Text]:
    """Is it making money? Equity and the day's result are there at any width that can hold them."""
    cells = _money_cells(snapshot)
    day = coloured(gain(snapshot.day_pnl), snapshot.day_pnl)
    columns = [Column(title, [value], rank, least=14) for rank, (title, value) in enumerate(cells)]
    if 1 not in (shown := widths(columns, width)):
        columns[0], columns[1] = Column("Equity", [cells[0][1]], 0), Column("Today", [day], 1)
        shown = widths(columns, width)
    if not {0, 1} <= set(shown):
        stacked = [cells[0], ("Today", day), *cells[3:]]
        return [_sentence([cell], width) for cell in stacked]
    rest = [cell for index, cell in enumerate(cells) if index not in shown]
    lines = table([columns[index] for index in shown], width)
    return [*lines, _sentence(rest, width)] if rest else lines


def money_line(snapshot: Snapshot, width: int) -> list[Text]:
    """The same where there is but one line for it."""
    return [_sentence(_money_cells(snapshot)[:2], width)]


def _money_cells(snapshot: Snapshot) -> list[tuple[str, Text]]:
    """Titles and figures, what matters most first."""
    opening = snapshot.equity - snapshot.day_pnl
    total = snapshot.equity - snapshot.starting_balance
    exposed = share(snapshot.exposure, snapshot.equity, decimals=0, signed=False)
    rate = share(snapshot.wins, snapshot.trade_count, decimals=0, signed=False) if snapshot.trade_count else ""
    return [
        ("Equity", Text(amount(snapshot.equity), "bold")),
        ("Today", _result(snapshot.day_pnl, opening)),
        ("Since start", _result(total, snapshot.starting_balance)),
        ("Cash", Text(amount(snapshot.cash))),
        ("Exposure", Text(f"{amount(snapshot.exposure)}  {exposed}")),
        ("Realized", coloured(gain(snapshot.realized_pnl), snapshot.realized_pnl)),
        ("Won", Text(f"{snapshot.wins:,} of {snapshot.trade_count:,}  {rate}")),
    ]


def _result(made: float, of: float) -> Text:
    return coloured(f"{gain(made)}  {share(made, of)}", made)


def _sentence(pairs: Sequence[tuple[str, Text]], width: int) -> Text:
    """Titles and figures in one line, as many as fit."""
    line = Text()
    for title, value in pairs:
        piece = Text.assemble((f"{title} ", "dim"), value)
        if line.cell_len + piece.cell_len <= width:
            line = Text.assemble(line, piece, " " * 4)
    line.rstrip()  # else a line that fits would be cut for the sake of its last spaces
    return line


def positions(snapshot: Snapshot, width: int, rows: int) -> list[Text]:
    """What is held, in the order of the symbol list."""
    held = snapshot.positions
    together = sum(value_of(each.unrealized_pnl) or 0.0 for each in held)
    title = Text.assemble(("Positions", "bold"), f" {len(held)}")
    if held:
        title = Text.assemble(title, ("  unrealized ", "dim"), coloured(gain(together), together))
    room = rows - 2
    shown = held if len(held) <= room else held[: max(1, room - 1)]
    lines = [rule(title, width)]
    if not held:
        return [*lines, Text("none", "dim")]
    lines += table(_position_columns(shown, snapshot), width)
    if len(shown) < len(held) and room > 1:
        rest = sum(value_of(each.unrealized_pnl) or 0.0 for each in held[len(shown) :])
        lines.append(Text.assemble((f"+{len(held) - len(shown)} more", "bold"), "  ", coloured(gain(rest), rest)))
    return lines


def _position_columns(held: Sequence[HeldPosition], snapshot: Snapshot) -> list[Column]:
    rows = [prices((each.entry_price, each.mark, each.stop, each.target)) for each in held]

    def figures(title: str, texts: Sequence[Text | str], rank: int, least: int) -> Column:
        cells = [Text(text) if isinstance(text, str) else text for text in texts]
        return Column(title, cells, rank, least, right=True)

    notional = [each.entry_price * each.quantity for each in held]
    return [
        symbols([each.symbol for each in held]),
        Column("side", [Text(each.side) for each in held], 1, least=5),
        figures("quantity", [number(each.quantity, digits=6) for each in held], 7, 8),
        figures("entry", [row[0] for row in rows], 9, 8),
        figures("mark", [row[1] for row in rows], 3, 8),
        figures("stop", [row[2] for row in rows], 4, 8),
        figures("target", [row[3] for row in rows], 5, 8),
        figures("P&L", [coloured(gain(each.unrealized_pnl), each.unrealized_pnl) for each in held], 2, 8),
        figures(
            "%",
            [
                coloured(share(each.unrealized_pnl, paid), each.unrealized_pnl)
                for each, paid in zip(held, notional, strict=True)
            ],
            8,
            7,
        ),
        figures("age", [age(each.opened_at, snapshot.time) for each in held], 6, 6),
        figures("bars", [f"{each.bars_held:,}" for each in held], 10, 5),
    ]


def symbols(names: Sequence[str]) -> Column:
    """The first column of most tables."""
    return Column("symbol", [Text(foreign(name), "bold") for name in names], 0, least=9, shortest=_SYMBOL)
