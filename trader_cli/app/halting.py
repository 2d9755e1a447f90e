"""The use cases behind `trader halt` and `trader resume`. Nothing here may need an engine or a sound database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trader_cli.engine import switches
from trader_cli.errors import ConfigError, Unavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


def name_of(reference: str, variants_dir: Path, environment: Mapping[str, str]) -> tuple[str, bool]:
    """What a variant calls itself; where its file is missing or broken, the file's name: no switch waits for repairs.

    Beside it whether anything here knows that name.

    Raises: UsageError for what no variant can be called.
    """
    from trader_cli.variant.loading import load
    from trader_cli.variant.model import is_name
    from trader_cli.variant.naming import files

    try:
        return load(reference, variants_dir=variants_dir, environment=environment).variant.name, True
    except ConfigError:
        is_known = Path(reference).is_file() or reference in {path.stem for path in files(variants_dir)}
        name = Path(reference).stem if "/" in reference or reference.endswith(".toml") else reference
        if not is_name(name):
            raise UsageError(f"'{reference}' is no variant's name") from None
        return name, is_known or _has_traded(name)


def _has_traded(name: str) -> bool:
    """Whether the journal knows a variant; a journal that cannot be read knows none."""
    from trader_cli.app.knowing import Asked, status
    from trader_cli.errors import TraderError

    try:
        return bool(status(Asked(name, Path())))
    except TraderError:
        return False


def halt(folder: Path, name: str | None, *, flatten: bool) -> None:
    """Throws the switch of a variant, or of all. Raises: Unavailable."""
    try:
        switches.throw(folder, name, flatten=flatten)
    except OSError as error:
        raise Unavailable(f"the switch cannot be thrown: {error.strerror}", file=str(folder)) from None


def resume(folder: Path, name: str | None) -> tuple[bool, tuple[str, ...]]:
    """Releases a switch: whether it was thrown, and which others are thrown still. Raises: Unavailable."""
    try:
        was_thrown = switches.release(folder, name)
        return was_thrown, tuple(switches.thrown(folder))
    except OSError as error:
        raise Unavailable(f"the switch cannot be released: {error.strerror}", file=str(folder)) from None
