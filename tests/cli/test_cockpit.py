"""The cockpit never hides a failure, cuts a figure or leaves the screen; its onlookers keep a row each.

The pictures on file are drawn anew by `python -m tests.cli.fleets`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.cli import fleets
from tests.cli.scenes import FOLDER, NOW
from tests.cli.test_dashboard import FIGURES, FRAME, GAUGES, MOMENTS, WORDS, driven
from trader_cli.cli.figures import amount, gain
from trader_cli.cli.standings import TROUBLE, by_weight
from trader_cli.engine.snapshot import Standing

if TYPE_CHECKING:
    from pathlib import Path

STATES = st.sampled_from(["starting", "running", "stopped", *TROUBLE])
STANDINGS = st.builds(
    Standing,
    *(WORDS, STATES | WORDS, st.lists(WORDS, max_size=3).map(tuple), st.none() | FIGURES, st.none() | FIGURES),
    *(st.lists(GAUGES, max_size=4).map(tuple), st.none() | MOMENTS, WORDS, st.none() | MOMENTS),
)
FLEETS = st.lists(STANDINGS, max_size=30)
PLAIN_FIGURES = st.floats(-1e6, 1e6) | st.sampled_from([0.0, -1e6, 43210.5])
PLAIN = st.builds(
    lambda state, equity, made: replace(fleets.well()[0], state=state, equity=equity, day_pnl=made),
    *(STATES, PLAIN_FIGURES, PLAIN_FIGURES),
)


@pytest.mark.parametrize("name", fleets.ON_FILE)
def test_the_cockpit_is_the_one_on_file(name: str) -> None:
    scene, width, height = fleets.ON_FILE[name]
    kept = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert fleets.drawn(scene(), width, height) + "\n" == kept


@settings(max_examples=60)
@given(FLEETS, st.integers(1, 220), st.integers(1, 70))
def test_it_fits_the_screen_whatever_is_in_it(found: list[Standing], width: int, height: int) -> None:
    lines = fleets.drawn(found, width, height).split("\n")
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width


@settings(max_examples=60)
@given(FLEETS, st.integers(20, 220), st.integers(3, 70))
def test_no_figure_is_cut_and_none_is_nan(found: list[Standing], width: int, height: int) -> None:
    text = fleets.drawn(found, width, height)
    assert not re.search(r"\d…", text)
    assert not re.search(r"\b(nan|inf)\b", text, re.IGNORECASE)


@settings(max_examples=60)
@given(FLEETS, st.integers(1, 220), st.integers(1, 70))
def test_f123_no_foreign_word_moves_the_cockpit(found: list[Standing], width: int, height: int) -> None:
    text = re.sub(r"\x1b\[[0-9;]*m", "", fleets.drawn(found, width, height, colours=True))
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", text
    )


@settings(max_examples=60)
@given(st.lists(PLAIN, max_size=40), st.integers(40, 220), st.integers(10, 70))
def test_from_40x10_on_it_tells_the_sums_and_the_worst_first(found: list[Standing], width: int, height: int) -> None:
    lines = fleets.drawn(found, width, height).split("\n")
    labels = next(at for at, line in enumerate(lines) if re.match(r" ?Equity +Today", line))
    equity = amount(sum(each.equity or 0.0 for each in found) if found else None)
    day = gain(sum(each.day_pnl or 0.0 for each in found) if found else None)
    assert re.match(rf" ?{re.escape(equity)} +{re.escape(day)}(  |$)", lines[labels + 1])
    worst = next((state for state in TROUBLE if any(each.state == state for each in found)), None)
    count = sum(each.state == worst for each in found)
    assert (f"{count} {worst.replace('_', ' ').replace('-', ' ').upper()}" if worst else "ok") in lines[0]


@settings(max_examples=60)
@given(st.lists(PLAIN, min_size=1, max_size=40), st.integers(40, 220), st.integers(10, 40))
def test_every_variant_has_a_row_or_is_counted_with_the_rest(found: list[Standing], width: int, height: int) -> None:
    named = [replace(each, variant=f"v{place}x") for place, each in enumerate(found)]
    text = fleets.drawn(named, width, height)
    rows = text.split("Variants ")[1]
    shown = re.findall(r"^ ?v(\d+)x ", rows, re.MULTILINE)
    more = re.search(r"^ ?\+(\d+) more", rows, re.MULTILINE)
    assert len(shown) + (int(more[1]) if more else 0) == len(found)
    if more:
        assert [f"v{place}x" for place in shown] == [each.variant for each in by_weight(named)][: len(shown)]
    else:
        assert shown == [str(place) for place in range(len(found))], "rows keep their places while all of them fit"


def test_the_order_of_importance() -> None:
    states = ["stopped", "running", "no-entries", "failed", "halted", "silent", "cut_off", "exits-only"]
    idle = [replace(fleets.well()[1], state=state, variant=state) for state in states]
    holding = replace(fleets.well()[0], variant="holds")
    order = [each.variant for each in by_weight([*idle, holding])]
    assert order == [*TROUBLE, "holds", "stopped", "running"]


def test_what_is_not_known_is_not_zero() -> None:
    gone = replace(fleets.well()[0], equity=None, day_pnl=None)
    text = fleets.drawn([gone, fleets.well()[1]], 80, 24)
    assert re.search(r"^ 9,968.95 +-31.05 .* 1 of 2$", text, re.MULTILINE)
    assert re.search(r"^ - +- +", fleets.drawn([gone], 80, 24), re.MULTILINE)


def test_the_nearest_limit_is_the_one_that_is_used_most() -> None:
    limits = fleets.gauges(0.02, 0.02, 1)
    text = fleets.drawn([replace(fleets.well()[0], gauges=limits)], 80, 24)
    assert re.search(r" day +█░░░ +40 % ", text)


DRIVER = """
import sys
from dataclasses import replace
from datetime import timedelta
from tests.cli import fleets
from tests.cli.scenes import NOW
from trader_cli.cli.cockpit_onlookers import cockpit_onlookers
from trader_cli.domain.event import Event, EventKind
class View:
    def __init__(self, standing):
        self.standing = lambda: standing
first, second, third = fleets.well()
with cockpit_onlookers(["one", "two", "three"]) as (one, two, three):
    one.look(View(first), NOW)
    two.look(View(second), NOW)  # too soon after the other one
    sys.stdin.readline()
    one.tell(Event(EventKind.WARNING, NOW, {"message": "BTC/USDT: no bars"}))
    three.leave("bybit \\x1b[2Jsays no")
    sys.stdin.readline()
    two.leave(None)
    one.look(View(replace(first, decision="BTC/USDT sold", decided_at=NOW + timedelta(minutes=5))), NOW)
    one.leave(None)
    sys.stdin.readline()
print("back on the first screen")
"""


def test_onlookers_keep_a_row_each_and_leave_the_terminal_as_it_was(root: Path) -> None:
    end = "\x1b[?2026l"
    with driven(root, 100, 24, driver=DRIVER) as screen:
        first = screen.read_until(end)
        screen.press_enter()
        second = screen.read_until(end)
        screen.press_enter()
        third = "".join(screen.read_until(end) for _ in range(2))
        screen.press_enter()
        last = screen.rest()
        assert screen.process.wait(timeout=60) == 0
    plain = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", frame) for frame in (first, second, third[third.rindex(FRAME) :])]
    assert re.search(r"one +running.*two +starting.*three +starting", plain[0], re.DOTALL)
    assert re.search(r"FAILED +three: bybit .\[2Jsays no +01-05 14:35", plain[1])
    assert re.search(r"one +running.*BTC/USDT: no bars.*two +running.*three +failed", plain[1], re.DOTALL)
    assert re.search(r"one +stopped.*BTC/USDT sold.*two +stopped.*three +failed", plain[2], re.DOTALL)
    assert (
        last.index("\x1b[?7h") < last.index("\x1b[?25h") < last.index("\x1b[?1049l") < last.index("back on the first")
    )


def test_old_data_is_seen_to_be_old() -> None:
    late = replace(fleets.well()[0], data_time=NOW - timedelta(hours=3))
    assert re.search(r" 3h$", fleets.drawn([late], 80, 24), re.MULTILINE)
