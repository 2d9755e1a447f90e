"""Compiles plain scalar functions with numba, and keeps the result in the user's cache folder.

numba tells a stale cache by the compiled function's own file only: a kernel would go on using a rule as it was before
its file was edited. So the cache folder's name holds a digest of every source that can be compiled into a kernel.
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Final, cast

from trader_cli import settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

_PACKAGE = Path(__file__).resolve().parent.parent
_COMPILED_PARTS = ("rules", "indicators", "backtest")


_OPTIONS: Final = {"error_model": "numpy", "_nrt": False}
"""How all that is compiled here is compiled: division by zero gives infinity, and no references to arrays are counted.

Nothing compiled makes an array (numba refuses to compile what would) or keeps one beyond its call, so there is nothing
to count; counting would cost more than all else, a few operations for each array of each value handed on.
"""


def compiled[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """The function as machine code: no fast-math, no GIL, compiled at its first call and then kept.

    It works on arrays it is given and makes none of its own.
    """
    import numba

    _load_bare_numba()
    keep = _use_own_cache()
    decorated: Callable[P, R] = numba.njit(cache=keep, nogil=True, **_OPTIONS)(function)
    return decorated


def compilable[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """The function as it is, which compiled code may call from now on: it becomes part of its caller."""
    from numba.extending import register_jitable

    _load_bare_numba()
    ready: Callable[P, R] = register_jitable(forceinline=True, **_OPTIONS)(function)
    return ready


def sources(*parts: str) -> str:
    """A checksum of this program's own text: of some of its packages, or of all."""
    digest = hashlib.sha256()
    for part in parts or ("**",):
        for source in sorted(_PACKAGE.glob(f"{part}/*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()


@cache
def _load_bare_numba() -> None:
    """Loads the parts of numba that look for BLAS in scipy and for C declarations in cffi, without either.

    Where those are installed for other reasons they cost 0.4 s, for things that no kernel of ours does. A strategy
    whose own compiled code does linear algebra imports `scipy.linalg` at its top: what is loaded is left alone.
    """
    hidden = [name for name in ("scipy.linalg", "cffi") if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = cast("ModuleType", None)  # makes `import` fail as if it were not installed
    try:
        for part in ("numba.np.arraymath", "numba.core.typing.cffi_utils"):
            import_module(part)
    finally:
        for name in hidden:
            del sys.modules[name]


@cache
def make_rules_compilable() -> None:
    """Lets compiled code call the functions of `rules`, which stay what they are to Python."""
    from trader_cli.rules import account, exits, fills, limits, numbers, sizing

    for module in (account, exits, fills, limits, numbers, sizing):
        for name, rule in vars(module).items():
            if isinstance(rule, FunctionType) and rule.__module__ == module.__name__:
                compilable(getattr(module, name))


@cache
def _use_own_cache() -> bool:
    """Points numba at a cache folder of our own; whether there is one to write to."""
    from numba.core import config

    folder = settings.cache_dir() / f"kernels-{sources(*_COMPILED_PARTS)[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
    except OSError:
        return False
    config.CACHE_DIR = str(folder)
    return True
