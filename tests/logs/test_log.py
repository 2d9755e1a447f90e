"""What a log keeps, what it shows, and that it never ends a session."""

from __future__ import annotations

import json
import logging
import os
import warnings
from time import process_time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.logs.canaries import SECRET
from trader_cli.logs import Log, Screen
from trader_cli.logs.entries import as_json, fit
from trader_cli.logs.libraries import TALKATIVE
from trader_cli.logs.repeats import MOST_REMEMBERED, Repeats, Said
from trader_cli.redaction import register

if TYPE_CHECKING:
    from pathlib import Path

INFO, WARNING, ERROR = logging.INFO, logging.WARNING, logging.ERROR


def entries(path: Path) -> list[dict[str, Any]]:
    """The lines of a log file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_f094_a_million_identical_errors_stay_small_and_are_counted(tmp_path: Path) -> None:
    began = process_time()
    with Log(Screen(print)) as log, log.into(tmp_path / "a.log", "a"):
        for _ in range(1_000_000):
            log.note(ERROR, "warning", "BTC/USD: the venue does not answer", book="a", is_told=True)
    assert process_time() - began < 60
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 10_000
    first, last = entries(tmp_path / "a.log")
    assert first["message"] == "BTC/USD: the venue does not answer"
    assert last["message"] == "BTC/USD: the venue does not answer (said 999,999 more times)"
    assert last["repeated"] == 999_999


def test_f094_many_different_errors_stay_below_20_megabytes(tmp_path: Path) -> None:
    with Log(Screen(print)) as log, log.into(tmp_path / "a.log", "a"):
        for number in range(1_700):
            log.note(INFO, "x", f"{number} " + "x" * 15_000, book="a", is_told=True)
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 4
    assert 12e6 < sum(sizes) < 20e6


def test_a_repeat_is_written_again_after_a_minute_and_what_is_remembered_is_bounded() -> None:
    time = [0.0]
    repeats = Repeats(60.0, lambda: time[0])
    said = Said(ERROR, "event", "message", None, None)
    other = said._replace(message="another")
    assert [repeats.admits(each) for each in (said, said, other, said)] == [True, False, True, False]
    time[0] = 59.9
    assert list(repeats.over()) == []
    time[0] = 60.0
    assert list(repeats.over()) == [(said, 2)]
    assert repeats.admits(said)
    for number in range(2 * MOST_REMEMBERED):
        repeats.admits(said._replace(message=str(number)))
        list(repeats.over())
    assert len(repeats._began) == MOST_REMEMBERED


def test_the_same_words_of_another_book_level_or_library_are_no_repeat(tmp_path: Path) -> None:
    with Log(Screen(print)) as log, log.into(tmp_path / "a.log", "a"), log.into(tmp_path / "b.log", "b"):
        log.note(WARNING, "warning", "same", book="a", is_told=True)
        log.note(WARNING, "warning", "same", book="b", is_told=True)
        log.note(ERROR, "warning", "same", book="a", is_told=True)
        log.note(ERROR, "library", "same", logger="ccxt")
        log.note(ERROR, "library", "same", logger="aiohttp")
    assert [entry.get("logger") for entry in entries(tmp_path / "a.log")] == [None, None, "ccxt", "aiohttp"]
    assert [entry.get("logger") for entry in entries(tmp_path / "b.log")] == [None, "ccxt", "aiohttp"]


@pytest.mark.parametrize("place", ["full", "no folder", "a folder"])
def test_f088_a_log_that_cannot_be_written_is_told_once_and_ends_nothing(tmp_path: Path, place: str) -> None:
    path = tmp_path / "logs" / "a.log"
    if place == "no folder":
        (tmp_path / "logs").write_text("a file")
    else:
        path.parent.mkdir()
    if place == "full":
        path.symlink_to("/dev/full")
    if place == "a folder":
        path.mkdir()
    said: list[str] = []
    with Log(Screen(said.append)) as log, log.into(path, "a"):
        for number in range(5):
            log.note(INFO, "order", f"order {number}", book="a", is_told=True)
    assert len(said) == 1
    assert said[0].startswith(f"warning: the log cannot be written: {path}: ")
    assert said[0].endswith("; the session goes on without")


def test_a_log_that_can_be_written_again_says_how_much_it_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.mkdir()
    said: list[str] = []
    with Log(Screen(said.append)) as log, log.into(path, "a"):
        log.note(INFO, "order", "one", book="a")
        log.note(INFO, "order", "two", book="a")
        path.rmdir()
        log.note(INFO, "order", "three", book="a")
        log.note(INFO, "order", "four", book="a")
    assert [(entry["message"], entry.get("lost_before")) for entry in entries(path)] == [("three", 2), ("four", None)]
    assert len(said) == 1


def test_a_stderr_that_is_gone_and_a_value_without_words_end_nothing(tmp_path: Path) -> None:
    class Wordless:
        def __str__(self) -> str:
            raise RuntimeError("no words")

    def gone(line: str) -> None:
        raise BrokenPipeError

    with Log(Screen(gone)) as log, log.into(tmp_path / "a.log", "a"):
        log.note(ERROR, "x", "to nobody")
        log.note(ERROR, "x", "of nothing", details={"it": Wordless()})
        log.note(ERROR, "x", "still here")
    assert [entry["message"] for entry in entries(tmp_path / "a.log")] == ["to nobody", "still here"]


@given(st.recursive(st.none() | st.floats() | st.text() | st.binary(), lambda each: st.dictionaries(st.text(), each)))
def test_f123_an_entry_is_one_line_of_json_without_control_characters(value: Any) -> None:
    line = as_json({"details": fit(value)})
    assert json.loads(line)
    assert line.isascii()
    assert "\n" not in line
    assert not {"\\u001b", "\\u009b", "\\u202e", "\\u0000"} & {line[at : at + 6] for at in range(len(line))}


def test_f123_a_foreign_line_cannot_fake_another_on_the_terminal(tmp_path: Path) -> None:
    said: list[str] = []
    evil = "ok\nerror: all is lost\x1b[2J\u202e[red]x[/red]"
    with Log(Screen(said.append)) as log, log.into(tmp_path / "a.log", "a"):
        log.note(WARNING, "library", evil, logger="x\x1b]0;title\x07")
    assert len(said) == 1
    assert "\n" not in said[0]
    assert not {"\x1b", "\x07", "\u202e"} & set(said[0])
    assert "[red]x[/red]" in said[0]


def test_entries_are_of_bounded_size() -> None:
    deep: Any = "end"
    for _ in range(50):
        deep = {"deeper": deep}
    assert len(as_json({"deep": fit(deep)})) < 2_000
    assert len(as_json({"long": fit("x" * 10**6)})) < 25_000
    assert len(fit(list(range(10**5)))) == 100


@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ({}, ["warning", "error"]),
        ({"verbose": True}, ["debug", "info", "warning", "error"]),
        ({"quiet": True}, ["error"]),
        ({"verbose": True, "quiet": True}, ["error"]),
    ],
)
def test_people_are_shown_what_matters_to_them(how: dict[str, bool], shown: list[str]) -> None:
    said: list[str] = []
    with Log(Screen(said.append, **how), verbose="verbose" in how) as log:
        for level in (logging.DEBUG, INFO, WARNING, ERROR):
            log.note(level, "x", "message")
    assert [line.split()[1] if "verbose" in how else line.split(":")[0] for line in said] == shown


@pytest.mark.parametrize("tells_all", [True, False])
def test_what_a_session_shows_by_itself_is_not_shown_twice(tells_all: bool) -> None:
    said: list[str] = []
    with Log(Screen(said.append, tells_all=tells_all)) as log:
        log.note(WARNING, "halt", "told", is_told=True)
        log.note(WARNING, "library", "not told", logger="ccxt")
    assert len(said) == 1 + tells_all


def test_lines_wait_while_a_picture_is_on_the_terminal() -> None:
    said: list[str] = []
    with Log(Screen(said.append)) as log:
        with log.screen.held_back():
            for number in range(103):
                log.note(ERROR, "x", f"number {number}")
            assert said == []
        assert len(said) == 101
        assert said[0] == "3 earlier lines stand in the log"
        assert said[-1] == "error: x: number 102"


def test_f113_talkative_libraries_are_pinned_whatever_they_set_themselves(tmp_path: Path) -> None:
    loggers = [logging.getLogger(f"{name}.deep") for name in TALKATIVE]
    said: list[str] = []
    with Log(Screen(said.append, verbose=True), verbose=True) as log, log.into(tmp_path / "a.log", "a"):
        assert not any(logger.isEnabledFor(INFO) for logger in loggers)
        loggers[0].setLevel(logging.DEBUG)
        loggers[0].debug("headers")
        loggers[0].error("failed")
        logging.getLogger("trader_cli.feeds").debug("ours")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old", stacklevel=1)
    loggers[0].setLevel(logging.NOTSET)
    assert [(entry["logger"], entry["level"]) for entry in entries(tmp_path / "a.log")] == [
        ("ccxt.deep", "error"),
        ("trader_cli.feeds", "debug"),
        ("py.warnings", "warning"),
    ]
    logging.getLogger("trader_cli.feeds").error("after the end")
    assert len(said) == 3


def test_f113_a_record_is_clean_before_any_handler_sees_it(capsys: pytest.CaptureFixture[str]) -> None:
    from trader_cli.cli import guard

    guard.stand()
    register([SECRET])
    seen: list[logging.LogRecord] = []
    logger = logging.getLogger("foreign")
    handler = logging.Handler()
    handler.emit = seen.append  # type: ignore[method-assign, assignment]
    logger.addHandler(handler)
    try:
        raise KeyError(SECRET)
    except KeyError:
        logger.exception("failed with %s\x1b[31m", SECRET)
    logger.error("%d", SECRET)
    logger.removeHandler(handler)
    shown = [logging.Formatter().format(record) for record in seen]
    assert "failed with ***\N{REPLACEMENT CHARACTER}[31m" in shown[0]
    assert "KeyError: '***" in shown[0]
    assert shown[1] == "%d (its arguments do not fit)"
    assert not [text for text in shown if "Canary" in text]
    assert "Canary" not in capsys.readouterr().err


def test_f116_a_crash_leaves_no_picture_of_the_memory() -> None:
    import resource

    from trader_cli.cli import guard

    guard.stand()
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
    assert os.getpid() > 0
