"""What people see of a session is what came of it: snapshots and events against the result, on any market."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from tests.backtest.markets import EXAMPLES, Case, Script, cases
from trader_cli.app.rehearsal import Rehearsal
from trader_cli.domain.clock import EPOCH, to_nanoseconds
from trader_cli.domain.event import EventKind
from trader_cli.domain.trade import Side
from trader_cli.engine.view import KEPT, Title, View
from trader_cli.engine.witness import Witness

if TYPE_CHECKING:
    from trader_cli.domain.record import CycleRecord
    from trader_cli.engine.snapshot import HeldPosition, Snapshot

TITLE = Title("scripted", "kraken", "script", "paper", "crypto", "made markets")


def watched(case: Case) -> tuple[Rehearsal, list[CycleRecord], Snapshot]:
    """A session over a case: itself, what each cycle left, and the last picture of it."""
    rehearsal = Rehearsal(case.markets, Script(warmup=case.warmup), case.terms, start=case.start)
    view = View(TITLE, rehearsal.session)
    records: list[CycleRecord] = []

    class Watching(Witness):
        def cycle(self, record: CycleRecord) -> None:
            records.append(record)
            view.watch(record)

    asyncio.run(rehearsal.run(witness=Watching()))
    return rehearsal, records, view.snapshot(EPOCH)


@given(cases())
@settings(max_examples=EXAMPLES // 2)
def test_a_snapshot_shows_what_the_result_says(case: Case) -> None:
    rehearsal, records, seen = watched(case)
    result = rehearsal.result()
    profits = [trade.pnl for trade in result.trades]
    assert (seen.cycle, seen.trade_count, seen.wins) == (len(records), len(profits), sum(pnl > 0 for pnl in profits))
    assert seen.realized_pnl == pytest.approx(sum(profits), abs=1e-9)
    assert (seen.trades, seen.halts) == (result.trades[-KEPT:], result.halts[-KEPT:])
    refused = [refusal.code for record in records for refusal in record.refusals]
    assert [refusal.code for refusal in seen.refusals] == refused[-KEPT:]
    assert Counter(refused) == Counter(result.refusals)
    assert seen.equity == (result.equity[-1] if records else case.terms.starting_balance)
    assert seen.day_pnl == pytest.approx(seen.equity - _opening(case, records), abs=1e-9)
    assert seen.exposure == pytest.approx(sum(held.quantity * held.mark for held in result.open_positions))
    assert [(order.symbol, order.purpose, order.reason) for order in seen.pending] == [
        (order.symbol, order.purpose, order.reason) for order in result.pending_at_end
    ]
    for shown, held in zip(seen.positions, result.open_positions, strict=True):
        assert (shown.symbol, shown.side, shown.quantity) == (held.symbol, held.side, held.quantity)
        assert (shown.mark, shown.unrealized_pnl) == (held.mark, held.unrealized_pnl)
        _check_levels(case, shown)


def _opening(case: Case, records: list[CycleRecord]) -> float:
    """The equity before the first cycle of the last day."""
    before = [record.equity for record in records if record.session != records[-1].session]
    return before[-1] if before else case.terms.starting_balance


def _check_levels(case: Case, shown: HeldPosition) -> None:
    """How long it is held, and the tighter of its fixed and its trailing stop, from the bars since its entry."""
    bars = next(market.bars for market in case.markets if market.symbol == shown.symbol)
    since = bars.open_time >= to_nanoseconds(shown.opened_at)
    assert shown.bars_held == since.sum()
    sign, risk = shown.side.sign, case.terms.risk
    best = max(shown.entry_price, *bars.high[since]) if shown.side is Side.LONG else bars.low[since].min()
    best = min(best, shown.entry_price) if shown.side is Side.SHORT else best
    fixed = shown.entry_price * (1 - sign * risk.stop_loss)
    trailing = best * (1 - sign * risk.trailing_stop) if risk.trailing_stop else fixed
    assert shown.stop == pytest.approx(sign * max(sign * fixed, sign * trailing))
    assert shown.target == pytest.approx(shown.entry_price * (1 + sign * risk.take_profit))


@given(cases())
@settings(max_examples=EXAMPLES // 4)
def test_a_gauge_is_tripped_when_its_limit_refuses_entries(case: Case) -> None:
    rehearsal, records, seen = watched(case)
    gauges = {gauge.name: gauge for gauge in seen.gauges}
    risk, losses = case.terms.risk, rehearsal.session.books.losses
    assert ("daily loss" in gauges, "drawdown" in gauges) == (risk.max_daily_loss < 1, risk.max_drawdown < 1)
    if "drawdown" in gauges:
        peak = max([case.terms.starting_balance, *(record.equity for record in records)])
        assert gauges["drawdown"].used == pytest.approx(1 - seen.equity / peak, abs=1e-12)
        assert gauges["drawdown"].tripped == losses.drawn_down == any(h.reason == "max_drawdown" for h in seen.halts)
    if "daily loss" in gauges:
        assert gauges["daily loss"].used == pytest.approx(max(0.0, -seen.day_pnl / (seen.equity - seen.day_pnl)))
        assert gauges["daily loss"].tripped == losses.day_lost
    assert gauges["positions"].used == len(seen.positions)
    assert gauges["positions"].tripped == (len(seen.positions) >= risk.max_concurrent_positions)
    assert gauges["exposure"].used == seen.exposure


@given(cases())
@settings(max_examples=EXAMPLES // 4)
def test_the_events_of_a_session_add_up(case: Case) -> None:
    rehearsal, records, _ = watched(case)
    result = rehearsal.result()
    told = [event for record in records for event in record.events]
    count = Counter(event.kind for event in told)
    held, waiting = len(result.open_positions), len(result.pending_at_end)
    assert count[EventKind.CYCLE] == len(records)
    assert count[EventKind.POSITION_CLOSED] == len(result.trades)
    assert count[EventKind.POSITION_OPENED] == len(result.trades) + held
    assert count[EventKind.FILL] == 2 * len(result.trades) + held
    assert count[EventKind.REFUSAL] == sum(result.refusals.values())
    assert count[EventKind.HALT] == len(result.halts)
    unordered = {"stop_loss", "take_profit", "trailing_stop", "liquidation"}
    by_order = [e for e in told if e.kind is EventKind.FILL and e.details["reason"] not in unordered]
    assert count[EventKind.ORDER] == len(by_order) + waiting + result.refusals.get("insufficient_funds", 0)
    equity = [event.details["equity"] for event in told if event.kind is EventKind.CYCLE]
    assert equity == result.equity.tolist()
    assert [event.time for event in told] == sorted(event.time for event in told)
