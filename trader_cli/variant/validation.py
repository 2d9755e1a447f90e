"""A document becomes a variant, or every problem it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trader_cli.variant import checks
from trader_cli.variant.outline import outline

if TYPE_CHECKING:
    from pathlib import Path

    from trader_cli.errors import Problem
    from trader_cli.variant.model import Variant
    from trader_cli.variant.reading import Document


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a document: a variant, or the problems why there is none. Their `file` is not known here."""

    variant: Variant | None
    problems: tuple[Problem, ...]


def validate(document: Document, folder: Path | None) -> Verdict:
    """Checks a whole document; `folder` is where a strategy's path starts.

    A problem in one section does not hide those in the others.
    """
    parts = outline(document, folder)
    problems = list(parts.problems)
    judged = {name: table.judged(problems) for name, table in parts.tables.items()}
    sound = {name: section for name, section in judged.items() if section is not None}
    problems += checks.problems({name: parts.checked(name, section) for name, section in sound.items()})
    return Verdict(None, tuple(problems)) if problems else Verdict(parts.variant(sound), ())
