"""How likely the best of many runs is the best by luck: cross-validation over all halves of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from trader_cli.metrics.performance import NO_SPREAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trader_cli.domain.bars import Floats

BLOCKS: Final = 16
"""Blocks of the past: 12,870 ways to make half of them the sample."""

_ROUNDING = 1e-12
"""Deviations whose squares are less than this of the returns' squares are what rounding has left of them."""


class Blocks(NamedTuple):
    """What the halves of a past are put together from: `length` returns a block, their sums and sums of squares.

    Shape: `sums` and `squares` are (blocks,) for one run, (blocks, runs) for many.
    """

    length: int
    sums: Floats
    squares: Floats


def in_blocks(returns: Floats, blocks: int = BLOCKS) -> Blocks | None:
    """A run's returns in blocks of equal length; None where there are not two returns for each.

    What is left over by the division is dropped at the beginning: the oldest.
    """
    length = len(returns) // blocks
    if length < 2:
        return None
    rows = returns[len(returns) - blocks * length :].reshape(blocks, length)
    return Blocks(length, rows.sum(axis=1), np.square(rows).sum(axis=1))


def overfitting_probability(runs: Blocks) -> float | None:
    """The share of halves whose best run is no better than the median run of the other half.

    In each half of the blocks the run of the highest Sharpe ratio is chosen, the first one of equals. Its relative rank
    in the other half is rank / (runs + 1), equals sharing the mean of their ranks; the logit of that is <= 0 exactly
    where no more runs are below it than above. A run whose returns have no spread in a half has no ratio there and
    ranks as 0: it neither gained nor lost. A half in which all runs are alike chooses none and does not count.

    None where nothing can be chosen: fewer than two runs, or fewer than two returns a block, or all runs alike; and
    where a number is not finite.

    Shape: an even number of blocks; column i of every array is one run, all of them over the same sessions. Memory: one
    half at a time, about as much again as `runs`.

    Source: Bailey, Borwein, López de Prado and Zhu, The Probability of Backtest Overfitting, Journal of Computational
    Finance 20(4), 2016.
    """
    blocks, count = runs.sums.shape
    if count < 2 or runs.length < 2 or not (np.isfinite(runs.sums).all() and np.isfinite(runs.squares).all()):
        return None
    periods = runs.length * blocks // 2
    chosen = overfitted = 0
    for half, other in _halves(runs):
        scores = _scores(half, periods), _scores(other, periods)
        for inside, outside in (scores, scores[::-1]):
            best = int(np.argmax(inside))
            if inside[best] == inside.min():
                continue
            chosen += 1
            below = np.count_nonzero(outside < outside[best])
            overfitted += below <= np.count_nonzero(outside > outside[best])
    return overfitted / chosen if chosen else None


def _halves(runs: Blocks) -> Iterator[tuple[Floats, Floats]]:
    """The sums and sums of squares of each way to halve the blocks, and of what it leaves: each pair once.

    Each block joins either half, the first one always the same; what blocks in common add up to is added up once, and
    always by addition, so that a half in which nothing happened has sums of exactly 0.

    Shape: (2, runs), in memory that the next pair overwrites.
    """
    blocks, count = runs.sums.shape
    size = blocks // 2
    data = np.stack((runs.sums, runs.squares), axis=1)
    sums = np.zeros((2, size + 1, 2, count))

    def joined(block: int, mine: int, others: int) -> Iterator[tuple[Floats, Floats]]:
        if block == blocks:
            yield sums[0, mine], sums[1, others]
            return
        if mine < size:
            np.add(sums[0, mine], data[block], out=sums[0, mine + 1])
            yield from joined(block + 1, mine + 1, others)
        if block and others < size:
            np.add(sums[1, others], data[block], out=sums[1, others + 1])
            yield from joined(block + 1, mine, others + 1)

    return joined(0, 0, 0)


def _scores(half: Floats, periods: int) -> Floats:
    """What orders the runs of a half as their Sharpe ratios do: the sum over the root of the squared deviations.

    Both are multiples of mean and standard deviation, the same multiples for every run.
    """
    total, squares = half
    deviations: Floats = squares - total * total / periods
    least = np.maximum(_ROUNDING * squares, NO_SPREAD * NO_SPREAD * (periods - 1))
    scores: Floats = np.zeros(len(total))
    np.divide(total, np.sqrt(np.maximum(deviations, least)), out=scores, where=deviations > least)
    return scores
