"""The simulated venues know nothing of the program that they judge."""

from __future__ import annotations

import ast
from pathlib import Path

HERE = Path(__file__).parent


def test_no_simulated_venue_imports_the_program() -> None:
    files = sorted(HERE.rglob("*.py"))
    assert len(files) > 20
    found = {str(file.relative_to(HERE)): imported(ast.parse(file.read_text())) for file in files}
    assert {file for file, names in found.items() if "trader_cli" in {name.split(".")[0] for name in names}} == set()


def test_an_import_is_seen_wherever_it_stands() -> None:
    hidden = "def f():\n    from trader_cli.domain import bars\n    import trader_cli.rules as r, os"
    assert imported(ast.parse(hidden)) == {"trader_cli.domain", "trader_cli.rules", "os"}


def imported(tree: ast.Module) -> set[str]:
    """The modules that are imported anywhere in a file."""
    nodes = list(ast.walk(tree))
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    return plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
