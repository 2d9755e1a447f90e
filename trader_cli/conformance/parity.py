"""Law P1: a replay through the trading loop makes what the backtest makes, in every field."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from trader_cli.conformance.laws import require
from trader_cli.domain.instrument import Instrument
from trader_cli.domain.market import Market
from trader_cli.domain.risk import Costs, RiskSettings, Sizing
from trader_cli.rules.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trader_cli.backtest.result import Result
    from trader_cli.domain.bars import Bars
    from trader_cli.strategies.base import Strategy


def replays_as_backtested(
    strategy: Strategy[Any], bars: Bars, terms: Terms | None = None, *, start: int | None = None
) -> None:
    """Law P1: a session that is shown one bar more at a time, and never more than the strategy's window, makes the
    trades, halts, refusals and equity that the backtest makes of the whole series, to the last bit.

    Without `terms` on several accounts: long only and both sides, both sizings, with leverage, funding, a trailing
    stop, a cooldown and loss limits. `start` (ns since 1970 UTC) is the first bar that is traded; None: the first.
    """
    for name, each in accounts(bars.symbol).items() if terms is None else [("these terms", terms)]:
        fast, slow = both([market_of(bars, each)], strategy, each, start=start)
        found = difference(fast, slow)
        where = f"a replay makes something else than the backtest (law P1, {name})"
        why = "the wish at a bar must follow from the last `window` bars, whatever was asked before"
        require(found is None, f"{where}: {found}; {why}")


def both(
    markets: Sequence[Market], strategy: Strategy[Any], terms: Terms, *, start: int | None = None
) -> tuple[Result, Result]:
    """The backtest's result and the replay's, on these markets of one account."""
    from trader_cli.app.rehearsal import Rehearsal
    from trader_cli.backtest.run import backtest

    fast = backtest(markets, strategy, terms, start=start)
    rehearsal = Rehearsal(markets, strategy, terms, start=start)
    asyncio.run(rehearsal.run())
    return fast, rehearsal.result()


def difference(fast: Result, slow: Result) -> str | None:
    """The first field in which a replay is not the backtest; None where every one is, to the last bit."""
    backtested, replayed = fast.document("-"), slow.document("-")
    for result, document in ((fast, backtested), (slow, replayed)):
        document["equity"] = result.equity.tolist()
    ordered = ("trades", "equity", *(name for name in backtested if name not in ("trades", "equity")))
    for name in ordered:
        for found in _differences(name, backtested[name], replayed.pop(name)):
            return found
    return f"the replay has {', '.join(replayed)}" if replayed else None


def _differences(path: str, expected: Any, found: Any) -> Iterator[str]:
    """The places where two plain values differ; numbers by their shortest exact text, so that NaN is itself."""
    if isinstance(expected, dict) and isinstance(found, dict) and list(expected) == list(found):
        for key, value in expected.items():
            yield from _differences(f"{path}.{key}", value, found[key])
    elif isinstance(expected, list) and isinstance(found, list):
        for index, (value, other) in enumerate(zip(expected, found, strict=False)):
            yield from _differences(f"{path}[{index}]", value, other)
        if len(expected) != len(found):
            yield f"{path} has {len(expected)} entries in the backtest, {len(found)} in the replay"
    elif repr(expected) != repr(found):
        yield f"{path} is {expected!r} in the backtest, {found!r} in the replay"


def accounts(symbol: str) -> Mapping[str, Terms]:
    """Accounts that between them reach every rule; sizes that follow the equity, so that no error stays alone."""
    free: dict[str, Any] = {"max_total_exposure": 1e9, "max_daily_loss": 1.0, "max_drawdown": 1.0}
    fixed = RiskSettings(**free, sizing=Sizing.FIXED, max_position_size=2_000)
    risk = RiskSettings(
        **free, max_position_size=1e6, allow_short=True, trailing_stop=0.03, cooldown_bars=2, max_holding_bars=40
    )
    levered = RiskSettings(**free, max_position_size=1e6, allow_short=True, stop_loss=0.05)
    limited = RiskSettings(max_position_size=1e6, max_total_exposure=1e9, allow_short=True, cooldown_bars=5)
    step = Decimal("1e-9")
    book = (Instrument(symbol, tick=step, lot=step, minimum_quantity=step, minimum_notional=Decimal(0)),)
    return {
        "long only, fixed sizes": Terms(10_000, fixed, Costs(), book),
        "both sides, sizes by risk": Terms(10_000, risk, Costs(), book),
        "margined with leverage 10": Terms(10_000, levered, Costs(), book, 10, is_margined=True),
        "loss limits": Terms(10_000, limited, Costs(slippage_bps=20), book),
    }


def market_of(bars: Bars, terms: Terms) -> Market:
    """The market of one symbol. A contract owes funding at every eighth bar, and its mark price strays now and then
    far enough to liquidate."""
    import numpy as np

    if not terms.is_margined:
        return Market(bars)
    row = np.arange(len(bars))
    astray = np.where(row % 50 == 49, 0.15, 0.0)
    mark = replace(bars, high=bars.high * (1 + astray), low=bars.low * (1 - astray))
    return Market(bars, mark, funding_due=np.where(row % 8 == 7, 1e-4 * bars.open, 0.0))
