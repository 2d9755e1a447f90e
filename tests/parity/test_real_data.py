"""Law P1 on real data, through the program's own use cases: a replay makes what the backtest makes, to the last bit."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.parity.alike import assert_alike
from tests.parity.scenes import SCENES, STRATEGIES
from trader_cli.app import backtest
from trader_cli.app.markets import Past
from trader_cli.app.onlooking import Nobody
from trader_cli.app.replaying import Replay, loaded_for
from trader_cli.domain.risk import Sizing
from trader_cli.domain.trade import ExitReason, Side

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parity.scenes import Scene
    from trader_cli.backtest.result import Result

LEAST_TRADES = 5


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Scene:
    """The scene of a name; those of the larger data are left out where it is not there."""
    found = SCENES[request.param]
    if not found.is_shipped and not os.environ.get("TRADER_TEST_DATA"):
        pytest.skip("needs the larger data of TRADER_TEST_DATA")
    return found


def silent(doing: str) -> None:
    """Nobody is told."""


def backtested(scene: Scene, strategy: str, sizing: Sizing, source: Path) -> Result:
    return backtest.run(scene.variant(strategy, sizing), source, scene.span, silent, detail=scene.detail)


def replayed(scene: Scene, strategy: str, sizing: Sizing, source: Path) -> Result:
    variant, past = scene.variant(strategy, sizing), Past(source, scene.span, scene.detail)
    return asyncio.run(Replay(variant, past, loaded_for(variant, past, silent)).run(Nobody()))


@pytest.mark.parametrize(("scene", "strategy"), list(product(SCENES, STRATEGIES)), indirect=["scene"])
def test_p1_on_real_data_a_replay_makes_what_the_backtest_makes(
    scene: Scene, strategy: str, root: Path, real_data: Path
) -> None:
    source = scene.source(root / "samples", real_data)
    found = {sizing: backtested(scene, strategy, sizing, source) for sizing in Sizing}
    for sizing, result in found.items():
        assert len(result.trades) >= LEAST_TRADES
        assert not scene.is_futures or {trade.side for trade in result.trades} == set(Side)
        assert_alike(result, replayed(scene, strategy, sizing, source))
    sizes = [[trade.quantity for trade in result.trades] for result in found.values()]
    assert sizes[0] != sizes[1]


def test_the_scenes_meet_the_rules_that_they_are_there_for(root: Path, real_data: Path) -> None:
    """Stops, targets, liquidations, limits, funding: where nothing of a rule happens, nothing is shown of it."""
    if not os.environ.get("TRADER_TEST_DATA"):
        pytest.skip("needs the larger data of TRADER_TEST_DATA")
    samples = root / "samples"
    found = {
        name: backtested(scene, "momentum", Sizing.RISK, scene.source(samples, real_data))
        for name, scene in SCENES.items()
    }
    reasons = {trade.exit_reason for result in found.values() for trade in result.trades}
    assert reasons >= {ExitReason.SIGNAL, ExitReason.STOP_LOSS, ExitReason.TRAILING_STOP, ExitReason.TAKE_PROFIT}
    assert reasons >= {ExitReason.TIME, ExitReason.LIQUIDATION}
    refusals = {code for result in found.values() for code in result.refusals}
    assert refusals >= {"max_daily_loss", "cooldown", "max_concurrent_positions"}
    assert {halt.reason for result in found.values() for halt in result.halts} == {"max_daily_loss", "max_drawdown"}
    assert all(result.metrics.funding for name, result in found.items() if SCENES[name].is_futures)
    assert any(result.open_positions for result in found.values())
    for name, scene in SCENES.items():
        if scene.detail is not None:
            coarse = backtested(replace(scene, detail=None), "momentum", Sizing.RISK, scene.source(samples, real_data))
            assert coarse.metrics.ambiguous_bars > found[name].metrics.ambiguous_bars
            assert coarse.trades != found[name].trades
