"""Strategies whose wishes hang on levels: an indicator below or above a number.

Such a strategy says which conditions it is made of, and leaves it to others to look at the bars. One run looks at all
of them at once; a sweep measures each indicator once and compares it once with each level, however many runs share it.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, override

from trader_cli import indicators
from trader_cli.domain.trigger import Passing
from trader_cli.strategies.base import Params, Strategy
from trader_cli.strategies.wishes import wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from trader_cli.domain.bars import Bars, Floats
    from trader_cli.domain.signal import Signals
    from trader_cli.strategies.wishes import Switches


class Measured:
    """What has been measured of some bars: each indicator once."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self._known: dict[Hashable, Any] = {}

    def __call__(self, function: Callable[..., Any], *parameters: Hashable) -> Any:
        """`function(self, *parameters)`, which may ask for others in its turn."""
        key = (function, *parameters)
        if key not in self._known:
            self._known[key] = function(self, *parameters)
        return self._known[key]

    @property
    def size(self) -> int:
        """How much is kept. Units: bytes."""
        kept = [part for known in self._known.values() for part in (known if isinstance(known, tuple) else (known,))]
        return sum(part.nbytes for part in kept)


class Measure(NamedTuple):
    """An indicator of some bars: a function of what is measured of them, and its parameters."""

    function: Callable[..., Floats]
    parameters: tuple[Hashable, ...] = ()

    def of(self, measured: Measured) -> Floats:
        """Its values. Shape: one a bar."""
        values: Floats = measured(self.function, *self.parameters)
        return values


class Condition(NamedTuple):
    """A measure on one side of a level; what differs from the level by no more than the tolerance is at it."""

    measure: Measure
    passing: Passing
    level: float
    tolerance: float = indicators.RELATIVE

    def met(self, measured: Measured) -> Switches:
        """Where it holds. Shape: one entry a bar."""
        return _COMPARISONS[self.passing](self.measure.of(measured), self.level, self.tolerance)


_COMPARISONS: dict[Passing, Callable[[Floats, float, float], Switches]] = {
    Passing.BELOW: indicators.below,
    Passing.ABOVE: indicators.above,
    Passing.NOT_ABOVE: indicators.not_above,
}


def below(measure: Measure, level: float, tolerance: float = indicators.RELATIVE) -> Condition:
    """The measure is under the level."""
    return Condition(measure, Passing.BELOW, level, tolerance)


def above(measure: Measure, level: float, tolerance: float = indicators.RELATIVE) -> Condition:
    """The measure is over the level."""
    return Condition(measure, Passing.ABOVE, level, tolerance)


def not_above(measure: Measure, level: float) -> Condition:
    """The measure is known and not over the level."""
    return Condition(measure, Passing.NOT_ABOVE, level)


class Conditions(NamedTuple):
    """All that a wish hangs on; None: nothing does. What each is for: `wishes`."""

    buy: Condition
    sell: Condition
    may_enter: Condition | None = None
    threshold_long: Condition | None = None
    threshold_short: Condition | None = None


class Conditional[P: Params](Strategy[P]):
    """A strategy made of conditions; `confidence`, 0..1, is that of each of its wishes."""

    confidence: ClassVar[float]

    @override
    @abstractmethod
    def conditions(self) -> Conditions:
        """What its wishes hang on."""

    @abstractmethod
    def measures(self) -> Mapping[str, Measure]:
        """The indicators behind them, as people see them."""

    @override
    def signals(self, bars: Bars) -> Signals:
        measured, on = Measured(bars), self.conditions()
        return wishes(
            on.buy.met(measured),
            on.sell.met(measured),
            confidence=self.confidence,
            values={name: measure.of(measured) for name, measure in self.measures().items()},
            may_enter=None if on.may_enter is None else on.may_enter.met(measured),
            threshold_long=None if on.threshold_long is None else on.threshold_long.met(measured),
            threshold_short=None if on.threshold_short is None else on.threshold_short.met(measured),
        )
