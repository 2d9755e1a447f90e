"""`trader why`: the record of a decision, explained."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trader_cli.cli import options, render
from trader_cli.cli.figures import foreign, number
from trader_cli.cli.knowing import asked
from trader_cli.cli.triggers import lines, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    type Row = Mapping[str, Any]


def why(
    context: typer.Context,
    reference: options.Variant,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="On the bar of this time, or the last one before it; default: the latest."),
    ] = None,
    symbol: Annotated[str | None, typer.Option(help="On this symbol; default: on each.")] = None,
    last: Annotated[int, typer.Option(min=1, help="So many decisions on each symbol, oldest first.")] = 1,
    as_json: options.Json = False,
) -> None:
    """Explains decisions: what the strategy saw, how far that was from its triggers, which gates its wish met, and what
    came of it.

    Times are those of bars, as `trader orders` shows them. With --last N each decision is a line: `to an entry` is how
    far its value was from the nearest trigger of an entry, `outcome` the gate that failed, or what was done.

    Example: `trader why demo_btc_rsi --at 2018-07-10T06:00Z`
    """
    from trader_cli.app import explaining

    found = explaining.why(asked(context, reference), at=at, symbol=symbol, last=last)
    if as_json:
        return render.document({"decisions": found})
    if not found:
        render.words("nothing was decided yet")
    elif last > 1:
        return _tabled(found)
    for place, decision in enumerate(found):
        if place:
            render.line("")
        for line in _told(decision):
            render.line(line)
    return None


def _tabled(found: Sequence[Row]) -> None:
    """The decisions of each book in a line each."""
    width = render.console().width
    for place, (book, decisions) in enumerate(groupby(found, key=_book)):
        if place:
            render.line("")
        render.line(book)
        for line in lines(list(decisions), width):
            render.line(line)


def _book(decision: Row) -> str:
    return foreign(f"{decision['variant']} ({decision['mode']}, {decision['account']})")


def _told(decision: Row) -> Iterator[str]:
    yield f"{foreign(decision['symbol'])}  {decision['time']}  {_book(decision)}, cycle {decision['cycle']:,}"
    yield f"  signal   {foreign(decision['signal'])}, confidence {number(decision['confidence'])}"
    yield f"  because  {foreign(decision['reason']) or '-'}"
    values = [f"{foreign(name)} {number(value)}" for name, value in decision["values"].items()]
    if values:
        yield f"  values   {', '.join(values)}"
    for place, trigger in enumerate(decision["triggers"]):
        yield f"  {'' if place else 'triggers':<8} {sentence(trigger)}"
    for place, gate in enumerate(decision["gates"]):
        verdict = "passed" if gate["passed"] else "FAILED"
        yield f"  {'' if place else 'gates':<7}  {verdict} {foreign(gate['name'])}: {foreign(gate['detail'])}"
    yield f"  outcome  {_sentence(decision['outcome'])}"


_WHOLE = {
    "hold": "Nothing was to be done.",
    "failed": "Nothing was decided: the strategy could not say what it wants.",
    "warming_up": "The strategy was still warming up: too few bars for a signal.",
}


def _sentence(outcome: str) -> str:
    """What came of it, for people.

    >>> _sentence("exit: signal, refused: cooldown")
    'An order to close the position was sent (signal). The entry was refused (cooldown).'
    """
    if outcome in _WHOLE:
        return _WHOLE[outcome]
    return " ".join(_clause(part) for part in foreign(outcome).split(", "))


def _clause(part: str) -> str:
    what, _, reason = part.partition(": ")
    if what == "exit":
        return f"An order to close the position was sent ({reason})."
    if what == "refused":
        return f"The entry was refused ({reason})."
    if part.startswith("enter "):
        return f"An order to open a {part.removeprefix('enter ')} position was sent."
    return f"{part}."
