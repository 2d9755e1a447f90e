"""How the program ends: one line, the right exit code, whatever went wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import trader
from trader_cli import __version__
from trader_cli.cli import list_variants, main
from trader_cli.errors import ExitCode, Problem, TraderError

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = str(Path(sys.executable).parent / "trader")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Makes `list-variants` raise."""

    def install(error: BaseException) -> None:
        def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr(list_variants, "variants_dir", fail)

    return install


def test_the_version_is_a_line_of_data(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = trader(capsys, "--version")
    assert (outcome.code, outcome.out, outcome.err) == (0, f"trader {__version__}\n", "")


def test_f085_a_reader_that_leaves_early_ends_the_program_quietly(root: Path) -> None:
    program = subprocess.Popen(
        [PROGRAM, "list-variants", "--matrix"], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    said = program.stderr.read()
    program.stderr.close()
    assert (program.wait(timeout=60), said) == (0, b"")


@pytest.mark.parametrize(
    ("command", "stream", "code"),
    [("list-variants --matrix", ">", ExitCode.UNAVAILABLE), ("check nobody", "2>", ExitCode.USAGE)],
)
def test_f088_a_full_disk_behind_a_stream_is_no_traceback(root: Path, command: str, stream: str, code: int) -> None:
    line = f"'{PROGRAM}' {command} {stream} /dev/full"
    ran = subprocess.run(["sh", "-c", line], cwd=root, capture_output=True, timeout=60, check=False)
    assert ran.returncode == code
    assert b"Traceback" not in ran.stderr + ran.stdout


def test_an_interrupt_is_130(failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]) -> None:
    failing(KeyboardInterrupt())
    outcome = trader(capsys, "list-variants")
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "")


def test_a_disk_that_fails_is_5_and_names_the_file(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    failing(OSError(5, "Input/output error", "some/file"))
    outcome = trader(capsys, "list-variants", "--json")
    assert outcome.code == 5
    assert json.loads(outcome.err) == {
        "error": {"code": "unavailable", "message": "Input/output error", "file": "some/file", "key": None}
    }


def test_a_bug_is_one_line_and_verbose_shows_where(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    failing(ZeroDivisionError("a\nb"))
    brief = trader(capsys, "list-variants")
    assert (brief.code, brief.out) == (1, "")
    assert brief.err.count("\n") == 1
    assert "ZeroDivisionError: a b (a bug" in brief.err
    assert "Traceback" in trader(capsys, "--verbose", "list-variants").err


def test_f123_foreign_text_reaches_the_terminal_without_control_characters(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    failing(TraderError("\x1b]8;;file:///etc/passwd\x07evil\u202e[red]x[/red]", file="\x1b[2J"))
    said = trader(capsys, "list-variants").err
    assert not {"\x1b", "\x07", "\u202e"} & set(said)
    assert "[red]x[/red]" in said


def test_an_error_of_no_problems_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="at least one"):
        TraderError.of([])


def test_a_problem_says_place_key_and_what() -> None:
    assert str(Problem("is wrong", "a.toml", "b.c")) == "a.toml: b.c: is wrong"
    assert str(Problem("is wrong")) == "is wrong"


@pytest.mark.parametrize("command", [None, "paper"])
def test_the_program_is_made_once(command: str | None) -> None:
    assert main._program(command) is main._program(command)


@pytest.mark.parametrize("line", ["shw demo_btc_rsi", "shw show", "show --unknown", "--quiet shw", "data"])
def test_a_misspelled_line_is_answered_alike_wherever_its_command_stands(
    line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    short = trader(capsys, *line.split())
    monkeypatch.setattr(main, "_command", lambda _: None)  # every command is made
    assert short == trader(capsys, *line.split())
    assert short.code == 2


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("show demo_btc_rsi >&-", 0),
        ("check nobody 2>&-", 2),
        ("new-variant <&-", 2),
        ("backtest demo_btc_rsi --data samples", 0),
        ("list-variants", 0),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_any_stream_will_do(root: Path, line: str, code: int, encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    ran = subprocess.run(
        ["sh", "-c", f"'{PROGRAM}' {line}"], cwd=root, env=environment, capture_output=True, timeout=60, check=False
    )
    assert ran.returncode == code
    assert b"Error" not in ran.stderr


def test_no_variable_colours_what_is_no_terminal(root: Path) -> None:
    forcing = {"GITHUB_ACTIONS": "true", "FORCE_COLOR": "1", "PY_COLORS": "1", "TTY_COMPATIBLE": "1"}
    for arguments in (["--help"], ["backtest", "--help"], ["list-variants"]):
        ran = subprocess.run(
            [PROGRAM, *arguments], cwd=root, env={**os.environ, **forcing}, capture_output=True, timeout=60, check=True
        )
        assert b"\x1b" not in ran.stdout + ran.stderr


def test_f123_json_is_ascii_whatever_a_file_is_called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "b\udcff\x9b\u202e.toml").write_text("", encoding="utf-8")
    outcome = trader(capsys, "--variants-dir", tmp_path, "list-variants", "--json")
    assert outcome.code == 0
    assert outcome.out.isascii()
    assert len(outcome.document["variants"]) == 1
    assert trader(capsys, "--variants-dir", tmp_path, "list-variants").code == 0


@pytest.mark.parametrize("arguments", [[], ["data"]])
def test_without_a_command_the_help_is_shown_and_nothing_else(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = trader(capsys, *arguments)
    assert (outcome.code, outcome.err) == (2, "")
    assert "Usage:" in outcome.out
