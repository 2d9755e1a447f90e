"""The registry: ours, those of installed packages, and the clear word where one is not."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

import trader_cli.strategies
from tests.strategies.cases import label
from trader_cli import conformance, registry
from trader_cli.conformance import market
from trader_cli.errors import ConfigError
from trader_cli.registry import broker_names, strategy_class, strategy_names
from trader_cli.strategies.base import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLUGIN = dedent(
    """
    from __future__ import annotations

    import numpy as np
    from pydantic import Field

    from trader_cli.strategies.base import Params, Strategy
    from trader_cli.strategies.wishes import wishes


    class BreakoutParams(Params):
        bars: int = Field(20, ge=2, le=500, description="bars whose highest close must be beaten")


    class Breakout(Strategy[BreakoutParams]):
        name = "breakout"
        summary = "buys a new high, sells a new low"
        params_model = BreakoutParams

        def warmup(self, timeframe, hours):
            return self.params.bars

        def window(self, timeframe, hours):
            return self.params.bars + 1

        def signals(self, bars):
            size, count = len(bars), self.params.bars
            best, worst = np.full(size, np.nan), np.full(size, np.nan)
            if size > count:
                before = np.lib.stride_tricks.sliding_window_view(bars.close[:-1], count)
                best[count:], worst[count:] = before.max(axis=1), before.min(axis=1)
            values = {"best": best, "worst": worst}
            return wishes(bars.close > best, bars.close < worst, confidence=0.6, values=values)

        def reason(self, values):
            return f"closes so far between {values['worst']:g} and {values['best']:g}"
    """
)

GOOD = "breakout = breakout_package:Breakout"

type Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package: its module and the metadata that pip would leave."""

    def installed(entry_points: str, source: str = PLUGIN, module: str = "breakout_package") -> None:
        site = tmp_path / f"site-{module}"
        info = site / f"{module}-1.2.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(entry_points)
        (site / f"{module}.py").write_text(source)
        monkeypatch.syspath_prepend(site)
        monkeypatch.delitem(sys.modules, module, raising=False)

    return installed


def test_the_names_are_those_of_the_contract() -> None:
    assert strategy_names() == ("macd", "mfi", "momentum", "rsi", "vwap")
    assert broker_names() == ("bybit", "binance", "okx", "kraken", "deribit", "alpaca")


@pytest.mark.parametrize("name", strategy_names())
def test_every_name_loads_and_is_what_the_strategy_calls_itself(name: str) -> None:
    found = strategy_class(name)
    assert found.name == name
    assert found.summary
    assert label(found(found.params_model())) == name


def test_every_strategy_file_is_registered() -> None:
    modules = [import_module(f"trader_cli.strategies.{m.name}") for m in iter_modules(trader_cli.strategies.__path__)]
    found = {
        item.name
        for module in modules
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Strategy) and not isabstract(item) and item is not Strategy
    }
    assert found == set(registry.STRATEGIES)


def test_a_wrong_name_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError, match=r"no strategy 'momentun', did you mean 'momentum'\?"):
        strategy_class("momentun")
    with pytest.raises(ConfigError, match=r"no strategy 'xyz', known are macd, .*, or path.py:Class"):
        strategy_class("xyz")


def test_a_strategy_of_another_installed_package_is_one_of_ours(install: Install) -> None:
    install("[trader_cli.strategies]\nbreakout = breakout_package:Breakout\n")
    assert "breakout" in strategy_names()
    found = strategy_class("breakout")
    strategy = found(found.params_model.model_validate({"bars": 30}))
    conformance.check(strategy, market(1))


def test_a_broker_of_another_installed_package_comes_after_ours(install: Install) -> None:
    install("[trader_cli.brokers]\nzebra = zebra:Broker\naardvark = zebra:Other\n")
    assert broker_names()[-3:] == ("alpaca", "aardvark", "zebra")


@pytest.mark.parametrize("lookup", [strategy_names, lambda: strategy_class("rsi")])
def test_a_plugin_cannot_take_the_name_of_a_strategy_of_ours(install: Install, lookup: Callable[[], object]) -> None:
    install("[trader_cli.strategies]\nrsi = breakout_package:Breakout\n")
    with pytest.raises(ConfigError, match=r"plug-in 'rsi' \(breakout_package 1.2\) takes a name that is taken"):
        lookup()


def test_two_plugins_cannot_share_a_name(install: Install) -> None:
    install("[trader_cli.strategies]\nbreakout = breakout_package:Breakout\n")
    install("[trader_cli.strategies]\nbreakout = other_package:Breakout\n", module="other_package")
    with pytest.raises(ConfigError, match=r"plug-in 'breakout' .* takes a name that is taken"):
        strategy_names()


def test_a_plugin_cannot_take_the_name_of_a_broker_of_ours(install: Install) -> None:
    install("[trader_cli.brokers]\nkraken = zebra:Broker\n")
    with pytest.raises(ConfigError, match=r"plug-in 'kraken' .* takes a name that is taken"):
        broker_names()


@pytest.mark.parametrize(
    ("entry_point", "source", "complaint"),
    [
        (
            GOOD,
            "import no_such_module",
            "cannot be imported: ModuleNotFoundError: No mod",
        ),
        (GOOD, "1 / 0", "cannot be imported: ZeroDivisionError"),
        (GOOD, "raise SystemExit(3)", "cannot be imported: SystemExit"),
        (GOOD, "def", "cannot be imported: SyntaxError"),
        ("breakout = breakout_package:Breakin", PLUGIN, "cannot be imported: AttributeError"),
        ("breakout = breakout_package:np", PLUGIN, "is no subclass of trader_cli.strategies.base.Strategy"),
        ("breakin = breakout_package:Breakout", PLUGIN, "'breakin' calls itself 'breakout': both must be the same"),
        ("Break.out = breakout_package:Breakout", PLUGIN, "a name is small letters, digits and _"),
        (GOOD, PLUGIN.replace("def reason", "def why"), "'breakout' lacks reason"),
        (
            GOOD,
            PLUGIN.replace("summary =", "about ="),
            "lacks the class attribute summary",
        ),
        (
            GOOD,
            PLUGIN.replace("params_model = BreakoutParams", "params_model = dict"),
            "params_model is no subclass",
        ),
    ],
)
def test_a_broken_plugin_is_named_with_what_is_wrong(
    install: Install, entry_point: str, source: str, complaint: str
) -> None:
    install(f"[trader_cli.strategies]\n{entry_point}\n", source)
    with pytest.raises(ConfigError, match=r"plug-in|strategy") as caught:
        strategy_class(entry_point.split(maxsplit=1)[0])
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_names_and_parameters_need_neither_numpy_nor_pandas() -> None:
    program = (
        "import sys; from trader_cli.registry import *; from trader_cli.cli import strategies;"
        "from trader_cli.app.strategies import parameters;"
        "broker_names(); [parameters(strategy_class(name).params_model) for name in strategy_names()];"
        "print([n for n in ('numpy', 'pandas', 'numba', 'talib', 'pandas_ta', 'pyarrow') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
