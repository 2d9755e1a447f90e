"""One exchange class out of ccxt, without the other hundred.

`import ccxt` runs a package that imports every exchange it has, which takes longer than a whole cycle of ours. Bare
packages of the same names stand in for it while one exchange's module is imported; they are taken away afterwards, and
whoever imports ccxt later gets all of it, made of the same modules.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES = ("ccxt", "ccxt.async_support")
_loading = Lock()


def exchange_class(name: str) -> type[Any]:
    """The asynchronous client of an exchange, e.g. `bybit`."""
    module = f"ccxt.async_support.{name}"
    with _loading:
        if module not in sys.modules and not any(package in sys.modules for package in _PACKAGES):
            with _bare_packages():
                import_module(module)
    found: type[Any] = getattr(import_module(module) if module not in sys.modules else sys.modules[module], name)
    return found


@contextmanager
def _bare_packages() -> Iterator[None]:
    """ccxt's packages with nothing in them but what its modules take from there."""
    spec = find_spec("ccxt")
    assert spec is not None  # noqa: S101 - it is a dependency
    assert spec.origin is not None  # noqa: S101
    root = Path(spec.origin).parent
    try:
        for package in _PACKAGES:
            sys.modules[package] = bare = ModuleType(package)
            bare.__path__ = [str(root.joinpath(*package.split(".")[1:]))]
        base = sys.modules["ccxt"]
        vars(base).update(
            {name: error for name, error in vars(import_module("ccxt.base.errors")).items() if isinstance(error, type)}
        )
        base.Exchange = import_module("ccxt.base.exchange").Exchange  # type: ignore[attr-defined]
        yield
    finally:
        for package in _PACKAGES:
            sys.modules.pop(package, None)
