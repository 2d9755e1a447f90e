"""Standings of variants that never ran, and their pictures on file.

`python -m tests.cli.fleets` draws the files of tests/cli/dashboards anew; look at the difference before you keep it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.cli.scenes import FOLDER, NOW, printed
from trader_cli.cli.cockpit import cockpit
from trader_cli.engine.snapshot import Gauge, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

TITLE = "trader run"


def gauges(day: float = 0.0, drawdown: float = 0.0, positions: int = 0, *, is_lost: bool = False) -> tuple[Gauge, ...]:
    """The limits of an account, so much of them used."""
    return (
        Gauge("daily loss", day, 0.05, "%", tripped=is_lost),
        Gauge("drawdown", drawdown, 0.2, "%", tripped=False),
        Gauge("positions", positions, 8, "#", tripped=False),
        Gauge("exposure", 750.0 * positions, 6000.0, "", tripped=False),
    )


def _standing(variant: str, held: tuple[str, ...], day_pnl: float, limits: tuple[Gauge, ...]) -> Standing:
    decided = NOW - timedelta(seconds=40)
    return Standing(variant, "running", held, 10_000.0 + day_pnl, day_pnl, limits, decided, "BTC/USDT hold", decided)


def well() -> list[Standing]:
    """An ordinary afternoon of three."""
    return [
        _standing("bybit_crypto_rsi", ("long BTC/USDT",), 21.37, gauges(0.0, 0.0123, 1)),
        _standing("kraken_macd_1h", (), -31.05, gauges(0.0031, 0.018, 0)),
        _standing("alpaca_stocks_vwap", ("long AAPL", "long MSFT", "short TSLA"), 112.4, gauges(0.0, 0.0, 3)),
    ]


def troubled() -> list[Standing]:
    """The same when much goes wrong at once."""
    rsi, macd, vwap = well()
    gone = "bybit answers HTTP 403: the key is not allowed from this address; another key or another place"
    return [
        replace(rsi, decision="BTC/USDT enter long"),
        replace(macd, state="no-entries", day_pnl=-512.4, gauges=gauges(0.0512, 0.061, 0, is_lost=True)),
        vwap,
        replace(rsi, variant="okx_mfi", state="exits-only", held=("short ETH/USDT:USDT",), day_pnl=-8.2),
        replace(macd, variant="binance_momentum", state="halted"),
        replace(macd, variant="bybit_futures", state="failed", decision=gone, data_time=NOW - timedelta(hours=2)),
        Standing("deribit_rsi", "failed", (), None, None, (), None, "never started: no credentials", None),
    ]


def many(count: int) -> list[Standing]:
    """More than any screen holds."""
    kinds = [*well(), *troubled()]
    return [replace(kinds[i % len(kinds)], variant=f"variant_{i:03}") for i in range(count)]


ON_FILE = {
    "cockpit-80x24": (well, 80, 24),
    "cockpit-80x24-trouble": (troubled, 80, 24),
    "cockpit-40x10": (troubled, 40, 10),
    "cockpit-120x40": (lambda: many(100), 120, 40),
}


def drawn(standings: Sequence[Standing], width: int, height: int, *, colours: bool = False) -> str:
    """The picture as it reaches a terminal of that size; without `colours` as bare text."""
    return printed(cockpit(standings, TITLE, NOW, width, height), width, height, colours=colours)


def write() -> None:
    """Draws the files anew."""
    for name, (scene, width, height) in ON_FILE.items():
        (FOLDER / f"{name}.txt").write_text(drawn(scene(), width, height) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
