"""The port every strategy fills, whether it ships here, in another package or in a user's own file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic_core import PydanticCustomError

from trader_cli.domain.section import Section
from trader_cli.domain.signal import HOLD_CONFIDENCE, Direction, Exit, Signal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.bars import Bars
    from trader_cli.domain.signal import Signals
    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.domain.trigger import Trigger
    from trader_cli.errors import Problem
    from trader_cli.strategies.conditions import Conditions


class Params(Section):
    """The numbers of one strategy: the table `[strategy_config.<name>]` of a variant."""


def require(holds: bool, message: str) -> None:
    """What a validator of `Params` demands of its key; `message` says how the key breaks it.

    Raises: PydanticCustomError, which pydantic reports at the key being validated.
    """
    if not holds:
        raise PydanticCustomError("requirement", "{message}", {"message": message})


class Strategy[P: Params](ABC):
    """Bars in, wishes out. A strategy is pure: no clock, disk, network, randomness or memory of calls.

    `name` is what a variant calls it and `[strategy_config.<name>]` its table, `summary` says in a line when it
    buys and sells, `params_model` is the model of its table.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    params_model: ClassVar[type[Params]]

    def __init__(self, params: P) -> None:
        self.params = params

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Goes to another process: a user's own file by its place, since no module of that name is there."""
        from trader_cli.strategies.userfile import reference_of, remade

        reference = reference_of(type(self))
        if reference is None:
            return super().__reduce_ex__(protocol)
        return remade, (reference, type(self).__module__, self.params.model_dump())

    @abstractmethod
    def warmup(self, timeframe: Timeframe, hours: TradingHours) -> int:
        """Bars before the first signal worth having: bars 0..warmup-1 of a series decide nothing."""

    @abstractmethod
    def window(self, timeframe: Timeframe, hours: TradingHours) -> int:
        """Bars, the deciding one included, that make its signal independent of where history starts (law P3)."""

    @abstractmethod
    def signals(self, bars: Bars) -> Signals:
        """The wish at every bar; row *i* sees rows 0..i only (law P2)."""

    @abstractmethod
    def reason(self, values: Mapping[str, float]) -> str:
        """Why the wish is what it is, in words, from the indicator values of one bar."""

    def conditions(self) -> Conditions | None:
        """The levels its signals are made of, which a sweep compares once for all runs; None: it makes them itself."""
        return None

    def triggers(self, values: Mapping[str, float]) -> Sequence[Trigger]:
        """The levels that it waits for, and where the values of one bar stand to them; for people, may be left out.

        BUY's and CALM's must be met for an entry long, SELL's and CALM's for one short.
        """
        return ()

    def problems(self, timeframe: Timeframe, hours: TradingHours) -> Sequence[Problem]:
        """Why these parameters make no sense on such bars; a problem's `key` is the parameter's own name."""
        return ()

    def at(self, signals: Signals, index: int) -> Signal:
        """The wish at one bar, for people: journal, `why`, dashboard."""
        entry = Direction(int(signals.entry[index]))
        exit_long, exit_short = Exit(int(signals.exit_long[index])), Exit(int(signals.exit_short[index]))
        idle = entry is Direction.NONE and exit_long is Exit.NONE and exit_short is Exit.NONE
        values = {name: float(array[index]) for name, array in signals.values.items()}
        confidence = HOLD_CONFIDENCE if idle else float(signals.confidence[index])
        return Signal(entry, exit_long, exit_short, confidence, self.reason(values), values)
