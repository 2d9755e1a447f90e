"""Writing a variant file for a person: every key explained, read back before it lands."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trader_cli.errors import ConfigError, Problem, UsageError
from trader_cli.variant.loading import Resolved, load, load_mapping
from trader_cli.variant.naming import SUFFIX, new_name
from trader_cli.variant.overlays import SET
from trader_cli.variant.scaffold import commented
from trader_cli.variant.writing import write_new

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trader_cli.variant.model import Variant


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new variant shall be: a name, what it starts from, and what is set on top."""

    name: str
    origin: str = ""
    overrides: Sequence[str] = ()
    flags: Mapping[str, object] = field(default_factory=dict)


def create(wish: Wish, *, variants_dir: Path, output: Path | None, force: bool) -> Path:
    """Writes the variant and returns its path: `output`, or the name in the variants folder.

    The environment has no part in it: what is written must not depend on where it was written.
    Raises: UsageError for a name that is none or taken; ConfigError for values that are not allowed.
    """
    name = new_name(wish.name)
    path = output or variants_dir / f"{name}{SUFFIX}"
    resolved = _resolved(wish, variants_dir, path.parent)
    if (origin := resolved.origins.get("trader_name")) == SET:
        raise UsageError("the NAME argument names it", file=origin, key="trader_name")
    text = text_of(resolved, name, path.parent)
    write_new(path, text, force=force)
    return path


def _resolved(wish: Wish, variants_dir: Path, folder: Path) -> Resolved:
    if wish.origin:
        return load(wish.origin, variants_dir=variants_dir, overrides=wish.overrides, flags=wish.flags, environment={})
    return load_mapping({}, folder=folder, overrides=wish.overrides, flags=wish.flags, environment={})


def text_of(resolved: Resolved, name: str, folder: Path) -> str:
    """The commented file of a variant under its new name, proven to mean the same.

    Raises: ConfigError when what would be written does not read back as the variant.
    """
    wanted = resolved.variant.model_copy(update={"trader_name": name})
    text = commented(wanted, {"trader_name", *resolved.origins}, folder)
    try:
        again = load_mapping(tomllib.loads(text), folder=folder, environment={}).variant
    except ConfigError as error:
        raise ConfigError.of([Problem(p.message, str(folder / name) + SUFFIX, p.key) for p in error.problems]) from None
    if _values(again) != _values(wanted):
        raise ConfigError("would not read back as what was asked for: nothing was written", key=name)
    return text


def _values(variant: Variant) -> dict[str, object]:
    return variant.model_dump()
