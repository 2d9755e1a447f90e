"""The instrument book against figures copied by hand from the venues' own answers."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from trader_cli.data import book
from trader_cli.domain.instrument import AssetClass

if TYPE_CHECKING:
    from pathlib import Path

CRYPTO, STOCKS, ETF, FUTURES = AssetClass.CRYPTO, AssetClass.STOCKS, AssetClass.ETF, AssetClass.FUTURES
CELLS = [
    *((broker, each) for broker in ("bybit", "binance", "okx", "kraken", "deribit") for each in (CRYPTO, FUTURES)),
    *(("alpaca", each) for each in (CRYPTO, STOCKS, ETF)),
]
DEFAULTS = [(broker, each, symbol) for broker, each in CELLS for symbol in book.default_symbols(broker, each)]

# tick, lot, minimum quantity, minimum notional, contract size: as the venue says them, fields named beside.
RECORDED = [
    # okx: tickSz, lotSz, minSz, no minimum notional, ctVal
    ("okx", CRYPTO, "BTCUSDT", "0.1", "0.00000001", "0.00001", "0", "1"),
    ("okx", CRYPTO, "ETHUSDT", "0.01", "0.000001", "0.0001", "0", "1"),
    ("okx", CRYPTO, "SOLUSDT", "0.01", "0.000001", "0.001", "0", "1"),
    ("okx", FUTURES, "BTC_USD_PERP", "0.1", "0.01", "0.01", "0", "0.01"),
    ("okx", FUTURES, "ETH_USD_PERP", "0.01", "0.01", "0.01", "0", "0.1"),
    # kraken: tick_size, 10^-lot_decimals, ordermin, costmin
    ("kraken", CRYPTO, "BTCUSD", "0.1", "0.00000001", "0.00005", "0.5", "1"),
    ("kraken", CRYPTO, "SOLUSD", "0.01", "0.00000001", "0.06", "0.5", "1"),
    # kraken futures: tickSize, 10^-contractValueTradePrecision, contractSize
    ("kraken", FUTURES, "BTC_USD_PERP", "1", "0.0001", "0.0001", "0", "1"),
    ("kraken", FUTURES, "ETH_USD_PERP", "0.1", "0.001", "0.001", "0", "1"),
    # bybit: tickSize, basePrecision or qtyStep, minOrderQty, minOrderAmt or minNotionalValue
    ("bybit", CRYPTO, "ETHUSDT", "0.01", "0.00001", "0.00029", "5", "1"),
    ("bybit", FUTURES, "BTC_USD_PERP", "0.1", "0.001", "0.001", "5", "1"),
    ("bybit", FUTURES, "ETH_USD_PERP", "0.01", "0.01", "0.01", "5", "1"),
    # binance: tickSize, stepSize, minQty, minNotional
    ("binance", CRYPTO, "BTCUSDT", "0.01", "0.00001", "0.00001", "5", "1"),
    ("binance", CRYPTO, "ADAUSDT", "0.0001", "0.1", "0.1", "5", "1"),
    ("binance", FUTURES, "BTC_USD_PERP", "0.1", "0.001", "0.001", "100", "1"),
    # deribit: tick_size, amount step, min_trade_amount
    ("deribit", CRYPTO, "BTC/USDC", "1", "0.0001", "0.0001", "0", "1"),
    ("alpaca", CRYPTO, "BTCUSD", "1", "0.000000001", "0.000028257", "10", "1"),
    ("alpaca", STOCKS, "AAPL", "0.01", "1", "1", "1", "1"),
]

# Base tiers, taker and maker: in percent, as fee pages print them.
TIERS = [
    ("bybit", CRYPTO, 0.1, 0.1),
    ("bybit", FUTURES, 0.055, 0.02),
    ("binance", CRYPTO, 0.1, 0.1),
    ("binance", FUTURES, 0.05, 0.02),
    ("okx", CRYPTO, 0.15, 0.1),
    ("okx", FUTURES, 0.05, 0.02),
    ("kraken", CRYPTO, 0.4, 0.25),
    ("kraken", FUTURES, 0.05, 0.02),
    ("deribit", CRYPTO, 0.0, 0.0),
    ("deribit", FUTURES, 0.05, 0.0),
    ("alpaca", CRYPTO, 0.25, 0.15),
    ("alpaca", STOCKS, 0.0, 0.0),
    ("alpaca", ETF, 0.0, 0.0),
]


@pytest.mark.parametrize(("broker", "asset_class", "symbol", "tick", "lot", "quantity", "notional", "size"), RECORDED)
def test_figures_are_those_the_venue_answered(
    broker: str, asset_class: AssetClass, symbol: str, tick: str, lot: str, quantity: str, notional: str, size: str
) -> None:
    found = book.instrument(broker, asset_class, symbol)
    assert (found.tick, found.lot) == (Decimal(tick), Decimal(lot))
    assert (found.minimum_quantity, found.minimum_notional) == (Decimal(quantity), Decimal(notional))
    assert found.contract_size == Decimal(size)
    assert found.known


@pytest.mark.parametrize(("broker", "asset_class", "taker", "maker"), TIERS)
def test_fees_are_the_base_tier_the_venue_publishes(
    broker: str, asset_class: AssetClass, taker: float, maker: float
) -> None:
    tier = book.fee_tier(broker, asset_class)
    assert (tier.taker * 100, tier.maker * 100) == pytest.approx((taker, maker))


@pytest.mark.parametrize(("broker", "asset_class"), CELLS)
def test_every_cell_that_can_trade_has_symbols_and_a_dated_tier(broker: str, asset_class: AssetClass) -> None:
    assert book.default_symbols(broker, asset_class)
    tier = book.fee_tier(broker, asset_class)
    assert tier.source
    assert tier.date is not None
    assert date(2024, 1, 1) < tier.date <= date.today()  # noqa: DTZ011 - the date of a document


def test_the_book_has_no_page_for_a_cell_that_cannot_trade() -> None:
    assert set(book.pages()) == set(CELLS)
    assert book.default_symbols("bybit", STOCKS) == ()
    assert book.default_symbols("alpaca", FUTURES) == ()
    assert book.default_symbols("no_such_broker", CRYPTO) == ()


@pytest.mark.parametrize(("broker", "asset_class", "symbol"), DEFAULTS)
def test_every_default_symbol_is_known_with_source_and_date(broker: str, asset_class: AssetClass, symbol: str) -> None:
    assert book.instrument(broker, asset_class, symbol).known
    source = book.instrument_source(broker, asset_class, symbol)
    assert source is not None
    assert source.text
    assert date(2024, 1, 1) < source.date <= date.today()  # noqa: DTZ011


@pytest.mark.parametrize(("broker", "asset_class"), CELLS)
def test_every_entry_has_steps_an_order_can_stand_on(broker: str, asset_class: AssetClass) -> None:
    for entry in book.pages()[broker, asset_class].entries.values():
        found = entry.instrument
        assert found.tick > 0
        assert found.lot > 0
        assert found.contract_size > 0
        assert found.minimum_notional >= 0
        assert found.minimum_quantity >= found.lot
        assert found.minimum_quantity % found.lot == 0


@pytest.mark.parametrize(("broker", "asset_class"), CELLS)
def test_no_name_means_two_instruments(broker: str, asset_class: AssetClass) -> None:
    import tomllib

    from trader_cli.domain.symbols import symbol_key

    table = tomllib.loads(book.BOOK.read_text(encoding="utf-8"))[broker][asset_class]
    names = [name for symbol, each in table["instruments"].items() for name in (symbol, *each.get("also", ()))]
    keys = [symbol_key(name) for name in names]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("spelling", ["BTCUSD", "BTC/USD", "BTC-USD", "BTC_USD", "btcusd", "btc/usd", "XBT/USD"])
def test_a_symbol_is_known_in_every_usual_spelling(spelling: str) -> None:
    found = book.instrument("kraken", CRYPTO, spelling)
    assert found.known
    assert found.lot == Decimal("0.00000001")
    assert found.symbol == spelling, "results name the symbol as the user wrote it"


@pytest.mark.parametrize("spelling", ["BTC_USD_PERP", "BTC-USD-PERP", "BTC/USDT:USDT", "BTC-USDT-SWAP"])
def test_a_perpetual_is_known_by_the_users_name_and_by_the_venues(spelling: str) -> None:
    assert book.instrument("okx", FUTURES, spelling).contract_size == Decimal("0.01")


@pytest.mark.parametrize("inverse", ["BTC-USD-SWAP", "BTC/USD:BTC", "BTC-PERPETUAL"])
@pytest.mark.parametrize("broker", ["bybit", "binance", "okx", "kraken", "deribit"])
def test_an_inverse_contract_is_never_taken_for_the_linear_one(broker: str, inverse: str) -> None:
    assert not book.instrument(broker, FUTURES, inverse).known


@pytest.mark.parametrize(("asset_class", "lot"), [(CRYPTO, "1e-8"), (FUTURES, "1e-8"), (STOCKS, "1"), (ETF, "1")])
def test_an_unknown_symbol_gets_the_contracts_figures(asset_class: AssetClass, lot: str) -> None:
    for broker in ("alpaca", "bybit", "no_such_broker"):
        found = book.instrument(broker, asset_class, "NOSUCH")
        assert not found.known
        assert (found.lot, found.minimum_quantity) == (Decimal(lot), Decimal(lot))
        assert found.minimum_notional == 10
        assert found.contract_size == 1
        assert book.instrument_source(broker, asset_class, "NOSUCH") is None


def test_fractional_shares_are_parts_of_a_share_and_of_nothing_else() -> None:
    assert book.instrument("alpaca", STOCKS, "AAPL", fractional=True).lot == Decimal("1e-9")
    assert book.instrument("alpaca", ETF, "NOSUCH", fractional=True).minimum_quantity == Decimal("1e-9")
    assert book.instrument("alpaca", STOCKS, "AAPL", fractional=True).minimum_notional == 1
    assert book.instrument("bybit", CRYPTO, "BTCUSDT", fractional=True).lot == Decimal("0.000001")
    assert book.instrument("alpaca", STOCKS, "AAPL").lot == 1


def test_a_broker_without_a_tier_costs_what_the_variant_file_says_by_default() -> None:
    tier = book.fee_tier("no_such_broker", CRYPTO)
    assert (tier.taker, tier.maker, tier.date) == (0.001, 0.001, None)


def test_the_page_of_the_book_prints_every_figure(root: Path) -> None:
    page = (root / "docs" / "instrument-book.md").read_text(encoding="utf-8")
    missing = [line for line in book_lines() if line not in page]
    assert not missing, "docs/instrument-book.md lacks these lines:\n" + "\n".join(missing)


def book_lines() -> list[str]:
    """The rows of the tables in docs/instrument-book.md."""
    rows = []
    for (broker, asset_class), page in book.pages().items():
        tier = page.fees
        fees = f"{tier.taker * 100:.4g} %", f"{tier.maker * 100:.4g} %"
        rows.append(f"| {broker} | {asset_class.value} | {' | '.join(fees)} | {tier.source} | {tier.date} |")
        for symbol in page.symbols:
            found, source = (
                book.instrument(broker, asset_class, symbol),
                book.instrument_source(broker, asset_class, symbol),
            )
            steps = (found.tick, found.lot, found.minimum_quantity, found.minimum_notional, found.contract_size)
            assert source is not None
            figures = " | ".join(f"{step:f}" for step in steps)
            rows.append(f"| {broker} | {symbol} | {figures} | {source.date} |")
    return rows


def test_reading_the_book_imports_nothing_heavy() -> None:
    code = (
        "import sys; from trader_cli.data import book; book.pages();"
        "print(sorted({'numpy', 'pandas', 'pyarrow', 'ccxt', 'pydantic', 'importlib.resources'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
