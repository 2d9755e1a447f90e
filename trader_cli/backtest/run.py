"""One backtest of one account: signals over whole series, the kernel over the signals, figures over the trades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trader_cli.backtest.kernel import simulate
from trader_cli.backtest.result import judged
from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.trade import OpenPosition, PendingOrder, Side, Trade
from trader_cli.risk import losses
from trader_cli.rules import account, codes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trader_cli.backtest.kernel import Outcome
    from trader_cli.backtest.result import Result
    from trader_cli.domain.market import Market
    from trader_cli.domain.trade import Halt
    from trader_cli.rules.numbers import Numbers
    from trader_cli.rules.terms import Terms
    from trader_cli.strategies.base import Strategy

SIDES = {Side.LONG.sign: Side.LONG, Side.SHORT.sign: Side.SHORT}


def backtest(markets: Sequence[Market], strategy: Strategy[Any], terms: Terms, *, start: int | None = None) -> Result:
    """Trades the symbols of one account as DESIGN section 3 says; all have the same timeframe and trading hours.

    `start` (ns since 1970 UTC) is the first time that may decide and the first that is judged; earlier bars warm up.
    """
    bars, numbers = markets[0].bars, terms.numbers()
    signals = [strategy.signals(market.bars) for market in markets]
    warmup = strategy.warmup(bars.timeframe, bars.hours)
    outcome = simulate(markets, signals, numbers, terms.grids(), start=start, warmup=warmup)
    positions = outcome.positions.tolist()
    return judged(
        strategy=strategy,
        timeframe=bars.timeframe,
        hours=bars.hours,
        symbols=[market.symbol for market in markets],
        starting_balance=numbers.starting_balance,
        times=outcome.times,
        sessions=outcome.sessions,
        equity=outcome.equity,
        exposure_sum=outcome.exposure_sum,
        ambiguous_bars=outcome.ambiguous_bars,
        trades=[_trade(markets, row) for row in outcome.trades.tolist()],
        open_positions=[_open_position(markets, row) for row in positions],
        open_fees=[row[5] for row in positions],
        open_funding=[row[6] for row in positions],
        pending=[_pending(markets, row) for row in outcome.pending.tolist()],
        halts=_halts(outcome, numbers),
        refusals=dict(zip(codes.REFUSALS, outcome.refusals.tolist(), strict=True)),
    )


def _time(market: Market, row: float) -> datetime:
    return from_nanoseconds(market.bars.open_time[int(row)])


def _trade(markets: Sequence[Market], row: list[float]) -> Trade:
    symbol, sign, entry_row, exit_row, quantity, entry_price, exit_price, fees, funding, code = row
    market, side = markets[int(symbol)], int(sign)
    pnl = account.profit(side, quantity, entry_price, exit_price, fees, funding)
    return Trade(
        symbol=market.symbol,
        side=SIDES[side],
        quantity=quantity,
        entry_time=_time(market, entry_row),
        entry_price=entry_price,
        exit_time=_time(market, exit_row),
        exit_price=exit_price,
        exit_reason=codes.EXIT_REASONS[int(code)],
        fees=fees,
        funding=funding,
        pnl=pnl,
        return_fraction=pnl / account.notional(quantity, entry_price),
    )


def _open_position(markets: Sequence[Market], row: list[float]) -> OpenPosition:
    """What is still held, marked at its symbol's last close."""
    symbol, sign, entry_row, quantity, entry_price, _, _ = row
    market, side = markets[int(symbol)], int(sign)
    mark = float(market.bars.close[-1])
    return OpenPosition(
        symbol=market.symbol,
        side=SIDES[side],
        quantity=quantity,
        entry_time=_time(market, entry_row),
        entry_price=entry_price,
        mark=mark,
        unrealized_pnl=account.gain(side, quantity, entry_price, mark),
    )


def _pending(markets: Sequence[Market], row: list[float]) -> PendingOrder:
    symbol, sign, quantity, code, decided = row
    market = markets[int(symbol)]
    purpose, reason = ("exit", str(codes.EXIT_REASONS[int(code)])) if code else ("entry", "signal")
    return PendingOrder(market.symbol, SIDES[int(sign)], purpose, quantity, _time(market, decided), reason)


def _halts(outcome: Outcome, numbers: Numbers) -> list[Halt]:
    return [
        losses.halt(numbers, code, int(outcome.times[step]), float(outcome.equity[step]))
        for step, code in outcome.halts.tolist()
    ]
