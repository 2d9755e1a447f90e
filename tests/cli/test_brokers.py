"""`trader brokers`: the registry as people and scripts see it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.cli.program import trader
from tests.sandbox.plugin import install

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NAMES = ["bybit", "binance", "okx", "kraken", "deribit", "alpaca"]


def test_every_broker_says_what_each_of_its_asset_classes_shows(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = trader(capsys, "brokers", "--json")
    assert outcome.code == 0
    found = {each["name"]: each for each in outcome.document["brokers"]}
    assert list(found) == NAMES
    assert all(each["asset_classes"] == list(each["capabilities"]) for each in found.values())
    assert found["kraken"]["capabilities"]["crypto"] == {
        "timeframes": ["1m", "5m", "15m", "30m", "1h", "4h", "1d"],
        "page_bars": 720,
        "history_bars": 720,
        "test_mode": False,
        "needs_key": False,
        "marks": False,
        "funding": False,
        "adjustment": "none",
        "feed": None,
    }
    stocks = found["alpaca"]["capabilities"]["stocks"]
    assert (stocks["needs_key"], stocks["adjustment"], stocks["feed"]) == (True, "split", "iex")
    contracts = found["deribit"]["capabilities"]["futures"]
    assert (contracts["marks"], contracts["funding"]) == (False, True)


def test_the_table_fits_a_terminal_and_names_all(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = trader(capsys, "brokers")
    lines = outcome.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if line[1:2].isalpha()][1:] == NAMES
    assert "newest 720" in outcome.out
    assert "all but 8h" in outcome.out


def test_no_client_of_a_venue_is_imported_for_it() -> None:
    program = (
        "import sys; from trader_cli.cli.main import main; code = main(['brokers', '--json'])\n"
        "print(code, sorted({'ccxt', 'alpaca', 'aiohttp', 'requests', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "0 []"


def test_a_plug_in_is_listed_and_one_that_is_broken_hides_no_other(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch)
    points = next(tmp_path.rglob("entry_points.txt"))
    points.write_text(points.read_text() + "wreck = tests.sandbox.nowhere:Wreck\n")
    outcome = trader(capsys, "brokers", "--json")
    assert outcome.code == 2
    assert "broker plug-in 'wreck' (sandbox 1.0) cannot be imported" in outcome.err
    found = {each["name"]: each for each in outcome.document["brokers"]}
    assert list(found) == [*NAMES, "bazaar", "sandbox", "wreck"]
    assert found["sandbox"]["capabilities"] == {"crypto": None, "stocks": None}
    assert found["wreck"]["error"]
