"""The support table: 480 cells, 220 of which can trade."""

from __future__ import annotations

from collections import Counter

from trader_cli.domain.instrument import AssetClass
from trader_cli.registry import BROKERS, STRATEGIES
from trader_cli.variant.cells import matrix, unsupported
from trader_cli.variant.sections import Mode

COIN_BROKERS = {"bybit", "binance", "okx", "kraken", "deribit"}


def test_the_matrix_has_every_cell_once() -> None:
    cells = [(cell.broker, cell.strategy, cell.mode, cell.asset_class) for cell in matrix()]
    assert len(cells) == len(set(cells)) == 6 * 5 * 4 * 4 == 480
    assert {cell[0] for cell in cells} == set(BROKERS)
    assert {cell[1] for cell in cells} == set(STRATEGIES)


def test_220_cells_can_trade_and_each_other_says_why_not() -> None:
    cells = list(matrix())
    assert sum(cell.supported for cell in cells) == 5 * (5 * (3 + 4) + 3 * 3) == 220
    assert all(cell.reason and cell.reason.count(" ") > 3 for cell in cells if not cell.supported)


def test_each_strategy_trades_wherever_its_broker_does() -> None:
    assert Counter(cell.strategy for cell in matrix() if cell.supported) == dict.fromkeys(STRATEGIES, 44)


def test_coin_brokers_trade_crypto_in_three_modes_and_futures_in_four() -> None:
    for broker in COIN_BROKERS:
        traded = {(m, a) for m in Mode for a in AssetClass if unsupported(broker, m, a) is None}
        spot = {(mode, AssetClass.CRYPTO) for mode in Mode if mode is not Mode.FUTURES}
        assert traded == spot | {(mode, AssetClass.FUTURES) for mode in Mode}


def test_alpaca_trades_stocks_etf_and_crypto_without_a_derivatives_account() -> None:
    traded = {(m, a) for m in Mode for a in AssetClass if unsupported("alpaca", m, a) is None}
    classes = {AssetClass.STOCKS, AssetClass.ETF, AssetClass.CRYPTO}
    assert traded == {(mode, each) for mode in Mode if mode is not Mode.FUTURES for each in classes}


def test_a_plug_in_that_does_not_say_what_it_trades_cannot_trade() -> None:
    refusal = unsupported("someone", Mode.PAPER, AssetClass.CRYPTO)
    assert refusal is not None
    assert refusal.dimension == "broker"
