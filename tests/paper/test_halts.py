"""What a scheduler learns from a pass: halted, nothing to be had, another one at work, a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journal.contents import contents
from tests.paper.conftest import FIRST
from trader_cli import settings

if TYPE_CHECKING:
    from tests.paper.conftest import Desk


PATIENCE = 20
"""Seconds after its close from which on nobody waits for a bar."""


def passes(desk: Desk, count: int, start: int = FIRST) -> list[int]:
    """The exit codes of passes after consecutive closes."""
    codes = []
    for row in range(start, start + count):
        desk.venue.close_of(row)
        codes.append(desk.once().code)
    return codes


def test_a_pass_under_the_kill_switch_ends_with_3_until_it_is_released(desk: Desk) -> None:
    desk.variant()
    assert desk.trader("halt", "sandy").code == 0
    assert passes(desk, 2) == [3, 3]
    assert desk.trader("status", "--json").document["variants"][0]["state"] == "halted"
    assert desk.trader("resume", "sandy").code == 0
    assert passes(desk, 1, FIRST + 2) == [0]


def test_a_drawdown_ends_each_pass_with_3_until_resume_forgives_it(desk: Desk) -> None:
    desk.variant(risk_settings__max_drawdown=0.002, risk_settings__max_daily_loss=1.0)
    codes = passes(desk, 120)
    tripped = codes.index(3)
    assert set(codes[tripped:]) == {3}, "over every restart"
    assert desk.trader("status", "--json").document["variants"][0]["limits"] == ["max_drawdown"]
    desk.trader("resume", "sandy")
    desk.venue.close_of(FIRST + 120)
    outcome = desk.once()
    assert outcome.code == 0
    assert "forgiven" in outcome.out
    assert desk.trader("status", "--json").document["variants"][0]["limits"] == []


def test_a_word_of_resume_before_the_drawdown_does_not_forgive_it(desk: Desk) -> None:
    desk.variant(risk_settings__max_drawdown=0.002, risk_settings__max_daily_loss=1.0)
    desk.trader("resume", "sandy")
    assert passes(desk, 120)[-1] == 3


def test_a_pass_ends_with_3_while_the_days_loss_holds_and_with_0_the_next_day(desk: Desk) -> None:
    desk.variant(risk_settings__max_daily_loss=0.001, risk_settings__max_drawdown=1.0)
    codes = passes(desk, 120)
    tripped = codes.index(3)
    assert 0 in codes[tripped:]


def test_f095_one_symbol_that_fails_leaves_the_others_alone(desk: Desk) -> None:
    desk.venue.bars = {**desk.venue.bars, "ETH/USD": desk.venue.bars["BTC/USD"]}
    desk.variant(trading_symbols__crypto=["BTC/USD", "ETH/USD"])
    desk.venue.failing.add("ETH/USD")
    desk.venue.close_of(FIRST, seconds=PATIENCE)
    outcome = desk.once()
    assert outcome.code == 0
    assert desk.events(outcome, "cycle")[0]["symbols"] == ["BTC/USD"]
    warned = [event["message"] for event in desk.events(outcome, "warning")]
    assert any("ETH/USD" in message and "maintenance" in message for message in warned)
    struck = []
    for row in range(FIRST + 1, FIRST + 4):
        desk.venue.close_of(row, seconds=PATIENCE)
        struck.append("3 times in a row" in desk.once().out)
    assert struck == [False, True, False], "strikes are counted over restarts"
    desk.venue.failing.clear()
    working = []
    for row in range(FIRST + 4, FIRST + 7):
        desk.venue.close_of(row, seconds=PATIENCE)
        outcome = desk.once()
        assert desk.events(outcome, "cycle")[0]["symbols"] == ["BTC/USD", "ETH/USD"]
        working.append("works again" in outcome.out)
    assert working == [False, False, True]


def test_a_venue_that_answers_nothing_ends_a_pass_with_5(desk: Desk) -> None:
    desk.variant()
    desk.venue.failing.add("BTC/USD")
    outcome = desk.once()
    assert outcome.code == 5
    assert "maintenance" in outcome.err
    assert not contents(settings.journal_path())["cycles"]


def test_f077_a_venue_that_hangs_ends_a_pass_at_its_deadline_with_5(desk: Desk) -> None:
    desk.variant()
    desk.venue.hanging.add("BTC/USD")
    outcome = desk.trader("paper", "sandy", "--once", "--deadline", 1)
    assert outcome.code == 5
    assert "within 1 s" in outcome.err


def test_s8_a_live_variant_is_refused_before_anything_is_asked(desk: Desk) -> None:
    for mode in ("live", "futures"):
        desk.variant(variants__mode=mode)
        outcome = desk.trader("run", "sandy", "--once")
        assert outcome.code == 2
        assert not desk.venue.asked
    desk.variant(variants__mode="live")
    assert "no order is sent to a venue yet" in desk.trader("run", "sandy").err
    assert desk.trader("paper", "sandy", "--once").code == 0, "with simulated money it may"


def test_a_symbol_of_a_real_account_has_one_owner(desk: Desk) -> None:
    names = [desk.variant(name, variants__mode="live") for name in ("one", "two")]
    outcome = desk.trader("run", *names, "--once")
    assert outcome.code == 2
    assert "'one' and 'two' both trade BTC/USD on sandbox" in outcome.err
