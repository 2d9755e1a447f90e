"""A document becomes a variant, or every problem it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from trader_cli.domain.section import Section
from trader_cli.errors import ConfigError, Problem, suggest
from trader_cli.registry import strategy_class, strategy_names
from trader_cli.variant import checks, wording
from trader_cli.variant.model import FIXED_SECTIONS, SECTIONS, Heading, Variant
from trader_cli.variant.sections import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trader_cli.strategies.base import Params, Strategy
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
    params = _strategy_config(document, folder, problems)
    heading = _heading(document, problems)
    problems += checks.problems(sections, params)
    if problems or heading is None:
        return Verdict(None, tuple(problems))
    whole = {**dict(heading), **sections, "strategy_config": params}
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
    problems += [Problem(wording.unknown_key(key, Heading, ("extends", *SECTIONS)), key=key) for key in unknown]
    try:
        return Heading.model_validate({key: value for key, value in top.items() if key not in unknown})
    except ValidationError as error:
        problems += wording.problems(error, Heading)
        return None


def _strategy_config(document: Document, folder: Path | None, problems: list[Problem]) -> dict[str, Params]:
    """The parameters of the active strategy and of every other one the file has a table for."""
    tables = document.get("strategy_config", {})
    if not isinstance(tables, dict):
        problems.append(Problem(f"must be a table, is {wording.told(tables)}", key="strategy_config"))
        return {}
    classes = _active(document, folder, problems)
    for name in tables:
        if name not in classes and name in strategy_names():
            classes |= _loaded(name, f"strategy_config.{name}", None, problems)
    known = {*strategy_names(), *classes}
    params: dict[str, Params] = {}
    for name in (*classes, *(table for table in tables if table not in classes)):
        key = f"strategy_config.{name}"
        if name in classes:
            params |= _section(key, classes[name].params_model, tables.get(name, {}), problems)
        elif name not in known:
            hint = suggest(name, known) or f" (known: {', '.join(sorted(known))})"
            problems.append(Problem(f"no strategy has this name{hint}", key=key))
    return {key.removeprefix("strategy_config."): value for key, value in params.items()}


def _active(document: Document, folder: Path | None, problems: list[Problem]) -> dict[str, type[Strategy[Any]]]:
    dimensions = document.get("variants")
    reference = dimensions.get("strategy") if isinstance(dimensions, dict) else None
    if not isinstance(reference, str):
        return {}  # that it is missing or no text is reported where the section is checked
    return _loaded(reference, "variants.strategy", folder, problems)


def _loaded(reference: str, key: str, folder: Path | None, problems: list[Problem]) -> dict[str, type[Strategy[Any]]]:
    try:
        found = strategy_class(reference, folder)
    except ConfigError as error:
        problems += [Problem(problem.message, key=key) for problem in error.problems]
        return {}
    return {found.name: found}


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
