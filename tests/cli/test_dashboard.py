"""The dashboard never flickers, wraps or hides the money.

The pictures on file are drawn anew by `python -m tests.cli.scenes`.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from codecs import getincrementaldecoder
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.cli import scenes
from trader_cli.cli.figures import amount, gain
from trader_cli.domain.order import Order, Purpose
from trader_cli.domain.signal import Action
from trader_cli.domain.trade import ExitReason, Halt, Side, Trade
from trader_cli.engine.snapshot import Driver, Gauge, HeldPosition, LastRefusal, LastSignal, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

EVIL = "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b31m\r\n\t\u202eevil\u2066\u200b\u061c\u2028[red]x[/red][/]日本é👨‍👩‍👧\ud800"
WORDS = st.text(st.sampled_from(EVIL.replace("n", "") + "bc 12.5"), max_size=40) | st.sampled_from(
    ["BTC/USDT", EVIL, "long " * 80]
)
FIGURES = st.floats() | st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1e12, 1e-8, -1e12, 43210.5])
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
COUNTS = st.integers(0, 10**7)
SIDES = st.sampled_from(Side)
POSITIONS = st.builds(HeldPosition, WORDS, SIDES, FIGURES, FIGURES, FIGURES, FIGURES, FIGURES, FIGURES, MOMENTS, COUNTS)
ORDERS = st.builds(
    Order, WORDS, SIDES, st.sampled_from(Purpose), st.decimals("1e-8", "1e9", places=8), WORDS, MOMENTS, FIGURES, WORDS
)
TRADES = st.builds(
    Trade,
    *(WORDS, SIDES, FIGURES, MOMENTS, FIGURES, MOMENTS, FIGURES, st.sampled_from(ExitReason)),
    *(FIGURES, FIGURES, FIGURES, FIGURES),
)
GAUGES = st.builds(Gauge, WORDS, FIGURES, FIGURES, st.sampled_from(["%", "#", ""]), st.booleans())
DRIVERS = st.builds(
    Driver,
    st.sampled_from(["starting", "running", "silent", "stopped", "cut_off"]) | WORDS,
    st.none() | COUNTS,
    st.none() | st.floats(0, 1e15),
    st.none() | WORDS,
)
SNAPSHOTS = st.builds(
    Snapshot,
    *(WORDS, WORDS, WORDS, WORDS, WORDS, WORDS, WORDS, COUNTS, st.none() | COUNTS, MOMENTS),
    *(FIGURES, FIGURES, FIGURES, FIGURES, FIGURES, FIGURES, COUNTS, COUNTS),
    positions=st.lists(POSITIONS, max_size=12).map(tuple),
    pending=st.lists(ORDERS, max_size=3).map(tuple),
    signals=st.lists(st.builds(LastSignal, WORDS, MOMENTS, st.sampled_from(Action), FIGURES, WORDS), max_size=4).map(
        tuple
    ),
    refusals=st.lists(st.builds(LastRefusal, WORDS, MOMENTS, SIDES, WORDS), max_size=3).map(tuple),
    trades=st.lists(TRADES, max_size=4).map(tuple),
    gauges=st.lists(GAUGES, max_size=6).map(tuple),
    halts=st.lists(st.builds(Halt, MOMENTS, WORDS, WORDS), max_size=3).map(tuple),
    warnings=st.lists(WORDS, max_size=3).map(tuple),
    driver=st.none() | DRIVERS,
)


@pytest.mark.parametrize("name", scenes.ON_FILE)
def test_the_picture_is_the_one_on_file(name: str) -> None:
    scene, width, height = scenes.ON_FILE[name]
    kept = (scenes.FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert scenes.drawn(scene(), width, height) + "\n" == kept


def test_the_page_about_it_shows_it_as_it_is(root: Path) -> None:
    page = (root / "docs" / "dashboard.md").read_text(encoding="utf-8")
    for name in ("80x24", "80x24-halted", "cockpit-80x24-trouble", "80x24-cut-off"):
        assert (scenes.FOLDER / f"{name}.txt").read_text(encoding="utf-8").rstrip() in page


@settings(max_examples=60)
@given(SNAPSHOTS, st.integers(60, 220), st.integers(20, 70))
def test_it_fits_the_screen_and_tells_the_money_whatever_happens(snapshot: Snapshot, width: int, height: int) -> None:
    lines = scenes.drawn(snapshot, width, height).split("\n")
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width
    labels = next(at for at, line in enumerate(lines) if re.match(r" Equity +Today", line))
    equity, day = amount(snapshot.equity), gain(snapshot.day_pnl)
    assert re.match(rf" {re.escape(equity)} +{re.escape(day)}(  |$)", lines[labels + 1])


@settings(max_examples=60)
@given(SNAPSHOTS, st.integers(1, 59), st.integers(1, 19))
def test_it_fits_a_screen_that_is_too_small_as_well(snapshot: Snapshot, width: int, height: int) -> None:
    lines = scenes.drawn(snapshot, width, height).split("\n")
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width


@settings(max_examples=60)
@given(SNAPSHOTS, st.integers(1, 220), st.integers(1, 70))
def test_nothing_foreign_moves_the_cursor_or_reorders_the_line(snapshot: Snapshot, width: int, height: int) -> None:
    text = re.sub(r"\x1b\[[0-9;]*m", "", scenes.drawn(snapshot, width, height, colours=True))
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", text
    )


@settings(max_examples=60)
@given(SNAPSHOTS, st.integers(20, 220), st.integers(10, 70))
def test_no_number_is_cut_and_none_is_nan(snapshot: Snapshot, width: int, height: int) -> None:
    text = scenes.drawn(snapshot, width, height)
    assert not re.search(r"\d…", text)
    assert not re.search(r"\b(nan|inf)\b", text, re.IGNORECASE)


def test_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    named = replace(scenes.full(), variant="[red]x[/red]")
    assert "[red]x[/red]" in scenes.drawn(named, 80, 24, colours=True)


def test_columns_stand_under_each_other_whatever_the_width_of_a_letter() -> None:
    first, *others = scenes.full().positions
    named = replace(scenes.full(), positions=(replace(first, symbol="日本円建て契約株式"), *others))
    lines = scenes.drawn(named, 80, 24).split("\n")
    ends = [
        cell_len(line[: line.index(text) + len(text)])
        for text in (" P&L", " +7.52", " -4.17", " +9.06")
        for line in lines
        if text in line
    ]
    assert len(ends) == 4
    assert len(set(ends)) == 1


def test_at_80x24_the_worst_day_still_shows_what_matters() -> None:
    shown = scenes.drawn(scenes.crowded(50), 80, 24)
    for wanted in ("HALTED", " HALT  max daily loss", "9,412.60", "-596.03", "Positions 50", "+7 more"):
        assert wanted in shown, wanted
    seen = shown.count("COIN")
    assert seen >= 4
    assert f"+{50 - seen} more" in shown
    assert re.search(r"daily loss █{10} 6.0 % of 5.0 % !", shown)
    for kind in ("signal", "order", "trade", "refused"):
        assert re.search(rf"^ {kind} ", shown, re.MULTILINE), kind


def test_on_a_low_screen_many_warnings_leave_room_for_the_money_and_the_limits() -> None:
    warned = replace(scenes.full(), warnings=tuple(f"COIN{i}/USDT: 1 gaps in the data" for i in range(9)))
    shown = scenes.drawn(warned, 60, 15)
    for wanted in ("10,044.96", "+21.37", "Cash 6,305.13", "Exposure 3,739.84  37 %", "+8 more", "Positions 5"):
        assert wanted in shown, wanted
    assert shown.count("WARNING") == 2
    for limit in ("daily loss", "drawdown", "positions", "exposure"):
        assert re.search(rf"^ {limit} +[█░]{{10}} \d", shown, re.MULTILINE), limit
    halted = scenes.drawn(scenes.crowded(5), 60, 15)
    for wanted in (" HALT  max daily loss", " WARNING  warning number 8", "+8 more", "9,412.60", "Cash", "exposure"):
        assert wanted in halted, wanted


@pytest.mark.parametrize("scene", [scenes.full, scenes.halted])
def test_a_long_path_leaves_the_clock_in_the_header(scene: Callable[[], Snapshot]) -> None:
    far = replace(scene(), source="replay of /srv/" + "folder/" * 30)
    first = scenes.drawn(far, 80, 24).split("\n")[0]
    assert first.startswith(" bybit_crypto_rsi  from replay of /srv/")
    assert first.endswith("  2024-01-05 14:35:00 UTC")
    narrow = scenes.drawn(far, 60, 15).split("\n")[0]
    assert narrow.startswith(" bybit_crypto_rsi ")
    assert narrow.endswith("  2024-01-05 14:35:00 UTC")
    assert scenes.drawn(far, 40, 15).split("\n")[0].startswith("bybit_crypto_rsi  from replay")


@pytest.mark.parametrize("width", range(20, 140))
def test_no_figure_of_money_is_left_out_without_its_title(width: int) -> None:
    shown = scenes.drawn(scenes.full(), width, 24)
    money = shown[shown.index("Equity") : shown.index("Positions")]
    assert "…" not in money


def test_a_halt_whose_limit_is_free_again_is_history() -> None:
    free = tuple(replace(gauge, tripped=False) for gauge in scenes.halted().gauges)
    shown = scenes.drawn(replace(scenes.halted(), gauges=free, warnings=()), 80, 24)
    assert "HALT" not in shown
    assert re.search(r"^ halt +14:30 +- +max daily loss", shown, re.MULTILINE)


def test_gains_and_losses_are_told_by_signs_and_only_then_by_colours() -> None:
    coloured = scenes.drawn(scenes.full(), 80, 24, colours=True)
    assert "\x1b[32m+7.52" in coloured
    assert "\x1b[31m-4.17" in coloured


DRIVER = """
import sys
from codecs import getincrementaldecoder
from tests.cli import scenes
from trader_cli.cli.dashboard import Dashboard
from trader_cli.cli.screen import is_possible
if not is_possible():
    sys.exit("lines only")
with Dashboard() as dashboard:
    dashboard.show(scenes.full())
    dashboard.show(scenes.fresh())  # too soon after the other one
    sys.stdin.readline()
    dashboard.show(scenes.halted(), force=True)
    sys.stdin.readline()
print("back on the first screen")
"""
OTHER_SCREEN, FIRST_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
NO_CURSOR, CURSOR = "\x1b[?25l", "\x1b[?25h"
NO_WRAPPING, WRAPPING = "\x1b[?7l", "\x1b[?7h"
FRAME, END_OF_FRAME = "\x1b[?2026h\x1b[H", "\x1b[?2026l"


class Terminal:
    """A real terminal with the driver, or another command, running in it."""

    def __init__(
        self, root: Path, width: int, height: int, environment: dict[str, str], command: Sequence[str]
    ) -> None:
        self._ours, theirs = pty.openpty()
        self._decoder = getincrementaldecoder("utf-8")()
        self.resize(width, height)
        hidden = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}
        world = {key: value for key, value in os.environ.items() if key not in hidden}
        self.process = subprocess.Popen(
            command,
            cwd=root,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**world, "TERM": "xterm-256color", **environment},
        )
        os.close(theirs)

    def read_until(self, mark: str) -> str:
        """What is written up to `mark` or, where that never comes, to the end."""
        said = b""
        while mark.encode() not in said:
            try:
                said += os.read(self._ours, 65536)
            except OSError:  # nobody holds the other end any more
                break
        return self._decoder.decode(said)  # a character of the next frame may be there by half

    def rest(self) -> str:
        """All that is still to come."""
        return self.read_until("\0")

    def resize(self, width: int, height: int) -> None:
        """Gives it another size."""
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def press_enter(self) -> None:
        """Lets the driver go on."""
        os.write(self._ours, b"\n")

    def close(self) -> None:
        """Ends the driver, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=60)
        os.close(self._ours)


@contextmanager
def driven(
    root: Path, width: int, height: int, *command: str, driver: str = DRIVER, **environment: str
) -> Iterator[Terminal]:
    """The driver, or the command, on a terminal of that size."""
    screen = Terminal(root, width, height, environment, command or [sys.executable, "-c", driver])
    try:
        yield screen
    finally:
        screen.close()


def rows_of(frame: str) -> list[str]:
    """The rows that a frame writes, without their colours."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", frame).split("\r\n")


def test_on_a_terminal_each_drawing_goes_over_the_one_before_at_the_size_of_that_moment(root: Path) -> None:
    with driven(root, 80, 24) as screen:
        first = screen.read_until(END_OF_FRAME)
        assert first.index(OTHER_SCREEN) < first.index(NO_CURSOR) < first.index(NO_WRAPPING) < first.index(FRAME)
        screen.resize(100, 30)
        screen.press_enter()
        second = screen.read_until(END_OF_FRAME)
        screen.press_enter()
        last = screen.rest()
        assert screen.process.wait(timeout=60) == 0
    assert [len(row) for row in rows_of(first[first.index(FRAME) :])] == [80] * 24
    assert [len(row) for row in rows_of(second[second.index(FRAME) :])] == [100] * 30
    assert " HALT " in second
    assert "from bybit" not in first + second, "drawn too soon after the other"
    for erasing in ("\x1b[2J", "\x1b[J", "\x1b[0J", "\x1b[3J", "\x1b[2K"):
        assert erasing not in first + second + last
    assert last.index(WRAPPING) < last.index(CURSOR) < last.index(FIRST_SCREEN) < last.index("back on the first screen")


def test_after_an_interrupt_the_terminal_is_as_it_was(root: Path) -> None:
    with driven(root, 80, 24) as screen:
        screen.read_until(END_OF_FRAME)
        screen.process.send_signal(signal.SIGINT)
        last = screen.rest()
        assert screen.process.wait(timeout=60) != 0
    assert last.index(WRAPPING) < last.index(CURSOR) < last.index(FIRST_SCREEN) < last.index("KeyboardInterrupt")


REPLAY = (
    *(str(Path(sys.executable).with_name("trader")), "paper", "demo_btc_rsi", "--replay", "samples"),
    *("--from", "2018-09-01", "--speed", "360000"),
)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"])
def test_after_a_signal_the_figures_so_far_stand_where_the_dashboard_was(
    number: signal.Signals, code: int, root: Path
) -> None:
    with driven(root, 80, 24, *REPLAY) as screen:
        screen.read_until("cycle 2")
        begun = time.monotonic()
        screen.process.send_signal(number)
        left = screen.rest().partition(FIRST_SCREEN)[2]
        assert screen.process.wait(timeout=60) == code
    assert time.monotonic() - begun < 8
    assert re.search(r"demo_btc_rsi: BTC/USD, \d+ bars of 1h", left)
    assert "final equity" in left


def test_a_terminal_that_has_gone_is_shown_nothing(root: Path) -> None:
    with driven(root, 80, 24, *REPLAY) as screen:
        screen.read_until("cycle 2")
        screen.process.send_signal(signal.SIGHUP)
        left = screen.rest().partition(FIRST_SCREEN)[2]
        assert screen.process.wait(timeout=60) == 129
    assert "final equity" not in left


def test_a_terminal_that_can_only_print_gets_no_dashboard(root: Path) -> None:
    with driven(root, 80, 24, TERM="dumb") as screen:
        assert screen.rest() == "lines only\r\n"


def test_no_color_is_honoured(root: Path) -> None:
    colour = r"\x1b\[(?:[0-9;]*;)?(?:3[0-7]|4[0-7]|9[0-7])[;m]"
    with driven(root, 80, 24) as screen:
        assert re.search(colour, screen.read_until(END_OF_FRAME))
    with driven(root, 80, 24, NO_COLOR="1") as screen:
        assert not re.search(colour, screen.read_until(END_OF_FRAME))
