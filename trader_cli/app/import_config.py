"""Turning a 2.5 JSON configuration into a variant file, proven sound before it lands."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trader_cli.errors import ConfigError, Problem
from trader_cli.variant.legacy import imported, parsed
from trader_cli.variant.loading import load_mapping
from trader_cli.variant.naming import SUFFIX, new_name
from trader_cli.variant.notes import notes
from trader_cli.variant.reading import read_text
from trader_cli.variant.writing import write_new

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """The file that was written, and what to know about it."""

    path: Path
    remarks: tuple[Problem, ...]


def import_config(source: Path, *, variants_dir: Path, output: Path | None, force: bool) -> Import:
    """Writes the variant of an old configuration: `output`, or the file's name in the variants folder.

    Raises: ConfigError with every problem of the old file, none of which was carried over; UsageError where the
    new file is there already.
    """
    import tomli_w

    file = str(source)
    old = read_text(source)
    path = output or variants_dir / f"{new_name(source.stem.lower())}{SUFFIX}"
    found = imported(parsed(old, file), file)
    try:
        variant = load_mapping({"trader_name": path.stem, **found.document}, folder=path.parent, environment={}).variant
    except ConfigError as error:
        raise ConfigError.of([replace(problem, file=file) for problem in error.problems]) from None
    text = tomli_w.dumps(found.document)
    if tomllib.loads(text) != found.document:
        raise ConfigError("would not read back as it was: nothing was written", file=file)
    write_new(path, text, force=force)
    remarks = (*found.remarks, *notes(variant))
    return Import(path, tuple(replace(remark, file=file) for remark in remarks))
