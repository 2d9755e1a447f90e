"""What a run reads is known to the last file: nothing that may change its figures is left out of its checksums."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from tests.backtest.test_markets_loading import ALL, loaded, rates, variant
from tests.data.making import frame, write
from tests.strategies.test_registry import PLUGIN
from trader_cli.data.source import File
from trader_cli.domain.timeframe import Timeframe
from trader_cli.variant.loading import load_mapping

PERPETUAL = "BTC_USDT_USDT"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A contract with all that may stand beside its bars, and a spot pair that no contract has a use for."""
    write(frame(48, "1h"), tmp_path / f"{PERPETUAL}-1h.parquet")
    write(frame(48, "1h"), tmp_path / f"{PERPETUAL}-1h-mark.parquet")
    write(frame(12, "4h"), tmp_path / f"{PERPETUAL}-4h-mark.csv")
    write(frame(48 * 12, "5m"), tmp_path / f"{PERPETUAL}-5m.parquet")
    rates(tmp_path / f"{PERPETUAL}-8h-funding.csv", "2024-01-01", 7)
    write(frame(48, "1h"), tmp_path / "ETH_USDT-1h.parquet")
    return tmp_path


def test_every_file_that_is_read_is_told_with_its_checksum(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = variant(folder, PERPETUAL, asset_class="futures")
    read: list[Path] = []
    read_bytes = Path.read_bytes

    def watched(path: Path) -> bytes:
        read.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", watched)
    found = loaded(chosen, folder, ALL, Timeframe.M5).files
    assert {file.path for file in found} == set(read)
    assert [file.path.name.removeprefix(PERPETUAL) for file in found] == [
        "-1h.parquet",
        "-1h-mark.parquet",
        "-4h-mark.csv",
        "-8h-funding.csv",
        "-5m.parquet",
    ]
    assert {file.sha256 for file in found} == {sha256(read_bytes(file.path)).hexdigest() for file in found}


def test_rates_that_a_declared_one_goes_on_from_are_told_too(folder: Path) -> None:
    chosen = variant(folder, PERPETUAL, asset_class="futures", sets=["costs.funding_rate=0.0001"])
    assert folder / f"{PERPETUAL}-8h-funding.csv" in [file.path for file in loaded(chosen, folder).files]


def strategy_files(folder: Path, strategy: str) -> tuple[File, ...]:
    document = {"variants": {"broker": "bybit", "strategy": strategy}}
    return load_mapping(document, folder=folder, environment={}).variant.strategy_files()


def test_a_strategy_of_the_program_has_no_files_and_one_of_the_user_has_its_own(tmp_path: Path) -> None:
    assert strategy_files(tmp_path, "rsi") == ()
    path = tmp_path / "mine.py"
    for text in (PLUGIN, PLUGIN.replace("buys a new high", "buys the very top")):
        path.write_text(text)
        path.chmod(0o644)
        assert strategy_files(tmp_path, "mine.py:Breakout") == (File(path, sha256(text.encode()).hexdigest()),)


def test_a_strategy_that_is_made_from_anothers_has_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tmp_path / "shared_rules.py"
    shared.write_text(PLUGIN)
    mine = tmp_path / "mine.py"
    mine.write_text("from shared_rules import Breakout\n\n\nclass Mine(Breakout):\n    name = 'mine'\n")
    for path in (shared, mine):
        path.chmod(0o644)
    monkeypatch.syspath_prepend(tmp_path)
    assert [file.path for file in strategy_files(tmp_path, "mine.py:Mine")] == [mine, shared]
