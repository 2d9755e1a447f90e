"""A document becomes a variant, or every problem it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from trader_cli.domain.section import Section
from trader_cli.errors import Problem
from trader_cli.variant import checks, wording
from trader_cli.variant.keys import EXTENDS
from trader_cli.variant.model import FIXED_SECTIONS, SECTIONS, Heading, Variant
from trader_cli.variant.sections import REFERENCE
from trader_cli.variant.strategy_tables import strategy_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trader_cli.variant.reading import Document


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a document: a variant, or the problems why there is none. Their `file` is not known here."""

    variant: Variant | None
    problems: tuple[Problem, ...]


def validate(document: Document, folder: Path | None) -> Verdict:
    """Checks a whole document; `folder` is where a strategy's path starts.

    A problem in one section does not hide those in the others.
    """
    problems = list(_misplaced_references(document))
    sections: dict[str, Section] = {}
    for name, model in FIXED_SECTIONS.items():
        sections |= _section(name, model, document.get(name, {}), problems)
    strategies = strategy_tables(document, folder)
    problems += strategies.problems
    heading = _heading(document, problems)
    problems += checks.problems(sections | {"strategy": strategies.active} if strategies.active else sections)
    if problems or heading is None:
        return Verdict(None, tuple(problems))
    whole = {**dict(heading), **sections, "strategy_config": strategies.params}
    return Verdict(Variant.model_validate(whole, context=folder), ())


def _section[S: Section](name: str, model: type[S], table: Any, problems: list[Problem]) -> dict[str, S]:
    try:
        return {name: model.model_validate(table)}
    except ValidationError as error:
        problems += wording.problems(error, model, name)
        return {}


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
