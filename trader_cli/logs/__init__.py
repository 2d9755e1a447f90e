"""What happened, for whoever looks into it later: JSON Lines in a file each book, the worst of it on a terminal.

A log never ends a session: what cannot be written is told once on stderr, and trading goes on.
"""

from __future__ import annotations

from trader_cli.logs.log import Log
from trader_cli.logs.screen import Screen

__all__ = ["Log", "Screen"]
