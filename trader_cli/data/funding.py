"""Funding: the rates a venue settled, and what each bar of a position owes by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from trader_cli.data.candles import Candles
from trader_cli.data.joining import Part, joined
from trader_cli.data.marks import last_known
from trader_cli.data.source import read_source
from trader_cli.data.tables import TIME, as_rows, read_table
from trader_cli.data.times import HOUR, MINUTE, iso, nanoseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trader_cli.data.catalog import DataFile
    from trader_cli.data.source import File, Origin, Source
    from trader_cli.domain.bars import Bars, Floats, Ints

RATE = "funding_rate"
LARGEST_RATE = 0.1
"""A rate beyond this is taken for one in percent, or for a wrong column."""
DECLARED_INTERVAL = 8 * HOUR
"""How often `costs.funding_rate` is settled: at 00:00, 08:00 and 16:00 UTC."""


class Missing(NamedTuple):
    """How many settlements were due before the first known one, between the known ones, and after the last."""

    before: int
    between: int
    after: int


@dataclass(frozen=True, slots=True, eq=False)
class Settlements:
    """When funding was settled, and at which rate: a long pays quantity x mark price x rate.

    Shape: `times` and `rates` have one entry a settlement, oldest first. Units: `times` in ns since 1970 UTC, on the
    minute; `rates` fractions of the notional; `interval`, how far apart settlements stand, in ns. `files` is
    what they were read from.
    """

    times: Ints
    rates: Floats
    interval: int
    files: tuple[File, ...] = ()

    def within(self, start: int, end: int) -> int:
        """How many there are after `start` and no later than `end`."""
        return int(((self.times > start) & (self.times <= end)).sum())

    def missing(self, start: int, end: int) -> Missing:
        """Which of those that were due after `start` and no later than `end` are not there."""
        import numpy as np

        first, last = int(self.times[0]), int(self.times[-1])
        holes = self._due(self.times[:-1], np.maximum(self.times[:-1], start), np.minimum(self.times[1:] - 1, end))
        before = self._due(first, start, min(first - 1, end))
        after = self._due(last, max(last, start), end)
        return Missing(max(int(before), 0), int(np.maximum(holes, 0).sum()), max(int(after), 0))

    def _due[T: (int, Ints)](self, known: T, start: T, end: T) -> T:
        """How many times whole intervals away from a known one lie after `start` and no later than `end`."""
        return (end - known) // self.interval - (start - known) // self.interval


def load_settlements(files: Sequence[DataFile]) -> Settlements:
    """The settlements of these files, parts of one series.

    Their interval is the timeframe in the files' names, or the usual distance where that is longer.
    Raises: DataError naming file and row for anything that is not sound, or where two parts differ.
    """
    import numpy as np

    parts = []
    for file in files:
        source = read_source(file.path)
        parts.append(Part(source, checked_rates(read_rates(source), source)))
    rates = joined(parts, "settlement")
    stated = max(file.timeframe.nanoseconds for file in files if file.timeframe is not None)
    steps = np.sort(np.diff(rates.open_time))
    usual = int(steps[(len(steps) - 1) // 2]) if len(steps) else 0
    read = tuple(part.source.file for part in parts)
    return Settlements(rates.open_time, rates.values[0], max(stated, usual), read)


def read_rates(source: Source) -> Candles:
    """The rows of a file in its own order, unchecked: `values` has the one row of rates.

    Times are taken to the nearest minute, as venues' carry some ms. Raises: DataError where it cannot be read.
    """
    table = read_table(source, [RATE])
    times = (nanoseconds(table[TIME], source) + MINUTE // 2) // MINUTE * MINUTE
    return Candles(times, as_rows(table, [RATE]))


def checked_rates(rates: Candles, source: Origin) -> Candles:
    """The same rows. Raises: DataError naming the first row that breaks a rule, and the rule."""
    import numpy as np

    times, values = rates.open_time, rates.values[0]
    rules = (
        (np.diff(times, prepend=times[:1] - 1) <= 0, "is not newer than the row before"),
        (~np.isfinite(values), "has no finite rate"),
        (np.abs(values) > LARGEST_RATE, f"has a rate beyond {LARGEST_RATE:.0%} (rates are fractions)"),
    )
    broken = [(int(wrong.argmax()), rule) for wrong, rule in rules if wrong.any()]
    if broken:
        row, rule = min(broken, key=lambda found: found[0])
        raise source.refusal(f"{iso(int(times[row]))} {rule}", row=row)
    return rates


def declared_settlements(rate: float, start: int, end: int, known: Settlements | None) -> Settlements:
    """The known settlements, and outside their span one of `rate` every 8 hours after `start`, no later than `end`."""
    import numpy as np

    first = (start // DECLARED_INTERVAL + 1) * DECLARED_INTERVAL
    times = np.arange(first, end + 1, DECLARED_INTERVAL, dtype=np.int64)
    if known is None:
        return Settlements(times, np.full(len(times), rate), DECLARED_INTERVAL)
    before, after = times[times < known.times[0]], times[times > known.times[-1]]
    return Settlements(
        np.concatenate((before, known.times, after)),
        np.concatenate((np.full(len(before), rate), known.rates, np.full(len(after), rate))),
        known.interval,
        known.files,
    )


def funding_due(bars: Bars, marks: Sequence[Bars], settlements: Settlements) -> Floats:
    """What one unit held long pays before the opening of each bar fills; negative where it receives.

    Row r sums mark price x rate, oldest first, over the settlements after the opening of row r - 1 and no later than
    that of r; row 0 owes nothing. The mark price is the one known last (`last_known`), of `marks`, else of the bars.
    """
    import numpy as np

    rows = np.searchsorted(bars.open_time, settlements.times, side="left")
    held = (rows > 0) & (rows < len(bars))
    prices = last_known(settlements.times[held], (*marks, bars))
    due = np.zeros(len(bars))
    np.add.at(due, rows[held], prices * settlements.rates[held])
    return due
