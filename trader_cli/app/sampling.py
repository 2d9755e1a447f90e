"""Which combinations of a matrix to try next: Optuna's sampler TPE, asked for several at a time.

Source: Bergstra et al., Algorithms for Hyper-Parameter Optimization (2011); what axes of a cell make together is
learnt (Falkner et al. 2018), and each cell has axes of its own.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna import Trial

    from trader_cli.variant.axes import Axis


class Combination(NamedTuple):
    """The number of a cell, and for each of its axes which value it takes."""

    cell: int
    digits: tuple[int, ...]


class Sampler:
    """Suggests combinations of cells, whose axes these are. A seed and what it is told decide what it suggests."""

    def __init__(self, cells: Sequence[Sequence[Axis]], seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # of `group`
            sampler = optuna.samplers.TPESampler(multivariate=True, group=True, constant_liar=True, seed=seed)
        self._study = optuna.create_study(sampler=sampler, direction="maximize")
        self._cells = cells
        self._names: dict[str, str] = {}
        self._asked: list[Trial] = []

    def ask(self, count: int) -> list[Combination]:
        """The next combinations to try."""
        self._asked = [self._study.ask() for _ in range(count)]
        return [self._suggested(trial) for trial in self._asked]

    def tell(self, values: Sequence[float]) -> None:
        """What became of those asked for last; of one without a finite value it is learnt to keep away."""
        from optuna.trial import TrialState

        for trial, value in zip(self._asked, values, strict=True):
            if np.isfinite(value):
                self._study.tell(trial, value)
            else:
                self._study.tell(trial, state=TrialState.PRUNED)

    def _suggested(self, trial: Trial) -> Combination:
        cell = trial.suggest_categorical("cell", range(len(self._cells))) if len(self._cells) > 1 else 0
        return Combination(cell, tuple(self._digit(trial, axis) for axis in self._cells[cell]))

    def _digit(self, trial: Trial, axis: Axis) -> int:
        """A value of an axis. Cells share what is known of one that they have in common."""
        name = self._names.setdefault(repr((axis.key, axis.values)), f"axis {len(self._names)}")
        if _are_numbers(axis.values):
            return sorted(range(len(axis.values)), key=axis.values.__getitem__)[
                trial.suggest_int(name, 0, len(axis.values) - 1)
            ]
        digit: int = trial.suggest_categorical(name, range(len(axis.values)))
        return digit


def _are_numbers(values: Sequence[Any]) -> bool:
    """Whether values have an order that what they lead to may follow."""
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
