"""A document in its parts: each table beside the model that judges it, and what is wrong between and above them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from trader_cli.errors import Problem
from trader_cli.variant import wording
from trader_cli.variant.keys import EXTENDS
from trader_cli.variant.model import FIXED_SECTIONS, SECTIONS, Heading, Variant
from trader_cli.variant.sections import REFERENCE
from trader_cli.variant.strategy_tables import StrategyTables, strategy_tables
from trader_cli.variant.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from trader_cli.domain.section import Section
    from trader_cli.variant.reading import Document

STRATEGY = "strategy"
"""What the table of the active strategy is called among the sections."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts of a document: `tables` by section, that of the active strategy as `strategy` where it is known.

    `problems` are those that no content of these tables would mend. `folder` is where a strategy's path starts.
    """

    tables: Mapping[str, Table]
    problems: tuple[Problem, ...]
    folder: Path | None
    _heading: Heading | None
    _strategies: StrategyTables

    @property
    def name(self) -> str:
        """What the variant calls itself; empty where it may not be called so."""
        return self._heading.trader_name if self._heading else ""

    def checked(self, name: str, section: Section) -> Any:
        """A sound section as the checks between sections see it: the strategy is built."""
        active = self._strategies.active
        return active(section) if active and name == STRATEGY else section

    def variant(self, sections: Mapping[str, Section], name: str | None = None) -> Variant:
        """The variant of sound sections, one for each table of an outline without problems; `name` renames it."""
        heading = dict(self._heading or ()) | ({} if name is None else {"trader_name": name})
        fixed = {section: table for section, table in sections.items() if section != STRATEGY}
        active = self._strategies.active
        params = ({active.name: sections[STRATEGY]} if active else {}) | self._strategies.others
        return Variant.model_validate({**heading, **fixed, "strategy_config": params}, context=self.folder)


def outline(document: Document, folder: Path | None) -> Outline:
    """The parts of a whole document; `folder` is where a strategy's path starts."""
    problems = list(_misplaced_references(document))
    tables = {name: Table(model, name, document.get(name, {})) for name, model in FIXED_SECTIONS.items()}
    strategies = strategy_tables(document, folder)
    problems += strategies.problems
    if strategies.table is not None:
        tables[STRATEGY] = strategies.table
    heading = _heading(document, problems)
    return Outline(tables, tuple(problems), folder, heading, strategies)


def _heading(document: Document, problems: list[Problem]) -> Heading | None:
    top = {key: value for key, value in document.items() if key not in SECTIONS}
    unknown = [key for key in top if key not in Heading.model_fields]
    problems += [Problem(_not_at_the_top(key), key=key) for key in unknown]
    try:
        return Heading.model_validate({key: value for key, value in top.items() if key not in unknown})
    except ValidationError as error:
        problems += wording.problems(error, Heading)
        return None


def _not_at_the_top(key: str) -> str:
    if key == EXTENDS.name:
        return "only a file can extend another: write it at the top of the file"
    return wording.unknown_key(key, Heading, (EXTENDS.name, *SECTIONS))


def _misplaced_references(value: Any, key: tuple[str, ...] = ()) -> Iterator[Problem]:
    """`${NAME}` stands for a secret; anywhere else it would be taken for the text it is."""
    if ".".join(key) == wording.SECRET_SECTION:
        return
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _misplaced_references(below, (*key, name))
    elif isinstance(value, list):
        for item in value:
            yield from _misplaced_references(item, key)
    elif isinstance(value, str) and REFERENCE.search(value):
        yield Problem(f"${{NAME}} is for {wording.SECRET_SECTION} only", key=".".join(key))
