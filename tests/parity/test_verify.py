"""`--verify` can fail: a strategy that wishes otherwise when it is shown less history is found out."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from tests.cli.program import trader

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.program import Outcome

STRATEGY = dedent(
    """
    import numpy as np

    from trader_cli.strategies.base import Params, Strategy
    from trader_cli.strategies.wishes import wishes


    class Moody(Strategy[Params]):
        name = "moody"
        summary = "holds from one hour of the day to another, which depend on how many bars it is shown"
        params_model = Params

        def warmup(self, timeframe, hours):
            return 1

        def window(self, timeframe, hours):
            return 30

        def signals(self, bars):
            hour = bars.open_time // 3_600_000_000_000 % 24
            entry = 3 if len(bars) > 30 else {hour}
            return wishes(hour == entry, hour == 12, confidence=0.5, values={{"hour": hour + 0.0}})

        def reason(self, values):
            return f"it is {{values['hour']:g}} o'clock"
    """
)
NEVER = 99
VARIANT = """
[variants]
broker = "kraken"
strategy = "moody.py:Moody"
mode = "paper"

[trading_symbols]
crypto = ["BTC/USD"]

[risk_settings]
stop_loss = 0.5
take_profit = 5

[session]
timeframe = "1h"
"""


def verified(capsys: pytest.CaptureFixture[str], root: Path, folder: Path, *, hour: int) -> Outcome:
    """A replay of ten days in which the strategy enters at `hour`, and at 3 where it is shown all history."""
    (folder / "moody.py").write_text(STRATEGY.format(hour=hour), encoding="utf-8")
    (folder / "moody.toml").write_text(VARIANT, encoding="utf-8")
    span = "--from", "2018-09-01", "--to", "2018-09-11"
    return trader(capsys, "paper", folder / "moody.toml", "--replay", root / "samples", *span, "--json", "--verify")


def test_verify_tells_the_first_trade_that_differs(
    capsys: pytest.CaptureFixture[str], root: Path, tmp_path: Path
) -> None:
    told = verified(capsys, root, tmp_path, hour=4)
    assert told.code == 1
    assert "trade 1 is Trade(" in told.err
    assert "in the replay, Trade(" in told.err


def test_verify_misses_no_trade_that_only_the_backtest_made(
    capsys: pytest.CaptureFixture[str], root: Path, tmp_path: Path
) -> None:
    told = verified(capsys, root, tmp_path, hour=NEVER)
    assert told.code == 1
    assert "trade 1 is None in the replay, Trade(" in told.err
