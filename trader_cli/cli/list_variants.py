"""`trader list-variants`: the variant files, or every cell there is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.settings import variants_dir

if TYPE_CHECKING:
    from trader_cli.app.variants import Listed

WIDEST_NAME = 24
"""A name up to this long is kept in one piece; what is longer must leave room for the other columns."""


def list_variants(
    context: typer.Context,
    matrix: Annotated[bool, typer.Option("--matrix", help="All cells: which can trade, and why not.")] = False,
    as_json: options.Json = False,
) -> None:
    """Lists the variant files and their cells; invalid ones with the reason.

    Example: `trader list-variants --matrix --json`
    """
    from trader_cli.app import variants

    if matrix:
        document = variants.matrix_document()
        return render.document(document) if as_json else _matrix(document["matrix"])
    folder = variants_dir(Context.of(context).variants_dir)
    found = variants.listed(folder, os.environ)
    if as_json:
        return render.document(variants.listed_document(found))
    return _files(found, str(folder))


def _files(found: list[Listed], folder: str) -> None:
    if not found:
        render.words(f"no variant file in {folder}; `trader new-variant` makes one")
    sound = [each for each in found if each.valid]
    rows = [(v.name, v.broker, v.strategy, v.mode, v.asset_class, _few(v.symbols)) for v in sound]
    if rows:
        columns = ("variant", "broker", "strategy", "mode", "class", "symbols")
        fits = max(len(variant.name) for variant in sound) <= WIDEST_NAME
        render.table(columns, rows, whole=columns[:-1] if fits else columns[1:-1])
    invalid = [(each.name, each.error) for each in found if not each.valid]
    if invalid:
        render.table(("invalid", "reason"), invalid)


def _few(symbols: tuple[str, ...]) -> str:
    """The first symbol and how many more there are."""
    return symbols[0] + (f" +{len(symbols) - 1}" if symbols[1:] else "")


def _matrix(cells: list[dict[str, str | None]]) -> None:
    rows = [
        (c["broker"], c["strategy"], c["mode"], c["asset_class"], "yes" if c["supported"] else "no", c["reason"] or "")
        for c in cells
    ]
    tradable = sum(row[4] == "yes" for row in rows)
    render.table(
        ("broker", "strategy", "mode", "class", "trades", "why not"),
        rows,
        title=f"{tradable} of {len(rows)} cells can trade",
    )
