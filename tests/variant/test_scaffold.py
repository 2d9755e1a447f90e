"""What is written for people explains every key and reads back as what was asked for."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trader_cli.app.new_variant import text_of
from trader_cli.variant.keys import all_keys
from trader_cli.variant.loading import load, load_mapping
from trader_cli.variant.model import FIXED_SECTIONS
from trader_cli.variant.scaffold import template

if TYPE_CHECKING:
    from pathlib import Path

    from trader_cli.variant.keys import Key

EXAMPLES = (
    "alpaca_stocks_paper",
    "binance_futures_live",
    "binance_futures_rsi",
    "bybit_crypto_live",
    "demo_aapl_momentum",
    "demo_btc_rsi",
    "kraken_crypto_macd",
    "okx_crypto_demo",
    "template",
)


def test_the_template_has_every_key_with_a_comment_above_it() -> None:
    lines = template().splitlines()
    for key in all_keys():
        here = [number for number, line in enumerate(lines) if re.match(rf"(# )?{key.name} = ", line)]
        assert here, key.dotted
        assert all(lines[number - 1].startswith("# ") for number in here)


@pytest.mark.parametrize("key", list(all_keys()), ids=lambda key: key.dotted)
def test_every_key_has_a_meaning_and_an_example_that_is_allowed(key: Key) -> None:
    assert len(key.meaning) > 8
    if key.name in ("extends", "data_endpoint"):
        return
    document: dict[str, object] = {"variants": {"broker": "alpaca", "strategy": "rsi"}}
    target = document
    for name in key.section.split(".") if key.section else ():
        target = target.setdefault(name, {})  # type: ignore[assignment]
    target[key.name] = key.example
    load_mapping(document, environment={})


def test_every_fixed_default_of_the_template_is_the_models() -> None:
    written = tomllib.loads(template())
    for section in ("session", "live"):
        model = FIXED_SECTIONS[section]()
        assert model.model_dump(mode="json") == pytest.approx(written[section])


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_users_examples_load(name: str, root: Path) -> None:
    load(name, variants_dir=root / "variants", environment={})


def test_every_example_loads_and_together_they_have_every_strategy_mode_and_asset_class(root: Path) -> None:
    paths = sorted((root / "variants").glob("*.toml"))
    cells = [load(str(path), variants_dir=root, environment={}).variant.variants for path in paths]
    assert {cell.strategy for cell in cells} == {"momentum", "rsi", "macd", "mfi", "vwap"}
    assert {cell.asset_class.value for cell in cells} == {"crypto", "stocks", "etf", "futures"}
    assert {cell.mode.value for cell in cells} == {"backtest", "paper", "live", "futures"}
    assert {cell.broker for cell in cells} == {"bybit", "binance", "okx", "kraken", "deribit", "alpaca"}


def test_generated_pages_are_what_the_models_say(root: Path) -> None:
    script = [sys.executable, str(root / "scripts" / "generate_docs.py"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_key_is_in_the_reference(root: Path) -> None:
    page = (root / "docs" / "variant-reference.md").read_text()
    for key in all_keys():
        assert re.search(rf"^\| `{key.name}` \| .+ \| .+ \| `.+` \| .{{8,}} \|$", page, re.MULTILINE), key.dotted


numbers = st.floats(1e-6, 1, exclude_min=True)
symbols = st.lists(st.from_regex(r"[A-Z0-9]{3,8}/[A-Z]{3,4}", fullmatch=True), min_size=1, max_size=3, unique=True)


@settings(max_examples=30)
@given(risk=numbers, loss=numbers, listed=symbols, strategy=st.sampled_from(["rsi", "macd", "mfi", "vwap", "momentum"]))
def test_f104_what_is_written_reads_back_as_the_variant(
    risk: float, loss: float, listed: list[str], strategy: str, root: Path
) -> None:
    document = {
        "variants": {"broker": "bybit", "strategy": strategy},
        "risk_settings": {"risk_per_trade": risk, "max_daily_loss": loss},
        "trading_symbols": {"crypto": listed},
    }
    found = load_mapping(document, environment={})
    again = load_mapping(tomllib.loads(text_of(found, "again", root)), environment={}).variant
    assert again.model_copy(update={"trader_name": found.variant.name}) == found.variant
