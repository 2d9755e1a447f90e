"""The whole variant file, as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PrivateAttr, SerializeAsAny, field_validator

from trader_cli.domain.instrument import AssetClass
from trader_cli.domain.risk import Costs, RiskSettings
from trader_cli.domain.section import Section
from trader_cli.registry import strategy_class, strategy_files
from trader_cli.strategies.base import Params, Strategy
from trader_cli.variant.sections import BrokerConfig, Dimensions, Live, Mode, Session, TradingSymbols, trading_hours

if TYPE_CHECKING:
    from trader_cli.data.source import File
    from trader_cli.domain.timeframe import Timeframe, TradingHours

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def is_name(name: str) -> bool:
    """Whether a variant may be called so: in journals, file names and results."""
    return _NAME.fullmatch(name) is not None


FIXED_SECTIONS: Mapping[str, type[Section]] = {
    "variants": Dimensions,
    "broker_config": BrokerConfig,
    "trading_symbols": TradingSymbols,
    "risk_settings": RiskSettings,
    "session": Session,
    "costs": Costs,
    "live": Live,
}
"""The sections with one model each; `strategy_config` has one table a strategy."""

SECTIONS = (*list(FIXED_SECTIONS)[:1], "strategy_config", *list(FIXED_SECTIONS)[1:])
"""Every section, in the order of the file."""


class Heading(Section):
    """What stands at the top of the file, before any section."""

    trader_name: str = Field(
        "variant", description="the variant's name in journals and results", examples=["bybit_crypto_rsi"]
    )
    version: Literal["1"] = Field("1", description="version of the file's schema")

    @field_validator("trader_name")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not is_name(name):
            raise ValueError("must be 1 to 64 letters, digits, '_', '-' or '.', the first a letter or digit")
        return name


class Variant(Heading):
    """One cell of the matrix and its numbers: everything a trader is assembled from."""

    variants: Dimensions
    strategy_config: Mapping[str, SerializeAsAny[Params]]
    broker_config: BrokerConfig
    trading_symbols: TradingSymbols
    risk_settings: RiskSettings
    session: Session
    costs: Costs
    live: Live
    _folder: Path | None = PrivateAttr(None)

    def model_post_init(self, context: Any) -> None:
        """Keeps the folder that a strategy's path is relative to: the validation context."""
        self._folder = context

    @property
    def name(self) -> str:
        """What journals and results call it."""
        return self.trader_name

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is traded: the list of the asset class."""
        listed: tuple[str, ...] = getattr(self.trading_symbols, self.variants.asset_class)
        return listed

    @property
    def timeframe(self) -> Timeframe:
        """The length of a bar."""
        return self.session.timeframe

    @property
    def hours(self) -> TradingHours:
        """When its market trades."""
        return trading_hours(self.variants.asset_class, extended=self.session.extended_hours)

    @property
    def leverage(self) -> int:
        """What positions are levered by: 1 wherever the mode does not borrow."""
        futures = self.variants.asset_class is AssetClass.FUTURES
        return self.risk_settings.default_leverage if futures and self.variants.mode is not Mode.LIVE else 1

    @property
    def folder(self) -> Path | None:
        """What a strategy's path is relative to; None: the current folder."""
        return self._folder

    def strategy(self) -> Strategy[Any]:
        """The strategy with its parameters."""
        found = strategy_class(self.variants.strategy, self._folder)
        return found(self.strategy_config[found.name])

    def strategy_files(self) -> tuple[File, ...]:
        """The files of its strategy, where that is not the program's own."""
        return strategy_files(strategy_class(self.variants.strategy, self._folder))
