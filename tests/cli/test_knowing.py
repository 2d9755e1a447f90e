"""What the program tells of its journal is what happened, in the promised shapes, and for people in 80 columns."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from itertools import pairwise
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import trader
from tests.journal.homes import NAME, ROOT, TO, asked, changed, trading
from trader_cli import settings
from trader_cli.journal.drivers import BookName, driving

if TYPE_CHECKING:
    from pathlib import Path

    type Capture = pytest.CaptureFixture[str]

BOOK = {"variant": NAME, "mode": "paper", "account": "replay"}
COMMANDS = ("status", "positions", "orders", "trades")
EVIL = "evil\x1b]8;;file:///etc/passwd\x07\u202e[red]x\n"


@pytest.fixture
def tested(capsys: Capture) -> dict[str, Any]:
    """A backtest of the same bars."""
    document: dict[str, Any] = trader(
        capsys, "backtest", _file(), "--data", ROOT / "samples", "--to", TO, "--json"
    ).document
    return document


def _file() -> Path:
    return ROOT / "variants" / f"{NAME}.toml"


def test_the_books_say_what_a_backtest_of_the_same_bars_says(
    journal: Path, tested: dict[str, Any], capsys: Capture
) -> None:
    trades = trader(capsys, "trades", NAME, "--json").document["trades"]
    assert trades == [BOOK | trade for trade in tested["trades"]]
    assert len(trades) == 3
    positions = trader(capsys, "positions", NAME, "--json").document["positions"]
    assert positions == [BOOK | position for position in tested["open_positions"]]
    orders = trader(capsys, "orders", NAME, "--json").document["orders"]
    waiting = [order for order in orders if order["state"] == "sent"]
    keys = ("symbol", "side", "purpose", "quantity", "time", "reason")
    assert [{key: order[key] for key in keys} for order in waiting] == tested["pending_at_end"] != []
    assert {"variant", "symbol", "side", "quantity", "state", "client_id", "venue_id", "time"} <= orders[0].keys()
    assert [order["time"] for order in orders] == sorted(order["time"] for order in orders)


def test_the_status_is_that_of_the_last_cycle(journal: Path, events: list[dict[str, Any]], capsys: Capture) -> None:
    (row,) = trader(capsys, "status", "--json").document["variants"]
    last = [event for event in events if event["event"] == "cycle"][-1]
    told = ("variant", "mode", "account", "state", "ending", "limits")
    assert [row[key] for key in told] == [NAME, "paper", "replay", "stopped", "finished", []]
    same = ("equity", "positions", "cycle", "bar")
    assert [row[key] for key in same] == [last[key] for key in same]
    yesterday = [event for event in events if event["event"] == "cycle" and event["bar"] < "2018-07-15"][-1]
    assert row["day_pnl"] == last["equity"] - yesterday["equity"]


def test_a_decision_is_told_with_what_led_to_it(journal: Path, events: list[dict[str, Any]], capsys: Capture) -> None:
    entered = next(event for event in events if event["event"] == "order")
    bar = next(order for order in trader(capsys, "orders", NAME, "--json").document["orders"])["time"]
    assert bar < entered["time"], "an order is told at the close of the bar it is named by"
    (one,) = trader(capsys, "why", NAME, "--at", bar[:-6] + "59:59Z", "--json").document["decisions"]
    assert (one["time"], one["symbol"], one["signal"], one["outcome"]) == (bar, "BTC/USD", "BUY", "enter long")
    assert all(gate["passed"] and gate["detail"] for gate in one["gates"])
    assert one["gates"][0].keys() == {"name", "passed", "detail"}
    assert one["values"]["rsi"] < 30
    told = trader(capsys, "why", NAME, "--at", bar, "--symbol", "btc-usd").out
    assert "An order to open a long position was sent." in told
    assert "passed max_daily_loss: " in told
    latest = trader(capsys, "why", NAME, "--last", "50", "--json").document["decisions"]
    assert len(latest) == 50
    assert all(one["time"] < other["time"] for one, other in pairwise(latest))
    assert latest[-1]["outcome"] == "exit: threshold"


def test_a_failed_gate_is_told_as_one(journal: Path, capsys: Capture) -> None:
    gates = json.dumps([{"name": "cooldown", "passed": False, "detail": "1 bars since the stop"}])
    changed(journal, "UPDATE decisions SET outcome = 'exit: signal, refused: cooldown', gates = :gates", gates=gates)
    told = trader(capsys, "why", NAME).out
    assert "FAILED cooldown: 1 bars" in told
    assert "An order to close the position was sent (signal). The entry was refused (cooldown)." in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("why", NAME, "--at", "2018-06-01"), "--at: nothing was decided by"),
        (("why", NAME, "--at", "soon"), "--at: 'soon' is no date"),
        (("why", NAME, "--symbol", "BTCUSDT"), "did you mean 'BTC/USD'?"),
        (("status", "demo_btc_rso"), "'demo_btc_rso' has never traded, did you mean 'demo_btc_rsi'?"),
        (("trades", "quite_other"), "`trader paper quite_other --replay DIR`"),
        (("status", "--max-age", "nan"), "'--max-age'"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_line(
    arguments: tuple[str, ...], said: str, journal: Path, capsys: Capture
) -> None:
    outcome = trader(capsys, *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_variant_is_known_by_its_file_too(journal: Path, capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text(f'trader_name = "{NAME}"\n' + _file().read_text(encoding="utf-8"), encoding="utf-8")
    gone = tmp_path / f"{NAME}.toml"
    for reference in (_file(), file, gone):
        assert len(trader(capsys, "trades", reference, "--json").document["trades"]) == 3
    assert len(trader(capsys, "--variants-dir", tmp_path, "trades", "other", "--json").document["trades"]) == 3


@pytest.mark.parametrize("command", COMMANDS)
def test_before_anything_has_traded_there_is_nothing_to_tell(command: str, capsys: Capture) -> None:
    outcome = trader(capsys, command, "--json")
    assert (outcome.code, list(outcome.document.values())) == (0, [[]])
    assert "nothing has traded yet" in trader(capsys, command).err
    assert trader(capsys, command, NAME).code == 2
    assert not settings.home().joinpath("journal.db").exists()
    assert not settings.locks_dir().exists()


def test_to_a_watchman_a_variant_that_never_ran_does_not_run(journal: Path, capsys: Capture) -> None:
    assert trader(capsys, "status", "nobody").code == 2
    assert trader(capsys, "status", "nobody", "--max-age", "60").code == 5
    assert trader(capsys, "status", "--max-age", "0").code == 0, "what has ended need not beat"


def test_f096_a_trader_is_seen_running_halted_silent_and_cut_off(capsys: Capture) -> None:
    def state() -> str:
        (row,) = trader(capsys, "status", NAME, "--json").document["variants"]
        return str(row["state"])

    with trading(settings.home()) as process:
        assert state() == "running"
        assert trader(capsys, "status", "--max-age", "60").code == 0
        process.send_signal(signal.SIGSTOP)
        sleep(2.1)
        silent = trader(capsys, "status", "--max-age", "1")
        assert (silent.code, silent.err.count("\n")) == (5, 1)
        assert "running, no heartbeat for" in silent.err
        assert NAME in silent.out, "the table is shown all the same"
        process.kill()
        process.wait()
        assert state() == "cut_off"
        assert "cut_off" in trader(capsys, "status", "--max-age", "1").err


def test_a_limit_that_holds_is_told_with_the_state(journal: Path, capsys: Capture) -> None:
    changed(journal, "UPDATE states SET document = replace(document, '\"drawn_down\": false', '\"drawn_down\": true')")

    def told() -> tuple[str, list[str]]:
        (row,) = trader(capsys, "status", "--json").document["variants"]
        return row["state"], row["limits"]

    assert told() == ("stopped", ["max_drawdown"])
    with driving(settings.locks_dir(), BookName(NAME, "paper", "replay")):
        assert told() == ("no-entries", ["max_drawdown"])


@pytest.mark.parametrize("arguments", [(command,) for command in COMMANDS] + [("why", NAME), ("db", "check")])
def test_tables_fit_and_hold_no_control_characters(arguments: tuple[str, ...], journal: Path, capsys: Capture) -> None:
    if arguments[0] != "why":
        changed(journal, "UPDATE books SET variant = 'bybit_crypto_live_12345678'")
        changed(journal, "UPDATE fills SET symbol = 'MATIC/USDT:USDT'", "UPDATE intents SET symbol = 'MATIC/USDT:USDT'")
    for as_json in ((), ("--json",)):
        outcome = trader(capsys, *arguments, *as_json)
        assert all(len(line) <= 80 for line in outcome.out.splitlines()) or as_json
        assert outcome.out.strip()
        assert not {"\x1b", "\x07"} & set(outcome.out)


@pytest.mark.parametrize("arguments", [*COMMANDS, "why"])
def test_f123_foreign_words_move_nothing(arguments: str, journal: Path, capsys: Capture) -> None:
    changed(
        journal,
        "UPDATE books SET variant = :evil",
        "UPDATE decisions SET reason = :evil, signal = :evil, outcome = :evil, symbol = :evil",
        "UPDATE fills SET symbol = :evil",
        "UPDATE intents SET reason = :evil, symbol = :evil",
        "UPDATE sessions SET version = :evil, ending = :evil",
        "UPDATE states SET document = replace(document, 'BTC/USD', 'X')",
        evil=EVIL,
    )
    outcome = trader(capsys, arguments, EVIL)
    assert outcome.code == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(outcome.out)
    assert "[red]x" in outcome.out.replace(" ", "").replace("\n", "")
    told = trader(capsys, arguments, EVIL, "--json").out
    assert told.isascii()
    assert told.count("\n") == 1


def test_a_long_table_shows_the_last_and_says_how_many_there_are(journal: Path, capsys: Capture) -> None:
    document = asked(journal, "SELECT document FROM trades LIMIT 1")[0][0]
    changed(journal, *["INSERT INTO trades (book, cycle, document) VALUES (1, 400, :document)"] * 30, document=document)
    outcome = trader(capsys, "trades")
    assert f"{NAME} (paper, replay): 33 trades, the last 20" in outcome.out
    assert outcome.out.count("BTC/USD") == 20
    assert trader(capsys, "trades", "--all").out.count("BTC/USD") == 33
    assert len(trader(capsys, "trades", "--json").document["trades"]) == 33


def test_no_database_is_imported_before_it_is_asked() -> None:
    asks = "import sys, trader_cli.cli.main; print(sorted({'sqlalchemy', 'numpy'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", asks], env=dict(os.environ), capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
