"""The trading loop against a literal reading of DESIGN section 3, with no kernel between the two."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.backtest.literal import assert_same
from tests.backtest.markets import EXAMPLES, Case, Script, bars_of, cases, market_of
from tests.backtest.test_reference import run_kernel, run_reference
from tests.parity.watching import Keeping
from trader_cli.app.rehearsal import Rehearsal
from trader_cli.backtest.kernel import Outcome
from trader_cli.domain.clock import to_nanoseconds
from trader_cli.domain.instrument import Instrument
from trader_cli.domain.order import Purpose
from trader_cli.domain.risk import Costs, RiskSettings, Sizing
from trader_cli.domain.timeframe import Timeframe
from trader_cli.rules import codes
from trader_cli.rules.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from trader_cli.domain.order import Order
    from trader_cli.domain.position import Position
    from trader_cli.domain.record import CycleRecord
    from trader_cli.domain.trade import Trade

    type RowAt = Callable[[str, datetime | int], tuple[int, int]]

STEP = Decimal("1e-8")
TERMS = Terms(
    10_000,
    RiskSettings(sizing=Sizing.FIXED),
    Costs(taker_fee=0, maker_fee=0, slippage_bps=0),
    (Instrument("TEST", tick=STEP, lot=STEP, minimum_quantity=STEP, minimum_notional=Decimal(0)),),
)


@given(cases())
@settings(max_examples=EXAMPLES)
def test_the_trading_loop_and_the_literal_reference_agree_on_every_field(case: Case) -> None:
    assert_same(run_loop(case), run_reference(case))


def run_loop(case: Case) -> Outcome:
    """What a session does with a case, in the columns of the kernel."""
    rehearsal = Rehearsal(case.markets, Script(warmup=case.warmup), case.terms, start=case.start)
    kept = Keeping()
    asyncio.run(rehearsal.run(witness=kept))
    told = kept.records
    refused = [refusal.code for record in told for refusal in record.refusals]
    places = {market.symbol: place for place, market in enumerate(case.markets)}

    def row_at(symbol: str, time: datetime | int) -> tuple[int, int]:
        place = places[symbol]
        moment = time if isinstance(time, int) else to_nanoseconds(time)
        return place, int(np.searchsorted(case.markets[place].bars.open_time, moment))

    return Outcome(
        trades=_table([_trade(trade, row_at) for record in told for trade in record.trades], 10),
        times=np.array([record.open_time for record in told]),
        sessions=np.array([record.session for record in told]),
        equity=np.array([record.equity for record in told]),
        halts=np.array(list(_halts(told)), dtype=np.int64).reshape(-1, 2),
        refusals=np.array([refused.count(code) for code in codes.REFUSALS]),
        positions=_table([_position(held, row_at) for held in rehearsal.session.books.ledger.positions.values()], 7),
        pending=_table([_order(order, row_at) for order in rehearsal.session.books.outstanding.all()], 5),
        exposure_sum=sum(record.exposure for record in told),
        ambiguous_bars=sum(record.ambiguous_bars for record in told),
    )


def _table(rows: Sequence[Sequence[Any]], width: int) -> Any:
    return np.array(rows, dtype=np.float64).reshape(-1, width)


def _trade(trade: Trade, row_at: RowAt) -> Sequence[Any]:
    place, entered = row_at(trade.symbol, trade.entry_time)
    _, left = row_at(trade.symbol, trade.exit_time)
    amounts = trade.quantity, trade.entry_price, trade.exit_price, trade.fees, trade.funding
    return place, trade.side.sign, entered, left, *amounts, codes.EXIT_CODES[trade.exit_reason]


def _position(held: Position, row_at: RowAt) -> Sequence[Any]:
    place, entered = row_at(held.symbol, held.entry_time)
    return place, held.side.sign, entered, held.quantity, held.entry_price, held.entry_fee, held.funding


def _order(order: Order, row_at: RowAt) -> Sequence[Any]:
    place, decided = row_at(order.symbol, order.decided_at)
    reasons = {str(reason): code for reason, code in codes.EXIT_CODES.items()}
    code = codes.STAY if order.purpose is Purpose.ENTRY else reasons[order.reason]
    return place, order.side.sign, float(order.quantity), code, decided


def _halts(told: Sequence[CycleRecord]) -> Iterator[tuple[int, int]]:
    for step, record in enumerate(told):
        for halt in record.halts:
            yield step, codes.REFUSALS.index(halt.reason)


@pytest.mark.parametrize("run", [run_kernel, run_reference, run_loop])
@pytest.mark.parametrize(("neighbour", "ambiguous"), [(0, 1), (1, 0), (4, 0), (5, 1)])
def test_finer_bars_decide_from_the_opening_of_their_bar_up_to_its_end_and_no_others(
    run: Callable[[Case], Any], neighbour: int, ambiguous: int
) -> None:
    """The bar from 12:00 to 16:00 reaches stop and target, one of the hours from 11:00 to 16:00 the target alone."""
    calm, both, up = (100.0, 101.0, 99.0, 100.0), (100.0, 106.0, 97.0, 100.0), (100.0, 106.0, 100.0, 100.0)
    hours = bars_of([up if hour == neighbour else calm for hour in range(6)], at=range(11, 17), timeframe=Timeframe.H1)
    market = market_of([calm, calm, both, calm], "L...", at=range(1, 5), timeframe=Timeframe.H4, detail=hours)
    found = run(Case((market,), TERMS, None, 0))
    told = found["ambiguous"] if isinstance(found, dict) else found.ambiguous_bars
    assert told == ambiguous
