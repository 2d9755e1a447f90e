"""Every paper cell trades on its venue: entries, protection and exits, trade for trade those of the backtest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.parity.scenes import STRATEGIES
from tests.readers.cases import CASES, HISTORY, Case
from tests.readers.reading import VenueTime, bars_of, is_contract, marks_of, reading
from tests.venues.core.clock import HOUR
from trader_cli.app.journaling import opened_journal, paper_record
from trader_cli.app.markets import terms_of
from trader_cli.app.onlooking import Nobody
from trader_cli.app.paper import Paper
from trader_cli.backtest.run import backtest
from trader_cli.brokers.rates import Budget
from trader_cli.data.funding import Settlements, funding_due
from trader_cli.domain.market import Market
from trader_cli.feeds.sharing import SharedMarket
from trader_cli.registry import STRATEGIES as SHIPPED
from trader_cli.registry import broker_class
from trader_cli.variant.loading import load_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.readers.reading import AtVenue
    from trader_cli.backtest.result import Result
    from trader_cli.domain.instrument import Instrument
    from trader_cli.variant.model import Variant

CYCLES = 60
RISK: Mapping[str, Any] = {
    "max_position_size": 2_500,
    "risk_per_trade": 0.004,
    "stop_loss": 0.006,
    "take_profit": 0.008,
    "max_daily_loss": 1.0,
    "max_drawdown": 1.0,
}
"""Levels near enough to be met within the hour."""

PARAMS = {**STRATEGIES, "momentum": {**STRATEGIES["momentum"], "threshold_buy": 0.3, "threshold_sell": -0.3}}


def variant_of(case: Case, strategy: str, url: str) -> Variant:
    return load_mapping(
        {
            "trader_name": "cell",
            "variants": {"broker": case.broker, "strategy": strategy, "mode": "paper", "asset_class": case.asset_class},
            "strategy_config": {strategy: dict(PARAMS[strategy])},
            "trading_symbols": {case.asset_class.value: [case.symbol]},
            "risk_settings": dict(RISK),
            "broker_config": {"endpoint": url},
            "session": {"timeframe": "1m", "poll_seconds": 3600},
        },
        environment={},
    ).variant


def traded(case: Case, strategy: str) -> tuple[Variant, Result, AtVenue, tuple[Instrument, ...] | None]:
    """A session of so many closes on the venue, journal and all."""
    with reading(case) as at:
        variant = variant_of(case, strategy, at.venue.url)

        async def run() -> tuple[Result, tuple[Instrument, ...] | None]:
            clock = VenueTime(at)
            market = SharedMarket(at.broker, clock, variant.hours)
            try:
                listing = await at.broker.listing()
                known = None if listing is None else (listing.find(case.symbol).called(case.symbol),)
                with opened_journal() as journal, paper_record(journal, variant, anew=False) as record:
                    paper = Paper(variant, market, clock, record, None, known)
                    return await paper.run(Nobody(), CYCLES), known
            finally:
                await market.close()

        result, instruments = asyncio.run(run())
    return variant, result, at, instruments


def past_of(case: Case, at: AtVenue) -> Market:
    """All that the venue showed, as a backtest takes it."""
    shown = broker_class(case.broker).capabilities(case.asset_class)
    assert shown is not None
    bars = bars_of(case, 0, HISTORY + CYCLES - 1)
    if not is_contract(case):
        return Market(bars)
    marks = marks_of(case, 0, HISTORY + CYCLES - 1)
    settled = at.exchange.funding[case.market.key]
    times, rates = np.array([time for time, _ in settled]), np.array([float(rate) for _, rate in settled])
    settlements = Settlements(times, rates, 8 * HOUR)
    known = marks if shown.has_marks else None
    return Market(bars, known, funding_due(bars, () if known is None else (known,), settlements))


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour passes in seconds here: what may be asked in an hour is asked at once."""

    async def take(budget: Budget, tokens: float = 1.0, *, is_exit: bool = False) -> None:
        assert tokens > 0

    monkeypatch.setattr(Budget, "take", take)


@pytest.mark.parametrize("strategy", sorted(SHIPPED))
def test_a_cell_trades_on_its_venue_what_the_backtest_trades(case: Case, strategy: str) -> None:
    variant, slow, at, instruments = traded(case, strategy)
    terms = terms_of(variant, variant.symbols, instruments)
    begins = int(case.rows[HISTORY - 1][0])
    fast = backtest([past_of(case, at)], variant.strategy(), terms, start=begins)
    assert fast.trades
    assert slow.trades == fast.trades
    np.testing.assert_array_equal(slow.equity, fast.equity)
    assert not at.venue.ledger.writes()
    assert not case.asset_class.is_stock_like or at.venue.ledger.private()


def test_the_cells_of_each_venue_meet_stops_targets_and_signals() -> None:
    """What no cell does, none proves."""
    found = {trade.exit_reason for strategy in SHIPPED for trade in traded(CASES[0], strategy)[1].trades}
    assert {"stop_loss", "take_profit"} <= found
    assert found & {"signal", "threshold"}
