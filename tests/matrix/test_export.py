"""A leaderboard as a file holds what the document says, run for run."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from trader_cli.app import exporting
from trader_cli.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

MATRIX = (
    *("backtest", "demo_btc_rsi", "--data", "samples", "--from", "2018-09-01", "--to", "2019-01-01", "--json"),
    *("--matrix", "strategy=macd,rsi", "--set", "strategy_config.rsi.period=5..8"),
    *("--set", "risk_settings.max_drawdown=0.005,1.0"),
    *("--set", "trading_symbols.crypto=['BTC/USD'],['BTC-USD']"),
)


@pytest.fixture
def asked(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the matrix with more options; its document."""
    monkeypatch.chdir(root)

    def run(*more: object) -> Any:
        assert main([*MATRIX, *map(str, more)]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def rows_of(document: Any) -> list[dict[str, Any]]:
    """The runs of a document as a file has them."""
    keys = dict.fromkeys(key for run in document["runs"] for key in run["overrides"])
    return [
        {"rank": rank, "variant": run["variant"]}
        | {key: _told(run["overrides"].get(key)) for key in keys}
        | run["metrics"]
        | {"halted_at": run["halted_at"]}
        for rank, run in enumerate(document["runs"], start=1)
    ]


def _told(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list) else value


@pytest.mark.parametrize("slice_", [3, 100_000])
def test_parquet_holds_every_run_in_the_order_of_the_document(
    asked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slice_: int
) -> None:
    monkeypatch.setattr(exporting, "SLICE", slice_)
    document = asked("--metrics", "full", "--output", tmp_path / "runs.parquet")
    found = pq.read_table(tmp_path / "runs.parquet").to_pylist()
    for row in found:
        row["halted_at"] = row["halted_at"] and row["halted_at"].isoformat().replace("+00:00", "Z")
    assert len(found) == 20
    assert {row["halted_at"] for row in found} > {None}
    assert found == rows_of(document)


def test_csv_holds_the_same_texts(asked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "SLICE", 3)
    document = asked("--top", "7", "--output", tmp_path / "runs.csv")
    with (tmp_path / "runs.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    wanted = rows_of(document)
    assert len(found) == 7
    assert set(found[0]) == set(wanted[0])
    for row, want in zip(found, wanted, strict=True):
        assert row["variant"] == want["variant"]
        assert float(row["total_return"]) == want["total_return"]
        assert row["sharpe"] == ""
        assert row["trading_symbols.crypto"] == want["trading_symbols.crypto"]


def test_what_stood_there_is_replaced_whole(asked: Any, tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("old")
    asked("--output", path)
    assert path.read_text().startswith('"rank","variant"')
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".csv"] == ["runs.csv"]


@pytest.mark.parametrize("name", ["runs.xlsx", "runs", "runs.csv.gz"])
def test_another_form_is_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    assert main([*MATRIX, "--output", str(tmp_path / name)]) == 2
    assert "must end in .csv, .parquet" in json.loads(capsys.readouterr().err)["error"]["message"]


@pytest.mark.parametrize(("option", "name"), [("--output", "runs.csv"), ("--write-variants", "best")])
def test_what_only_a_matrix_writes_is_refused_for_a_single_run(
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: str,
    name: str,
) -> None:
    monkeypatch.chdir(root)
    assert main(["backtest", "demo_btc_rsi", "--data", "samples", option, str(tmp_path / name)]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.startswith(f"{option}: writes the ")
    assert "of a matrix" in streams.err
