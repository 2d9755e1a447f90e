"""What drivers of all kinds share around the trading itself: where judging begins, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.domain.clock import to_nanoseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.app.markets import Span
    from trader_cli.backtest.result import Result
    from trader_cli.domain.market import Market
    from trader_cli.domain.order import Order
    from trader_cli.domain.trade import PendingOrder
    from trader_cli.engine.session import Session
    from trader_cli.journal.memory import MemoryJournal


def start_of(span: Span) -> int | None:
    """When the first judged bar opens, at the earliest (ns); None: with the first there is."""
    return None if span.start is None else to_nanoseconds(span.start)


def too_short(markets: Sequence[Market], warmup: int) -> tuple[str, ...]:
    """A line for each symbol with too few bars for any signal."""
    return tuple(
        f"{market.symbol}: {len(market.bars)} bars are no more than the warm-up of {warmup}: no signal was possible"
        for market in markets
        if len(market.bars) <= warmup
    )


def result_of(session: Session, told: MemoryJournal, starting_balance: float) -> Result:
    """What a session has made of the cycles that were told, having begun them with this equity."""
    from trader_cli.backtest.result import judged

    desk, positions = session.desk, session.books.ledger.positions.values()
    return judged(
        strategy=desk.strategy,
        timeframe=desk.timeframe,
        hours=desk.hours,
        symbols=desk.symbols,
        starting_balance=starting_balance,
        times=told.times,
        sessions=told.sessions,
        equity=told.equity,
        exposure_sum=told.exposure,
        ambiguous_bars=told.ambiguous_bars,
        trades=told.trades,
        open_positions=session.books.ledger.held(),
        open_fees=[position.entry_fee for position in positions],
        open_funding=[position.funding for position in positions],
        pending=[_pending(order) for order in session.books.outstanding.all()],
        halts=told.halts,
        refusals=told.refusals,
    )


def _pending(order: Order) -> PendingOrder:
    from trader_cli.domain.trade import PendingOrder

    quantity = float(order.quantity)
    return PendingOrder(order.symbol, order.side, str(order.purpose), quantity, order.decided_at, order.reason)
