"""What no single key can tell: rules between keys of different sections.

A check names the sections it reads as parameters and runs once these are sound, so that one bad section does
not hide what is wrong between the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from inspect import signature
from typing import TYPE_CHECKING, Any

from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.symbols import inverse_coin, symbol_key
from trader_cli.errors import Problem
from trader_cli.variant.cells import has_test_mode, unsupported
from trader_cli.variant.sections import BrokerConfig, Dimensions, Mode, Session, TradingSymbols, trading_hours

if TYPE_CHECKING:
    from trader_cli.domain.risk import RiskSettings
    from trader_cli.strategies.base import Strategy

type Check = Callable[..., Iterator[Problem]]


def problems(sound: Mapping[str, object]) -> Iterator[Problem]:
    """What is wrong between the sections that are sound by themselves; `strategy` is the active one, built."""
    for check, needed in CHECKS.items():
        if all(name in sound for name in needed):
            yield from check(**{name: sound[name] for name in needed})


def cell_can_trade(variants: Dimensions) -> Iterator[Problem]:
    """The support table knows the cell."""
    refusal = unsupported(variants.broker, variants.mode, variants.asset_class)
    if refusal:
        yield Problem(refusal.reason, key=f"variants.{refusal.dimension}")


def leverage_has_a_mode(variants: Dimensions, risk_settings: RiskSettings) -> Iterator[Problem]:
    """Live trading of futures is unlevered: borrowing has a mode of its own."""
    levered = risk_settings.default_leverage != 1
    if levered and variants.mode is Mode.LIVE and variants.asset_class is AssetClass.FUTURES:
        given = risk_settings.default_leverage
        yield Problem(
            f"must be 1 in mode live, is {given}; mode futures trades with leverage",
            key="risk_settings.default_leverage",
        )


def test_mode_exists(variants: Dimensions, broker_config: BrokerConfig) -> Iterator[Problem]:
    """A venue without a testnet cannot be asked for one."""
    if broker_config.test_mode and not has_test_mode(variants.broker, variants.asset_class):
        where = f"{variants.broker} has no testnet or demo for {variants.asset_class}"
        yield Problem(f"must be false: {where} (mode paper trades simulated money)", key="broker_config.test_mode")


def only_alpaca_has_two_hosts(variants: Dimensions, broker_config: BrokerConfig) -> Iterator[Problem]:
    """Elsewhere orders and market data come from one host."""
    if broker_config.data_endpoint is not None and variants.broker != "alpaca":
        yield Problem("is for alpaca only; use broker_config.endpoint", key="broker_config.data_endpoint")


def something_is_traded(variants: Dimensions, trading_symbols: TradingSymbols) -> Iterator[Problem]:
    """The list of the variant's asset class holds symbols."""
    if not getattr(trading_symbols, variants.asset_class):
        yield Problem("needs at least one symbol", key=f"trading_symbols.{variants.asset_class}")


def symbols_are_distinct(trading_symbols: TradingSymbols) -> Iterator[Problem]:
    """A symbol written twice would be traded twice."""
    for asset_class, symbols in trading_symbols:
        seen: dict[str, str] = {}
        for symbol in symbols:
            first = seen.setdefault(symbol_key(symbol), symbol)
            if first is not symbol:
                yield Problem(f"'{first}' and '{symbol}' are the same symbol", key=f"trading_symbols.{asset_class}")


def contracts_are_linear(trading_symbols: TradingSymbols) -> Iterator[Problem]:
    """What an inverse contract earns is no multiple of its price, as everything here takes for granted."""
    for symbol in trading_symbols.futures:
        coin = inverse_coin(symbol)
        if coin is not None:
            yield Problem(
                f"'{symbol}' is an inverse contract (settled in {coin}); only linear ones are traded",
                key="trading_symbols.futures",
            )


def the_strategy_fits_the_bars(variants: Dimensions, strategy: Strategy[Any], session: Session) -> Iterator[Problem]:
    """A strategy may refuse a timeframe that its parameters make no sense on."""
    hours = trading_hours(variants.asset_class, extended=session.extended_hours)
    for problem in strategy.problems(session.timeframe, hours):
        yield replace(problem, key=f"strategy_config.{strategy.name}.{problem.key}")


CHECKS: Mapping[Check, tuple[str, ...]] = {
    check: tuple(signature(check).parameters)
    for check in (
        cell_can_trade,
        leverage_has_a_mode,
        test_mode_exists,
        only_alpaca_has_two_hosts,
        something_is_traded,
        symbols_are_distinct,
        contracts_are_linear,
        the_strategy_fits_the_bars,
    )
}
"""Every check with the sections it needs."""
