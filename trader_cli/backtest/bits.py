"""Conditions as bits, one a bar: sixty-four bars are looked at together, and shared by all runs that hang on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from trader_cli.rules.compiled import compilable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trader_cli.domain.bars import Mask

    type Words = NDArray[np.uint64]

WIDTH: Final = 64
NEVER, ALWAYS = 0, 1
"""The first two rows of a table of conditions: what holds at no bar, and what holds at every one."""


_SEQUENCE: Final = np.uint64(0x03F79D71B4CB0A89)
"""A de Bruijn sequence: shifted left by 0 to 63 places, its highest six bits are 64 different numbers.

Source: Leiserson, Prokop and Randall, Using de Bruijn Sequences to Index a 1 in a Computer Word, 1998."""
_SHIFTS: Final = np.argsort((_SEQUENCE << np.arange(WIDTH, dtype=np.uint64)) >> np.uint64(58))
"""How far the sequence was shifted, by its highest six bits."""


def words_of(bars: int) -> int:
    """How many words hold so many bars."""
    return -(-bars // WIDTH)


def packed(met: Mask) -> Words:
    """The bits of a condition: bar r is bit r % 64 of word r // 64, and no bit is set past the last bar.

    Shape: (words,).
    """
    filled = np.zeros(words_of(len(met)) * (WIDTH // 8), dtype=np.uint8)
    found = np.packbits(met, bitorder="little")
    filled[: len(found)] = found
    return filled.view("<u8")


@compilable
def holds(table: Words, row: int, bar: int) -> bool:
    """Whether the condition of a row of the table holds at a bar."""
    return bool((table[row, np.uintp(bar >> 6)] >> np.uint64(bar & 63)) & np.uint64(1))


@compilable
def next_of(table: Words, one: int, other: int, needed: int, bar: int, end: int) -> int:
    """The first bar from `bar` on, before `end`, at which `one` or `other` holds and `needed` too; else `end`."""
    if bar >= end:
        return end
    place, last = bar >> 6, (end - 1) >> 6
    skipped = np.uint64(bar & 63)
    word = (((table[one, place] | table[other, place]) & table[needed, place]) >> skipped) << skipped
    while word == 0:
        place += 1
        if place > last:
            return end
        at = np.uintp(place)
        word = (table[one, at] | table[other, at]) & table[needed, at]
    lowest = word & (~word + np.uint64(1))
    return min(end, (place << 6) + int(_SHIFTS[(lowest * _SEQUENCE) >> np.uint64(58)]))
