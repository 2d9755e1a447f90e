"""W2: a sweep over the parameters of one strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench import numpy_sweep, ours_sweep, rules, sweep
from bench.cases.group import (
    OURS,
    PEERS,
    VECTORBT_DIFFERENCES,
    VECTORBT_RULES,
    Group,
    Peer,
    departs_as_stated,
)
from bench.data import Columns
from bench.numpy_yardstick import CANONICAL, Variation
from bench.ratio import Claim, Ratio
from bench.timing import Engine, Measure

if TYPE_CHECKING:
    from bench.stage import Stage
    from bench.timing import Subject

FIRST = 7 * max(rules.PERIODS)
"""First bar that may decide, of every combination: the warm-up of the longest period."""

SAMPLED = 37
"""One run in so many is traded by the plain kernel too."""

WITHOUT_NETWORK = ("unshare", "--map-root-user", "--net")
"""Runs a program with no network but a loopback that is down: raptorbt's import asks the index for newer versions."""

SWEPT = (
    Peer(
        "raptorbt",
        ("bench.peers.raptorbt_sweep",),
        "a buy counts only once a sell has followed the last one, so that a position stopped out is not taken again "
        "before; a target that is gapped over fills at its level; what is held at the end is closed there (here left "
        "out); each entry takes a share of the equity, here a hundredth",
        Variation(waits_for_exit_signal=True, target_ignores_gaps=True),
    ),
    Peer("vectorbt rust", ("bench.peers.vectorbt_sweep",), VECTORBT_DIFFERENCES, VECTORBT_RULES),
)


def w2(stage: Stage) -> Group:
    """A thousand runs over the same bars: indicators, signals, fills, the statistics of each run's trades."""

    def files(name: str) -> list[str]:
        return [str(stage.columns_swept), str(stage.trades(f"w2 {name}")), str(FIRST)]

    subjects: list[Subject] = [
        Engine("C", [str(stage.program_sweep), *files("C")], repeats=10),
        Engine("C dense", [str(stage.program_dense), *files("C dense")], repeats=2),
        Engine("C levels", [str(stage.program_levels), *files("C levels")], repeats=10),
        Engine("C macd", [str(stage.program_macd), *files("C macd")], repeats=5),
        Engine("trader", [OURS, "-m", "bench.ours_sweep", *files("trader")], repeats=5),
        Engine("trader dense", [OURS, "-m", "bench.ours_sweep", *files("trader dense"), "dense"], repeats=2),
        Engine("trader levels", [OURS, "-m", "bench.ours_sweep", *files("trader levels"), "levels"], repeats=5),
        Engine("trader macd", [OURS, "-m", "bench.ours_sweep", *files("trader macd"), "macd"], repeats=3),
        Engine("trader limits", [OURS, "-m", "bench.ours_sweep", *files("trader limits"), "limits"], repeats=3),
        Engine("numpy", [OURS, "-m", "bench.numpy_sweep", *files("numpy")]),
    ]
    for peer in SWEPT:
        command = [*WITHOUT_NETWORK, PEERS, "-m", *peer.arguments, *files(peer.name)]
        subjects.append(Engine(peer.name, command, extra={"RAPTORBT_NO_VERSION_CHECK": "1"}))
    return Group(
        name="w2",
        title=f"W2: {len(rules.COMBINATIONS):,} combinations of RSI's period and levels x {rules.SWEEP_BARS:,} bars, "
        "the rules of W1, trade statistics of each",
        subjects=subjects,
        ratios=[
            Ratio("the yardstick is honest: numpy against C", "numpy", "C", at_least=60),
            Ratio("trader against C, by the wall", "trader", "C", at_most=5, measure=Measure.WALL),
            Ratio("the same in CPU time", "trader", "C", at_most=5),
            Ratio(
                "trader over stops and targets against C, by the wall",
                "trader levels",
                "C levels",
                at_most=5,
                measure=Measure.WALL,
            ),
            Ratio(
                "trader with another strategy (MACD) against C, by the wall",
                "trader macd",
                "C macd",
                at_most=5,
                measure=Measure.WALL,
            ),
            Ratio(
                "trader with limits against C that follows the equity at each bar, by the wall",
                "trader limits",
                "C dense",
                at_most=10,
                measure=Measure.WALL,
            ),
            Ratio(
                "trader with the equity at each bar against C dense, by the wall",
                "trader dense",
                "C dense",
                at_most=5,
                measure=Measure.WALL,
            ),
            *(
                Ratio(
                    f"{peer.name} against trader, by the wall", peer.name, "trader", at_least=50, measure=Measure.WALL
                )
                for peer in SWEPT
            ),
            *(Ratio(f"{peer.name} against trader", peer.name, "trader", at_least=50) for peer in SWEPT),
        ],
        rounds=5,
        claims=lambda: w2_claims(stage),
        has_peers=True,
    )


def w2_claims(stage: Stage) -> list[Claim]:
    """That all engines have done the same work: equal statistics, or trades apart by exactly what is stated."""
    reference = sweep.read(stage.trades("w2 C"))
    kinds = {
        "C dense": sweep.DENSE,
        "trader": sweep.STATISTICS,
        "trader dense": sweep.DENSE,
        "numpy": sweep.STATISTICS,
    }
    claims = [
        same_statistics(sweep.read(stage.trades(f"w2 {name}"), kind), reference, name) for name, kind in kinds.items()
    ]
    for kind, told in (("levels", "trader over stops and targets"), ("macd", "trader with another strategy")):
        theirs, ours = (sweep.read(stage.trades(f"w2 {who} {kind}")) for who in ("C", "trader"))
        claims.append(same_statistics(ours, theirs, told))
    columns = Columns.read(stage.columns_swept)
    claims.append(same_as_plain(columns))
    canonical = numpy_sweep.trade_list(columns, FIRST, CANONICAL)
    for peer in SWEPT:
        varied = numpy_sweep.trade_list(columns, FIRST, peer.varied)
        claims.append(departs_as_stated(peer, stage.trades(f"w2 {peer.name}"), canonical, varied))
    return claims


def same_as_plain(columns: Columns) -> Claim:
    """That the kernel for sweeps makes the trades of the plain one, to the last bit."""
    of_each = [
        ours_sweep.plain_trades(columns, given, run)
        for given in (ours_sweep.combinations(FIRST), *(made(FIRST) for made in ours_sweep.KINDS.values()))
        for run in range(0, len(given.of_terms), SAMPLED)
    ]
    same = sum(np.array_equal(swept, plain) for swept, plain in of_each)
    found = f"{same:,} of {len(of_each):,} runs, {sum(len(plain) for _, plain in of_each):,} trades"
    return Claim("the sweep makes the trades of trader's plain kernel", found, same == len(of_each))


def same_statistics(theirs: sweep.Statistics, reference: sweep.Statistics, name: str) -> Claim:
    """That an engine has the statistics of C in every combination."""
    same = int(sweep.same(theirs, reference).sum())
    found = f"{same:,} of {len(reference):,} combinations, {reference['trades'].sum():,} trades"
    return Claim(f"{name} has the trade statistics of C", found, same == len(reference))
