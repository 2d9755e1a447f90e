"""Why a trader did what it did: its decisions, and how far each was from the levels that its strategy waits for."""

from __future__ import annotations

import json
from functools import lru_cache
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trader_cli.app.knowing import books_of
from trader_cli.domain.clock import parse
from trader_cli.domain.symbols import symbol_key
from trader_cli.domain.trigger import Effect
from trader_cli.errors import UsageError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trader_cli.app.knowing import Asked
    from trader_cli.domain.trigger import Trigger
    from trader_cli.strategies.base import Strategy

    type Row = dict[str, Any]


def why(asked: Asked, *, at: str | None = None, symbol: str | None = None, last: int = 1) -> list[Row]:
    """The latest decisions on each symbol, or those on the bar that contains `at`, or closed last before it.

    Raises: UsageError where there is none, or `at` is no time; Unavailable.
    """
    from trader_cli.journal import looks, queries

    until = None if at is None else _moment(at)
    found: list[Row] = []
    traded: set[str] = set()
    with books_of(asked) as (connection, books):
        for book, name in books:
            known = queries.symbols(connection, book)
            traded.update(known)
            only = [one for one in known if symbol is None or symbol_key(one) == symbol_key(symbol)]
            rows = queries.decisions(connection, book, name, until=until, only=only, last=last)
            triggers = _Triggers(looks.configuration(connection, book), _folder(asked))
            found += [row | {"triggers": triggers.of(row)} for row in rows]
    if symbol is not None and symbol_key(symbol) not in map(symbol_key, traded):
        raise UsageError(f"nothing was ever decided on '{symbol}'{suggest(symbol, traded)}", file="--symbol")
    if not found and at is not None:
        raise UsageError(f"nothing was decided by '{at}' yet", file="--at")
    return found


class _Triggers:
    """Derives the triggers of decisions from what a book is traded by."""

    def __init__(self, configuration: str, folder: Path) -> None:
        self._strategy = _strategy(configuration, folder)
        self._allows_short = bool(json.loads(configuration)["risk_settings"]["allow_short"])

    def of(self, decision: Mapping[str, Any]) -> list[Row]:
        """What a decision's values were to the levels; none where that cannot be told, or is no longer true.

        The reason that was kept is the witness: a strategy that gives another one today has other parameters by now.
        """
        if self._strategy is None or not decision["values"]:
            return []
        values = {name: nan if value is None else value for name, value in decision["values"].items()}
        try:
            if self._strategy.reason(values) != decision["reason"]:
                return []
            return [self._row(trigger) for trigger in self._strategy.triggers(values)]
        except Exception:  # noqa: BLE001 - a strategy may be anybody's, and a decision is told without it as well
            return []

    def _row(self, trigger: Trigger) -> Row:
        """In the shape of JSON. `enters` says whether an entry of this account hangs on it."""
        enters = trigger.name is Effect.BUY or (trigger.name is Effect.SELL and self._allows_short)
        return {
            "name": str(trigger.name),
            "measure": str(trigger.measure),
            "value": _finite(trigger.value),
            "level": _finite(trigger.level),
            "must_be": str(trigger.passing),
            "distance": _finite(trigger.distance),
            "met": bool(trigger.met),
            "unit": str(trigger.unit),
            "enters": enters,
        }


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None


@lru_cache(maxsize=100)
def _strategy(configuration: str, folder: Path) -> Strategy[Any] | None:
    """The strategy with the parameters that a book is traded by; None where it cannot be had any more."""
    from trader_cli.registry import strategy_class

    told = json.loads(configuration)
    try:
        found = strategy_class(told["variants"]["strategy"], folder)
        return found(found.params_model.model_validate(told["strategy_config"][found.name]))
    except Exception:  # noqa: BLE001 - foreign code, or one that has changed: decisions are told without it
        return None


def _folder(asked: Asked) -> Path:
    """Where the file of a user's own strategy is looked for: beside the variant."""
    named = Path(asked.variant or "")
    return named.parent if named.suffix == ".toml" else asked.variants_dir


def _moment(text: str) -> datetime:
    try:
        return parse(text)
    except ValueError:
        raise UsageError(f"'{text}' is no date or time, e.g. 2024-01-31 or 2024-01-31T06:40Z", file="--at") from None
