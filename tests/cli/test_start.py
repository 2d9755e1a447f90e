"""How the program begins."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

BEGUN = """\
import os, sys
from trader_cli.cli.start import main
large = {"typer", "numpy", "pydantic"} & set(sys.modules)
sys.argv = ["trader", *sys.argv[1:]]
code = main()
print(sorted(large), os.environ["OPENBLAS_NUM_THREADS"], code, file=sys.stderr)
"""


@pytest.mark.parametrize(("arguments", "code"), [(("--version",), 0), (("show", "nobody"), 2)])
@pytest.mark.parametrize("threads", [None, "3"])
def test_what_libraries_read_is_settled_before_them_unless_the_user_has(
    arguments: tuple[str, ...], code: int, threads: str | None
) -> None:
    theirs = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    env = theirs if threads is None else theirs | {"OPENBLAS_NUM_THREADS": threads}
    ran = subprocess.run([sys.executable, "-c", BEGUN, *arguments], env=env, capture_output=True, text=True, check=True)
    assert ran.stderr.splitlines()[-1] == f"[] {threads or 1} {code}"


LOOKED = """\
import gc, sys
from trader_cli.cli import start
sys.argv = ["trader", "--version"]
looks = []
gc.callbacks.append(lambda phase, told: looks.append(phase))
others = len(gc.callbacks)
start.main()
before, kept = len(looks), []
for how_many in (start.OBJECTS_BEFORE_THE_FIRST_LOOK, start.OBJECTS_BETWEEN_LOOKS, start.OBJECTS_BETWEEN_LOOKS):
    kept += [[] for _ in range(how_many + 1_000)]  # some of them are of memory that lists have left
    looks.append("more")
print(before, looks, len(gc.callbacks) - others, file=sys.stderr)
"""


def test_nothing_is_looked_through_for_garbage_before_all_is_there_and_then_as_ever() -> None:
    ran = subprocess.run([sys.executable, "-c", LOOKED], capture_output=True, text=True, check=True)
    look = ["start", "stop"]
    assert ran.stderr.splitlines()[-1] == f"0 {[*look, 'more', *look, 'more', *look, 'more']} 0"
