"""The tables of `[strategy_config]`: each strategy brings the model of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from trader_cli.errors import ConfigError, Problem, suggest
from trader_cli.registry import strategy_class, strategy_names
from trader_cli.variant import wording

if TYPE_CHECKING:
    from pathlib import Path

    from trader_cli.strategies.base import Params, Strategy
    from trader_cli.variant.reading import Document

SECTION = "strategy_config"


@dataclass(slots=True)
class StrategyTables:
    """The sound tables, the active strategy where it is sound, and what is wrong with the others."""

    params: dict[str, Params] = field(default_factory=dict)
    active: Strategy[Any] | None = None
    problems: list[Problem] = field(default_factory=list)


def strategy_tables(document: Document, folder: Path | None) -> StrategyTables:
    """Checks the table of the active strategy, which may be left out, and every other one that is there."""
    found = StrategyTables()
    tables = document.get(SECTION, {})
    if not isinstance(tables, dict):
        found.problems.append(Problem(f"must be a table, is {wording.told(tables)}", key=SECTION))
        tables = {}
    active = _active(document, folder, found.problems)
    if active and (params := _params(active, tables.get(active.name, {}), found.problems)):
        found.params[active.name] = params
        found.active = active(params)
    for name in tables:
        if active and name == active.name:
            continue
        cls = _named(name, active, found.problems)
        if cls and (params := _params(cls, tables[name], found.problems)):
            found.params[name] = params
    return found


def _active(document: Document, folder: Path | None, problems: list[Problem]) -> type[Strategy[Any]] | None:
    dimensions = document.get("variants")
    reference = dimensions.get("strategy") if isinstance(dimensions, dict) else None
    if not isinstance(reference, str):
        return None  # that it is missing or no text is told where its section is checked
    return _loaded(reference, "variants.strategy", folder, problems)


def _named(name: str, active: type[Strategy[Any]] | None, problems: list[Problem]) -> type[Strategy[Any]] | None:
    known = dict.fromkeys([*strategy_names(), *([active.name] if active else [])])
    if name in strategy_names():
        return _loaded(name, f"{SECTION}.{name}", None, problems)
    hint = suggest(name, known) or f" (known: {', '.join(known)})"
    problems.append(Problem(f"no strategy has this name{hint}", key=f"{SECTION}.{name}"))
    return None


def _loaded(reference: str, key: str, folder: Path | None, problems: list[Problem]) -> type[Strategy[Any]] | None:
    try:
        return strategy_class(reference, folder)
    except ConfigError as error:
        problems += [Problem(problem.message, key=key) for problem in error.problems]
        return None


def _params(cls: type[Strategy[Any]], table: Any, problems: list[Problem]) -> Params | None:
    try:
        return cls.params_model.model_validate(table)
    except ValidationError as error:
        problems += wording.problems(error, cls.params_model, f"{SECTION}.{cls.name}")
        return None
