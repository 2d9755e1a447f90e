"""Where the program `trader` begins: what must be settled before anything large is imported.

A short command is mostly its imports, and what they make stays: a fifth of its CPU time went into looking through all
of it for garbage, over and over, and once more at the end. So the first look comes when all is there.
"""

from __future__ import annotations

import gc
import os

OBJECTS_BEFORE_THE_FIRST_LOOK = 250_000
"""How many objects are made before garbage is looked for at all: imports make up to so many, and none of it garbage."""

OBJECTS_BETWEEN_LOOKS = 50_000
"""And from then on; Python's own 700 suit programs that begin with less."""

SETTLED = {
    "OPENBLAS_NUM_THREADS": "1",  # numpy's import starts its threads, and no matrix is multiplied here
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # else it reads the metadata of every package installed
}
"""Variables of libraries, where the user has not set them otherwise."""


def main() -> int:
    """Runs the program on the process's arguments; its exit code."""
    gc.set_threshold(OBJECTS_BEFORE_THE_FIRST_LOOK)
    gc.callbacks.append(_has_looked)
    for name, value in SETTLED.items():
        os.environ.setdefault(name, value)
    from trader_cli.cli import main as program  # imports all that follows

    code = program.main()
    gc.freeze()  # what is left goes with the process: nobody need look through it
    return code


def _has_looked(phase: str, _: dict[str, int]) -> None:
    """After the first look the collector goes on as is usual here."""
    if phase == "stop":
        gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
        gc.callbacks.remove(_has_looked)
