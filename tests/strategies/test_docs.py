"""docs/strategies.md says what is so, and its example is a strategy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.strategies.cases import build
from trader_cli import conformance
from trader_cli.conformance import market
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.registry import strategy_class, strategy_names

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def examples(root: Path, tmp_path: Path) -> list[str]:
    """The Python blocks of the page; the first is saved as the file it says it is."""
    blocks = re.findall(r"```python\n(.*?)```", (root / "docs" / "strategies.md").read_text(), re.DOTALL)
    path = tmp_path / "breakout.py"
    path.write_text(blocks[0])
    path.chmod(0o600)
    return blocks


@pytest.mark.usefixtures("examples")
def test_the_example_loads_as_a_users_file_and_keeps_the_laws(tmp_path: Path) -> None:
    found = strategy_class("breakout.py:Breakout", tmp_path)
    conformance.check(found(found.params_model()), market(seed=1))


def test_the_examples_test_runs(examples: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    namespace: dict[str, Any] = {}
    exec(examples[1], namespace)  # noqa: S102 - our own page
    namespace["test_breakout_keeps_the_laws"]()


def test_the_tables_name_every_strategy_with_its_confidence_warmup_and_window(root: Path) -> None:
    page = (root / "docs" / "strategies.md").read_text()
    confidence = dict(re.findall(r"^\| `(\w+)` \|.* \| (0\.\d+) \|$", page, re.MULTILINE))
    counts = {name: (w, n) for name, w, n in re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \|", page, re.MULTILINE)}
    assert set(confidence) == set(counts) == set(strategy_names())
    for name in strategy_names():
        strategy = build(name)
        bars = market(1)
        at = (Timeframe.M1, TradingHours.CONTINUOUS)
        assert counts[name] == (str(strategy.warmup(*at)), str(strategy.window(*at)))
        assert float(confidence[name]) == strategy.signals(bars).confidence[-1]
