"""The use case behind `trader compare`: runs side by side, and what differs between their variants."""

from __future__ import annotations

import os
from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from trader_cli.app.reproducing import found, is_id, reproduced
from trader_cli.app.trying import tried
from trader_cli.domain.clock import iso
from trader_cli.errors import UsageError
from trader_cli.variant import naming
from trader_cli.variant.loading import load
from trader_cli.variant.model import Variant
from trader_cli.variant.scaffold import values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from trader_cli.app.backtest import Backtest
    from trader_cli.app.markets import Past
    from trader_cli.journal.runs import Run

MORE_IS_BETTER = (
    "final_equity",
    "total_return",
    "cagr",
    "sharpe",
    "sortino",
    "calmar",
    "max_drawdown",
    "win_rate",
    "profit_factor",
    "expectancy",
)
"""The figures of which the largest is the best; the others are neither good nor bad by themselves."""
_NAME = "trader_name"


@dataclass(frozen=True, slots=True)
class Difference:
    """A key whose value is not the same in all variants; None where one has no such key, or leaves it unset."""

    key: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs in the order they were named (A is the first), what differs, and why they may not be comparable."""

    runs: tuple[Backtest, ...]
    differences: tuple[Difference, ...]
    warnings: tuple[str, ...]

    @property
    def letters(self) -> tuple[str, ...]:
        """What the runs are called among themselves."""
        return tuple(ascii_uppercase[: len(self.runs)])

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The figures of each run."""
        return [run.result.document(run.variant.name)["metrics"] for run in self.runs]

    def best(self, figure: str) -> frozenset[int]:
        """The runs whose figure is the best; none where all have the same, or more of it is not better."""
        values = [metrics[figure] for metrics in self.metrics]
        known = [value for value in values if value is not None]
        if figure not in MORE_IS_BETTER or len(set(values)) < 2:
            return frozenset()
        return frozenset(run for run, value in enumerate(values) if value == max(known))

    def document(self) -> dict[str, Any]:
        """The comparison as one JSON document."""
        documents = [run.document() for run in self.runs]
        shown = ("variant", "run", "symbols", "timeframe", "period", "metrics", "warnings")
        return {
            "runs": [{name: document[name] for name in shown} for document in documents],
            "differences": [{"key": each.key, "values": list(each.values)} for each in self.differences],
            "warnings": list(self.warnings),
        }


def named(references: Sequence[str], variants_dir: Path) -> list[Variant | Run]:
    """What is to be compared: each is a VARIANT where a file is called so, else a run that was kept.

    Raises: UsageError, ConfigError, Unavailable.
    """
    if not 2 <= len(references) <= len(ascii_uppercase):
        raise UsageError(f"name 2 to {len(ascii_uppercase)} variants or runs, not {len(references)}")
    stems = {path.stem for path in naming.files(variants_dir)}
    return [
        found(reference)
        if is_id(reference) and reference not in stems
        else load(reference, variants_dir=variants_dir, environment=os.environ).variant
        for reference in references
    ]


def compared(chosen: Sequence[Variant | Run], past: Past, announce: Callable[[str], None]) -> Comparison:
    """Variants are backtested on a past, counted and kept; runs are made again. `announce` is told what is being done.

    Raises: UsageError, ConfigError, DataError for what cannot be run; Irreproducible.
    """
    runs = [
        tried(each, past, announce) if isinstance(each, Variant) else reproduced(each, announce).backtest
        for each in chosen
    ]
    values = [values_of(run.variant) for run in runs]
    return Comparison(tuple(runs), tuple(_differences(values)), tuple(_incomparable(runs)))


def _differences(values: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """In the order of the first variant's keys, then of those that only others have."""
    for key in dict.fromkeys(key for each in values for key in each if key != _NAME):
        found = tuple(each.get(key) for each in values)
        if any(value != found[0] for value in found):
            yield Difference(key, found)


def _incomparable(runs: Sequence[Backtest]) -> Iterator[str]:
    """Why a figure of one may be no measure for another: what they were judged on is not the same."""
    yield from _apart("period", [_period(run) for run in runs])
    shared = set.intersection(*({file.sha256 for file in run.data} for run in runs))
    yield from _apart(
        "data",
        [
            ", ".join(f"{file.path.name} {file.sha256[:8]}" for file in run.data if file.sha256 not in shared)
            or "nothing else"
            for run in runs
        ],
    )
    yield from _apart("detail", [run.past.detail or "none" for run in runs])


def _period(run: Backtest) -> str:
    period = run.result.period
    ends = " to ".join("nowhere" if time is None else iso(time) for time in (period.start, period.end))
    return f"{period.bars:,} bars of {run.result.timeframe} from {ends}"


def _apart(what: str, values: Sequence[str]) -> Iterator[str]:
    """A line that says who has which value, where they are not all the same."""
    whose: dict[str, list[str]] = {}
    for letter, value in zip(ascii_uppercase, values, strict=False):
        whose.setdefault(value, []).append(letter)
    if len(whose) > 1:
        told = "; ".join(f"{', '.join(letters)}: {value}" for value, letters in whose.items())
        yield f"not the same {what}: {told}"
