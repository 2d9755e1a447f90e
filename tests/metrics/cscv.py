"""The probability of backtest overfitting, as its paper reads: a matrix of returns, and a loop over all halves."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

if TYPE_CHECKING:
    from trader_cli.domain.bars import Floats


def logits(returns: Floats, blocks: int) -> list[float]:
    """One a half. Shape: `returns` is (periods, runs); the oldest periods that fill no block are left out."""
    periods, runs = returns.shape
    length = periods // blocks
    parts = [returns[periods - (blocks - i) * length :][:length] for i in range(blocks)]
    found = []
    for half in combinations(range(blocks), blocks // 2):
        inside = _ratios(np.concatenate([parts[i] for i in half]))
        outside = _ratios(np.concatenate([parts[i] for i in range(blocks) if i not in half]))
        if len(set(inside)) == 1:
            continue
        best = inside.index(max(inside))
        relative_rank = rankdata(outside, method="average")[best] / (runs + 1)
        found.append(math.log(relative_rank / (1 - relative_rank)))
    return found


def _ratios(half: Floats) -> list[float]:
    """Sharpe ratios, in ten digits: what is equal by the definition shall not be told apart by rounding."""
    ratios = []
    for column in half.T:
        spread = float(np.std(column, ddof=1))
        ratios.append(float(f"{np.mean(column) / spread:.10g}") if spread > 1e-9 else 0.0)
    return ratios
