"""Where a value comes from: the weakest layer first, and each value remembers its own."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.variant.files import small, text
from trader_cli.errors import ConfigError, TraderError, UsageError
from trader_cli.variant.loading import Resolved, load, load_mapping
from trader_cli.variant.overlays import is_axis, toml_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PERIOD = "strategy_config.rsi.period"


def resolved(
    folder: Path,
    name: str = "own",
    *,
    overrides: Sequence[str] = (),
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Resolved:
    return load(name, variants_dir=folder, overrides=overrides, flags=flags or {}, environment=environment or {})


def period(found: Resolved) -> tuple[object, str]:
    """The RSI period and its origin."""
    return found.variant.strategy().params.period, found.origins.get(PERIOD, "default")


def written(folder: Path, name: str, period: int | None = None, extends: str | None = None) -> Path:
    path = folder / f"{name}.toml"
    head = f'extends = "{extends}"\n' if extends else ""
    tail = f"[strategy_config.rsi]\nperiod = {period}\n" if period else ""
    path.write_text(head + small() + tail)
    return path


def test_f098_each_layer_beats_the_weaker_ones_and_says_so(tmp_path: Path) -> None:
    written(tmp_path, "own")
    assert period(resolved(tmp_path)) == (14, "default")

    written(tmp_path, "base", period=5)
    written(tmp_path, "own", extends="base.toml")
    assert period(resolved(tmp_path)) == (5, f"{tmp_path}/base.toml:5")

    written(tmp_path, "own", period=6, extends="base.toml")
    assert period(resolved(tmp_path)) == (6, f"{tmp_path}/own.toml:6")

    environment = {"TRADER_STRATEGY_CONFIG__RSI__PERIOD": "7"}
    assert period(resolved(tmp_path, environment=environment)) == (7, "env TRADER_STRATEGY_CONFIG__RSI__PERIOD")

    override = [f"{PERIOD}=8"]
    assert period(resolved(tmp_path, environment=environment, overrides=override)) == (8, "--set")


def test_flags_name_the_cell_and_the_symbols_follow_it(tmp_path: Path) -> None:
    written(tmp_path, "own")
    flags = {"broker": "alpaca", "strategy": "macd", "mode": "backtest", "asset_class": "etf", "symbol": ("IWM", "SPY")}
    found = resolved(tmp_path, flags=flags)
    cell = found.variant.variants
    assert (cell.broker, cell.strategy, cell.mode, cell.asset_class) == ("alpaca", "macd", "backtest", "etf")
    assert found.variant.symbols == ("IWM", "SPY")
    origins = [found.origins[key] for key in ("variants.broker", "variants.asset_class", "trading_symbols.etf")]
    assert origins == ["--broker", "--asset-class", "--symbol"]


def test_flags_alone_make_a_variant(tmp_path: Path) -> None:
    found = resolved(tmp_path, "", flags={"broker": "kraken", "strategy": "vwap"})
    assert found.path is None
    assert found.variant.variants.mode == "paper"
    assert found.variant.symbols


def test_defaults_follow_the_final_broker(tmp_path: Path) -> None:
    written(tmp_path, "own")
    own, alpaca = resolved(tmp_path).variant, resolved(tmp_path, flags={"broker": "alpaca"}).variant
    assert (own.variants.asset_class, alpaca.variants.asset_class) == ("crypto", "stocks")
    assert own.symbols != alpaca.symbols
    assert own.costs != alpaca.costs
    assert own.broker_config.credentials.api_key == "${BYBIT_API_KEY}"
    assert alpaca.broker_config.credentials.api_key == "${ALPACA_API_KEY}"


def test_shorts_are_the_default_for_futures_alone(tmp_path: Path) -> None:
    written(tmp_path, "own")
    assert resolved(tmp_path).variant.risk_settings.allow_short is False
    futures = resolved(tmp_path, flags={"asset_class": "futures"}).variant
    assert futures.risk_settings.allow_short is True
    unset = resolved(tmp_path, flags={"asset_class": "futures"}, overrides=["risk_settings.allow_short=false"])
    assert unset.variant.risk_settings.allow_short is False


def test_the_name_is_the_files_stem_unless_the_file_says_one(tmp_path: Path) -> None:
    path = written(tmp_path, "own")
    assert resolved(tmp_path).variant.name == "own"
    path.write_text('trader_name = "other"\n' + small())
    assert resolved(tmp_path).variant.name == "other"


def test_a_mapping_of_the_same_shape_makes_the_same_variant(tmp_path: Path) -> None:
    written(tmp_path, "own")
    mapping = {"trader_name": "own", "variants": {"broker": "bybit", "strategy": "rsi"}}
    assert load_mapping(mapping, environment={}).variant.model_dump() == resolved(tmp_path).variant.model_dump()
    assert mapping == {"trader_name": "own", "variants": {"broker": "bybit", "strategy": "rsi"}}


def test_chains_are_relative_to_the_file_that_says_them(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    written(tmp_path, "grand", period=3)
    (below / "base.toml").write_text('extends = "../grand.toml"\n')
    (tmp_path / "own.toml").write_text('extends = "below/base.toml"\n')
    assert period(resolved(tmp_path)) == (3, f"{tmp_path}/grand.toml:5")


@pytest.mark.parametrize("chain", [["own"], ["base", "own"], ["base", "other", "base"]])
def test_loops_are_refused(chain: list[str], tmp_path: Path) -> None:
    names = ["own", *chain]
    for name, base in pairwise(names):
        written(tmp_path, name, extends=f"{base}.toml")
    with pytest.raises(ConfigError, match=r"extends: .* leads back here: a loop"):
        resolved(tmp_path)


def test_a_loop_through_a_link_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "own", extends="link.toml")
    (tmp_path / "link.toml").symlink_to(path)
    with pytest.raises(ConfigError, match="a loop"):
        resolved(tmp_path)


def test_endless_chains_are_refused(tmp_path: Path) -> None:
    for number in range(40):
        written(tmp_path, f"v{number}", extends=f"v{number + 1}.toml")
    with pytest.raises(ConfigError, match="the chain is longer than 16 files"):
        resolved(tmp_path, "v0")


@pytest.mark.parametrize("value", ['"absent.toml"', '""', "7", '["a.toml"]', '"."', '"a\\u0000b"'])
def test_a_base_that_is_no_file_is_told_at_extends(value: str, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(f"extends = {value}\n" + small())
    with pytest.raises(ConfigError, match=r"own\.toml: extends: "):
        resolved(tmp_path)


def test_a_problem_is_told_where_its_value_stands(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text("[session]\npoll_seconds = 0\n")
    (tmp_path / "own.toml").write_text('extends = "base.toml"\n' + small())
    with pytest.raises(ConfigError) as refused:
        resolved(
            tmp_path, environment={"TRADER_RISK_SETTINGS__STOP_LOSS": "2"}, overrides=["live.max_orders_per_day=0"]
        )
    assert {(problem.file, problem.key) for problem in refused.value.problems} == {
        (f"{tmp_path}/base.toml", "session.poll_seconds"),
        ("TRADER_RISK_SETTINGS__STOP_LOSS", "risk_settings.stop_loss"),
        ("--set", "live.max_orders_per_day"),
    }


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("TRADER_RISK_SETTING__STOP_LOSS", "did you mean 'risk_settings'?"),
        ("TRADER_RISK_SETTINGS__STOP_LOS", "did you mean 'stop_loss'?"),
        ("TRADER_RISK_SETTINGS_STOP_LOSS", "did you mean 'TRADER_RISK_SETTINGS__STOP_LOSS'?"),
        ("TRADER_RISK_SETTINGS__", "a key of it is missing"),
    ],
)
def test_f097_a_variable_that_names_no_key_is_refused_by_its_name(name: str, hint: str, tmp_path: Path) -> None:
    written(tmp_path, "own")
    with pytest.raises(ConfigError) as refused:
        resolved(tmp_path, environment={name: "0.1"})
    assert [problem.file for problem in refused.value.problems] == [name]
    assert hint in str(refused.value)


def test_other_variables_of_the_program_are_let_be(tmp_path: Path) -> None:
    written(tmp_path, "own")
    resolved(tmp_path, environment={"TRADER_HOME": "/x", "TRADER_VARIANTS_DIR": "y", "PATH": "z"})


@pytest.mark.parametrize(
    ("value", "read"),
    [("7", 7), ("0.5", 0.5), ("true", True), ("1h", "1h"), ("okx", "okx"), ('["BTC/USD"]', ["BTC/USD"]), ("", "")],
)
def test_values_are_read_as_toml_else_as_text(value: str, read: object) -> None:
    assert toml_value(value) == read


@pytest.mark.parametrize("value", ["1\n[live]\nmax_orders_per_day = 9", "1\nother = 2", '"a"\r\n[live]', "[" * 5000])
def test_f104_a_value_cannot_smuggle_in_another_key(value: str, tmp_path: Path) -> None:
    written(tmp_path, "own")
    assert toml_value(value) == value
    with pytest.raises(ConfigError):
        resolved(tmp_path, overrides=[f"{PERIOD}={value}"])


@pytest.mark.parametrize("value", ["7,14", "5..30", "5..30..5", "a, b", "[1],[2]", '"a","b"'])
def test_several_values_at_a_time_are_refused_for_now(value: str, tmp_path: Path) -> None:
    written(tmp_path, "own")
    assert is_axis(value)
    with pytest.raises(UsageError, match="one value at a time: sweeps come with the matrix"):
        resolved(tmp_path, overrides=[f"{PERIOD}={value}"])


@pytest.mark.parametrize("value", ['["BTC/USD", "ETH/USD"]', '"a,b"', "'1..2'", "0.5", "{a = 1, b = 2}"])
def test_commas_in_quotes_and_brackets_are_no_axis(value: str) -> None:
    assert not is_axis(value)


@pytest.mark.parametrize("override", ["", "period", "=7", "strategy_config..period=7", ".=1"])
def test_an_override_that_is_no_assignment_is_refused(override: str, tmp_path: Path) -> None:
    written(tmp_path, "own")
    with pytest.raises(UsageError, match=r"--set: .*must read section\.key=value"):
        resolved(tmp_path, overrides=[override])


@pytest.mark.parametrize(
    "override", ["a.b.c=1", "session=7", "session.timeframe.x=1", "nme=1", ".".join("a" * 99) + "=1"]
)
def test_an_override_of_no_key_is_refused(override: str, tmp_path: Path) -> None:
    written(tmp_path, "own")
    with pytest.raises(TraderError, match="--set: "):
        resolved(tmp_path, overrides=[override])


def test_an_unknown_name_suggests_the_nearest_one(tmp_path: Path) -> None:
    written(tmp_path, "own")
    with pytest.raises(ConfigError, match=r"no variant 'ownn' in .*, did you mean 'own'\?"):
        resolved(tmp_path, "ownn")


def test_a_shared_base_is_read_once_and_never_changed(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(text())
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(f'extends = "base.toml"\ntrader_name = "{name}"\n')
    first = resolved(tmp_path, "one", overrides=["risk_settings.stop_loss=0.5"])
    second = resolved(tmp_path, "two")
    assert (first.variant.risk_settings.stop_loss, second.variant.risk_settings.stop_loss) == (0.5, 0.02)
