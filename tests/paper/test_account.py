"""An account goes on however its last session ended; what would make it another one is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journal.contents import contents
from tests.paper.conftest import FIRST
from trader_cli import settings

if TYPE_CHECKING:
    from tests.paper.conftest import Desk


def with_position(desk: Desk) -> int:
    """Passes until something is held; the row of the last one."""
    desk.variant()
    for row in range(FIRST, FIRST + 200):
        desk.venue.close_of(row)
        desk.once()
        if desk.trader("positions", "sandy", "--json").document["positions"]:
            return row
    raise AssertionError("nothing was entered")


@pytest.mark.parametrize("key", ["session__starting_balance", "risk_settings__default_leverage"])
def test_an_account_is_what_it_was_opened_as(desk: Desk, key: str) -> None:
    desk.variant()
    desk.once()
    before = contents(settings.journal_path())
    desk.variant("sandy", **{key: 2})
    outcome = desk.once()
    assert outcome.code == 2
    assert key.replace("__", ".") in outcome.err
    assert "--anew" in outcome.err
    assert contents(settings.journal_path()) == before


def test_levels_stay_as_they_were_set_at_the_fill(desk: Desk) -> None:
    row = with_position(desk)
    desk.variant(risk_settings__stop_loss=0.5, risk_settings__take_profit=5.0)
    closed = []
    for later in range(row + 1, row + 120):
        desk.venue.close_of(later)
        closed += desk.events(desk.once(), "position_closed")
        if closed:
            break
    entry = closed[0]["entry_price"]
    assert closed[0]["exit_reason"] in {"stop_loss", "take_profit", "threshold", "signal"}
    assert closed[0]["exit_price"] > entry * 0.95, "not the new stop, half the price away"


def test_a_symbol_that_is_held_cannot_be_dropped(desk: Desk) -> None:
    with_position(desk)
    desk.venue.bars = {**desk.venue.bars, "ETH/USD": desk.venue.bars["BTC/USD"]}
    desk.variant(trading_symbols__crypto=["ETH/USD"])
    outcome = desk.once()
    assert outcome.code == 2
    assert "still holds BTC/USD" in outcome.err


def test_anew_begins_again_and_copies_aside_what_was_there(desk: Desk) -> None:
    row = with_position(desk)
    desk.variant(session__starting_balance=500)
    desk.venue.close_of(row + 1)
    outcome = desk.once("sandy", "--anew")
    assert outcome.code == 0
    assert desk.events(outcome, "cycle")[0]["equity"] == 500
    assert not desk.trader("positions", "sandy", "--json").document["positions"]
    copies = list(settings.backups_dir().iterdir())
    assert len(copies) == 1
    assert contents(copies[0])["fills"]


def test_a_plan_is_what_is_then_ordered_and_leaves_no_trace(desk: Desk) -> None:
    desk.variant()
    planned = ordered = None
    for row in range(FIRST, FIRST + 200):
        desk.venue.close_of(row)
        before = contents(settings.journal_path()) if settings.journal_path().exists() else None
        plan = desk.trader("paper", "sandy", "--plan", "--json")
        after = contents(settings.journal_path()) if settings.journal_path().exists() else None
        assert (plan.code, after) == (0, before)
        planned, ordered = desk.events(plan, "order"), desk.events(desk.once(), "order")
        assert planned == ordered
        again = desk.trader("paper", "sandy", "--plan", "--json")
        assert desk.events(again) == [], "that bar was decided on"
        if ordered:
            return
    raise AssertionError("nothing was ordered")
