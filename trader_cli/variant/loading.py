"""From a name, a path or a mapping to a checked variant: all layers put on, every problem told with its place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from trader_cli import redaction
from trader_cli.errors import ConfigError, Problem
from trader_cli.variant import defaults, overlays
from trader_cli.variant.credentials import secrets_in
from trader_cli.variant.layers import Key, Layers, Origin
from trader_cli.variant.naming import path_of
from trader_cli.variant.reading import Source, read
from trader_cli.variant.validation import validate
from trader_cli.variant.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.variant.model import Variant

DEEPEST_CHAIN = 16
_NO_FLAGS: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True)
class Resolved:
    """A checked variant, where each of its values came from (what is not listed is a default), and its file."""

    variant: Variant
    origins: Mapping[str, str]
    path: Path | None


def load(
    reference: str,
    *,
    variants_dir: Path,
    overrides: Sequence[str] = (),
    flags: Mapping[str, object] = _NO_FLAGS,
    environment: Mapping[str, str],
) -> Resolved:
    """The variant of a name or path with all layers put on; an empty reference is one made of flags alone.

    Raises: ConfigError with every problem of the file and its layers; UsageError for a malformed `--set`.
    """
    layers = Layers()
    if not reference:
        return _resolved(layers, None, Path.cwd(), overrides, flags, environment)
    path = path_of(reference, variants_dir)
    for source in reversed(_chain(path)):
        _put_source(layers, source)
    layers.fill({"trader_name": path.stem})
    return _resolved(layers, path, path.parent, overrides, flags, environment)


def load_mapping(
    document: Mapping[str, Any],
    *,
    folder: Path | None = None,
    overrides: Sequence[str] = (),
    flags: Mapping[str, object] = _NO_FLAGS,
    environment: Mapping[str, str],
) -> Resolved:
    """The variant of a mapping in the shape of the file, as `load`; a strategy's path starts at `folder`.

    Raises: ConfigError, UsageError.
    """
    layers = Layers()
    layers.put(dict(document), lambda _: Origin("mapping"))
    return _resolved(layers, None, folder or Path.cwd(), overrides, flags, environment)


def _resolved(
    layers: Layers,
    path: Path | None,
    folder: Path,
    overrides: Sequence[str],
    flags: Mapping[str, object],
    environment: Mapping[str, str],
) -> Resolved:
    problems = list(overlays.put_environment(layers, environment))
    overlays.put_overrides(layers, overrides)
    overlays.put_flags(layers, flags)
    broker = layers.get("variants", "broker")
    layers.fill({"variants": {"asset_class": defaults.asset_class_of(broker).value}})
    asset_class = layers.get("variants", "asset_class")
    overlays.put_symbols(layers, flags, str(asset_class))
    layers.fill(defaults.for_cell(broker, asset_class))
    redaction.register(secrets_in(layers.get("broker_config", "credentials"), environment))
    verdict = validate(layers.document, folder)
    problems += [_placed(problem, layers, path) for problem in verdict.problems]
    if verdict.variant is None or problems:
        raise ConfigError.of(problems)
    return Resolved(verdict.variant, layers.origins(), path)


def _placed(problem: Problem, layers: Layers, path: Path | None) -> Problem:
    """A problem with the place its value came from; what no layer says is wrong in the variant's own file."""
    origin = layers.origin(problem.key or "")
    file = origin.name if origin is not None else str(path) if path else None
    return Problem(shortened(problem.message), file, shortened(problem.key or ""))


def _put_source(layers: Layers, source: Source) -> None:
    document = {key: value for key, value in source.document.items() if key != "extends"}

    def origin(key: Key) -> Origin:
        return Origin(str(source.path), source=source, key=key)

    layers.put(document, origin)


def _chain(path: Path) -> list[Source]:
    """A file and what it extends, nearest first.

    Raises: ConfigError where a file cannot be read, and for loops.
    """
    chain = [read(path)]
    while (base := _base(chain[-1])) is not None:
        file = str(chain[-1].path)
        try:
            source = read(base)
        except ConfigError as error:
            raise ConfigError.of([_extended(problem, file) for problem in error.problems]) from None
        if any(base.samefile(earlier.path) for earlier in chain):
            raise ConfigError(f"'{base}' leads back here: a loop", file=file, key="extends")
        if len(chain) == DEEPEST_CHAIN:
            raise ConfigError(f"the chain is longer than {DEEPEST_CHAIN} files", file=file, key="extends")
        chain.append(source)
    return chain


def _extended(problem: Problem, file: str) -> Problem:
    return Problem(f"{problem.file} {problem.message}", file, "extends")


def _base(source: Source) -> Path | None:
    named = source.document.get("extends")
    if named is None:
        return None
    if not isinstance(named, str) or not named:
        raise ConfigError(
            'must be the path of another variant file, e.g. "base.toml"', file=str(source.path), key="extends"
        )
    return Path(os.path.normpath(source.path.parent / named))
