"""`trader halt` and `trader resume`: the kill switch."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.errors import UsageError
from trader_cli.settings import halts_dir, variants_dir

Named = Annotated[str | None, typer.Argument(help="A name in the variants folder, or a path.", metavar="[VARIANT]")]
All = Annotated[bool, typer.Option("--all", help="Every variant, also those to come.")]


def halt(
    context: typer.Context,
    reference: Named = None,
    every: All = False,
    flatten: Annotated[bool, typer.Option("--flatten", help="Close what is held as well, at the next open.")] = False,
    as_json: options.Json = False,
) -> None:
    """Stops new exposure within a second: no entries, exits go on. It holds over restarts, until `trader resume`.

    Example: `trader halt bybit_crypto_rsi --flatten`
    """
    from trader_cli.app.halting import halt as throw

    name, is_known = _name(context, reference, every)
    throw(halts_dir(), name, flatten=flatten)
    if not is_known:
        raise UsageError(f"nothing here is called '{name}'; its switch is thrown all the same, and halts no other")
    if as_json:
        return render.document({"halted": name or "all", "flatten": flatten})
    what = "positions are closed, no entries" if flatten else "exits only"
    return render.line(f"{name or 'all variants'}: halted, {what}; `trader resume {name or '--all'}` ends it")


def resume(context: typer.Context, reference: Named = None, every: All = False, as_json: options.Json = False) -> None:
    """Lets a halted variant trade again.

    Example: `trader resume bybit_crypto_rsi`
    """
    from trader_cli.app.halting import resume as release

    name, _ = _name(context, reference, every)
    was_thrown, still = release(halts_dir(), name)
    if as_json:
        return render.document({"resumed": name or "all", "was_halted": was_thrown, "still_halted": list(still)})
    render.line(f"{name or 'all variants'}: {'resumed' if was_thrown else 'was not halted'}")
    for other in still:
        render.words(f"note: still halted: {other}")
    return None


def _name(context: typer.Context, reference: str | None, every: bool) -> tuple[str | None, bool]:
    """What a variant is called in the journal, None for all of them; and whether it is known. Raises: UsageError."""
    from trader_cli.app.halting import name_of

    if every == (reference is not None):
        raise UsageError("name one VARIANT, or say --all")
    if reference is None:
        return None, True
    return name_of(reference, variants_dir(Context.of(context).variants_dir), os.environ)
