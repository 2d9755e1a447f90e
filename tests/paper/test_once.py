"""`trader paper V --once`, as cron runs it: one bar after the other, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journal.contents import contents
from tests.paper.conftest import FIRST, backtested
from trader_cli import settings
from trader_cli.domain.plain import plain

if TYPE_CHECKING:
    from tests.paper.conftest import Desk
    from trader_cli.domain.bars import Bars

BARS = 260


def test_a_pass_after_each_close_makes_the_trades_of_the_backtest(desk: Desk, history: Bars) -> None:
    name = desk.variant()
    trades, equity = [], []
    for row in range(FIRST, FIRST + BARS):
        desk.venue.close_of(row)
        outcome = desk.once()
        assert outcome.code == 0, outcome.err
        told = desk.events(outcome)
        assert [event["event"] for event in told].count("cycle") == 1
        equity += [event["equity"] for event in told if event["event"] == "cycle"]
        trades += told[-1]["trades"]
    expected = backtested(desk, history, name, FIRST, FIRST + BARS - 1)
    assert len(expected.trades) >= 3
    assert trades == [plain(trade) for trade in expected.trades]
    assert equity == expected.equity.tolist()


def test_f069_a_second_pass_within_a_bar_does_nothing(desk: Desk) -> None:
    desk.variant()
    desk.once()
    before = contents(settings.journal_path())
    outcome = desk.once()
    assert outcome.code == 0
    assert {event["event"] for event in desk.events(outcome)} == {"warning", "end"}
    assert desk.events(outcome)[-1]["cycles"] == 0
    assert contents(settings.journal_path()) == before


def test_f071_bars_missed_are_caught_up_with_and_nothing_is_entered_on_them(desk: Desk, history: Bars) -> None:
    name = desk.variant()
    entry = next(
        int(history.open_time.searchsorted(int(trade.entry_time.timestamp() * 1e9)))
        for trade in backtested(desk, history, name, FIRST, FIRST + BARS).trades
        if trade.exit_reason == "stop_loss"
    )
    desk.venue.close_of(entry - 1)
    assert desk.events(desk.once(), "order")
    desk.venue.close_of(entry + 100)
    outcome = desk.once()
    told = desk.events(outcome)
    cycles = [event["cycle"] for event in told if event["event"] == "cycle"]
    assert len(cycles) == 101
    closed = [event for event in told if event["event"] == "position_closed"]
    assert closed
    assert closed[0]["exit_reason"] == "stop_loss"
    latest = [event["time"] for event in told if event["event"] == "cycle"][-1]
    assert {event["time"] for event in told if event["event"] in {"signal", "order"}} <= {latest}
