"""Without a terminal a session tells one plain line an event."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_cli.cli.lines import line_of
from trader_cli.domain.event import Event, EventKind

NOW = datetime(2024, 1, 5, 10, tzinfo=UTC)
LEG = {"symbol": "BTC/USD", "side": "long", "quantity": 0.0123, "purpose": "entry", "reason": "signal"}
TRADE = {
    "symbol": "BTC/USD",
    "side": "short",
    "quantity": 0.0123,
    "entry_price": 43214.82,
    "exit_price": 41054.079,
    "exit_reason": "take_profit",
    "pnl": 25.5471,
    "return": 0.0481,
}
SAID: dict[EventKind, tuple[dict[str, Any], str]] = {
    EventKind.CYCLE: (
        {
            "cycle": 12,
            "bar": "2024-01-05T09:59:00Z",
            "symbols": ["A"],
            "equity": 10234.5678,
            "cash": 9.999,
            "positions": 1,
        },
        "12, bar 2024-01-05T09:59:00Z, equity 10234.57, cash 10.00, 1 position",
    ),
    EventKind.SIGNAL: (
        {
            "symbol": "BTC/USD",
            "action": "BUY",
            "confidence": 0.72,
            "reason": "RSI 28.1 is below 30",
            "values": {"rsi": 28.1},
        },
        "BUY BTC/USD, confidence 0.72: RSI 28.1 is below 30",
    ),
    EventKind.REFUSAL: ({"symbol": "BTC/USD", "side": "long", "code": "below_lot"}, "long BTC/USD: below_lot"),
    EventKind.ORDER: ({**LEG, "price": 43210.5}, "long entry 0.0123 BTC/USD at about 43210.5 (signal)"),
    EventKind.FILL: (
        {**LEG, "price": 43214.82105, "fee": 0.531542},
        "long entry 0.0123 BTC/USD at 43214.821, fee 0.53 (signal)",
    ),
    EventKind.POSITION_OPENED: (
        {"symbol": "X", "side": "long", "quantity": 1e6, "entry_price": 1e-8, "stop": 9.8e-9, "target": 1.05e-8},
        "long 1000000 X at 0.00000001, stop 0.0000000098, target 0.0000000105",
    ),
    EventKind.POSITION_CLOSED: (
        TRADE,
        "short 0.0123 BTC/USD from 43214.82 to 41054.079, take_profit, P&L +25.55 (+4.81 %)",
    ),
    EventKind.HALT: ({"reason": "max_drawdown", "detail": "equity 7 below 8"}, "max_drawdown: equity 7 below 8"),
    EventKind.WARNING: ({"message": "a lot is not known"}, "a lot is not known"),
    EventKind.END: (
        {"cycles": 120, "trades": [TRADE], "metrics": {"final_equity": 9876.5, "total_return": -0.01237}},
        "120 cycles, 1 trade, final equity 9876.50, return -1.24 %",
    ),
}
EVIL = st.text() | st.sampled_from(["two\nlines", "\x1b[2J\x1b]0;x\x07", "a\u2028b\x85c\u202ed", "[red]x[/red]"])
VALUES = EVIL | st.none() | st.floats() | st.integers()


@pytest.mark.parametrize("kind", EventKind)
def test_a_line_says_when_what_and_what_matters(kind: EventKind) -> None:
    details, said = SAID[kind]
    assert line_of(Event(kind, NOW, details), "") == f"2024-01-05T10:00:00Z {kind}: {said}"


def test_where_several_run_a_line_says_which() -> None:
    details, said = SAID[EventKind.ORDER]
    assert line_of(Event(EventKind.ORDER, NOW, details), "demo\n") == f"2024-01-05T10:00:00Z order: {said} [demo]"


@given(st.sampled_from(EventKind), st.data(), EVIL)
def test_it_is_one_line_without_control_characters_whatever_happened(
    kind: EventKind, data: st.DataObject, variant: str
) -> None:
    names = [name for name in SAID[kind][0] if name not in {"trades", "metrics", "values", "symbols"}]
    details = data.draw(st.dictionaries(st.sampled_from(names), VALUES)) if names else {}
    line = line_of(Event(kind, NOW, details), variant)
    assert line.startswith(f"2024-01-05T10:00:00Z {kind}: ")
    assert len(line.splitlines()) == 1
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", line)


@pytest.mark.parametrize("unknown", [float("nan"), float("inf"), None, "much"])
def test_a_figure_that_is_not_known_is_a_dash(unknown: object) -> None:
    line = line_of(Event(EventKind.ORDER, NOW, {**LEG, "price": unknown}), "")
    assert line == "2024-01-05T10:00:00Z order: long entry 0.0123 BTC/USD at about - (signal)"
