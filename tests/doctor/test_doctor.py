"""`trader doctor`: what it finds, and what it tells nobody."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import trader
from tests.doctor.conftest import SYMBOLS, around
from tests.sandbox.bazaar import Bazaar
from trader_cli import settings
from trader_cli.app import health, venue_health
from trader_cli.brokers.base import Capabilities
from trader_cli.domain.timeframe import Timeframe

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doctor.conftest import Practice

HOUR = Timeframe.H1.nanoseconds
SECOND = 1_000_000_000


def test_all_is_well(practice: Practice) -> None:
    outcome, found = practice.examined(practice.variant())
    assert outcome.code == 0, outcome.err
    assert outcome.err == ""
    assert outcome.document["healthy"] is True
    assert {check for check, (state, _) in found.items() if state != "ok"} == set()
    assert list(found) == [
        *("python", "packages", "home", "journal", "variants"),
        *(f"bazaar crypto {what}" for what in ("credentials", "clock", "symbols", "bars")),
    ]
    assert found["journal"] == ("ok", "none yet")
    assert found["bazaar crypto symbols"][1] == "lists BTC/USDT, ETH/USDT"
    said = "those of 1h are there to the last: BTC/USDT, ETH/USDT"
    assert found["bazaar crypto bars"][1] == said


def test_people_get_a_line_a_check(practice: Practice) -> None:
    practice.variant()
    outcome = trader(practice.capsys, "--variants-dir", practice.folder, "doctor")
    lines = outcome.out.splitlines()
    assert outcome.code == 0
    assert lines[4] == "ok       variants: 1 valid"
    assert all(line.startswith("ok  ") for line in lines)


@pytest.mark.parametrize(("seconds", "state"), [(-2.0, "warning"), (3.0, "warning"), (-0.2, "ok")])
def test_f063_a_clock_that_is_a_second_off_is_warned_of_with_a_remedy(
    practice: Practice, seconds: float, state: str
) -> None:
    practice.venue.now += int(seconds * SECOND)
    outcome, found = practice.examined(practice.variant())
    assert outcome.code == 0
    assert found["bazaar crypto clock"][0] == state
    if state == "warning":
        way = "ahead" if seconds > 0 else "behind"
        assert found["bazaar crypto clock"][1].endswith(f" s {way}")
        assert "synchronize this machine's clock" in outcome.out


def test_f072_a_venue_that_cannot_be_reached_is_one_line_and_others_are_looked_at(practice: Practice) -> None:
    practice.variant()
    practice.variant("lost", url="http://127.0.0.1:9")
    outcome, found = practice.examined()
    assert outcome.code == 5
    assert outcome.err.count('"code": "unavailable"') == 1
    assert "bazaar: cannot be reached (" in outcome.err
    assert found["bazaar crypto bars"][0] == "ok"
    assert [state for state, _ in found.values()].count("failed") == 1


def test_f077_a_venue_that_hangs_is_not_waited_for(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venue_health, "DEADLINE", 0.3)
    practice.venue.hanging = set(SYMBOLS)
    began = monotonic()
    outcome, found = practice.examined(practice.variant())
    assert monotonic() - began < venue_health.SYMBOL_SECONDS / 2
    assert outcome.code == 5
    assert found["bazaar crypto"] == ("failed", "bazaar: no answer within 0.3 s")


def test_one_symbol_that_hangs_is_not_taken_for_the_venue(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venue_health, "SYMBOL_SECONDS", 0.3)
    practice.venue.hanging = {"ETH/USDT"}
    outcome, found = practice.examined(practice.variant())
    assert outcome.code == 5
    assert found["bazaar crypto ETH/USDT"] == ("failed", "bazaar: no answer within 0.3 s")
    assert found["bazaar crypto bars"] == ("ok", "those of 1h are there to the last: BTC/USDT")


def test_a_symbol_that_the_venue_does_not_list_is_a_wrong_configuration(practice: Practice) -> None:
    practice.venue.listed = ["BTC/USDT"]
    outcome, found = practice.examined(practice.variant())
    assert outcome.code == 2
    state, said = found["bazaar crypto ETH/USDT"]
    assert state == "failed"
    assert "bazaar lists no 'ETH/USDT'" in said
    assert found["bazaar crypto symbols"] == ("ok", "lists BTC/USDT")


def test_f047_bars_that_have_stopped_coming_are_warned_of(practice: Practice) -> None:
    practice.venue.bars = {**practice.venue.bars, "ETH/USDT": around(practice.venue.now - 55 * HOUR, "ETH/USDT")}
    outcome, found = practice.examined(practice.variant())
    assert outcome.code == 0
    state, said = found["bazaar crypto ETH/USDT"]
    assert state == "warning"
    # the series ends 47 hours after its middle, 55 hours ago; the bar in progress does not count
    assert said.endswith("7 later ones have closed")
    assert found["bazaar crypto bars"][1].endswith(": BTC/USDT")


def test_of_keys_the_names_are_told_and_never_the_values(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    name = practice.variant()
    _, found = practice.examined(name)
    said = "PATIENT_KEY, PATIENT_SECRET not set; not needed: market data is public"
    assert found["bazaar crypto credentials"] == ("ok", said)
    monkeypatch.setenv("PATIENT_KEY", "k3y-0f-the-patient")
    monkeypatch.setenv("PATIENT_SECRET", "s3cret-0f-the-patient")
    outcome, found = practice.examined(name)
    assert found["bazaar crypto credentials"] == ("ok", "PATIENT_KEY, PATIENT_SECRET set")
    assert "of-the-patient" not in (outcome.out + outcome.err).replace("0f", "of")


def test_a_key_that_market_data_takes_must_be_there_for_the_variant_that_is_asked_about(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bazaar, "capabilities", lambda _: Capabilities((Timeframe.H1,), 100, needs_key=True))
    name = practice.variant()
    outcome, found = practice.examined(name)
    assert outcome.code == 2
    assert found["bazaar crypto credentials"][0] == "failed"
    outcome, found = practice.examined()
    assert outcome.code == 0, "others may be fit without it"
    assert found["bazaar crypto credentials"][0] == "warning"
    assert not practice.venue.asked


def test_a_variant_that_is_wrong_is_named_and_the_others_are_looked_at(practice: Practice) -> None:
    practice.variant()
    practice.variant("wrong", more="pol_seconds = 3\n")
    outcome, found = practice.examined()
    assert outcome.code == 2
    state, said = found["variants"]
    assert state == "failed"
    assert "wrong.toml: session.pol_seconds: unknown key" in said
    assert found["bazaar crypto bars"][0] == "ok"


def test_without_any_variant_it_says_how_to_get_one(practice: Practice) -> None:
    outcome, found = practice.examined()
    assert outcome.code == 0
    assert found["variants"][0] == "warning"
    assert "`trader new-variant` writes one" in outcome.out


def test_a_home_that_cannot_be_written_to_fails(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = practice.folder.parent / "blocked"
    blocked.write_text("a file where a folder is due")
    monkeypatch.setenv("TRADER_HOME", str(blocked))
    outcome, found = practice.examined()
    assert outcome.code == 5
    assert found["home"][0] == "failed"


def test_little_room_is_warned_of(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LITTLE_SPACE", 1 << 60)
    outcome, found = practice.examined()
    assert outcome.code == 0
    assert found["home"][0] == "warning"


def test_a_journal_that_is_damaged_fails(practice: Practice) -> None:
    path: Path = settings.journal_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"SQLite format 3\0" + b"garbage" * 1000)
    outcome, found = practice.examined()
    assert outcome.code in {2, 5}
    assert found["journal"][0] == "failed"


def test_a_package_that_is_missing_fails(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PACKAGES", ("trader-cli", "no-such-package-at-all"))
    outcome, found = practice.examined()
    assert outcome.code == 2
    assert found["packages"] == ("failed", "not installed: no-such-package-at-all")
