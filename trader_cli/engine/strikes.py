"""Symbols that do not work: three failures in a row end a symbol's entries, and as many good bars allow them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

STRIKES: Final = 3
"""So many failures in a row halt a symbol."""


class Strikes:
    """Counts up to three with each failure, and down again with each good bar once it has got there.

    Below three a good bar forgives everything: `counts` holds what is left, by symbol.
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self._halted: set[str] = set()

    @property
    def halted(self) -> tuple[str, ...]:
        """The symbols that are entered no more, sorted."""
        return tuple(sorted(self._halted))

    def resume(self, counts: Mapping[str, int], halted: tuple[str, ...]) -> None:
        """Goes on with what was counted before."""
        self.counts, self._halted = dict(counts), set(halted)

    def failed(self, symbol: str) -> bool:
        """Counts a failure; whether this one halts the symbol."""
        self.counts[symbol] = min(STRIKES, self.counts.get(symbol, 0) + 1)
        halts = self.counts[symbol] == STRIKES and symbol not in self._halted
        if halts:
            self._halted.add(symbol)
        return halts

    def worked(self, symbol: str) -> bool:
        """Counts a good bar; whether it lets a halted symbol be entered again."""
        if symbol not in self.counts:
            return False
        self.counts[symbol] -= 1
        if self.counts[symbol] > 0 and symbol in self._halted:
            return False
        del self.counts[symbol]
        was_halted = symbol in self._halted
        self._halted.discard(symbol)
        return was_halted
