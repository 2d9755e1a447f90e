"""Looking at variants: which there are, whether they are sound, and what each value is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from trader_cli.errors import ConfigError, Problem
from trader_cli.variant.cells import matrix
from trader_cli.variant.loading import Resolved, load
from trader_cli.variant.naming import files
from trader_cli.variant.notes import notes
from trader_cli.variant.scaffold import values_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Listed:
    """One variant file of the folder; the cell is unknown where the file is invalid."""

    name: str
    path: str
    broker: str | None
    strategy: str | None
    mode: str | None
    asset_class: str | None
    symbols: tuple[str, ...]
    valid: bool
    error: str | None


def listed(variants_dir: Path, environment: Mapping[str, str]) -> list[Listed]:
    """Every variant file of the folder, the invalid ones with the reason."""
    return [_listed(path, variants_dir, environment) for path in files(variants_dir)]


def _listed(path: Path, variants_dir: Path, environment: Mapping[str, str]) -> Listed:
    try:
        variant = load(str(path), variants_dir=variants_dir, environment=environment).variant
    except ConfigError as error:
        reason = "; ".join(_without_file(problem, path) for problem in error.problems)
        return Listed(path.stem, str(path), None, None, None, None, (), valid=False, error=reason)
    cell = variant.variants
    return Listed(
        name=path.stem,
        path=str(path),
        broker=cell.broker,
        strategy=cell.strategy,
        mode=cell.mode.value,
        asset_class=cell.asset_class.value,
        symbols=variant.symbols,
        valid=True,
        error=None,
    )


def _without_file(problem: Problem, path: Path) -> str:
    return str(Problem(problem.message, None if problem.file == str(path) else problem.file, problem.key))


def listed_document(variants: Sequence[Listed]) -> dict[str, Any]:
    """The document of `list-variants --json`."""
    return {"variants": [asdict(each) for each in variants]}


def matrix_document() -> dict[str, Any]:
    """The document of `list-variants --matrix --json`."""
    rows = [
        {
            "broker": cell.broker,
            "strategy": cell.strategy,
            "mode": cell.mode.value,
            "asset_class": cell.asset_class.value,
            "supported": cell.supported,
            "reason": cell.reason,
        }
        for cell in matrix()
    ]
    return {"matrix": rows}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: the sound files with remarks on them, and every problem of the others."""

    sound: tuple[str, ...]
    remarks: tuple[Problem, ...]
    problems: tuple[Problem, ...]


def checked(
    references: Sequence[str],
    *,
    variants_dir: Path,
    overrides: Sequence[str],
    flags: Mapping[str, object],
    environment: Mapping[str, str],
) -> Checked:
    """Checks the named variants, or all of the folder where none is named.

    Raises: ConfigError when there is nothing to check.
    """
    chosen = list(references) or [str(path) for path in files(variants_dir)]
    if not chosen:
        raise ConfigError("there is no variant file in this folder", file=str(variants_dir))
    sound: list[str] = []
    remarks: list[Problem] = []
    problems: list[Problem] = []
    for reference in chosen:
        try:
            found = load(
                reference, variants_dir=variants_dir, overrides=overrides, flags=flags, environment=environment
            )
        except ConfigError as error:
            problems += error.problems
        else:
            sound.append(str(found.path))
            remarks += [Problem(note.message, str(found.path), note.key) for note in notes(found.variant)]
    return Checked(tuple(sound), tuple(remarks), tuple(dict.fromkeys(problems)))


def loaded(references: Sequence[str], *, variants_dir: Path, environment: Mapping[str, str]) -> list[Resolved]:
    """The named variants, all of them sound. Raises: ConfigError with every problem of every one."""
    found: list[Resolved] = []
    problems: list[Problem] = []
    for reference in references:
        try:
            found.append(load(reference, variants_dir=variants_dir, environment=environment))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError.of(tuple(dict.fromkeys(problems)))
    return found


def values(resolved: Resolved) -> list[dict[str, Any]]:
    """Every value of a variant with its origin: the rows of `show`. A secret is shown as the reference it is."""
    return [
        {"key": key, "value": value, "origin": resolved.origins.get(key, "default")}
        for key, value in values_of(resolved.variant).items()
    ]
