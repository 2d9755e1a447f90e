"""W3: one run over many symbols that share an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import rules
from bench.cases.group import FIRST, OURS, Group, same_trades
from bench.ratio import Ratio
from bench.timing import Engine

if TYPE_CHECKING:
    from bench.stage import Stage


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
