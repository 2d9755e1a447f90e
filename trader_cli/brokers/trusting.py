"""Whom connections trust, read when there is one.

aiohttp makes two contexts as it is imported, and each reads all of the system's authorities. That takes longer than a
request, for clients that bring a context of their own.
"""

from __future__ import annotations

from contextlib import contextmanager
from ssl import SSLContext
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any, override

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ssl import SSLObject, SSLSocket

_patching = Lock()


class _Waiting(SSLContext):
    """A context that trusts nobody yet: it reads the system's authorities, as it was told to, for a connection."""

    @override
    def wrap_bio(self, *how: Any, **more: Any) -> SSLObject:
        return _read(self).wrap_bio(*how, **more)

    @override
    def wrap_socket(self, *how: Any, **more: Any) -> SSLSocket:
        return _read(self).wrap_socket(*how, **more)


def _read(context: SSLContext) -> SSLContext:
    context.set_default_verify_paths()
    context.__class__ = SSLContext
    return context


@contextmanager
def authorities_when_needed() -> Iterator[None]:
    """Contexts that this thread makes meanwhile read the system's authorities no sooner than they are gone by."""
    here, read = get_ident(), SSLContext.set_default_verify_paths

    def wait(self: SSLContext) -> None:
        if get_ident() == here and type(self) is SSLContext:
            self.__class__ = _Waiting
        else:
            read(self)

    with _patching:
        SSLContext.set_default_verify_paths = wait  # type: ignore[method-assign]
        try:
            yield
        finally:
            del SSLContext.set_default_verify_paths
