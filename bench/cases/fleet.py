"""The fleet: many variants in one process."""

from __future__ import annotations

from bench import journals
from bench.bare_commits import BARE
from bench.cases.group import OURS, Group
from bench.ratio import Ratio
from bench.stage import BUILD
from bench.timing import Engine, Measure

FLEET = 500
"""Variants in one process."""


def fleet() -> Group:
    """Many variants in one process against the least that their durability costs, and against one variant alone."""
    rounds, cycles = 9, 2
    together, alone, bare = BUILD / "fleet", BUILD / "alone", BUILD / "bare"
    all_cycles = (rounds + 1) * cycles  # one round warms up; before it all begin with the bar that has just closed
    many = Engine(f"{FLEET} variants", [OURS, "-m", "bench.fleet", str(FLEET), str(together)], repeats=cycles)
    one = Engine("1 variant", [OURS, "-m", "bench.fleet", "1", str(alone)], repeats=40)
    commits = Engine(
        "bare commits",
        [OURS, "-m", "bench.bare_commits", str(FLEET), str(bare), str(all_cycles)],
        repeats=cycles,
    )
    return Group(
        name="fleet",
        title=f"Fleet: {FLEET} variants in one process, one cycle of one of them",
        subjects=[many, one, commits],
        ratios=[
            Ratio(
                "a variant's cycle against a bare commit, by the wall", many.name, commits.name, None, 10, Measure.WALL
            ),
            Ratio("the same in CPU time", many.name, commits.name, at_most=20),
            Ratio(f"a cycle of one of {FLEET} against one of one alone", many.name, one.name, at_most=1),
            Ratio(
                f"{FLEET} processes against one of {FLEET} variants: memory of their own",
                one.name,
                many.name,
                at_least=100,
                measure=Measure.PRIVATE,
                count=FLEET,
            ),
        ],
        rounds=rounds,
        claims=lambda: journals.claims(together / "journal.db", bare / BARE, FLEET, all_cycles + 1),
    )
