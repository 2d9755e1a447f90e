"""A strategy from a user's own file: `path.py:Class`.

Source: FAULTS row 119. The file is code that will handle money, so nobody but its user (or root) may have been able
to write it: the file and its folder are owned by them and writable by no one else, no part of the path is a link, and
no folder above lets another user exchange what lies below (a sticky one such as /tmp does not).
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import redirect_stdout
from hashlib import sha256
from importlib.abc import SourceLoader
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, override

from trader_cli.errors import ConfigError

if TYPE_CHECKING:
    from types import ModuleType

_MAX_BYTES = 1_000_000
_PREFIX = "trader_strategy_"


def load_class(reference: str, folder: Path | None = None) -> object:
    """What `reference` (`path.py:Class`) names; a relative path starts at `folder`, default the current one.

    Raises: ConfigError when the file is missing, unsafe or broken, or has no such class.
    """
    name, _, attribute = reference.rpartition(":")
    if not name.endswith(".py") or not attribute.isidentifier():
        raise ConfigError(f"strategy '{reference}' is neither a known name nor path.py:Class")
    path = _plain_path(reference, name, folder or Path())
    module = _module(reference, path, _trusted_source(reference, path))
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise ConfigError(f"strategy '{reference}': {path} has no class '{attribute}'") from None


def reference_of(found: type) -> str | None:
    """The `path.py:Class` of a class that came from a user's own file; None of any other."""
    module = sys.modules.get(found.__module__)
    if module is None or module.__spec__ is None or not found.__module__.startswith(_PREFIX):
        return None
    return f"{module.__spec__.origin}:{found.__qualname__}"


def remade(reference: str, module: str, params: dict[str, Any]) -> object:
    """A strategy as it was in another process, from the same file with the same text.

    Raises: ConfigError as `load_class`, and where the file is another one here.
    """
    found: Any = load_class(reference)
    if found.__module__ != module:
        raise ConfigError(f"strategy '{reference}': a worker has another file there: share its folder")
    return found(found.params_model.model_validate(params))


def _plain_path(reference: str, name: str, folder: Path) -> Path:
    """The absolute path, none of whose parts below `folder` is a link: a link could lead to another file tomorrow."""
    try:
        lexical = Path(os.path.normpath(folder.resolve(strict=True) / name))
        real = lexical.resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as cause:
        raise ConfigError(f"strategy '{reference}': no such file in {folder.absolute()}") from cause
    if real != lexical:
        raise ConfigError(f"strategy '{reference}': {lexical} leads through a symbolic link; name {real} itself")
    return real


def _trusted_source(reference: str, path: Path) -> bytes:
    """The text of the file, checked on the open file so that it cannot be exchanged in between."""
    for above in path.parents:
        _refuse_unless_private(reference, above, above.lstat(), sticky_is_safe=above != path.parent)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as cause:
        raise ConfigError(f"strategy '{reference}': {path} cannot be read: {cause.strerror}") from cause
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
            raise ConfigError(f"strategy '{reference}': {path} is no regular file of at most {_MAX_BYTES} bytes")
        _refuse_unless_private(reference, path, status, sticky_is_safe=False)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def _refuse_unless_private(reference: str, path: Path, status: os.stat_result, *, sticky_is_safe: bool) -> None:
    if status.st_uid not in (os.getuid(), 0):
        raise ConfigError(f"strategy '{reference}': {path} belongs to another user (uid {status.st_uid})")
    shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if shared and not (sticky_is_safe and status.st_mode & stat.S_ISVTX):
        raise ConfigError(f"strategy '{reference}': {path} is writable by others; `chmod go-w {path}`")


class _Source(SourceLoader):
    """Runs exactly the bytes that were checked, and neither reads nor leaves compiled files."""

    def __init__(self, path: Path, source: bytes) -> None:
        self._path = path
        self._source = source

    @override
    def get_filename(self, fullname: str) -> str:
        return str(self._path)

    @override
    def get_data(self, path: str | bytes) -> bytes:
        return self._source


def _module(reference: str, path: Path, source: bytes) -> ModuleType:
    """The file as a module; the same file with the same text is run once."""
    digest = sha256(os.fsencode(path) + b"\0" + source).hexdigest()[:16]
    name = f"{_PREFIX}{digest}"
    if name in sys.modules:
        return sys.modules[name]
    loader = _Source(path, source)
    module = module_from_spec(ModuleSpec(name, loader, origin=str(path)))
    sys.modules[name] = module  # dataclasses and pydantic look a class's module up here
    try:
        with redirect_stdout(sys.stderr):  # stdout is the command's: JSON for a script
            loader.exec_module(module)
    except (Exception, SystemExit) as cause:  # foreign code may raise anything while it is run
        del sys.modules[name]
        raise ConfigError(
            f"strategy '{reference}': {path} cannot be imported: {type(cause).__name__}: {cause}"
        ) from cause
    return module
