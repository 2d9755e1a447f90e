"""Every key of the variant file with its meaning: what comments, the reference page and the schema are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticUndefined, to_jsonable_python

from trader_cli.registry import strategy_class, strategy_names
from trader_cli.variant.fields import PLAIN_KINDS, allowed, choices, section_of
from trader_cli.variant.model import FIXED_SECTIONS, SECTIONS, Heading
from trader_cli.variant.strategy_tables import SECTION as STRATEGY_CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


FOLLOWS_THE_CELL = {
    "trader_name": "the file's stem",
    "variants.asset_class": '"crypto"; alpaca: "stocks"',
    "broker_config.credentials.api_key": "bybit: ${BYBIT_API_KEY}, others likewise",
    "broker_config.credentials.api_secret": "bybit: ${BYBIT_API_SECRET}, others likewise",
    "broker_config.credentials.passphrase": "okx: ${OKX_PASSPHRASE}",
    "trading_symbols.crypto": "the broker's",
    "trading_symbols.stocks": "the broker's",
    "trading_symbols.etf": "the broker's",
    "trading_symbols.futures": "the broker's",
    "risk_settings.allow_short": "false; asset class futures: true",
    "costs.taker_fee": "the broker's base tier",
    "costs.maker_fee": "the broker's base tier",
}
"""The keys whose default is not one value, and what it is instead."""

_EXAMPLES = {"costs.funding_rate": 0.0001}


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `default` is None where it is required or unset, `example` is always a value that is allowed."""

    section: str
    name: str
    allowed: str
    required: bool
    default: Any
    example: Any
    meaning: str

    @property
    def dotted(self) -> str:
        """The whole name: `risk_settings.stop_loss`."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def range(self) -> str:
        """What is allowed, where the meaning does not say it: bounds and choices."""
        told = all(word in self.meaning for word in self.allowed.removeprefix("one of ").split(", "))
        return "" if self.allowed in PLAIN_KINDS or told else self.allowed

    @property
    def default_in_words(self) -> str | None:
        """What the default is where it follows from the broker or the file; else None."""
        return FOLLOWS_THE_CELL.get(self.dotted)


EXTENDS = Key(
    section="",
    name="extends",
    allowed="a path relative to this file",
    required=False,
    default=None,
    example="base.toml",
    meaning="another variant file whose values this one starts from; chains are fine, loops are refused",
)


def tables() -> dict[str, list[Key]]:
    """Every table of the file and its keys, in the order of the file; "" is what stands above the first table."""
    found = {"": [*keys_of("", Heading), EXTENDS]}
    for section in SECTIONS:
        if section == STRATEGY_CONFIG:
            for name in strategy_names():
                found |= strategy_table(name)
        else:
            found |= _tables_of(section, FIXED_SECTIONS[section])
    return found


def strategy_table(reference: str, folder: Path | None = None) -> dict[str, list[Key]]:
    """The table of one strategy; `folder` is where a path starts."""
    found = strategy_class(reference, folder)
    return _tables_of(f"{STRATEGY_CONFIG}.{found.name}", found.params_model)


def keys_of(section: str, model: type[BaseModel]) -> list[Key]:
    """The keys of a model that are no tables themselves."""
    return [_key(section, name, field) for name, field in model.model_fields.items() if section_of(field) is None]


def _tables_of(section: str, model: type[BaseModel]) -> dict[str, list[Key]]:
    found = {section: keys_of(section, model)}
    for name, field in model.model_fields.items():
        if (below := section_of(field)) is not None:
            found |= _tables_of(f"{section}.{name}", below)
    return found


def _key(section: str, name: str, field: FieldInfo) -> Key:
    default = None if field.default is PydanticUndefined else to_jsonable_python(field.default)
    return Key(
        section=section,
        name=name,
        allowed=allowed(field),
        required=field.is_required(),
        default=default,
        example=_example(f"{section}.{name}", field, default),
        meaning=field.description or "",
    )


def _example(dotted: str, field: FieldInfo, default: Any) -> Any:
    if field.examples:
        return field.examples[0]
    if dotted in _EXAMPLES:
        return _EXAMPLES[dotted]
    others = [choice for choice in choices(field) if choice != default]
    return others[0] if others else (not default) if isinstance(default, bool) else default


def all_keys() -> Iterator[Key]:
    """Every key of every table."""
    for listed in tables().values():
        yield from listed
