"""What is worth knowing about sound bars: holes, odd places, and jumps that look like splits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.data.times import iso
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from trader_cli.data.candles import Candles
    from trader_cli.data.placing import Places
    from trader_cli.domain.bars import Ints

SPLIT_MOVE = 0.40
"""A close-to-close move of a stock above this is taken for an unadjusted split until somebody has looked."""
_MOSTLY = 0.7


def gaps_between(slots: Ints) -> tuple[int, int]:
    """How many holes there are, and how many bars are missing in them."""
    import numpy as np

    steps = np.diff(slots)
    holes = steps > 1
    return int(holes.sum()), int((steps[holes] - 1).sum())


def split_rows(candles: Candles) -> list[tuple[int, float]]:
    """Rows whose close lies more than `SPLIT_MOVE` from the one before, and the move."""
    import numpy as np

    close = candles.values[3]
    moves = close[1:] / close[:-1] - 1
    rows = np.flatnonzero(np.abs(moves) > SPLIT_MOVE)
    return [(int(row) + 1, float(moves[row])) for row in rows]


def split_suspects(candles: Candles, hours: TradingHours) -> tuple[str, ...]:
    """A warning for each jump of a stock; a coin may move so far."""
    if hours is TradingHours.CONTINUOUS:
        return ()
    return tuple(
        f"the close moved {move:+.1%} into the bar of {iso(int(candles.open_time[row]))}: an unadjusted split?"
        for row, move in split_rows(candles)
    )


def oddities(places: Places, timeframe: Timeframe, hours: TradingHours) -> tuple[str, ...]:
    """Warnings about stock bars that stand where a reader would not expect them."""
    odd, outside, total = int(places.odd.sum()), int((~places.inside).sum()), len(places.inside)
    if timeframe is Timeframe.D1:
        return (f"{odd} daily bars are of days on which the exchange was closed",) if odd else ()
    notes = []
    if odd:
        notes.append(
            f"{odd} of {total} bars begin before the session's opening and end after it: left out, as nothing can be"
            " filled at their opens"
        )
    if outside - odd > _MOSTLY * total:
        notes.append(f"{outside} of {total} bars lie outside the exchange's {hours} hours: are their times UTC?")
    return tuple(notes)
