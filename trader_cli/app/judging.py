"""What a backtest and a replay share around the trading itself: where judging begins, and what is to be said after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.domain.clock import to_nanoseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.app.markets import Span
    from trader_cli.domain.market import Market


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
