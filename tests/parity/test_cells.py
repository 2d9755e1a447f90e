"""The whole matrix: 220 cells replay as they are backtested, the other 260 are refused with their reason."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from tests.data.making import write
from tests.parity.alike import assert_alike
from trader_cli.app import backtest
from trader_cli.app.markets import Past, Span
from trader_cli.app.onlooking import Nobody
from trader_cli.app.replaying import Replay, loaded_for
from trader_cli.data.book import default_symbols
from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.symbols import file_name
from trader_cli.errors import ConfigError
from trader_cli.variant.cells import matrix
from trader_cli.variant.loading import load_mapping
from trader_cli.variant.sections import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from trader_cli.variant.cells import Cell

CELLS = tuple(matrix())
BEGINS, DAYS = "2024-06-03", 58
STARTS = {True: datetime(2024, 7, 17, tzinfo=UTC), False: datetime(2024, 7, 28, tzinfo=UTC)}
"""When trading starts, for stocks and funds or not: more bars before it than any window, some hundred after it."""


def label(cell: Cell) -> str:
    return "-".join((cell.broker, cell.strategy, cell.mode, cell.asset_class))


def mapping(cell: Cell) -> dict[str, Any]:
    """The variant of a cell; symbols, fees and the parameters of the strategy are the defaults."""
    leverage = 3 if cell.asset_class is AssetClass.FUTURES and cell.mode is not Mode.LIVE else 1
    return {
        "trader_name": "cell",
        "variants": {
            "broker": cell.broker,
            "strategy": cell.strategy,
            "mode": str(cell.mode),
            "asset_class": str(cell.asset_class),
        },
        "risk_settings": {"default_leverage": leverage, "trailing_stop": 0.015, "cooldown_bars": 2},
        "session": {"timeframe": "15m"},
        "costs": {"funding_rate": 0.0001},
    }


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bars of every symbol that any broker trades by default; one in a hundred is missing."""
    folder = tmp_path_factory.mktemp("history")
    symbols = {symbol for cell in CELLS for symbol in default_symbols(cell.broker, cell.asset_class)}
    for seed, symbol in enumerate(sorted(symbols)):
        random = np.random.default_rng(seed)
        count = DAYS * 96
        close = np.round(100 * np.exp(np.cumsum(random.normal(0, 4e-3, count))), 2)
        opened = np.concatenate(([100.0], close[:-1]))
        reach = 1 + np.abs(random.normal(0, 2e-3, (2, count)))
        columns = {
            "timestamp": pd.date_range(BEGINS, periods=count, freq="15min", tz="UTC"),
            "open": opened,
            "high": np.maximum(opened, close) * reach[0],
            "low": np.minimum(opened, close) / reach[1],
            "close": close,
            "volume": random.exponential(50, count),
        }
        write(pd.DataFrame(columns)[random.random(count) > 0.01], folder / f"{file_name(symbol)}-15m.parquet")
    return folder


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.supported], ids=label)
def test_every_supported_cell_replays_as_it_is_backtested(cell: Cell, history: Path) -> None:
    variant = load_mapping(mapping(cell), environment={}).variant
    assert variant.symbols == default_symbols(cell.broker, cell.asset_class)
    span = Span(STARTS[cell.asset_class.is_stock_like], None)
    fast = backtest.run(variant, history, span, lambda _: None)
    assert fast.trades
    assert 200 < fast.period.bars < 400
    past = Past(history, span)
    slow = asyncio.run(Replay(variant, past, loaded_for(variant, past, lambda _: None)).run(Nobody()))
    assert_alike(fast, slow)


def test_the_other_260_cells_are_refused_with_their_reason() -> None:
    refused = [cell for cell in CELLS if not cell.supported]
    assert len(refused) == 260
    for cell in refused:
        with pytest.raises(ConfigError) as caught:
            load_mapping(mapping(cell), environment={})
        assert cell.reason in [problem.message for problem in caught.value.problems], label(cell)
