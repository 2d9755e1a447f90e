"""Snapshots of sessions that were never run, and their pictures on file.

`python -m tests.cli.scenes` draws the files of tests/cli/dashboards anew; look at the difference before you keep it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from trader_cli.cli.dashboard import picture
from trader_cli.domain.order import Order, Purpose
from trader_cli.domain.signal import Action
from trader_cli.domain.trade import ExitReason, Halt, Side, Trade
from trader_cli.engine.snapshot import Driver, Gauge, HeldPosition, LastRefusal, LastSignal, Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

FOLDER = Path(__file__).resolve().parent / "dashboards"
NOW = datetime(2024, 1, 5, 14, 35, tzinfo=UTC)
BAR = timedelta(minutes=5)
START = 10_000.0

_HELD = (
    ("BTC/USDT", Side.LONG, 0.0172, 43214.82, 43652.1, 41),
    ("ETH/USDT", Side.LONG, 0.3331, 2251.93, 2239.4, 12),
    ("SOL/USDT", Side.SHORT, 7.49, 100.08, 98.87, 7),
    ("ADA/USDT", Side.LONG, 1402.8, 0.5346, 0.5371, 160),
    ("XRP/USDT", Side.LONG, 1286.0, 0.5831, 0.5825, 3),
)
_CLOSED = (
    ("ADA/USDT", Side.LONG, 1391.0, 0.5512, 0.54018, ExitReason.STOP_LOSS, 70),
    ("SOL/USDT", Side.LONG, 7.4, 101.2, 106.26, ExitReason.TAKE_PROFIT, 42),
    ("BTC/USDT", Side.LONG, 0.0174, 42980.1, 43551.7, ExitReason.SIGNAL, 29),
    ("ETH/USDT", Side.SHORT, 0.331, 2260.4, 2248.9, ExitReason.THRESHOLD, 18),
)


def full() -> Snapshot:
    """An ordinary afternoon: five positions, an order, a few trades, nothing wrong."""
    positions = tuple(_position(*each) for each in _HELD)
    trades = tuple(_trade(*each) for each in _CLOSED)
    realized = sum(trade.pnl for trade in trades)
    equity = START + realized + sum(each.unrealized_pnl for each in positions)
    exposure = sum(each.quantity * each.mark for each in positions)
    return Snapshot(
        variant="bybit_crypto_rsi",
        broker="bybit",
        strategy="rsi",
        mode="paper",
        asset_class="crypto",
        timeframe="5m",
        source="replay of samples",
        cycle=1_432,
        cycles=8_928,
        time=NOW,
        cash=equity - exposure,
        equity=equity,
        starting_balance=START,
        day_pnl=21.37,
        exposure=exposure,
        realized_pnl=realized,
        trade_count=len(trades),
        wins=sum(trade.pnl > 0 for trade in trades),
        positions=positions,
        pending=(Order("ETH/USDT", Side.LONG, Purpose.EXIT, Decimal("0.3331"), "threshold", NOW - BAR, 2239.4, "t1"),),
        signals=(
            LastSignal("BTC/USDT", NOW - BAR, Action.HOLD, 0.3, "RSI 55.2 is between 30 and 70"),
            LastSignal("ETH/USDT", NOW - BAR, Action.HOLD, 0.3, "RSI 66.1 is above the threshold 65"),
            LastSignal("DOGE/USDT", NOW - BAR, Action.BUY, 0.74, "RSI 24.8 is below 30"),
        ),
        refusals=(
            LastRefusal("LTC/USDT", NOW - 9 * BAR, Side.LONG, "max_total_exposure"),
            LastRefusal("DOGE/USDT", NOW - BAR, Side.LONG, "max_total_exposure"),
        ),
        trades=trades,
        gauges=(
            Gauge("daily loss", 0.0, 0.05, "%", tripped=False),
            Gauge("drawdown", 0.0123, 0.2, "%", tripped=False),
            Gauge("positions", len(positions), 8, "#", tripped=False),
            Gauge("exposure", exposure, 3750.0, "", tripped=False),
        ),
        halts=(),
        warnings=(),
    )


def halted() -> Snapshot:
    """The same after a bad hour: the daily loss limit holds, and something was warned of."""
    lost = replace(full(), equity=9_412.6, day_pnl=-587.4 - 8.63)
    detail = "equity 9412.60 is 6.0 % below the day's opening 10008.63; no entries until the next day"
    return replace(
        lost,
        gauges=(Gauge("daily loss", 0.0596, 0.05, "%", tripped=True), *lost.gauges[1:]),
        halts=(Halt(NOW - BAR, "max_daily_loss", detail),),
        warnings=("DOGE/USDT is not in the instrument book: a lot of 1e-8 and a minimum notional of 10 are taken",),
    )


def fresh() -> Snapshot:
    """Before the first bar."""
    idle = tuple(replace(gauge, used=0.0) for gauge in full().gauges)
    nothing = replace(full(), cycle=0, cycles=None, cash=START, equity=START, day_pnl=0.0, exposure=0.0, gauges=idle)
    nothing = replace(nothing, realized_pnl=0.0, trade_count=0, wins=0, positions=(), pending=(), signals=())
    return replace(nothing, refusals=(), trades=(), source="bybit")


def watched() -> Snapshot:
    """The ordinary afternoon, seen from another process."""
    return replace(full(), cycles=None, source="a replay", driver=Driver("running", 4711, 1.0, None))


def cut_off() -> Snapshot:
    """The same after its process has died."""
    return replace(watched(), driver=Driver("cut_off", 4711, 190.0, None))


def crowded(count: int) -> Snapshot:
    """Many positions at once, and every alarm there is."""
    held = [replace(_position(*_HELD[i % len(_HELD)]), symbol=f"COIN{i}/USDT") for i in range(count)]
    return replace(halted(), positions=tuple(held), warnings=tuple(f"warning number {i}" for i in range(9)))


ON_FILE = {
    "80x24": (full, 80, 24),
    "80x24-halted": (halted, 80, 24),
    "80x24-fresh": (fresh, 80, 24),
    "80x24-watched": (watched, 80, 24),
    "80x24-cut-off": (cut_off, 80, 24),
    "100x30": (full, 100, 30),
    "160x50": (full, 160, 50),
}


def drawn(snapshot: Snapshot, width: int, height: int, *, colours: bool = False) -> str:
    """The picture as it reaches a terminal of that size; without `colours` as bare text."""
    return printed(picture(snapshot, width, height), width, height, colours=colours)


def printed(shown: Text, width: int, height: int, *, colours: bool = False) -> str:
    """What a terminal of that size is sent."""
    from rich.console import Console

    page = StringIO()
    console = Console(
        file=page,
        width=width,
        height=height,
        force_terminal=colours,
        color_system="standard" if colours else None,
        legacy_windows=False,
    )
    console.print(shown, end="")
    return page.getvalue()


def write(names: Sequence[str] = tuple(ON_FILE)) -> None:
    """Draws the files anew."""
    for name in names:
        scene, width, height = ON_FILE[name]
        (FOLDER / f"{name}.txt").write_text(drawn(scene(), width, height) + "\n", encoding="utf-8")


def _position(symbol: str, side: Side, quantity: float, entry: float, mark: float, bars: int) -> HeldPosition:
    return HeldPosition(
        symbol=symbol,
        side=side,
        quantity=quantity,
        entry_price=entry,
        mark=mark,
        stop=entry * (1 - side.sign * 0.02),
        target=entry * (1 + side.sign * 0.05),
        unrealized_pnl=side.sign * quantity * (mark - entry),
        opened_at=NOW - bars * BAR,
        bars_held=bars,
    )


def _trade(symbol: str, side: Side, quantity: float, entry: float, left: float, reason: ExitReason, ago: int) -> Trade:
    fees = 0.001 * quantity * (entry + left)
    pnl = side.sign * quantity * (left - entry) - fees
    return Trade(
        symbol=symbol,
        side=side,
        quantity=quantity,
        entry_time=NOW - (ago + 30) * BAR,
        entry_price=entry,
        exit_time=NOW - ago * BAR,
        exit_price=left,
        exit_reason=reason,
        fees=fees,
        funding=0.0,
        pnl=pnl,
        return_fraction=pnl / (quantity * entry),
    )


if __name__ == "__main__":
    write()
