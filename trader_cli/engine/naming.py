"""What an order is called: derived from what it is, so that nobody can make it twice under two names."""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trader_cli.domain.order import Purpose

LENGTH = 17
"""85 bits: as much as every venue's limit takes."""


def client_id(book: str, symbol: str, open_time: int, purpose: Purpose, attempt: int = 1) -> str:
    """The id of one attempt at an order: 18 of [a-z2-7], the first a `t`.

    >>> client_id("demo", "BTC/USD", 0, "entry")
    'tqrkki3zysqngb5zsk'
    """
    intent = f"{book}|{symbol}|{open_time}|{purpose}|{attempt}"
    return "t" + b32encode(sha256(intent.encode()).digest()).decode().lower()[:LENGTH]
