"""The strategies there are, with their parameters, as `trader strategies` lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trader_cli import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.domain.timeframe import Timeframe, TradingHours
    from trader_cli.strategies.base import Params, Strategy


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key of `[strategy_config.<name>]`. `default` is None where the key must be given."""

    name: str
    type: str
    default: object
    required: bool
    allowed: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One strategy. `warmup_bars` and `window_bars` are those of its defaults; None where it has required keys."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    warmup_bars: int | None
    window_bars: int | None


def listings(names: tuple[str, ...], timeframe: Timeframe, hours: TradingHours) -> tuple[Listing, ...]:
    """The strategies named, or all registered ones.

    Raises: ConfigError when one does not exist or cannot be imported.
    """
    return tuple(_listing(name, timeframe, hours) for name in names or registry.strategy_names())


def _listing(name: str, timeframe: Timeframe, hours: TradingHours) -> Listing:
    strategy = registry.strategy_class(name)
    found = parameters(strategy.params_model)
    built: Strategy[Any] | None = None
    if not any(parameter.required for parameter in found):
        built = strategy(strategy.params_model())
    return Listing(
        name=strategy.name,
        summary=strategy.summary,
        parameters=found,
        warmup_bars=built.warmup(timeframe, hours) if built else None,
        window_bars=built.window(timeframe, hours) if built else None,
    )


def parameters(model: type[Params]) -> tuple[Parameter, ...]:
    """The keys of a strategy's table, from its model."""
    schema = model.model_json_schema()
    required = schema.get("required", ())
    return tuple(
        Parameter(
            name=name,
            type=_type(field),
            default=field.get("default"),
            required=name in required,
            allowed=_allowed(field),
            meaning=field.get("description", ""),
        )
        for name, field in schema.get("properties", {}).items()
    )


def _type(field: Mapping[str, Any]) -> str:
    options = field.get("anyOf", (field,))
    return " or ".join(option.get("type", "any") for option in options)


def _allowed(field: Mapping[str, Any]) -> str:
    """The bounds of a number, `>` and `<` where the bound itself is out; the values of a choice; else examples."""
    low = _bound(field, "minimum", "") or _bound(field, "exclusiveMinimum", ">")
    high = _bound(field, "maximum", "") or _bound(field, "exclusiveMaximum", "<")
    if low or high:
        return f"{low}..{high}"
    return " | ".join(map(str, field.get("enum", field.get("examples", ()))))


def _bound(field: Mapping[str, Any], key: str, sign: str) -> str:
    return f"{sign}{field[key]:.12g}" if key in field else ""
