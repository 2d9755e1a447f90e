"""What people are shown of an account, from plain values: the session's own view and a look at its journal share it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trader_cli.domain.clock import from_nanoseconds
from trader_cli.domain.trade import Halt
from trader_cli.engine.snapshot import Gauge, HeldPosition
from trader_cli.rules import account, fills, limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.domain.halt import HaltOrder
    from trader_cli.domain.trade import Side


class Limits(Protocol):
    """The limits of an account: its settings have them, and so have the numbers made of these."""

    @property
    def max_daily_loss(self) -> float:
        """Fraction of the day's opening equity."""
        ...

    @property
    def max_drawdown(self) -> float:
        """Fraction of the peak."""
        ...

    @property
    def max_concurrent_positions(self) -> int:
        """Positions open at once."""
        ...

    @property
    def max_total_exposure(self) -> float:
        """Notional of all positions together."""
        ...


class Losses(Protocol):
    """What the loss limits look at, and whether they hold."""

    @property
    def day_opening(self) -> float:
        """The equity at which the day opened."""
        ...

    @property
    def peak(self) -> float:
        """The highest equity of a close."""
        ...

    @property
    def day_lost(self) -> bool:
        """Whether the day's limit holds."""
        ...

    @property
    def drawn_down(self) -> bool:
        """Whether the drawdown's limit holds."""
        ...


def gauges(allowed: Limits, losses: Losses, *, equity: float, held: int, gross: float) -> tuple[Gauge, ...]:
    """How near each limit is, with the equity of the last close; a loss limit that is off has none."""
    found = []
    if allowed.max_daily_loss < limits.OFF:
        used = max(0.0, 1.0 - equity / losses.day_opening)
        found.append(Gauge("daily loss", used, allowed.max_daily_loss, "%", losses.day_lost))
    if allowed.max_drawdown < limits.OFF:
        used = max(0.0, 1.0 - equity / losses.peak)
        found.append(Gauge("drawdown", used, allowed.max_drawdown, "%", losses.drawn_down))
    most, notional = allowed.max_concurrent_positions, allowed.max_total_exposure
    return (
        *found,
        Gauge("positions", held, most, "#", held >= most),
        Gauge("exposure", gross, notional, "", gross >= notional),
    )


def held_position(
    symbol: str,
    side: Side,
    quantity: float,
    entry: tuple[int, float],
    levels: tuple[float, float],
    best_price: float,
    *,
    trailing_stop: float,
    mark: float,
    bars_held: int,
) -> HeldPosition:
    """A position at its mark. `entry` is the time (ns) and the price of its fill, `levels` are its stop and target."""
    stop, target = levels
    entry_time, entry_price = entry
    return HeldPosition(
        symbol=symbol,
        side=side,
        quantity=quantity,
        entry_price=entry_price,
        mark=mark,
        stop=fills.trailed_stop(stop, best_price, side.sign, trailing_stop),
        target=target,
        unrealized_pnl=account.gain(side.sign, quantity, entry_price, mark),
        opened_at=from_nanoseconds(entry_time),
        bars_held=bars_held,
    )


def thrown(order: HaltOrder | None) -> tuple[Halt, ...]:
    """The kill switch, while it is thrown."""
    if order is None:
        return ()
    what = "positions are closed, no entries" if order.flatten else "exits only"
    return (Halt(order.since, "kill_switch", f"{what}, by {order.by}; `trader resume` ends it"),)


def struck(symbols: Sequence[str]) -> tuple[str, ...]:
    """A warning for each symbol that is entered no more."""
    return tuple(f"{symbol}: too many failures in a row, no entries" for symbol in symbols)


def state_of(order: HaltOrder | None, losses: Losses, *, is_holding: bool) -> str:
    """What a session that runs may do: all, or which part of it."""
    if order is not None:
        return "exits-only" if is_holding else "halted"
    return "no-entries" if losses.day_lost or losses.drawn_down else "running"
