"""The tables of `[strategy_config]`: each strategy brings the model of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trader_cli.errors import ConfigError, Problem, suggest
from trader_cli.registry import strategy_class, strategy_names
from trader_cli.variant import wording
from trader_cli.variant.tables import Table

if TYPE_CHECKING:
    from pathlib import Path

    from trader_cli.domain.section import Section
    from trader_cli.strategies.base import Strategy
    from trader_cli.variant.reading import Document

SECTION = "strategy_config"


@dataclass(slots=True)
class StrategyTables:
    """The active strategy and its table where there is such a strategy, the sound tables of the others by name.

    `problems` are not those of the active table's content, which is judged elsewhere.
    """

    active: type[Strategy[Any]] | None = None
    table: Table | None = None
    others: dict[str, Section] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def strategy_tables(document: Document, folder: Path | None) -> StrategyTables:
    """Finds the table of the active strategy, which may be left out, and checks every other one that is there."""
    found = StrategyTables()
    tables = document.get(SECTION, {})
    if not isinstance(tables, dict):
        found.problems.append(Problem(f"must be a table, is {wording.told(tables)}", key=SECTION))
        tables = {}
    active = found.active = active_strategy(document, folder, found.problems)
    if active:
        found.table = _table(active, tables.get(active.name, {}))
    for name in tables:
        if active and name == active.name:
            continue
        cls = _named(name, active, found.problems)
        if cls and (params := _table(cls, tables[name]).judged(found.problems)) is not None:
            found.others[name] = params
    return found


def _table(cls: type[Strategy[Any]], content: Any) -> Table:
    return Table(cls.params_model, f"{SECTION}.{cls.name}", content)


def active_strategy(document: Document, folder: Path | None, problems: list[Problem]) -> type[Strategy[Any]] | None:
    """The class behind `variants.strategy`; None where there is none, and `problems` tells why it cannot be loaded."""
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
