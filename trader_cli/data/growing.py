"""The file of a series that is fetched: one span, all of which was asked for, that grows at both ends.

What is in it stays as it is. Its notes say where it is from, what its prices are adjusted for, and from when on it is
all that the venue has; so whoever goes on, after a kill too, knows what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.data.candles import Candles, checked, read_candles
from trader_cli.data.catalog import Kind
from trader_cli.data.funding import RATE, checked_rates, read_rates
from trader_cli.data.source import read_source
from trader_cli.data.storing import clear_unfinished, notes_of, write_candles
from trader_cli.data.tables import BAR_COLUMNS
from trader_cli.data.times import iso
from trader_cli.domain.clock import parse, to_nanoseconds
from trader_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.data.catalog import DataFile

SYMBOL, ADJUSTMENT, FETCHED, ASKED_FROM = "symbol", "adjustment", "fetched", "asked_from"
UNADJUSTED = "none"
ADJUSTED_ANEW = 0.01
"""By how much of itself a price of an adjusted series has to differ to be one adjusted otherwise, not a revised one."""

_BINDING = ("venue", "source", ADJUSTMENT)
"""The notes that must be the same of whatever goes into one file."""


class Growing:
    """One series on its way into its file. Nobody else may write the file meanwhile.

    `notes` say what is fetched; the symbol's spelling and the day it was begun (`fetched`) stay those of the file.
    `added` counts new rows, `revised` holds the times (ns) of those that are told otherwise than they are kept.
    """

    def __init__(self, file: DataFile, notes: Mapping[str, str]) -> None:
        """Raises: DataError where what is there cannot be read, or must not be mixed with what is fetched."""
        self.file, self._notes = file, dict(notes)
        self.asked_from: int | None = None
        self.added, self.revised = 0, list[int]()
        self._parts: list[Candles] = []
        self._is_saved = True
        clear_unfinished(file.path)
        if file.path.exists():
            self._take_up()

    @property
    def is_empty(self) -> bool:
        """Whether there is no row yet."""
        return not self._parts

    @property
    def first(self) -> int:
        """The time of the oldest row, ns since 1970 UTC."""
        return int(self._parts[0].open_time[0])

    @property
    def last(self) -> int:
        """The time of the newest row, ns since 1970 UTC."""
        return int(self._parts[-1].open_time[-1])

    @property
    def candles(self) -> Candles:
        """All rows, oldest first."""
        import numpy as np

        if len(self._parts) > 1:
            times = np.concatenate([part.open_time for part in self._parts])
            self._parts = [Candles(times, np.concatenate([part.values for part in self._parts], axis=1))]
        return self._parts[0]

    def add(self, told: Candles, asked_from: int) -> None:
        """Takes in the rows before the first and after the last; `asked_from` is since when nothing is left to ask for.

        Raises: DataError where those that are there already are adjusted otherwise than what was told.
        """
        if not self.is_empty:
            times, first, last = told.open_time, self.first, self.last
            self._compare(told[(times >= first) & (times <= last)])
            parts = [told[times < first], *self._parts, told[times > last]]
        else:
            parts = [told]
        grown = sum(map(len, parts)) - sum(map(len, self._parts))
        self._parts = [part for part in parts if len(part)]
        self.added += grown
        self._is_saved &= not grown and asked_from == self.asked_from
        self.asked_from = asked_from

    def save(self) -> None:
        """Puts the file in its place, whole, where there is anything new to keep. Raises: OSError."""
        if self._is_saved or self.is_empty or self.asked_from is None:
            return
        columns = (RATE,) if self.file.kind is Kind.FUNDING else BAR_COLUMNS
        write_candles(self.candles, self.file.path, {**self._notes, ASKED_FROM: iso(self.asked_from)}, columns)
        self._is_saved = True

    def _take_up(self) -> None:
        source = read_source(self.file.path)
        found = notes_of(source)
        if ASKED_FROM not in found:
            raise source.refusal(
                "was not made by `trader data fetch`: move it away, or name another folder with --data"
            )
        for name in _BINDING:
            if found.get(name) != self._notes[name]:
                raise source.refusal(
                    f"its {name} is {found.get(name)!r}, fetched would be {self._notes[name]!r}: they are not mixed; "
                    "move it away, or name another folder with --data"
                )
        is_funding = self.file.kind is Kind.FUNDING
        rows = checked_rates(read_rates(source), source) if is_funding else checked(read_candles(source), source)
        self._parts = [rows]
        self._notes |= {name: found[name] for name in (SYMBOL, FETCHED) if name in found}
        self.asked_from = to_nanoseconds(parse(found[ASKED_FROM]))

    def _compare(self, told: Candles) -> None:
        """Notes which rows that are there are told otherwise now."""
        import numpy as np

        if not len(told):
            return
        kept = self.candles
        _, theirs, ours = np.intersect1d(told.open_time, kept.open_time, return_indices=True)
        now, then = told.values[:, theirs], kept.values[:, ours]
        differing = np.flatnonzero((now != then).any(axis=0))
        if self._notes[ADJUSTMENT] != UNADJUSTED:
            close = 3
            moved = differing[np.abs(now[close, differing] / then[close, differing] - 1) > ADJUSTED_ANEW]
            if len(moved):
                row = int(moved[0])
                raise DataError(
                    f"it holds a close of {then[close, row]:g}, and {now[close, row]:g} is told now: prices were "
                    "adjusted anew since; move it away and fetch it again",
                    file=str(self.file.path),
                    key=f"the bar of {iso(int(told.open_time[theirs[row]]))}",
                )
        self.revised += [int(time) for time in told.open_time[theirs[differing]]]
