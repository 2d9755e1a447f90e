"""The books of one account: cash, positions and marks, moved by fills and funding alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.order import Purpose
from trader_cli.domain.position import Position
from trader_cli.domain.report import Fill, FundingPaid
from trader_cli.domain.trade import OpenPosition, Trade
from trader_cli.rules import account, codes, fills

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trader_cli.domain.state import SessionState
    from trader_cli.rules.numbers import Numbers


class Ledger:
    """Sums are always taken in the order of the symbols, so that the same fills give the same last digit (law P4)."""

    def __init__(self, numbers: Numbers, symbols: Iterable[str]) -> None:
        self._numbers = numbers
        self._rank = {symbol: rank for rank, symbol in enumerate(symbols)}
        self.cash = numbers.starting_balance
        self.positions: dict[str, Position] = {}
        self.marks: dict[str, float] = {}

    def is_overdrawn_by(self, fill: Fill) -> bool:
        """Whether there is too little cash for an entry."""
        return account.is_overdrawn(self._cash_after_entry(fill), self.cash)

    def open(self, fill: Fill) -> Position:
        """Books an entry; its levels hang on the price it got."""
        numbers, side = self._numbers, fill.side.sign
        self.cash = self._cash_after_entry(fill)
        levels = fills.protective_levels(numbers, side, fill.price)
        position = Position(
            symbol=fill.symbol,
            side=fill.side,
            quantity=fill.quantity,
            entry_time=fill.time,
            entry_price=fill.price,
            entry_fee=fill.fee,
            stop=levels.stop,
            target=levels.target,
            liquidation=levels.liquidation,
            best_price=fill.price,
        )
        self._put(position)
        return position

    def close(self, fill: Fill) -> Trade:
        """Books an exit; what the position has brought."""
        position = self.positions.pop(fill.symbol)
        side, quantity = position.side.sign, position.quantity
        self.cash = account.cash_after_exit(
            self.cash, side, quantity, position.entry_price, fill.price, fill.fee, self._numbers.leverage
        )
        fees = position.entry_fee + fill.fee
        pnl = account.profit(side, quantity, position.entry_price, fill.price, fees, position.funding)
        return Trade(
            symbol=position.symbol,
            side=position.side,
            quantity=quantity,
            entry_time=from_nanoseconds(position.entry_time),
            entry_price=position.entry_price,
            exit_time=from_nanoseconds(fill.time),
            exit_price=fill.price,
            exit_reason=codes.EXIT_REASONS[fill.reason],
            fees=fees,
            funding=position.funding,
            pnl=pnl,
            return_fraction=pnl / account.notional(quantity, position.entry_price),
        )

    def book(self, report: Fill | FundingPaid) -> None:
        """Books what has happened, whatever it is."""
        if isinstance(report, FundingPaid):
            self.pay(report)
        elif report.purpose is Purpose.ENTRY:
            self.open(report)
        else:
            self.close(report)

    def resume(self, booked: Iterable[Fill | FundingPaid], state: SessionState) -> None:
        """Brings new books to where others ended: the same fills give the same digits.

        Levels are as they were set at the fill, whatever the settings say by now.
        """
        for report in booked:
            self.book(report)
        self.marks = dict(state.marks)
        for symbol, best in state.best_prices.items():
            position = self.positions[symbol]
            stop, target = state.levels.get(symbol, (position.stop, position.target))
            self.positions[symbol] = replace(position, best_price=best, stop=stop, target=target)

    def pay(self, payment: FundingPaid) -> None:
        """Books a funding payment."""
        position = self.positions[payment.symbol]
        self.cash -= payment.amount
        self.positions[payment.symbol] = replace(position, funding=position.funding + payment.amount)

    def see(self, symbol: str, high: float, low: float, close: float) -> None:
        """Takes note of a closed bar: the mark, and the best price a trailing stop follows."""
        self.marks[symbol] = close
        position = self.positions.get(symbol)
        if position is not None and self._numbers.trailing_stop:
            side = position.side.sign
            best = fills.better_price(side, position.best_price, high if side > 0 else low)
            self.positions[symbol] = replace(position, best_price=best)

    def equity(self, marks: Mapping[str, float] | None = None) -> float:
        """Cash and what every position is worth at its mark, or at these."""
        marks, total = self.marks if marks is None else marks, self.cash
        for symbol, position in self.positions.items():
            total += self.value(position, marks[symbol])
        return total

    def value(self, position: Position, price: float) -> float:
        """What a position adds to the equity at a price."""
        side = position.side.sign
        return account.value(side, position.quantity, position.entry_price, price, self._numbers.leverage)

    def gross_notional(self) -> float:
        """The notional of all positions at their marks, both sides added."""
        total = 0.0
        for symbol, position in self.positions.items():
            total += account.notional(position.quantity, self.marks[symbol])
        return total

    def held(self) -> Sequence[OpenPosition]:
        """The positions at their marks, in the order of the symbols."""
        return tuple(self._open_position(position) for position in self.positions.values())

    def _open_position(self, position: Position) -> OpenPosition:
        mark = self.marks[position.symbol]
        return OpenPosition(
            symbol=position.symbol,
            side=position.side,
            quantity=position.quantity,
            entry_time=from_nanoseconds(position.entry_time),
            entry_price=position.entry_price,
            mark=mark,
            unrealized_pnl=account.gain(position.side.sign, position.quantity, position.entry_price, mark),
        )

    def _put(self, position: Position) -> None:
        self.positions[position.symbol] = position
        ordered = sorted(self.positions, key=self._rank.__getitem__)
        self.positions = {symbol: self.positions[symbol] for symbol in ordered}

    def _cash_after_entry(self, fill: Fill) -> float:
        return account.cash_after_entry(self.cash, fill.quantity, fill.price, fill.fee, self._numbers.leverage)
