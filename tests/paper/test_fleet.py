"""Several variants in one process: one fetch for all, one's failure its own, one governor over all."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.paper.conftest import FIRST

if TYPE_CHECKING:
    from tests.paper.conftest import Desk

NAMES = ("one", "two", "three")


def fleet(desk: Desk) -> list[str]:
    """Three variants that wish alike."""
    return [desk.variant(name) for name in NAMES]


def test_bars_are_fetched_once_for_all(desk: Desk) -> None:
    desk.once(desk.variant("alone"))
    one = Counter(desk.venue.asked)
    desk.venue.asked.clear()
    outcome = desk.once(*fleet(desk))
    assert outcome.code == 0
    assert {event["variant"] for event in desk.events(outcome, "cycle")} == set(NAMES)
    assert Counter(desk.venue.asked)["BTC/USD"] <= one["BTC/USD"]


def test_variants_side_by_side_trade_as_they_do_alone(desk: Desk) -> None:
    names = fleet(desk)
    told: dict[str, list[object]] = {name: [] for name in names}
    for row in range(FIRST, FIRST + 120):
        desk.venue.close_of(row)
        for event in desk.events(desk.once(*names), "position_closed"):
            told[event.pop("variant")].append(event)
    alone = desk.variant("alone")
    expected = []
    for row in range(FIRST, FIRST + 120):
        desk.venue.close_of(row)
        expected += [
            {key: value for key, value in event.items() if key != "variant"}
            for event in desk.events(desk.once(alone), "position_closed")
        ]
    assert expected
    assert all(told[name] == expected for name in names)


def test_f095_one_variant_that_fails_leaves_the_others_alone(desk: Desk) -> None:
    desk.venue.bars = {**desk.venue.bars, "ETH/USD": desk.venue.bars["BTC/USD"]}
    names = [desk.variant("one"), desk.variant("two", trading_symbols__crypto=["ETH/USD"]), desk.variant("three")]
    desk.venue.failing.add("ETH/USD")
    outcome = desk.once(*names)
    assert outcome.code == 5
    assert "maintenance" in outcome.err
    assert {event["variant"] for event in desk.events(outcome, "cycle")} == {"one", "three"}
    assert outcome.err.count("\n") == 1


def test_a_governor_limits_what_all_hold_together(desk: Desk) -> None:
    names = fleet(desk)
    refused: Counter[str] = Counter()
    for row in range(FIRST, FIRST + 120):
        desk.venue.close_of(row)
        outcome = desk.once(*names, "--max-positions", 1)
        refused.update(event["code"] for event in desk.events(outcome, "refusal"))
        assert len(desk.trader("positions", "--json").document["positions"]) <= 1
    assert refused["governor_positions"] >= 2
    gates = desk.trader("why", "two", "--last", 200, "--json").document["decisions"]
    stopped = [gate for decision in gates for gate in decision["gates"] if not gate["passed"]]
    assert {gate["name"] for gate in stopped} == {"governor_positions"}
    assert "at most 1" in stopped[0]["detail"]


def test_a_governor_limits_exposure_and_the_days_loss(desk: Desk) -> None:
    names = fleet(desk)
    codes: Counter[str] = Counter()
    for row in range(FIRST, FIRST + 120):
        desk.venue.close_of(row)
        outcome = desk.once(*names, "--max-exposure", 1600, "--max-daily-loss", 0.0005)
        codes.update(event["code"] for event in desk.events(outcome, "refusal"))
        held = desk.trader("positions", "--json").document["positions"]
        assert sum(row["quantity"] * row["entry_price"] for row in held) <= 1650
    assert codes["governor_exposure"]
    assert codes["governor_daily_loss"]


def test_one_account_is_never_traded_twice(desk: Desk) -> None:
    desk.variant("one")
    outcome = desk.once("one", "one")
    assert outcome.code == 2
    assert "named twice" in outcome.err
