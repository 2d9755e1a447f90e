"""One backtest of one symbol: signals over the whole series, the kernel over the signals, figures over the trades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trader_cli.backtest.kernel import simulate
from trader_cli.backtest.result import Period, Result
from trader_cli.domain.clock import from_nanoseconds, iso
from trader_cli.domain.risk import Sizing
from trader_cli.domain.trade import Halt, OpenPosition, PendingOrder, Side, Trade
from trader_cli.metrics import performance
from trader_cli.rules import account, codes
from trader_cli.rules.numbers import Numbers

if TYPE_CHECKING:
    from trader_cli.backtest.kernel import Outcome
    from trader_cli.domain.bars import Bars
    from trader_cli.domain.instrument import Instrument
    from trader_cli.domain.risk import Costs, RiskSettings
    from trader_cli.strategies.base import Strategy


@dataclass(frozen=True, slots=True)
class Terms:
    """What an account may do and what it pays."""

    starting_balance: float
    risk: RiskSettings
    costs: Costs
    instrument: Instrument

    def numbers(self) -> Numbers:
        """The same in the form the rules take."""
        return Numbers(
            starting_balance=float(self.starting_balance),
            sizes_by_risk=self.risk.sizing is Sizing.RISK,
            risk_per_trade=float(self.risk.risk_per_trade),
            max_position_size=float(self.risk.max_position_size),
            max_total_exposure=float(self.risk.max_total_exposure),
            take_profit=float(self.risk.take_profit),
            stop_loss=float(self.risk.stop_loss),
            trailing_stop=float(self.risk.trailing_stop),
            max_daily_loss=float(self.risk.max_daily_loss),
            max_drawdown=float(self.risk.max_drawdown),
            cooldown_bars=self.risk.cooldown_bars,
            max_holding_bars=self.risk.max_holding_bars,
            taker_fee=float(self.costs.taker_fee),
            maker_fee=float(self.costs.maker_fee),
            slippage=float(self.costs.slippage),
            lot=float(self.instrument.lot),
            minimum_quantity=float(self.instrument.minimum_quantity),
            minimum_notional=float(self.instrument.minimum_notional),
        )


def backtest(bars: Bars, strategy: Strategy[Any], terms: Terms, *, start: int | None = None) -> Result:
    """Trades one symbol's bars as DESIGN section 3 says.

    `start` (ns since 1970 UTC) is the first bar that may decide and the first that is judged; earlier bars warm up.
    """
    first_bar = 0 if start is None else int(np.searchsorted(bars.open_time, start))
    warmup = strategy.warmup(bars.timeframe, bars.hours)
    signals = strategy.signals(bars)
    numbers = terms.numbers()
    outcome = simulate(bars, signals, numbers, first_bar=first_bar, first_decision=warmup)
    judged = bars.slice(first_bar, len(bars))
    equity = outcome.equity[first_bar:]
    trades = _trades(bars, outcome)
    positions, entry_fee = _open_positions(bars, outcome)
    metrics = performance.measure(
        equity=equity,
        session=judged.session,
        start=numbers.starting_balance,
        per_year=bars.hours.days_per_year,
        profits=np.array([trade.pnl for trade in trades], dtype=np.float64),
        fees=float(np.sum(outcome.trades[:, 5])) + entry_fee,
        funding=0.0,
        exposure=outcome.exposure_sum / len(judged) if len(judged) else 0.0,
        ambiguous_bars=outcome.ambiguous_bars,
    )
    return Result(
        timeframe=bars.timeframe,
        warmup_bars=warmup,
        window_bars=strategy.window(bars.timeframe, bars.hours),
        period=_period(judged),
        symbols=(bars.symbol,),
        metrics=metrics,
        trades=trades,
        open_positions=positions,
        pending_at_end=_pending(bars, outcome),
        halts=_halts(bars, outcome, terms),
        refusals={name: int(n) for name, n in zip(codes.REFUSALS, outcome.refusals, strict=True) if n},
        warnings=(),
        equity=equity,
    )


def _period(bars: Bars) -> Period:
    if not len(bars):
        return Period(None, None, 0)
    return Period(from_nanoseconds(bars.open_time[0]), from_nanoseconds(bars.open_time[-1]), len(bars))


def _trades(bars: Bars, outcome: Outcome) -> tuple[Trade, ...]:
    rows = outcome.trades.tolist()
    return tuple(_trade(bars, row) for row in rows)


def _trade(bars: Bars, row: list[float]) -> Trade:
    entry_bar, exit_bar, quantity, entry_price, exit_price, fees, code = row
    pnl = account.profit(Side.LONG.sign, quantity, entry_price, exit_price, fees)
    return Trade(
        symbol=bars.symbol,
        side=Side.LONG,
        quantity=quantity,
        entry_time=from_nanoseconds(bars.open_time[int(entry_bar)]),
        entry_price=entry_price,
        exit_time=from_nanoseconds(bars.open_time[int(exit_bar)]),
        exit_price=exit_price,
        exit_reason=codes.EXIT_REASONS[int(code)],
        fees=fees,
        funding=0.0,
        pnl=pnl,
        return_fraction=pnl / account.notional(quantity, entry_price),
    )


def _open_positions(bars: Bars, outcome: Outcome) -> tuple[tuple[OpenPosition, ...], float]:
    """What is still held at the last close, and the entry fee it paid."""
    entry_bar, quantity, entry_price, entry_fee = outcome.position
    if quantity == 0.0:
        return (), 0.0
    mark = float(bars.close[-1])
    position = OpenPosition(
        symbol=bars.symbol,
        side=Side.LONG,
        quantity=quantity,
        entry_time=from_nanoseconds(bars.open_time[entry_bar]),
        entry_price=entry_price,
        mark=mark,
        unrealized_pnl=account.profit(Side.LONG.sign, quantity, entry_price, mark, 0.0),
    )
    return (position,), entry_fee


def _pending(bars: Bars, outcome: Outcome) -> tuple[PendingOrder, ...]:
    buying, leaving = outcome.pending
    if not buying and not leaving:
        return ()
    time = from_nanoseconds(bars.open_time[-1])
    if leaving:
        reason = str(codes.EXIT_REASONS[leaving])
        return (PendingOrder(bars.symbol, Side.LONG, "exit", outcome.position[1], time, reason),)
    return (PendingOrder(bars.symbol, Side.LONG, "entry", buying, time, "signal"),)


def _halts(bars: Bars, outcome: Outcome, terms: Terms) -> tuple[Halt, ...]:
    limits = {codes.MAX_DAILY_LOSS: terms.risk.max_daily_loss, codes.MAX_DRAWDOWN: terms.risk.max_drawdown}
    until = {codes.MAX_DAILY_LOSS: "the next day", codes.MAX_DRAWDOWN: "the end"}
    halts = []
    for bar, code in outcome.halts.tolist():
        time = from_nanoseconds(bars.open_time[bar])
        detail = f"equity {outcome.equity[bar]:.2f} at the close of {iso(time)} reached the limit of {limits[code]:g}"
        halts.append(Halt(time, codes.REFUSALS[code], f"{detail}; no entries until {until[code]}"))
    return tuple(halts)
