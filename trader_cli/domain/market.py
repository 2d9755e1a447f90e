"""All that a simulation needs to know of one symbol: its bars, and what only contracts and the curious have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trader_cli.domain.bars import Bars, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """The past of one symbol.

    `mark` are the venue's mark prices in the rows of `bars`, by which liquidations go; None: by the bars themselves.
    `funding_due` is what one unit held long pays before the openings of each bar fill (mark price x rate, negative
    where it receives); None: nothing is ever due. `detail` is a finer series of the same symbol that decides bars in
    which stop and target were both reached; None: the stop comes first.

    Shape: `mark` and `funding_due` have one entry a bar of `bars`; `detail` has its own rows.
    """

    bars: Bars
    mark: Bars | None = None
    funding_due: Floats | None = None
    detail: Bars | None = None

    def until(self, last: int) -> Market:
        """The same market without the bars that open after `last` (ns since 1970 UTC)."""
        rows = int(self.bars.open_time.searchsorted(last, side="right"))
        return replace(
            self,
            bars=self.bars.until(last),
            mark=None if self.mark is None else self.mark.slice(0, rows),
            funding_due=None if self.funding_due is None else self.funding_due[:rows],
        )

    @property
    def symbol(self) -> str:
        """Whose past it is."""
        return self.bars.symbol
