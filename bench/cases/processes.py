"""Whole processes: how long a user waits for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.cases.group import OURS, TRADER, Group
from bench.data import BARS
from bench.first_cycle import FirstCycle
from bench.ratio import Ratio
from bench.stage import BUILD, LISTED_VARIANTS
from bench.timing import Command

if TYPE_CHECKING:
    from bench.stage import Stage


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
    needed = "sqlalchemy.dialects.sqlite, aiohttp, numpy, typer, pydantic.main"
    bare = Command("import what it needs", [OURS, "-c", f"import {needed}"])
    return Group(
        name="first",
        title="The first cycle of one symbol on a venue, a whole process",
        subjects=[run, replay, imports, whole, bare],
        ratios=[
            Ratio("a first cycle against `import ccxt` alone", run.name, imports.name, at_most=1.5),
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
