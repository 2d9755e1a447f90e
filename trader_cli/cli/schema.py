"""`trader schema`: the JSON Schema of the variant file."""

from __future__ import annotations

from trader_cli.cli import render


def schema() -> None:
    """Prints the JSON Schema of the variant file, for editors that complete and check TOML.

    Example: `trader schema > variant.schema.json`
    """
    from trader_cli.variant.schema import schema as made

    render.document(made())
