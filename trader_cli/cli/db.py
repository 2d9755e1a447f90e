"""`trader db check`, `backup`, `restore` and `vacuum`: the journal's file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trader_cli.cli import options, render
from trader_cli.errors import Problem, Unavailable

app = typer.Typer(help="The journal's file: check it, copy it, put a copy back, pack it.", no_args_is_help=True)


@app.command("check")
def check(as_json: options.Json = False) -> None:
    """Checks the file, its tables, and that its books add up: trades and positions are made again from the fills.

    Ends with 5 where anything is wrong. A trader may go on writing meanwhile.

    Example: `trader db check --json`
    """
    from trader_cli.app import keeping

    found = keeping.check()
    if as_json:
        render.document(found)
    else:
        facts = [
            ("verdict", "sound" if found["sound"] else "damaged"),
            ("schema", str(found["schema"]) + ("" if found["current"] else ", brought forward by the next session")),
            ("bytes", f"{found['bytes']:,}"),
            *((table, f"{count:,}") for table, count in found["rows"].items()),
        ]
        render.table(("what", "found"), facts, title=found["file"], right=("found",))
    if not found["sound"]:
        raise Unavailable.of([Problem(problem, found["file"]) for problem in found["problems"]])


@app.command("backup")
def backup(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A new file; default: one with the time in $TRADER_HOME/backups."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Copies the journal to a single file, also while a trader writes it. A damaged journal is not copied.

    Copying journal.db by hand loses what still stands in journal.db-wal.

    Example: `trader db backup /mnt/safe/journal.db`
    """
    from trader_cli.app import keeping

    done = keeping.back_up(target)
    if as_json:
        return render.document(done)
    return render.line(f"{done['file']}: {done['bytes']:,} bytes")


@app.command("restore")
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="What `trader db backup` wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the journal that is there; it is kept aside.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Makes a backup the journal again, once it was found sound. No trader may run meanwhile.

    The present journal is kept in $TRADER_HOME/backups, as journal-before-restore-TIME.db; the trials that it has
    counted stay counted.

    Example: `trader db restore backups/journal-20260101-000000.db --force`
    """
    from trader_cli.app import keeping

    done = keeping.restore(source, force=force)
    if as_json:
        return render.document(done)
    if done["aside"] is not None:
        render.words(f"the journal that was there is {done['aside']} now")
    return render.line(f"{done['file']}: restored from {done['restored']}")


@app.command("vacuum")
def vacuum(as_json: options.Json = False) -> None:
    """Packs the journal's file. No trader may run meanwhile.

    Example: `trader db vacuum`
    """
    from trader_cli.app import keeping

    done = keeping.vacuum()
    if as_json:
        return render.document(done)
    return render.line(f"{done['file']}: {done['freed']:,} bytes freed, {done['bytes']:,} left")
