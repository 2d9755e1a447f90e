"""Writes what is made from the code: docs/variant-reference.md, docs/commands.md and variants/template.toml.

`--check` writes nothing and fails where a file is not what the code says.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from trader_cli.registry import strategy_class
from trader_cli.variant.keys import Key, tables
from trader_cli.variant.model import FIXED_SECTIONS
from trader_cli.variant.scaffold import template, toml
from trader_cli.variant.sections import Credentials
from trader_cli.variant.strategy_tables import SECTION as STRATEGY_CONFIG

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "variant-reference.md"
COMMANDS = ROOT / "docs" / "commands.md"
TEMPLATE = ROOT / "variants" / "template.toml"

INTRODUCTION = """\
# The variant file

A variant is one TOML file: one cell (broker, strategy, mode, asset class) and its numbers. Only `broker` and
`strategy` are required; `trader new-variant` writes a file with every key explained, `trader check` tells every
problem of one, `trader show` where each value came from.

This page is generated from the models that check the file: `make docs` writes it again.

## Where values come from

The weakest first: built-in defaults, the `extends` chain, the file, the environment, `--set` and flags.

| layer | written as |
|---|---|
| `extends` | `extends = "base.toml"`, relative to the file that says it; chains are fine, loops are refused |
| environment | `TRADER_<SECTION>__<KEY>`: `TRADER_STRATEGY_CONFIG__RSI__PERIOD=7` |
| `--set` | `--set strategy_config.rsi.period=7`: a value as TOML writes it, a bare text where it is no TOML |
| flags | `--broker`, `--strategy`, `--mode`, `--asset-class`, `--symbol` |

Unknown keys are refused everywhere, and so are numbers out of bounds, `nan` and `inf`. `${NAME}` stands for an
environment variable in `broker_config.credentials` alone; a key itself never stands in the file.
"""


def reference() -> str:
    """The page: a table of keys for every table of the file."""
    parts = [INTRODUCTION]
    for section, keys in tables().items():
        title = f"`[{section}]`" if section else "Top of the file"
        parts.append(f"## {title}\n\n{_about(section)}\n")
        rows = "\n".join(map(_row, keys))
        parts.append(f"| key | allowed | default | example | meaning |\n|---|---|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def _about(section: str) -> str:
    if not section:
        return "Before any table."
    if section.startswith(STRATEGY_CONFIG):
        name = section.removeprefix(f"{STRATEGY_CONFIG}.")
        return f"The strategy {name} {strategy_class(name).summary}. Only the active strategy's table is used."
    model = FIXED_SECTIONS.get(section, Credentials)
    return " ".join((model.__doc__ or "").split())


def _row(key: Key) -> str:
    default = "required" if key.required else key.default_in_words or _written(key.default)
    cells = (f"`{key.name}`", key.allowed, default, f"`{toml(key.example)}`", key.meaning)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _written(default: object) -> str:
    return "unset" if default is None else f"`{toml(default)}`"


def commands() -> str:
    """The page of every command and option, as Typer writes it from the program itself."""
    typer = [sys.executable, "-m", "typer", "trader_cli.cli.main", "utils", "docs", "--name", "trader"]
    page = subprocess.run(
        typer, cwd=ROOT, env={**os.environ, "NO_COLOR": "1"}, capture_output=True, text=True, check=True
    ).stdout
    lines = [line.rstrip() for line in page.strip().splitlines()]
    first = (
        "This page is generated from the program: `make docs` writes it again. `trader COMMAND --help` says the same."
    )
    return "\n".join(["# Commands", "", first, *lines[1:], ""])


def main(arguments: list[str]) -> int:
    """Writes the files, or with `--check` compares them; returns the exit code."""
    stale = []
    for path, text in ((REFERENCE, reference()), (TEMPLATE, template()), (COMMANDS, commands())):
        if "--check" not in arguments:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(str(path.relative_to(ROOT)))
    if stale:
        sys.stderr.write(f"not what the code says: {', '.join(stale)}; `make docs` writes them again\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
