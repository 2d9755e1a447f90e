"""How far a decision was from the levels that its strategy waits for, in words; and decisions in a line each."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING, Any

from trader_cli.cli.figures import NOTHING, foreign, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trader_cli.cli.fitting import Column

    type Row = Mapping[str, Any]

_MOST_DECIMALS = 12
_LARGE = 1e12
_AT_MOST = "not above"


def sentence(trigger: Row) -> str:
    """One trigger in the strategy's own units.

    >>> told = {"name": "buy", "measure": "RSI", "value": 34.2, "level": 30.0, "must_be": "below", "unit": ""}
    >>> sentence({**told, "distance": 4.2, "met": False})
    'buy: RSI 34.20, 4.20 above the trigger 30'
    """
    name, measure = foreign(trigger["name"]), foreign(trigger["measure"])
    value, level = trigger["value"], trigger["level"]
    if value is None or level is None:
        return f"{name}: {measure} is not known"
    what = "limit" if trigger["must_be"] == _AT_MOST else "trigger"
    side = "above" if value > level else "below"
    away = _figure(trigger, abs(trigger["distance"]))
    verdict = ", met" if trigger["met"] else ", not met" if what == "limit" else ""
    said = f"{name}: {measure} {_figure(trigger, value, signed=True)}"
    where = f"at the {what}" if not trigger["distance"] else f"{away} {side} the {what}"
    return f"{said}, {where} {_level(trigger)}{verdict}"


def lines(decisions: Sequence[Row], width: int) -> Iterator[str]:
    """A line a decision below a line of titles: what was seen, how far an entry was, what came of it."""
    from rich.text import Text

    from trader_cli.cli.fitting import Column, table

    def column(title: str, cells: Sequence[str], rank: int, *, least: int = 0, shortest: int | None = None) -> Column:
        return Column(title, [Text(cell) for cell in cells], rank, least, shortest=shortest)

    symbols = {decision["symbol"] for decision in decisions}
    columns = [
        column("time", [decision["time"][:16].replace("T", " ") for decision in decisions], 0),
        *([_symbol(decisions)] if len(symbols) > 1 else []),
        column("signal", [foreign(decision["signal"]) for decision in decisions], 1, shortest=4),
        column("value", [_value(decision) for decision in decisions], 3),
        column("to an entry", [_distance(decision) for decision in decisions], 2),
        column("outcome", [_outcome(decision) for decision in decisions], 4, shortest=12),
    ]
    for line in table(columns, width):
        yield line.plain.rstrip()


def _symbol(decisions: Sequence[Row]) -> Column:
    from trader_cli.cli.panels import symbols

    return symbols([decision["symbol"] for decision in decisions])


def nearest(decision: Row) -> Row | None:
    """The trigger of an entry that the decision was nearest to, by what it has still to go."""
    entries = [each for each in decision["triggers"] if each["enters"] and each["distance"] is not None]
    return min(entries, key=lambda trigger: trigger["distance"], default=None)


def _value(decision: Row) -> str:
    trigger = nearest(decision)
    if trigger is None:
        return NOTHING
    return f"{foreign(trigger['measure'])} {_figure(trigger, trigger['value'], signed=True)}"


def _distance(decision: Row) -> str:
    trigger = nearest(decision)
    if trigger is None:
        return NOTHING
    if trigger["met"]:
        filters = (
            each for each in decision["triggers"] if each["must_be"] == _AT_MOST and each["distance"] is not None
        )
        trigger = next((each for each in filters if not each["met"]), trigger)
    name = foreign(trigger["name"])
    return f"{name}: met" if trigger["met"] else f"{name}: {_figure(trigger, trigger['distance'])}"


def _outcome(decision: Row) -> str:
    """The gate that was not passed, with its reason; else what came of it."""
    failed = next((gate for gate in decision["gates"] if not gate["passed"]), None)
    if failed is None:
        return foreign(decision["outcome"]).replace("_", " ")
    return f"{foreign(failed['name']).replace('_', ' ')}: {foreign(failed['detail'])}"


def _figure(trigger: Row, value: float, *, signed: bool = False) -> str:
    """A value or a distance in its unit, as exact as the larger of value and level is worth; a change with its sign."""
    unit = foreign(trigger["unit"])
    size = max(abs(trigger["value"]), abs(trigger["level"]))
    decimals = min(_MOST_DECIMALS, 3 - floor(log10(size))) if 0.0 < size < 1.0 else 2
    text = f"{round(value, decimals) + 0.0:.{decimals}f}" if size < _LARGE else number(value)
    return f"{'+' if signed and unit and value > 0 else ''}{text} {unit}".rstrip()


def _level(trigger: Row) -> str:
    """As it was set."""
    unit, level = foreign(trigger["unit"]), trigger["level"]
    return f"{'+' if unit and level > 0 else ''}{number(level)} {unit}".rstrip()
