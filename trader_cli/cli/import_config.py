"""`trader import-config`: a 2.5 JSON configuration becomes a variant file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trader_cli.cli import options, render
from trader_cli.cli.context import Context
from trader_cli.settings import variants_dir


def import_config(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="The old configuration.", metavar="FILE.json")],
    output: options.Output = None,
    force: options.Force = False,
) -> None:
    """Turns a 2.5 JSON configuration into a variant; whatever is not carried over is said.

    Example: `trader import-config bybit_crypto_live.json`
    """
    from trader_cli.app.import_config import import_config as done

    result = done(source, variants_dir=variants_dir(Context.of(context).variants_dir), output=output, force=force)
    for remark in result.remarks:
        render.words(f"warning: {remark}")
    render.line(str(result.path))
