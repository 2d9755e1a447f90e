"""What a trading session tells, one plain line an event: for logs, pipes and `journalctl`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trader_cli.cleaning import foreign
from trader_cli.cli.figures import amount, gain, number, share
from trader_cli.domain.clock import iso
from trader_cli.domain.event import Event, EventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    type Details = Mapping[str, Any]


def line_of(event: Event, variant: str) -> str:
    """One line: the time, the event's word, what matters of it, and of which variant where `variant` is not empty.

    A detail that is missing or no number is a dash: a log line never ends a session.
    """
    name = f" [{foreign(variant)}]" if variant else ""
    return f"{iso(event.time)} {event.kind}: {words_of(event)}{name}"


def words_of(event: Event) -> str:
    """What matters of an event, without its time and kind."""
    return _WORDS[event.kind](event.details)


def _cycle(details: Details) -> str:
    count = details.get("positions")
    return (
        f"{number(details.get('cycle'))}, bar {_word(details, 'bar')}, equity {_money(details, 'equity')}, "
        f"cash {_money(details, 'cash')}, {_counted(count, 'position')}"
    )


def _signal(details: Details) -> str:
    action, symbol = _word(details, "action"), _word(details, "symbol")
    return f"{action} {symbol}, confidence {number(details.get('confidence'))}: {_word(details, 'reason')}"


def _refusal(details: Details) -> str:
    return f"{_word(details, 'side')} {_word(details, 'symbol')}: {_word(details, 'code')}"


def _order(details: Details) -> str:
    return f"{_leg(details)} at about {number(details.get('price'))} ({_word(details, 'reason')})"


def _fill(details: Details) -> str:
    paid = _money(details, "fee")
    return f"{_leg(details)} at {number(details.get('price'))}, fee {paid} ({_word(details, 'reason')})"


def _opened(details: Details) -> str:
    stop, target = number(details.get("stop")), number(details.get("target"))
    return f"{_held(details)} at {number(details.get('entry_price'))}, stop {stop}, target {target}"


def _closed(details: Details) -> str:
    entry, left = number(details.get("entry_price")), number(details.get("exit_price"))
    made = f"{gain(details.get('pnl'), grouped=False)} ({share(details.get('return'))})"
    return f"{_held(details)} from {entry} to {left}, {_word(details, 'exit_reason')}, P&L {made}"


def _halt(details: Details) -> str:
    return f"{_word(details, 'reason')}: {_word(details, 'detail')}"


def _warning(details: Details) -> str:
    return _word(details, "message")


def _end(details: Details) -> str:
    metrics, trades = details.get("metrics") or {}, details.get("trades") or ()
    return (
        f"{_counted(details.get('cycles'), 'cycle')}, {_counted(len(trades), 'trade')}, "
        f"final equity {_money(metrics, 'final_equity')}, return {share(metrics.get('total_return'))}"
    )


_WORDS: dict[EventKind, Callable[[Details], str]] = {
    EventKind.CYCLE: _cycle,
    EventKind.SIGNAL: _signal,
    EventKind.REFUSAL: _refusal,
    EventKind.ORDER: _order,
    EventKind.FILL: _fill,
    EventKind.POSITION_OPENED: _opened,
    EventKind.POSITION_CLOSED: _closed,
    EventKind.HALT: _halt,
    EventKind.WARNING: _warning,
    EventKind.END: _end,
}


def _leg(details: Details) -> str:
    """`long entry 0.0123 BTC/USD`."""
    coins = number(details.get("quantity"))
    return f"{_word(details, 'side')} {_word(details, 'purpose')} {coins} {_word(details, 'symbol')}"


def _held(details: Details) -> str:
    return f"{_word(details, 'side')} {number(details.get('quantity'))} {_word(details, 'symbol')}"


def _word(details: Details, name: str) -> str:
    return foreign(details.get(name, "-"))


def _money(details: Details, name: str) -> str:
    return amount(details.get(name), grouped=False)


def _counted(count: Any, thing: str) -> str:
    return f"{number(count)} {thing}{'' if count == 1 else 's'}"
