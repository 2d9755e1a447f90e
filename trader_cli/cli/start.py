"""Where the program `trader` begins: what must be settled before anything large is imported.

A short command is mostly its imports, and what they make stays: a fifth of its CPU time went into looking through all
of it for garbage, over and over, and once more at the end.
"""

from __future__ import annotations

import gc
import os

OBJECTS_BETWEEN_LOOKS = 50_000
"""How many objects are made before young garbage is looked for; Python's own 700 suit programs that begin with less."""

SETTLED = {
    "OPENBLAS_NUM_THREADS": "1",  # numpy's import starts its threads, and no matrix is multiplied here
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # else it reads the metadata of every package installed
}
"""Variables of libraries, where the user has not set them otherwise."""


def main() -> int:
    """Runs the program on the process's arguments; its exit code."""
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
    for name, value in SETTLED.items():
        os.environ.setdefault(name, value)
    from trader_cli.cli import main as program  # imports all that follows

    code = program.main()
    gc.freeze()  # what is left goes with the process: nobody need look through it
    return code
