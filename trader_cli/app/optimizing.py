"""The search for the best run of a matrix that is too large to be run whole: trials, each learning from those before.

Trials are made in batches, as large whoever works on them, and told in the order in which they were asked for: a seed
makes the same trials everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import batched
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, Final

from trader_cli.app.leaderboard import DEFLATED, follows_equity
from trader_cli.app.portions import groups
from trader_cli.app.sampling import Sampler
from trader_cli.errors import UsageError
from trader_cli.variant.grid import Grid
from trader_cli.variant.judging import fixed_sections
from trader_cli.variant.singles import laid_out, single

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trader_cli.app.portions import Group
    from trader_cli.app.sampling import Combination
    from trader_cli.journal.parts import Parts
    from trader_cli.variant.grid import Combinations
    from trader_cli.variant.planning import Plan
    from trader_cli.variant.runs import CellRuns
    from trader_cli.variant.singles import Single

OPTIMIZE: Final = "--optimize"
TRIALS: Final = 200
"""How many trials are made unless another number is asked for."""
BATCH: Final = 16
"""Trials that are asked for before any of them is told."""
_LEAST: Final = 2
"""Runs of a batch that are worth a part of their own."""
_LESS_IS_BETTER: Final = ("fees", "funding", "ambiguous_bars")


@dataclass(frozen=True, slots=True)
class Aim:
    """What is looked for: the run with the largest `metric`, in so many trials; `seed` says in which."""

    metric: str
    trials: int = TRIALS
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises: UsageError for what cannot be looked for."""
        follows_equity(self.metric, is_full=False, option=OPTIMIZE)
        if self.metric == DEFLATED:
            raise UsageError(f"{DEFLATED} changes with every trial: optimize sharpe, and --sort by it", file=OPTIMIZE)
        if self.metric in _LESS_IS_BETTER:
            raise UsageError(f"looks for the largest value, and of {self.metric} less is better", file=OPTIMIZE)
        if self.trials < 1:
            raise UsageError(f"must be at least 1, is {self.trials}", file="--trials")


@dataclass(slots=True, eq=False)
class _Run:
    """A combination that is traded, and its figure once it was."""

    single: Single
    value: float = nan


class Optimizer:
    """Trials of the combinations of a matrix, and the runs that they come to.

    A trial whose combination is invalid or ruled out is infeasible and no run; one whose combination was tried before
    is told what became of that.
    """

    def __init__(self, found: Combinations, aim: Aim) -> None:
        self._aim, self._conditions, self._counts = aim, found.conditions, found.counts
        self._plans = [each for each in found.plans if not self._is_hopeless(each)]
        self._known: dict[Combination, _Run | None] = {}
        self._runs: dict[str, _Run] = {}
        self._cells: list[CellRuns] = []
        self._infeasible = 0

    def _is_hopeless(self, plan: Plan) -> bool:
        """Whether no combination of a cell can be valid."""
        is_wrong = fixed_sections(plan, self._counts) is None
        self._counts.invalid += plan.asked if is_wrong else 0
        return is_wrong

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What is searched, in plain values: the tables and axes of each cell."""
        return [
            {
                "tables": {
                    name: table.content if (made := table.judged([])) is None else made.model_dump(mode="json")
                    for name, table in plan.outline.tables.items()
                },
                "assigned": dict(plan.assigned),
                "axes": {axis.key: list(axis.values) for axis in plan.axes},
            }
            for plan in self._plans
        ]

    @property
    def grid(self) -> Grid:
        """The runs so far, batch by batch, and in each of them cell by cell."""
        self._counts.valid = len(self._runs)
        return Grid(tuple(self._cells), self._counts)

    @property
    def so_far(self) -> str:
        """The best figure so far, in words to go on with."""
        known = [run.value for run in self._runs.values() if isfinite(run.value)]
        return f", best {self._aim.metric} {max(known):.4g}" if known else ""

    def about(self) -> dict[str, Any]:
        """What the document tells of the search."""
        aim = self._aim
        return {"metric": aim.metric, "trials": aim.trials, "seed": aim.seed, "infeasible": self._infeasible}

    def groups(self, parts: Parts, advanced: Callable[[int], None]) -> Iterator[Group]:
        """The runs of each batch. Whoever asks for more has traded those before, into `parts`.

        `advanced` is told how many trials come to no run of their own.
        """
        sampler, first = Sampler([plan.axes for plan in self._plans], self._aim.seed), 0
        for batch in batched(range(self._aim.trials if self._plans else 0), BATCH):
            fresh: dict[int, list[_Run]] = {}
            tried = [self._tried(combination, fresh) for combination in sampler.ask(len(batch))]
            advanced(len(batch) - sum(map(len, fresh.values())))
            for cell, runs in fresh.items():
                laid = laid_out(self._plans[cell], [run.single for run in runs], start=len(self.grid))
                self._cells.append(laid)
                for group in groups([laid], first, _LEAST):
                    yield group
                    first = group.numbers.stop
                    self._read(parts, group, runs)
            sampler.tell([nan if run is None else run.value for run in tried])

    def _tried(self, combination: Combination, fresh: dict[int, list[_Run]]) -> _Run | None:
        """The run of a combination, a fresh one unless it was tried before; None where it is infeasible."""
        if combination not in self._known:
            self._known[combination] = self._judged(combination, fresh)
        run = self._known[combination]
        self._infeasible += run is None
        return run

    def _judged(self, combination: Combination, fresh: dict[int, list[_Run]]) -> _Run | None:
        plan = self._plans[combination.cell]
        digits = dict(zip((axis.key for axis in plan.axes), combination.digits, strict=True))
        found = single(plan, digits, self._conditions, self._counts)
        if found is None:
            return None
        content = repr((combination.cell, found.sections))  # the same for 7 and 7.0
        if content not in self._runs:
            self._runs[content] = _Run(found)
            fresh.setdefault(combination.cell, []).append(self._runs[content])
        return self._runs[content]

    def _read(self, parts: Parts, group: Group, runs: Sequence[_Run]) -> None:
        """Notes what became of the runs of a group."""
        for number in group.numbers:
            for place, facts in zip(group.runs_of(number), parts.facts(number), strict=True):
                runs[place].value = float(facts[self._aim.metric])
