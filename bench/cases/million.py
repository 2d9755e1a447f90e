"""The million: a matrix as large as they may be, as a whole command, from the variants to the leaderboard."""

from __future__ import annotations

from bench.cases.group import TRADER, Group
from bench.ratio import Ratio
from bench.stage import BUILD
from bench.timing import Command, Measure

TIMES = 10
"""How many times as many runs the larger matrix has."""


def million() -> Group:
    """Ten times the runs against the tenth part of them: what each adds in time and memory."""
    home = {"TRADER_HOME": str(BUILD / "million")}
    matrix = [TRADER, "--quiet", "backtest", "demo_btc_rsi", "--data", "samples", "--json", "--top", "1"]
    levels = [f"risk_settings.{key}=0.001..0.1..0.001" for key in ("stop_loss", "take_profit")]

    def of(name: str, periods: str) -> Command:
        sets = [f"strategy_config.rsi.period={periods}", *levels]
        return Command(name, [*matrix, *(word for each in sets for word in ("--set", each))], home)

    all_, tenth = of("1,000,000 runs", "5..104"), of("100,000 runs", "5..14")
    return Group(
        name="million",
        title="A matrix of 1,000,000 runs (RSI period x stop x target, 5,832 hours), the whole command",
        subjects=[all_, tenth],
        ratios=[
            Ratio("ten times the runs: peak memory", all_.name, tenth.name, at_most=2, measure=Measure.PEAK),
            Ratio("ten times the runs: CPU time", all_.name, tenth.name, at_most=TIMES),
        ],
        rounds=3,
    )
