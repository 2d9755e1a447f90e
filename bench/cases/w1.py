"""W1: one run over a million bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import trades
from bench.cases.group import (
    FIRST,
    OURS,
    PEERS,
    VECTORBT_DIFFERENCES,
    VECTORBT_RULES,
    Group,
    Peer,
    departs_as_stated,
    same_trades,
)
from bench.data import BARS, Columns
from bench.numpy_yardstick import Variation, simulate
from bench.ratio import Ratio
from bench.timing import Engine

if TYPE_CHECKING:
    from bench.ratio import Claim
    from bench.stage import Stage
    from bench.timing import Subject

FEW_BARS = 100_000
"""As many as backtesting.py can do in about a second; its time is scaled up to all of them."""

WHOLE_W1 = (
    Peer("vectorbt numba", ("bench.peers.vectorbt_engine", "numba"), VECTORBT_DIFFERENCES, VECTORBT_RULES),
    Peer("vectorbt rust", ("bench.peers.vectorbt_engine", "rust"), VECTORBT_DIFFERENCES, VECTORBT_RULES),
    Peer(
        "backtesting.py",
        ("bench.peers.backtesting_engine",),
        "stop and target must be given with the order, so they hang on the close of the signal's bar, not on the fill",
        Variation(levels_from_signal_close=True),
        FEW_BARS,
    ),
)


def w1(stage: Stage) -> Group:
    """One run over a million bars: indicator, signals, fills, trade list."""

    def files(name: str) -> list[str]:
        return [str(stage.columns), str(stage.trades(name)), str(FIRST)]

    def module(python: str, name: str, *arguments: str) -> list[str]:
        return [python, "-m", *arguments, *files(name)]

    subjects: list[Subject] = [
        Engine("C", [str(stage.program), *files("C")], repeats=5),
        Engine("trader", module(OURS, "trader", "bench.ours"), repeats=5),
        Engine("numpy", module(OURS, "numpy", "bench.numpy_yardstick"), repeats=2),
    ]
    for peer in WHOLE_W1:
        command = [*module(PEERS, peer.name, *peer.arguments), *([str(peer.bars)] if peer.bars < BARS else [])]
        subjects.append(Engine(peer.name, command, repeats=2 if peer.bars == BARS else 1, scale=BARS / peer.bars))
    return Group(
        name="w1",
        title=f"W1: {BARS:,} bars, RSI(14) 30/70, take-profit 5 %, stop-loss 2 %, fee 0.1 %, in memory",
        subjects=subjects,
        ratios=[
            Ratio("the yardstick is honest: numpy against C", "numpy", "C", at_least=10),
            Ratio("trader against C", "trader", "C", at_most=3),
            *(Ratio(f"{peer.name} against trader", peer.name, "trader", at_least=5) for peer in WHOLE_W1),
        ],
        rounds=9,
        claims=lambda: w1_claims(stage),
        has_peers=True,
    )


def w1_claims(stage: Stage) -> list[Claim]:
    """That all engines have done the same work: equal trades, or apart by exactly the differences stated."""
    reference = trades.read(stage.trades("C"))
    claims = [same_trades(stage.trades(name), stage.trades("C"), name) for name in ("trader", "numpy")]
    columns = Columns.read(stage.columns)
    for peer in WHOLE_W1:
        bars = columns.head(peer.bars)
        seen = reference[reference["exit_bar"] < peer.bars]
        claims.append(departs_as_stated(peer, stage.trades(peer.name), seen, simulate(bars, FIRST, peer.varied)))
    return claims
