"""Laws a strategy can break by itself: shape, purity, no look at the future (P2), a window that is enough (P3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trader_cli.domain.signal import Direction, Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from trader_cli.domain.bars import Bars, Floats
    from trader_cli.domain.signal import Signals
    from trader_cli.strategies.base import Strategy

_COLUMNS = ("open_time", "open", "high", "low", "close", "volume", "session")
_WISHES = ("entry", "exit_long", "exit_short", "confidence")


def counts_make_sense(strategy: Strategy[Any], bars: Bars) -> None:
    """0 <= warm-up < window, and both depend on parameters, timeframe and hours alone."""
    warmup, window = (count(bars.timeframe, bars.hours) for count in (strategy.warmup, strategy.window))
    require(0 <= warmup < window, f"warmup {warmup} must be under window {window}, and not negative")
    again = (strategy.warmup(bars.timeframe, bars.hours), strategy.window(bars.timeframe, bars.hours))
    require(again == (warmup, window), f"warmup and window changed from {(warmup, window)} to {again}")


def has_shape(strategy: Strategy[Any], bars: Bars) -> None:
    """One wish a bar, also of no bars and of one; known codes; confidence 0..1; a reason and JSON-able values."""
    import numpy as np

    for rows in {0, 1, 2, strategy.warmup(bars.timeframe, bars.hours), len(bars)} & set(range(len(bars) + 1)):
        signals = strategy.signals(bars.slice(0, rows))
        for name, column in _columns(signals).items():
            require(column.shape == (rows,), f"{name} has shape {column.shape} for {rows} bars")
        codes = ((signals.entry, Direction), (signals.exit_long, Exit), (signals.exit_short, Exit))
        for column, kind in codes:
            require(column.dtype == np.int8, f"{kind.__name__} codes are {column.dtype}, not int8")
            require(bool(np.isin(column, list(kind)).all()), f"a code is no {kind.__name__}")
        require(bool(((signals.confidence >= 0) & (signals.confidence <= 1)).all()), "confidence is outside 0..1")
        for index in {0, rows // 2, rows - 1} if rows else set():
            require(bool(strategy.at(signals, index).reason.strip()), f"no reason at bar {index}")


def is_pure(strategy: Strategy[Any], bars: Bars) -> None:
    """It does not write into the bars, and gives the same wishes again, after other bars too."""
    import numpy as np

    before = _map_columns(bars, lambda column: column.copy())
    first = strategy.signals(bars)
    for name in _COLUMNS:
        unchanged = np.array_equal(getattr(before, name), getattr(bars, name))
        require(unchanged, f"it writes into the bars: {name} changed")
    strategy.signals(_map_columns(bars, lambda column: column[::-1].copy()))
    _require_equal(first, strategy.signals(bars), range(len(bars)), "called again, it wishes otherwise")


def is_causal(strategy: Strategy[Any], bars: Bars, cuts: Sequence[int] | None = None) -> None:
    """Law P2: wishes and values up to a bar stay, to the last bit, when later bars are cut off or altered."""
    whole = strategy.signals(bars)
    for cut in _places(len(bars)) if cuts is None else cuts:
        kept = range(cut)
        _require_equal(whole, strategy.signals(bars.slice(0, cut)), kept, f"it sees bars after {cut - 1}")
        _require_equal(
            whole, strategy.signals(_altered(bars, cut)), kept, f"it sees the values of bars after {cut - 1}"
        )


def window_is_enough(
    strategy: Strategy[Any],
    bars: Bars,
    *,
    tolerance: Mapping[str, Floats | float] | None = None,
    places: Sequence[int] | None = None,
) -> None:
    """Law P3: the last bar's values and wish are the same from `window` bars as from all history.

    `tolerance` says by how much a value may differ: a number, or one a bar; by default 1e-9 of the value itself, or
    of one where that is larger. A wish may only differ where a value does.
    """
    import numpy as np

    window = strategy.window(bars.timeframe, bars.hours)
    whole = strategy.signals(bars)
    for end in _places(len(bars)) if places is None else places:
        if end < window:
            continue
        part = strategy.signals(bars.slice(end - window, end))
        same_values = True
        for name, values in whole.values.items():
            expected, found = float(values[end - 1]), float(part.values[name][-1])
            allowed = (tolerance or {}).get(name, 1e-9 * max(1.0, abs(expected)))
            limit = float(allowed if isinstance(allowed, float | int) else allowed[end - 1])
            agree = abs(found - expected) <= limit or found == expected or (np.isnan(found) and np.isnan(expected))
            same_values &= found == expected or bool(np.isnan(expected))
            require(
                bool(agree), f"bar {end - 1}: {name} is {expected!r}, but {found!r} from its {window} bars ({limit=:g})"
            )
        for name in _WISHES if same_values else ():
            expected, found = getattr(whole, name)[end - 1], getattr(part, name)[-1]
            require(bool(expected == found), f"bar {end - 1}: {name} is {expected}, but {found} from its {window} bars")


def require(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)


def _columns(signals: Signals) -> dict[str, NDArray[np.generic]]:
    return {name: getattr(signals, name) for name in _WISHES} | dict(signals.values)


def _require_equal(expected: Signals, found: Signals, rows: range, message: str) -> None:
    """Bit for bit on the first rows, NaN equal to NaN."""
    import numpy as np

    columns = _columns(found)
    for name, column in _columns(expected).items():
        equal = np.array_equal(column[: len(rows)], columns[name][: len(rows)], equal_nan=column.dtype.kind == "f")
        require(equal, f"{message}: {name} differs")


def _places(size: int) -> list[int]:
    """Some lengths of history up to `size`, the short ones and the whole among them."""
    return sorted(
        {1, 2, size // 7, size // 3, size // 2, *range(size - 1, max(1, size // 2), -max(1, size // 9)), size}
    )


def _altered(bars: Bars, cut: int) -> Bars:
    """The same bars up to `cut`, and after it other prices and volumes."""

    def alter(column: NDArray[Any]) -> NDArray[Any]:
        other = column.copy()
        other[cut:] = 7 * other[cut:][::-1]
        return other

    return _map_columns(bars, alter, ("open", "high", "low", "close", "volume"))


def _map_columns(bars: Bars, change: Callable[[NDArray[Any]], NDArray[Any]], names: Sequence[str] = _COLUMNS) -> Bars:
    changed: dict[str, Any] = {name: change(getattr(bars, name)) for name in names}
    return replace(bars, **changed)
