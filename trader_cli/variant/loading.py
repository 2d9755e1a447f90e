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
    from trader_cli.variant.reading import Document

DEEPEST_CHAIN = 16
_NO_FLAGS: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True)
class Resolved:
    """A checked variant, where each of its values came from (what is not listed is a default), and its file."""

    variant: Variant
    origins: Mapping[str, str]
    path: Path | None


@dataclass(frozen=True)
class Draft:
    """The layers of a variant whose cell is known, before the defaults of that cell are put below them."""

    layers: Layers
    path: Path | None
    folder: Path
    problems: tuple[Problem, ...]

    @property
    def broker(self) -> Any:
        """The broker, of whatever kind was written."""
        return self.layers.get("variants", "broker")

    @property
    def asset_class(self) -> Any:
        """The asset class, likewise; where no layer says one, the broker's first."""
        return self.layers.get("variants", "asset_class")

    def document(self, environment: Mapping[str, str]) -> Document:
        """The whole document, the cell's defaults included. The secrets its keys name are never shown from now on."""
        self.layers.fill(defaults.for_cell(self.broker, self.asset_class))
        redaction.register(secrets_in(self.layers.get("broker_config", "credentials"), environment))
        return self.layers.document


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
    return _resolved(draft(reference, variants_dir, overrides, flags, environment), environment)


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
    problems = _put_rest(layers, overrides, flags, environment)
    return _resolved(Draft(layers, None, folder or Path.cwd(), problems), environment)


def draft(
    reference: str,
    variants_dir: Path,
    overrides: Sequence[str],
    flags: Mapping[str, object],
    environment: Mapping[str, str],
    assigned: Mapping[str, object] = _NO_FLAGS,
) -> Draft:
    """All layers of a name or path; `assigned` are values by dotted key that a matrix adds to the `--set`s.

    Raises: ConfigError where a file cannot be read; UsageError for a malformed `--set`.
    """
    layers = Layers()
    path = path_of(reference, variants_dir) if reference else None
    if path is not None:
        for source in reversed(_chain(path)):
            _put_source(layers, source)
        layers.fill({"trader_name": path.stem})
    problems = _put_rest(layers, overrides, flags, environment, assigned)
    return Draft(layers, path, path.parent if path else Path.cwd(), problems)


def _put_rest(
    layers: Layers,
    overrides: Sequence[str],
    flags: Mapping[str, object],
    environment: Mapping[str, str],
    assigned: Mapping[str, object] = _NO_FLAGS,
) -> tuple[Problem, ...]:
    """Puts on what stands above the file; gives what is wrong with the environment."""
    problems = tuple(overlays.put_environment(layers, environment))
    overlays.put_overrides(layers, overrides)
    overlays.put_values(layers, assigned)
    overlays.put_flags(layers, flags)
    layers.fill({"variants": {"asset_class": defaults.asset_class_of(layers.get("variants", "broker")).value}})
    overlays.put_symbols(layers, flags, str(layers.get("variants", "asset_class")))
    return problems


def _resolved(found: Draft, environment: Mapping[str, str]) -> Resolved:
    verdict = validate(found.document(environment), found.folder)
    problems = [*found.problems, *(_placed(problem, found.layers, found.path) for problem in verdict.problems)]
    if verdict.variant is None or problems:
        raise ConfigError.of(problems)
    return Resolved(verdict.variant, found.layers.origins(), found.path)


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
