"""Funding rates as venues tell them: the hour's own, and each span of time whole."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from trader_cli.brokers.base import RATES_HOURS, Access
from trader_cli.brokers.bybit import Bybit
from trader_cli.brokers.deribit import Deribit
from trader_cli.brokers.listing import Listed, Listing
from trader_cli.brokers.okx import Okx
from trader_cli.data.catalog import Kind
from trader_cli.domain.instrument import AssetClass, Instrument
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from trader_cli.brokers.ccxt_family import CcxtBroker

START_MS = 1_569_888_000_000  # 2019-10-01T00:00:00Z
HOUR_MS = 3_600_000


class Client:
    """Answers with one settlement an hour after it was asked for, and remembers how it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def set_markets(self, markets: list[dict[str, Any]]) -> None:
        """Takes what it is told."""

    async def fetch_funding_rate_history(
        self, symbol: str, since: int, limit: int | None, params: dict[str, Any]
    ) -> list[dict[str, Any]]:
        self.asked.append(params)
        # Deribit's own example of an hour: https://docs.deribit.com/#public-get_funding_rate_history
        hour = {"interest_8h": -0.00009234260068476106, "interest_1h": -4.739622041017375e-7}
        return [{"timestamp": since + HOUR_MS, "fundingRate": hour["interest_8h"], "info": hour}]


def asked(venue: type[CcxtBroker]) -> tuple[list[float], dict[str, Any]]:
    """The rates that a venue tells from `START_MS` on, and what bounded the question."""
    step = Decimal("0.1")
    market = Listed(Instrument("BTC/USDC:USDC", step, step, step, step), (), "", {})
    broker, client = venue(Access(AssetClass.FUTURES, TradingHours.CONTINUOUS)), Client()
    broker.connection._client, broker._markets._listing = client, Listing(venue.name, AssetClass.FUTURES, [market])
    page = asyncio.run(broker.page("BTC_USDC-PERPETUAL", Timeframe.H1, START_MS * 1_000_000, Kind.FUNDING))
    assert page.open_time.tolist() == [(START_MS + HOUR_MS) * 1_000_000]
    return page.values[0].tolist(), client.asked[0]


def test_deribits_hour_costs_the_hours_rate_and_not_that_of_eight() -> None:
    rates, _ = asked(Deribit)
    assert rates == [-4.739622041017375e-7]


@pytest.mark.parametrize(("venue", "bound"), [(Bybit, "until"), (Okx, "after")])
def test_a_venue_that_would_tell_the_latest_rates_is_asked_for_the_oldest(venue: type[CcxtBroker], bound: str) -> None:
    _, params = asked(venue)
    assert params == {bound: START_MS + RATES_HOURS * HOUR_MS - 1}
