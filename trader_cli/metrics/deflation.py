"""What a Sharpe ratio is worth once it is known how short, how skewed and out of how many trials it is.

All ratios here are per period, not per year: the mean of the returns over their sample standard deviation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

from trader_cli.metrics.performance import NO_SPREAD, sharpe

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats

UNIT: Final = 2**40
"""Ratios are summed as whole multiples of 1 / UNIT (about 1e-12): whole numbers have the same sum in any order."""

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Trials:
    """How many runs were tried, and the moments of their Sharpe ratios, exact however many there are.

    `ratios` of the `runs` have a Sharpe ratio; `total` is the sum of these and `squares` of their squares. To add two
    is to have counted the runs of both: in any order and grouping, to the last bit.

    Units: `total` in 1 / UNIT, `squares` in 1 / UNIT**2.
    """

    runs: int = 0
    ratios: int = 0
    total: int = 0
    squares: int = 0

    @classmethod
    def of(cls, ratios: Floats) -> Trials:
        """One trial a ratio, NaN where a run has none. Raises: OverflowError for an infinity.

        >>> Trials.of(np.array([0.5, np.nan, 1.5])) == Trials.of(np.array([1.5])) + Trials.of(np.array([np.nan, 0.5]))
        True
        """
        units = [round(ratio) for ratio in (ratios[~np.isnan(ratios)] * float(UNIT)).tolist()]
        return cls(len(ratios), len(units), sum(units), sum(unit * unit for unit in units))

    def __add__(self, other: Trials) -> Trials:
        return Trials(
            self.runs + other.runs,
            self.ratios + other.ratios,
            self.total + other.total,
            self.squares + other.squares,
        )

    @property
    def variance(self) -> float | None:
        """Sample variance of the ratios; None of fewer than two."""
        if self.ratios < 2:
            return None
        variation = self.ratios * self.squares - self.total * self.total
        return float(Fraction(variation, self.ratios * (self.ratios - 1) * UNIT * UNIT))


@dataclass(frozen=True, slots=True)
class ReturnShape:
    """What the distribution of a Sharpe ratio depends on: the returns' number, ratio, skewness and kurtosis.

    The kurtosis is not in excess: 3 for normal returns.
    """

    periods: int
    sharpe: float
    skewness: float
    kurtosis: float

    @classmethod
    def of(cls, returns: Floats) -> ReturnShape | None:
        """The shape of these returns; None where they have no Sharpe ratio.

        Skewness and kurtosis are ratios of central moments, not corrected for the sample's size.
        """
        ratio = sharpe(returns, per_year=1)
        if ratio is None:
            return None
        deviations = returns - np.mean(returns)
        scaled = deviations / math.sqrt(float(np.mean(np.square(deviations))))
        return cls(len(returns), ratio, float(np.mean(scaled**3)), float(np.mean(scaled**4)))


def probabilistic_sharpe_ratio(shape: ReturnShape, benchmark: float = 0.0) -> float | None:
    """The probability that the true Sharpe ratio is above `benchmark`, given what was observed.

    None where the returns take two values whose skewness leaves the estimate without an error to divide by.

    Source: Bailey and López de Prado, The Sharpe Ratio Efficient Frontier, Journal of Risk 15(2), 2012.

    >>> round(probabilistic_sharpe_ratio(ReturnShape(periods=24, sharpe=0.458, skewness=-2.448, kurtosis=10.164)), 3)
    0.913
    """
    ratio = shape.sharpe
    error = 1.0 - shape.skewness * ratio + (shape.kurtosis - 1.0) / 4.0 * ratio * ratio
    if error < NO_SPREAD:
        return None
    return _NORMAL.cdf((ratio - benchmark) * math.sqrt((shape.periods - 1) / error))


def expected_maximum(trials: Trials) -> float | None:
    """The best Sharpe ratio to be expected of as many trials where none of them has any skill.

    0 for a single trial, of which the best is itself. Runs without a ratio count as trials: they too were tried. None
    where the ratios do not tell their variance.

    Source: Bailey and López de Prado, The Deflated Sharpe Ratio, Journal of Portfolio Management 40(5), 2014.
    """
    if trials.runs <= 1:
        return 0.0
    variance = trials.variance
    if variance is None:
        return None
    best = _NORMAL.inv_cdf(1.0 - 1.0 / trials.runs)
    beyond = _NORMAL.inv_cdf(1.0 - 1.0 / (trials.runs * math.e))
    return math.sqrt(variance) * ((1.0 - np.euler_gamma) * best + np.euler_gamma * beyond)


def deflated_sharpe_ratio(shape: ReturnShape, trials: Trials) -> float | None:
    """The probability that the true Sharpe ratio is above what the best of so many trials reaches by luck alone.

    `trials` include the run itself. None where that is not known.

    Source: as `expected_maximum`.

    >>> two_and_a_half_a_year = ReturnShape(periods=1250, sharpe=2.5 / math.sqrt(250), skewness=-3.0, kurtosis=10.0)
    >>> spread = math.sqrt(0.5 / 250 * 99 / 100)
    >>> hundred = Trials.of(np.array([spread, -spread] * 50))
    >>> round(deflated_sharpe_ratio(two_and_a_half_a_year, hundred), 4)
    0.9004
    """
    benchmark = expected_maximum(trials)
    return None if benchmark is None else probabilistic_sharpe_ratio(shape, benchmark)
