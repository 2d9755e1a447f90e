"""What the global options say, handed to every command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pathlib import Path

    import typer


@dataclass(frozen=True, slots=True)
class Context:
    """The global options of one call that commands ask for."""

    variants_dir: Path | None = None

    @classmethod
    def of(cls, context: typer.Context) -> Context:
        """The options that stand before the command."""
        return cast("Context", context.obj)
