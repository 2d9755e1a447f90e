"""`trader data` as a user calls it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.program import trader
from tests.data.making import frame, write
from tests.data.test_import import ALPHA_VANTAGE, CDD_DAILY, YAHOO
from tests.data.test_refusals import malformed
from tests.data.test_sessions import daily
from trader_cli.errors import ExitCode

type Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("command", ["import", "list", "check"])
def test_help_has_an_example(command: str, capsys: Capture) -> None:
    said = trader(capsys, "data", command, "--help")
    assert said.code == ExitCode.OK
    assert f"trader data {command}" in said.out


def test_import_writes_into_the_data_folder_and_says_what_it_did(tmp_path: Path, capsys: Capture) -> None:
    export = tmp_path / "Coinbase_BTCUSD_d.csv"
    export.write_text(CDD_DAILY)
    said = trader(capsys, "data", "import", export, "--venue", "coinbase")
    home = Path(os.environ["TRADER_HOME"])
    assert said.code == ExitCode.OK
    assert (home / "data" / "coinbase" / "BTCUSD-1d.parquet").is_file()
    assert "3 bars, 2019-10-15T00:00:00Z to 2019-10-17T00:00:00Z" in said.out
    assert "newest first: sorted" in said.out
    listed = trader(capsys, "data", "list", "--json").document["files"]
    assert [(entry["venue"], entry["symbol"], entry["rows"]) for entry in listed] == [("coinbase", "BTCUSD", 3)]


def test_import_keeps_to_80_columns_but_for_paths(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    export = Path("alpha_vantage_intraday_1min_extended_2019_02_of_AAPL.csv")
    export.write_text(ALPHA_VANTAGE)
    said = trader(capsys, "data", "import", export, "--symbol", "AAPL", "--venue", "us", "--output", "my/market/data")
    assert "America/New_York, bars labelled at their close" in said.out
    assert max(len(line) for line in said.out.splitlines()) <= 80


def test_import_as_json_is_one_document(tmp_path: Path, capsys: Capture) -> None:
    export = tmp_path / "x.csv"
    export.write_text(YAHOO)
    said = trader(
        capsys, "data", "import", export, "--symbol", "AAPL", "--timeframe", "1d", "--output", tmp_path / "d", "--json"
    )
    (made,) = said.document["imported"]
    assert (made["path"], made["venue"]) == (str(tmp_path / "d/imported/AAPL-1d.parquet"), "imported")
    assert (made["rows"], made["files"][0]["layout"]) == (3, "Yahoo")


def test_import_never_replaces_without_force(tmp_path: Path, capsys: Capture) -> None:
    export = tmp_path / "x.csv"
    export.write_text(YAHOO)
    call = ("data", "import", export, "--symbol", "AAPL")
    assert trader(capsys, *call).code == ExitCode.OK
    again = trader(capsys, *call)
    assert again.code == ExitCode.USAGE
    assert "is there already; --force replaces it" in again.errors[0]
    assert trader(capsys, *call, "--force").code == ExitCode.OK


def test_s11_malformed_files_end_with_two_and_one_line_each(tmp_path: Path, capsys: Capture) -> None:
    for name, path in malformed(tmp_path).items():
        for command in (("check",), ("import", "--symbol", "X")):
            said = trader(capsys, "data", *command, path)
            assert said.code == ExitCode.USAGE, (name, command)
            assert len(said.errors) == 1, (name, command)
            assert str(path) in said.errors[0], (name, command)
            assert "Traceback" not in said.err


def test_a_refusal_as_json_names_file_and_row(tmp_path: Path, capsys: Capture) -> None:
    path = write(frame(5).iloc[::-1], tmp_path / "BTCUSDT-1m.csv")
    said = trader(capsys, "data", "check", path, "--json")
    assert said.code == ExitCode.USAGE
    error = json.loads(said.err)["error"]
    assert (error["code"], error["file"], error["key"]) == ("data", str(path), "row 2 (line 3)")
    assert said.document["certificates"][0]["verdict"] == "refused"


def test_check_passes_the_samples_and_prints_a_certificate(root: Path, capsys: Capture) -> None:
    assert trader(capsys, "data", "check", root / "samples").code == ExitCode.OK
    said = trader(capsys, "data", "check", root / "samples/us/AAPL-1d.parquet")
    assert said.code == ExitCode.OK
    assert "0dbb2b80e05f221b473ebde987e8228f35dd4a551be84854e4fc5a0d1e4520cf" in said.out
    assert max(len(line) for line in said.out.splitlines()) <= 80


def test_quiet_says_nothing_but_the_data(root: Path, capsys: Capture) -> None:
    said = trader(capsys, "--quiet", "data", "check", root / "samples")
    assert (said.code, said.err) == (ExitCode.OK, "")


def test_f059_check_fails_on_a_split_until_told_that_it_is_none(tmp_path: Path, capsys: Capture) -> None:
    rows = daily("2025-08-04", "2025-08-29")
    rows.loc[9:, ["open", "high", "low", "close"]] /= 4
    path = write(rows, tmp_path / "AAPL-1d.csv")
    said = trader(capsys, "data", "check", path)
    assert said.code == ExitCode.USAGE
    assert "an unadjusted split?" in said.errors[0]
    assert trader(capsys, "data", "check", path, "--hours", "24/7").code == ExitCode.OK


def test_list_shows_an_unreadable_file_and_goes_on(tmp_path: Path, capsys: Capture) -> None:
    write(frame(5), tmp_path / "okx" / "BTCUSDT-1m.csv")
    (tmp_path / "okx" / "ETHUSDT-1m.parquet").write_bytes(b"x")
    said = trader(capsys, "data", "list", "--data", tmp_path)
    assert said.code == ExitCode.OK
    assert "2024-01-01" in said.out
    assert "unreadable" in said.out
    assert "no readable Parquet file" in said.err


def test_list_of_what_is_no_market_data_is_an_error(tmp_path: Path, capsys: Capture) -> None:
    notice = tmp_path / "NOTICE.md"
    notice.write_text("# Where the data comes from\n")
    for path in (tmp_path / "nope", notice):
        for flags in ((), ("--json",)):
            said = trader(capsys, "data", "list", "--data", path, *flags)
            assert (said.code, said.out, len(said.errors)) == (ExitCode.USAGE, "", 1)
            assert str(path) in said.errors[0]
        assert json.loads(said.err)["error"]["file"] == str(path)


def test_list_takes_a_single_data_file(tmp_path: Path, capsys: Capture) -> None:
    path = write(frame(5), tmp_path / "BTCUSDT-1m.csv")
    (listed,) = trader(capsys, "data", "list", "--data", path, "--json").document["files"]
    assert (listed["path"], listed["rows"]) == (str(path), 5)


def test_list_without_any_data_says_what_to_do(capsys: Capture) -> None:
    said = trader(capsys, "data", "list")
    assert said.code == ExitCode.USAGE
    assert "trader data import" in said.errors[0]


def test_markup_in_a_file_is_printed_and_never_obeyed(tmp_path: Path, capsys: Capture) -> None:
    path = write(frame(5), tmp_path / "[red]\x1b[31mBTC-1m.csv")
    said = trader(capsys, "data", "check", path)
    assert "\x1b" not in said.out
    assert "[red]" in said.out


def test_the_reader_of_other_columns_than_bars_is_never_silent(tmp_path: Path, capsys: Capture) -> None:
    rows = pd.DataFrame({"timestamp": frame(3)["timestamp"], "rate": 0.1})
    said = trader(capsys, "data", "check", write(rows, tmp_path / "BTCUSDT-8h-funding.csv"))
    assert "column funding_rate missing; there are: timestamp, rate" in said.errors[0]


def test_a_pipe_or_a_device_is_named_for_what_it_is_and_never_opened(tmp_path: Path, capsys: Capture) -> None:
    pipe = tmp_path / "BTCUSDT-1m.csv"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        for call in (("check", path), ("import", path, "--symbol", "X"), ("list", "--data", path)):
            said = trader(capsys, "data", *call)
            assert said.code == ExitCode.USAGE
            assert said.errors == [
                f"{path}: is no regular file but a pipe, a socket or a device; save its data to a file"
            ]
