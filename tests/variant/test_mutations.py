"""Law S11: whatever a variant file holds, `trader check` ends with 2 and one line a problem, naming file and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Outcome, trader
from tests.variant.files import FULL, changed, dotted, keys, text
from trader_cli.variant.keys import all_keys

if TYPE_CHECKING:
    from pathlib import Path

HUGE = "9" * 400
NO_NUMBER = ('"7"', '""', "true", "nan", "inf", "-inf", "1e400", HUGE, "1e300", "[]", "{}", "2024-01-01")
NO_COUNT = (*NO_NUMBER, "-1", "2.5")
NO_AMOUNT = (*NO_NUMBER, "-1")
NO_RATE = (*NO_NUMBER, "-1e9")
NO_SWITCH = ("1", "0", '"true"', '""', "nan", "[]", "{}", "1979-05-27T07:32:00Z")
NO_TEXT = ("7", "0.5", "true", "nan", "[]", "{}", '""', f'"{"x" * 100_000}"', '"\\u001b[31m"', '"../../etc/passwd"')
NO_LIST = ('"BTCUSDT"', "7", "true", "nan", "{}", '[""]', "[7]", "[true]", "[nan]", '["BTC USDT"]', '["\\u0000"]')

MAY_BE_NEGATIVE = {
    "strategy_config.momentum.threshold_buy",
    "strategy_config.momentum.threshold_sell",
    "costs.funding_rate",
}


def mutations(table: str, key: str) -> tuple[str, ...]:
    """Values of the wrong kind or out of every bound, by the kind of the right one."""
    value, name = FULL[table][key], dotted(table, key)
    if value.startswith('"'):
        return NO_TEXT
    if value.startswith("["):
        return NO_LIST
    if value in ("true", "false"):
        return NO_SWITCH
    if name in MAY_BE_NEGATIVE:
        return NO_RATE
    return (
        NO_COUNT
        if key.endswith(("_period", "period", "_positions", "_leverage", "_bars", "_minute", "_day"))
        else NO_AMOUNT
    )


def check(path: Path, content: str | bytes, capsys: pytest.CaptureFixture[str]) -> Outcome:
    """Checks a file of this content, which stays as it is."""
    raw = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(raw)
    outcome = trader(capsys, "check", path)
    assert path.read_bytes() == raw
    return outcome


def refused(outcome: Outcome, path: Path, key: str | None = None) -> None:
    """The outcome is 2, its lines are all errors with the file's name, one of them with the key."""
    assert outcome.code == 2, outcome
    assert outcome.out == ""
    assert outcome.errors, outcome
    assert len(outcome.errors) == len(outcome.err.splitlines()), "every line is a problem"
    assert all(line.startswith(f"{path}: ") for line in outcome.errors)
    assert all(len(line) < 1000 for line in outcome.errors), "no value is repeated at length"
    assert "Traceback" not in outcome.err
    assert "\x1b" not in outcome.err
    if key is not None:
        assert any(line.startswith(f"{path}: {key}: ") for line in outcome.errors), outcome.errors


def test_the_full_file_is_sound_and_says_every_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path / "full.toml", text(), capsys).code == 0
    elsewhere = {"extends", "broker_config.data_endpoint"}
    assert {dotted(*key) for key in keys()} == {key.dotted for key in all_keys()} - elsewhere


@pytest.mark.parametrize(("table", "key"), keys())
def test_f097_a_key_typo_is_refused_with_the_key_that_was_meant(
    table: str, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "typo.toml"
    outcome = check(path, changed(table, key, FULL[table][key], name=f"{key}x"), capsys)
    refused(outcome, path, dotted(table, f"{key}x"))
    assert f"did you mean '{key}'?" in outcome.err


@pytest.mark.parametrize("table", [table for table in FULL if table])
def test_f097_a_table_typo_is_refused(table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "typo.toml"
    outcome = check(path, text().replace(f"[{table}]", f"[{table}x]"), capsys)
    refused(outcome, path, f"{table}x")
    assert f"did you mean '{table.rpartition('.')[2]}'?" in outcome.err


@pytest.mark.parametrize(("table", "key"), keys())
def test_f099_f100_a_wrong_value_is_refused_at_its_key(
    table: str, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "value.toml"
    for value in mutations(table, key):
        refused(check(path, changed(table, key, value), capsys), path, dotted(table, key))


@pytest.mark.parametrize("table", [table for table in FULL if table])
def test_f099_a_section_that_is_no_table_is_refused(
    table: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "section.toml"
    parent, _, name = table.rpartition(".")
    others = {each: values for each, values in FULL.items() if each != table and not each.startswith(f"{table}.")}
    for value in ("7", '"text"', "true", "[]", "nan"):
        tables = {**others, parent: {**others.get(parent, {}), name: value}}
        ordered = {"": tables.pop("", {}), **tables}
        refused(check(path, text(ordered), capsys), path, table)


WHOLE_FILES = {
    "empty": b"",
    "binary": bytes(range(256)) * 8,
    "only NUL": b"\x00" * 100,
    "NUL in a text": text().replace("okx", "ok\x00x", 1).encode(),
    "byte order mark": b"\xef\xbb\xbf" + text().encode(),
    "UTF-16": text().encode("utf-16"),
    "Latin-1": text().replace("everything", "\xfcberall").encode("latin-1"),
    "cut in a text": text().encode()[:30],
    "cut in a header": text().encode()[: text().index("[session]") + 5],
    "bare carriage returns": text().replace("\n", "\r").encode(),
    "10 MB of a comment": b"#" * 10_000_000,
    "10 MB of a text": b'trader_name = "' + b"x" * 10_000_000 + b'"',
    "a number of 100,000 digits": b"[risk_settings]\nmax_position_size = " + b"9" * 100_000,
    "arrays nested 100,000 deep": b"x = " + b"[" * 100_000,
    "tables nested 5,000 deep": b"a" + b".a" * 5_000 + b" = 1",
    "tables nested 100 deep in a section": b"[session" + b".a" * 100 + b"]\nb = 1",
    "a key twice": text().encode() + b"\n[live]\nmax_orders_per_day = 1\n",
    "JSON": b'{"variants": {"broker": "bybit"}}',
    "surrogate": b'trader_name = "\\ud800"',
}


@pytest.mark.parametrize("name", WHOLE_FILES)
def test_any_bytes_are_refused_in_plain_lines(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "whole.toml"
    refused(check(path, WHOLE_FILES[name], capsys), path)


def test_every_prefix_of_a_sound_file_is_sound_or_refused_in_plain_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cut.toml"
    whole = text().encode()
    for length in range(0, len(whole), 23):
        outcome = check(path, whole[:length], capsys)
        if outcome.code:
            refused(outcome, path)


def test_line_ends_of_windows_are_fine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path / "windows.toml", text().replace("\n", "\r\n"), capsys).code == 0


def test_paths_that_hold_no_file_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loop = tmp_path / "loop.toml"
    loop.symlink_to(loop)
    folder = tmp_path / "folder.toml"
    folder.mkdir()
    for path in (loop, folder, tmp_path / "absent.toml", tmp_path / ("x" * 300 + ".toml")):
        refused(trader(capsys, "check", path), path)
    assert trader(capsys, "check", "nul\x00.toml").code == 2


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "many.toml"
    wrong = {table: dict.fromkeys(values, "nan") for table, values in FULL.items()}
    outcome = check(path, text(wrong), capsys)
    for table, key in keys():
        refused(outcome, path, dotted(table, key))
