"""How a variant is named, and which file a name means."""

from __future__ import annotations

import re
from pathlib import Path

from trader_cli.errors import ConfigError, UsageError, suggest

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
SUFFIX = ".toml"


def path_of(reference: str, variants_dir: Path) -> Path:
    """The file of a VARIANT: a path where it looks like one, else a name in the variants folder.

    Raises: ConfigError when the folder has no such name.
    """
    if "/" in reference or reference.endswith(SUFFIX):
        return Path(reference).expanduser()
    names = {path.stem: path for path in files(variants_dir)}
    if reference not in names:
        raise ConfigError(f"no variant '{reference}' in {variants_dir}{suggest(reference, names)}")
    return names[reference]


def files(variants_dir: Path) -> list[Path]:
    """The variant files of a folder, sorted by name; none where there is no folder."""
    try:
        return sorted(variants_dir.glob(f"*{SUFFIX}"))
    except (OSError, ValueError):
        return []


def new_name(name: str) -> str:
    """A name a new file may have: it cannot leave its folder.

    Raises: UsageError for any other.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"'{name}' must be 1 to 64 small letters, digits, '_' or '-', the first a letter or digit")
    return name
