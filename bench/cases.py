"""What is measured against what. A new case is one more `Group` in `groups`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import journals, rules, trades
from bench.bare_commits import BARE
from bench.data import BARS, Columns
from bench.first_cycle import FirstCycle
from bench.numpy_yardstick import Variation, simulate
from bench.ratio import Claim, Ratio
from bench.stage import BUILD, LISTED_VARIANTS
from bench.timing import ROOT, Command, Engine, Measure, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.stage import Stage

FIRST = 98
"""First bar that may decide in W1: the warm-up of RSI(14)."""

FEW_BARS = 100_000
"""As many as backtesting.py can do in about a second; its time is scaled up to all of them."""

FLEET = 500
"""Variants in one process."""

OURS = sys.executable
PEERS = str(ROOT / "bench" / ".peers" / "bin" / "python")
TRADER = str(ROOT / ".venv" / "bin" / "trader")


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects measured in turns, and what is claimed of them."""

    name: str
    title: str
    subjects: Sequence[Subject]
    ratios: Sequence[Ratio]
    rounds: int
    claims: Callable[[], list[Claim]] = list
    """Asked after the measurement, when every engine has written what it has done."""
    has_peers: bool = False


def groups(stage: Stage) -> list[Group]:
    """Everything the bench knows."""
    return [w1(stage), w3(stage), startup(stage), first(), fleet()]


@dataclass(frozen=True, slots=True)
class Peer:
    """An engine of others: where it departs from the rules of W1, in words and as the variation that proves it."""

    name: str
    arguments: tuple[str, ...]
    differences: str
    varied: Variation
    bars: int = BARS


VECTORBT_RULES = Variation(stops_from_next_bar=True, stop_beats_ordered_exit=True)
VECTORBT_DIFFERENCES = (
    "a stop or target lives only from the bar after the entry; a stop or target met in the bar in which an ordered "
    "exit fills comes before that exit, although the exit fills at the open"
)
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
        theirs = trades.read(stage.trades(peer.name))
        bars = columns.head(peer.bars)
        apart = trades.agreement(theirs, reference[reference["exit_bar"] < peer.bars])
        explained = trades.agreement(theirs, simulate(bars, FIRST, peer.varied))
        title = f"{peer.name} makes the trades of C but for what is stated"
        claims.append(Claim(title, f"with C {apart}; with its own rules {explained}", explained.complete))
    return claims


def w3(stage: Stage) -> Group:
    """One run over many symbols that share an account."""

    def files(name: str) -> list[str]:
        return [str(stage.columns_together), str(stage.trades(f"w3 {name}")), str(FIRST)]

    return Group(
        name="w3",
        title=f"W3: {rules.SYMBOLS} symbols x {rules.SYMBOL_BARS:,} bars, the rules of W1, at most {rules.POSITIONS} "
        f"positions and {rules.EXPOSURE:,.0f} of exposure",
        subjects=[
            Engine("C", [str(stage.program_together), *files("C")], repeats=2),
            Engine("trader", [OURS, "-m", "bench.ours_together", *files("trader")], repeats=2),
        ],
        ratios=[Ratio("trader against C", "trader", "C", at_most=3)],
        rounds=9,
        claims=lambda: [same_trades(stage.trades("w3 trader"), stage.trades("w3 C"), "trader")],
    )


def same_trades(theirs: Path, reference: Path, name: str) -> Claim:
    """That an engine makes all trades of C and no other."""
    found = trades.agreement(trades.read(theirs), trades.read(reference))
    return Claim(f"{name} makes the trades of C", str(found), found.complete)


def startup(stage: Stage) -> Group:
    """Whole processes, as a user starts them."""
    home = {"TRADER_HOME": str(BUILD / "home")}
    help_ = Command("trader --help", [TRADER, "--help"], home)
    bare = Command("bare Typer --help", [OURS, "-m", "bench.bare_typer", "--help"], home)
    listing = Command("trader list-variants", [TRADER, "--variants-dir", str(stage.variants), "list-variants"], home)
    imports = Command("import pandas, numba", [OURS, "-c", "import pandas, numba"], home)
    run = Command("trader backtest", [TRADER, "backtest", str(stage.variant), "--data", str(stage.parquet)], home)
    return Group(
        name="startup",
        title="Whole processes, warm",
        subjects=[help_, bare, listing, imports, run],
        ratios=[
            Ratio("`--help` against a bare Typer program's", help_.name, bare.name, at_most=1.5),
            Ratio(f"`list-variants` of {LISTED_VARIANTS} files against the same", listing.name, bare.name, at_most=5),
            Ratio(f"`backtest` of {BARS:,} Parquet bars against bare imports", run.name, imports.name, at_most=2),
        ],
        rounds=9,
    )


def first() -> Group:
    """What a paper run on a venue takes until its first cycle is done, against the import of the venue's client."""
    home, variant = BUILD / "first", BUILD / "first.toml"
    paper = [TRADER, "paper", str(variant), "--once"]
    run = FirstCycle("trader paper --once", paper, {"TRADER_HOME": str(home)}, variant=variant, home=home)
    replayed = [TRADER, "paper", "demo_btc_rsi", "--replay", "samples", "--cycles", "1", "--anew"]
    replay = Command("the same on a replay", replayed, {"TRADER_HOME": str(BUILD / "replayed")})
    imports = Command("import ccxt", [OURS, "-c", "import ccxt"])
    whole = Command("import ccxt.async_support", [OURS, "-c", "import ccxt.async_support"])
    needed = "sqlalchemy.dialects.sqlite, aiohttp, requests, cryptography.hazmat.primitives.serialization, numpy, typer"
    bare = Command("import what it needs", [OURS, "-c", f"import {needed}, pydantic.main"])
    return Group(
        name="first",
        title="The first cycle of one symbol on a venue, a whole process",
        subjects=[run, replay, imports, whole, bare],
        ratios=[
            Ratio("a first cycle against `import ccxt` alone (the aim is 1.5)", run.name, imports.name, at_most=2.5),
            Ratio(
                "what the venue adds to one on a replay, against the same",
                run.name,
                imports.name,
                at_most=0.5,
                less=replay.name,
            ),
            Ratio("against the import of the clients that it uses one of", run.name, whole.name, at_most=1.5),
            Ratio("against the bare imports of the libraries that it needs", run.name, bare.name, at_most=2),
            Ratio("against a first cycle on a replay", run.name, replay.name, at_most=1.5),
        ],
        rounds=15,
    )


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
