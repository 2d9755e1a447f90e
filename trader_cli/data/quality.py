"""What is worth knowing about sound bars: holes, odd places, and jumps that look like splits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.data.times import DAY, HOUR, iso
from trader_cli.domain.timeframe import Timeframe, TradingHours

if TYPE_CHECKING:
    from trader_cli.data.candles import Candles
    from trader_cli.data.placing import Places
    from trader_cli.domain.bars import Floats, Ints, Mask

SPLIT_MOVE = 0.40
"""A close-to-close move of a stock above this is taken for an unadjusted split until somebody has looked."""
OUTLIER_FACTOR = 20
"""A bar is an outlier when its move or its range is above this many times the usual (median) one."""
_LAST_QUARTER = 0.75
_SATURDAY, _SUNDAY = 2, 3  # days since 1970, a Thursday, modulo 7
_NIGHT = (1, 8)  # o'clock UTC between which New York has no trading, summer and winter
_TELLING = 5  # so few bars, or less than a day of them, tell nothing of nights and weekends


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


def oddities(times: Ints, places: Places, timeframe: Timeframe) -> tuple[str, ...]:
    """Warnings about stock bars that stand where a reader would not expect them."""
    odd, total = int(places.odd.sum()), len(times)
    if timeframe is Timeframe.D1:
        return (f"{odd} daily bars are of days on which the exchange was closed",) if odd else ()
    notes = []
    if odd:
        notes.append(
            f"{odd} of {total} bars begin before the session's opening and end after it: left out, as nothing can be"
            " filled at their opens"
        )
    kept = places.only_inside()
    reached = (times[places.inside] + timeframe.nanoseconds - kept.start) / (kept.end - kept.start)
    if len(reached) and kept.session[0] != kept.session[-1] and reached.max() < _LAST_QUARTER:
        notes.append("no bar stands in the last quarter of any session: are the times UTC?")
    return tuple(notes)


def likely_hours(times: Ints, timeframe: Timeframe) -> TradingHours:
    """The hours a market seems to keep: a stock's where no bar is of a weekend or, intraday, of New York's night."""
    days = times // DAY % 7
    idle = (days == _SATURDAY) | (days == _SUNDAY)
    if timeframe is not Timeframe.D1:
        clock = times % DAY // HOUR
        idle = (idle & (clock >= _NIGHT[0])) | ((clock >= _NIGHT[0]) & (clock < _NIGHT[1]))
    if len(times) < _TELLING or times[-1] - times[0] < DAY or idle.any():
        return TradingHours.CONTINUOUS
    return TradingHours.REGULAR


def outlier_rows(candles: Candles) -> Ints:
    """Rows whose move from the close before, or whose range, is above `OUTLIER_FACTOR` times the median one."""
    import numpy as np

    _, high, low, close, _ = np.log(candles.values, where=candles.values > 0, out=np.zeros_like(candles.values))
    move = np.abs(np.diff(close, prepend=close[:1]))
    return np.flatnonzero(_far(move) | _far(high - low))


def _far(sizes: Floats) -> Mask:
    import numpy as np

    moving = sizes[sizes > 0]
    usual = float(np.median(moving)) if len(moving) else 0.0
    return sizes > OUTLIER_FACTOR * usual
