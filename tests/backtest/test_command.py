"""`trader backtest` as scripts and people see it."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

from trader_cli.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

GOLDEN_TERMS = {
    "session.timeframe": "1m",
    "session.starting_balance": "1000000",
    "strategy_config.rsi.upper_threshold": "1.0",
    "strategy_config.rsi.lower_threshold": "0.0",
    "risk_settings.sizing": "fixed",
    "risk_settings.max_position_size": "10000",
    "risk_settings.max_total_exposure": "1e12",
    "risk_settings.max_daily_loss": "1.0",
    "risk_settings.max_drawdown": "1.0",
    "costs.taker_fee": "0.001",
    "costs.maker_fee": "0.001",
    "costs.slippage_bps": "0",
}


@pytest.fixture
def golden(root: Path) -> Path:
    return root / "tests" / "golden" / "traps-1m.parquet"


@pytest.fixture(autouse=True)
def _at_the_top(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def command(data: Path | str, *more: str, **changes: str) -> list[str]:
    sets = [part for key, value in (GOLDEN_TERMS | changes).items() for part in ("--set", f"{key}={value}")]
    cell = ["--broker", "bybit", "--strategy", "rsi", "--symbol", "TRAPUSDT"]
    return ["backtest", *cell, "--data", str(data), *sets, *more]


def document(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def refusal(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    assert main(arguments) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    (line,) = streams.err.splitlines()
    return line


def test_the_program_gives_the_golden_trades(golden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, command(golden, "--from", "2024-01-01T06:40:00Z"))
    with golden.with_name("traps-1m-trades.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert len(found["trades"]) == len(expected)
    for trade, row in zip(found["trades"], expected, strict=True):
        assert {k: trade[k] for k in ("symbol", "side", "entry_time", "exit_time", "exit_reason")} == {
            k: row[k] for k in ("symbol", "side", "entry_time", "exit_time", "exit_reason")
        }
        for key in ("quantity", "entry_price", "exit_price", "fees", "pnl", "return"):
            assert trade[key] == pytest.approx(float(row[key]), rel=1e-5, abs=1e-9), key


def test_the_document_has_every_key_of_the_contract(golden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, command(golden))
    assert {"variant", "timeframe", "warmup_bars", "window_bars", "period", "symbols", "metrics", "trades"} <= set(
        found
    )
    assert {"open_positions", "pending_at_end", "halts", "warnings", "refusals"} <= set(found)
    assert found["period"] == {"start": "2024-01-01T00:00:00Z", "end": "2024-01-14T21:19:00Z", "bars": 20_000}
    assert (found["timeframe"], found["warmup_bars"], found["window_bars"]) == ("1m", 98, 600)
    assert set(found["metrics"]) == {
        "trades", "final_equity", "total_return", "cagr", "sharpe", "sortino", "calmar", "max_drawdown", "win_rate",
        "profit_factor", "expectancy", "exposure", "fees", "funding", "ambiguous_bars",
    }  # fmt: skip
    assert set(found["trades"][0]) == {
        "symbol", "side", "quantity", "entry_time", "entry_price", "exit_time", "exit_price", "exit_reason", "fees",
        "funding", "pnl", "return",
    }  # fmt: skip
    assert found["trades"] == sorted(found["trades"], key=lambda trade: trade["exit_time"])


def test_d1_the_same_run_gives_the_same_bytes(golden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (
        (main([*command(golden), "--json"]), capsys.readouterr().out),
        (main([*command(golden), "--json"]), capsys.readouterr().out),
    )
    assert first == second
    assert first[0] == 0


def test_p4_final_equity_is_what_the_trades_and_positions_come_to(
    golden: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = document(capsys, command(golden))
    closed = sum(trade["pnl"] for trade in found["trades"])
    held = sum(position["unrealized_pnl"] for position in found["open_positions"])
    entry_fees = found["metrics"]["fees"] - sum(trade["fees"] for trade in found["trades"])
    assert found["metrics"]["final_equity"] == pytest.approx(1_000_000 + closed + held - entry_fees, rel=1e-12)


def test_from_is_the_first_bar_that_decides_and_to_the_first_that_is_left_out(
    golden: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    span = "--from", "2024-01-03T00:00", "--to", "2024-01-05"
    found = document(capsys, command(golden, *span))
    assert found["period"] == {"start": "2024-01-03T00:00:00Z", "end": "2024-01-04T23:59:00Z", "bars": 2880}
    assert all(trade["entry_time"] > "2024-01-03T00:00:00Z" for trade in found["trades"])
    assert found["metrics"]["trades"] > 5


def test_halts_and_refusals_are_told(golden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tight = {"risk_settings.max_drawdown": "0.001"}
    found = document(capsys, command(golden, **tight))
    assert [halt["reason"] for halt in found["halts"]] == ["max_drawdown"]
    assert found["refusals"]["max_drawdown"] > 0
    assert main(command(golden, **tight)) == 0
    shown = capsys.readouterr().out
    assert "halt: max_drawdown" in shown
    assert "refused entries:" in shown


def test_an_instrument_the_book_does_not_know_is_a_warning(golden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (warning,) = document(capsys, command(golden))["warnings"]
    assert "does not know TRAPUSDT: lot 1E-8, minimum notional 10" in warning


def test_the_tables_fit_80_columns_without_colour(golden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(golden)) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out
    assert "final equity" in out


@pytest.mark.parametrize(
    ("arguments", "saying"),
    [
        (["backtest", "bybit_crypto_live", "--data", "tests/golden/traps-1m.parquet"], "name one with --symbol"),
        (["backtest", "demo_btc_rsi", "--data", "samples", "--symbol", "BTC/USD", "--symbol", "ETH/USD"], "ETH/USD"),
        (["backtest", "binance_futures_rsi", "--symbol", "BTC_USD_PERP", "--data", "FUTURES"], "costs.funding_rate"),
        (["backtest", "binance_futures_rsi", "--symbol", "BTC/USD:BTC"], "inverse contract"),
        (["backtest"], "name a VARIANT"),
        (["backtest", "demo_btc_rsi", "--data", "samples", "--detail", "1h"], "must be finer than the bars"),
        (["backtest", "demo_btc_rsi", "--data", "samples", "--detail", "1m"], "1m"),
        (["backtest", "demo_btc_rsi", "--from", "soon"], "--from: 'soon' is no date"),
        (["backtest", "demo_btc_rsi", "--from", "2019-01-01", "--to", "2018-01-01"], "is not before --to"),
        (["backtest", "demo_btc_rsi", "--data", "samples", "--from", "2030-01-01"], "it holds 2018-07-01T00:00:00Z to"),
        (["backtest", "demo_btc_rsi", "--data", "samples", "--to", "2001-01-01"], "no bars between"),
        (["backtest", "demo_btc_rsi", "--data", "no/such/folder"], "no/such/folder"),
        (["backtest", "demo_btc_rsi"], "data"),
        (["backtest", "nobody"], "nobody"),
        (["backtest", "demo_btc_rsi", "--nonsense"], "--nonsense"),
    ],
)
def test_what_cannot_be_backtested_is_refused_in_one_line(
    arguments: list[str], saying: str, golden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "BTC_USD_PERP-1m.parquet").write_bytes(golden.read_bytes())
    assert saying in refusal(capsys, [str(tmp_path) if argument == "FUTURES" else argument for argument in arguments])


def test_with_json_a_refusal_is_a_record_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads(refusal(capsys, ["backtest", "--broker", "bybit", "--json"]))
    assert set(record) == {"error"}
    assert set(record["error"]) == {"code", "message", "file", "key"}
    assert record["error"]["code"] == "usage"


def test_shorts_and_several_symbols_are_traded_where_the_variant_says_so(
    golden: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for symbol in ("TRAPUSDT", "TWINUSDT"):
        (tmp_path / f"{symbol}-1m.parquet").write_bytes(golden.read_bytes())
    two = document(capsys, [*command(tmp_path), "--symbol", "TWINUSDT", "--set", "risk_settings.allow_short=true"])
    assert two["symbols"] == ["TRAPUSDT", "TWINUSDT"]
    assert {(trade["symbol"], trade["side"]) for trade in two["trades"]} == {
        (symbol, side) for symbol in two["symbols"] for side in ("long", "short")
    }
    assert main([*command(tmp_path), "--symbol", "TWINUSDT"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_s7_a_backtest_opens_no_socket(
    golden: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import socket

    opened: list[object] = []

    class Watched(socket.socket):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            opened.append(arguments)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(socket, "socket", Watched)
    assert main(command(golden)) == 0
    assert opened == []


def test_quiet_leaves_errors_alone_on_stderr(golden: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(golden)) == 0
    assert capsys.readouterr().err.startswith("warning: ")
    assert main(["--quiet", *command(golden)]) == 0
    assert capsys.readouterr().err == ""
    assert main(["--quiet", *command("no/such/file")]) == 2
    assert capsys.readouterr().err != ""
