"""One exchange class out of ccxt, without the other hundred.

`import ccxt` runs a package that imports every exchange it has, which takes longer than a whole cycle of ours. Bare
packages of the same names stand in for it while one exchange's module is imported, and so does a base of all exchanges
without the libraries by which blocking clients ask and others sign. They are taken away afterwards, and whoever imports
ccxt later gets all of it, made of the same modules but for that base.
"""

from __future__ import annotations

import builtins
import sys
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any, Never, override

from trader_cli.brokers.trusting import authorities_when_needed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PACKAGES = ("ccxt", "ccxt.async_support")
_BASE = "ccxt.base.exchange"
_UNUSED = ("requests", "cryptography")
"""What that base imports for clients that block, and for signing by a key of other kinds than a secret word."""

_loading = Lock()


def exchange_class(name: str) -> type[Any]:
    """The asynchronous client of an exchange, e.g. `bybit`."""
    module = f"ccxt.async_support.{name}"
    with _loading:
        if module not in sys.modules and not any(package in sys.modules for package in _PACKAGES):
            with authorities_when_needed():
                import_module("aiohttp")
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
        sys.modules[_BASE] = _base()
        base = sys.modules["ccxt"]
        vars(base).update(
            {name: error for name, error in vars(import_module("ccxt.base.errors")).items() if isinstance(error, type)}
        )
        base.Exchange = _base().Exchange  # type: ignore[attr-defined]
        yield
    finally:
        for package in (*_PACKAGES, _BASE):
            sys.modules.pop(package, None)


@cache
def _base() -> ModuleType:
    """The base of all exchanges without what is unused: ours alone, for nobody else finds it by its name."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        base = import_module(_BASE)
    finally:
        sys.meta_path.remove(finder)
    del vars(sys.modules["ccxt.base"])["exchange"]
    return base


class _Finder(MetaPathFinder):
    """Finds the base of all exchanges."""

    @override
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name == _BASE else None
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(name, spec.origin)
        return spec


class _Loader(SourceFileLoader):
    """Runs a module to which what is unused is absent."""

    @override
    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = vars(builtins) | {"__import__": _import}
        super().exec_module(module)


class _Nowhere(type):
    """Has every name that a module may be asked for, but those by which Python asks."""

    def __getattr__(cls, name: str) -> _Nowhere:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __call__(cls, *_: object, **__: object) -> Never:
        """Raises: NotImplementedError."""
        raise NotImplementedError("a client that reads what is public neither blocks nor signs")


class _Absent(Exception, metaclass=_Nowhere):  # noqa: N818 - nobody raises it
    """Stands for a library and whatever is in it. An exception, as some of it is caught: this one never is."""

    @staticmethod
    def default_user_agent() -> str:
        """What ccxt calls its clients, those that do not go by `requests` too."""
        return f"python-requests/{version('requests')}"


def _import(name: str, *how: Any) -> Any:
    """Python's own import but of what is absent: whatever others import, in any thread, stays what it is."""
    return _Absent if name.partition(".")[0] in _UNUSED else __import__(name, *how)
