"""The trading loop against a literal reading of DESIGN section 3, with no kernel between the two."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given, settings

from tests.backtest.literal import assert_same
from tests.backtest.markets import EXAMPLES, Case, Script, cases
from tests.backtest.test_reference import run_reference
from trader_cli.app.rehearsal import Rehearsal
from trader_cli.backtest.kernel import Outcome
from trader_cli.domain.clock import to_nanoseconds
from trader_cli.domain.order import Purpose
from trader_cli.rules import codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from trader_cli.domain.order import Order
    from trader_cli.domain.position import Position
    from trader_cli.domain.record import CycleRecord
    from trader_cli.domain.trade import Trade

    type RowAt = Callable[[str, datetime | int], tuple[int, int]]


@given(cases())
@settings(max_examples=EXAMPLES)
def test_the_trading_loop_and_the_literal_reference_agree_on_every_field(case: Case) -> None:
    assert_same(run_loop(case), run_reference(case))


def run_loop(case: Case) -> Outcome:
    """What a session does with a case, in the columns of the kernel."""
    rehearsal = Rehearsal(case.markets, Script(warmup=case.warmup), case.terms, start=case.start)
    told: list[CycleRecord] = []
    asyncio.run(rehearsal.run(observe=told.append))
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
        positions=_table([_position(held, row_at) for held in rehearsal.session.ledger.positions.values()], 7),
        pending=_table([_order(order, row_at) for order in rehearsal.session.pending()], 5),
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
