"""The conformance checks can fail: each finds the strategy that breaks its law."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, override

import numpy as np
import pytest

from trader_cli import conformance
from trader_cli.backtest.run import backtest
from trader_cli.conformance import market
from trader_cli.conformance.parity import accounts, difference, market_of
from trader_cli.domain.market import Market
from trader_cli.domain.signal import Signals
from trader_cli.domain.trade import ExitReason, Side
from trader_cli.rules import codes
from trader_cli.strategies.base import Params, Strategy
from trader_cli.strategies.wishes import wishes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.domain.bars import Bars, Floats
    from trader_cli.domain.timeframe import Timeframe, TradingHours


class Sound(Strategy[Params]):
    """Buys a rise of one bar, sells a fall."""

    name: ClassVar[str] = "sound"
    summary: ClassVar[str] = "buys a rise of one bar"
    params_model: ClassVar[type[Params]] = Params

    @override
    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return 1

    @override
    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return 2

    @override
    def signals(self, bars: Bars) -> Signals:
        moves = self.moves(bars.close)
        return wishes(moves > 0, moves < 0, confidence=0.5, values={"move": moves})

    def moves(self, close: Floats) -> Floats:
        """The change from the bar before."""
        moves = np.full(len(close), np.nan)
        moves[1:] = np.diff(close)
        return moves

    @override
    def reason(self, values: Mapping[str, float]) -> str:
        return f"moved {values['move']}"


class Peeking(Sound):
    """Knows the next bar."""

    @override
    def moves(self, close: Floats) -> Floats:
        return np.append(np.diff(close), np.nan) if len(close) else close


class Averse(Sound):
    """Judges by the average of everything that came after the first bar, too: normalized over the whole series."""

    @override
    def moves(self, close: Floats) -> Floats:
        return close - close.mean() if len(close) else close


class Endless(Sound):
    """Sums over all history while it declares two bars."""

    @override
    def moves(self, close: Floats) -> Floats:
        return np.cumsum(close)


class Scribbling(Sound):
    """Writes into the bars."""

    @override
    def moves(self, close: Floats) -> Floats:
        close *= 1.0000001
        return super().moves(close)


class Counting(Sound):
    """Remembers how often it was asked."""

    asked = 0

    @override
    def moves(self, close: Floats) -> Floats:
        self.asked += 1
        return super().moves(close) + self.asked


class Tiring(Sound):
    """Has had enough after 200 questions, which no test of a few cuts asks."""

    asked = 0

    @override
    def moves(self, close: Floats) -> Floats:
        self.asked += 1
        return super().moves(close) if self.asked < 200 else np.zeros(len(close))


class Numbering(Sound):
    """Enters at no fiftieth bar of those it is shown, so that it depends on how many there are."""

    @override
    def signals(self, bars: Bars) -> Signals:
        right = super().signals(bars)
        enters = np.arange(len(bars)) % 50 != 17
        return Signals(right.entry * enters, right.exit_long, right.exit_short, right.confidence, right.values)


class Short(Sound):
    """Gives one wish fewer than there are bars."""

    @override
    def moves(self, close: Floats) -> Floats:
        return np.diff(close)


class Overconfident(Sound):
    """Confidence in percent."""

    @override
    def signals(self, bars: Bars) -> Signals:
        moves = self.moves(bars.close)
        return wishes(moves > 0, moves < 0, confidence=50, values={"move": moves})


class Hasty(Sound):
    """Has no bar to spare after its warm-up."""

    @override
    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        return 2


def test_a_sound_strategy_passes() -> None:
    conformance.check(Sound(Params()), market(1))


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (Peeking, "it sees bars after"),
        (Averse, "it sees bars after"),
        (Endless, "move is .* from its 2 bars"),
        (Scribbling, "it writes into the bars: close"),
        (Counting, "called again, it wishes otherwise"),
        (Short, r"entry has shape \(0,\) for 1 bars"),
        (Overconfident, "confidence is outside"),
        (Tiring, "law P1, .* whatever was asked before"),
        (Numbering, "law P1, .* must follow from the last `window` bars"),
        (Hasty, "warmup 2 must be under window 2"),
    ],
)
def test_each_check_finds_the_strategy_that_breaks_it(broken: type[Sound], complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        conformance.check(broken(Params()), market(1))


def test_a_wish_that_differs_while_no_value_does_is_found() -> None:
    class Moody(Sound):
        @override
        def signals(self, bars: Bars) -> Signals:
            right = super().signals(bars)
            odd = len(bars) > 2
            return Signals(
                right.entry * np.int8(odd), right.exit_long, right.exit_short, right.confidence, right.values
            )

    with pytest.raises(AssertionError, match="entry is"):
        conformance.window_is_enough(Moody(Params()), market(1))


@pytest.mark.parametrize(
    ("broken", "field"),
    [(Tiring, "trades has 623 entries in the backtest"), (Numbering, r"trades\[\d+\]\.quantity is .* in the replay")],
)
def test_p1_the_first_field_that_differs_is_named(broken: type[Sound], field: str) -> None:
    with pytest.raises(AssertionError, match=field):
        conformance.replays_as_backtested(broken(Params()), market(1))


def test_p1_is_tried_on_accounts_that_trade_both_sides_and_meet_every_limit() -> None:
    bars = market(1)
    found = {
        name: backtest([market_of(bars, terms)], Sound(Params()), terms)
        for name, terms in accounts(bars.symbol).items()
    }
    trades = [trade for result in found.values() for trade in result.trades]
    assert all(len(result.trades) > 30 for result in found.values())
    assert {trade.side for trade in trades} == set(Side)
    assert {trade.exit_reason for trade in trades} == set(codes.EXIT_REASONS.values()) - {
        ExitReason.THRESHOLD,
        ExitReason.HALT,
    }
    assert {halt.reason for result in found.values() for halt in result.halts} == {"max_daily_loss", "max_drawdown"}
    assert any(trade.funding for trade in trades)


def test_a_difference_in_equity_alone_or_in_a_field_that_is_lacking_is_seen() -> None:
    bars = market(1)
    fast = backtest([Market(bars)], Sound(Params()), accounts(bars.symbol)["loss limits"])
    assert difference(fast, fast) is None
    nudged = replace(fast, equity=np.nextafter(fast.equity, np.inf))
    assert str(difference(fast, nudged)).startswith("equity[0] is ")
    assert difference(fast, fast.saying("so")) == "warnings has 0 entries in the backtest, 1 in the replay"
    shorter = replace(fast, trades=fast.trades[:-1])
    assert str(difference(fast, shorter)).startswith(f"trades has {len(fast.trades)} entries in the backtest")
