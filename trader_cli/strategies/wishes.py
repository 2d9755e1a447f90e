"""How buying and selling become entries and exits: the part all built-in strategies share."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from trader_cli.domain.signal import Exit, Signals

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from trader_cli.domain.bars import Floats
    from trader_cli.domain.signal import Codes

    type Switches = NDArray[np.bool_]


def wishes(
    buy: Switches,
    sell: Switches,
    *,
    confidence: float,
    values: Mapping[str, Floats],
    may_enter: Switches | None = None,
    threshold_long: Switches | None = None,
    threshold_short: Switches | None = None,
) -> Signals:
    """BUY enters long and closes a short, SELL enters short and closes a long.

    Where `may_enter` is given, an entry needs it; exits never do. `threshold_long` closes a long and
    `threshold_short` a short without opening the other side; a signal outranks them.

    Shape: one entry a bar throughout.
    """
    import numpy as np

    entry: Codes = buy.view(np.int8) - sell.view(np.int8)  # Direction: LONG is 1, SHORT is -1
    if may_enter is not None:
        entry *= may_enter.view(np.int8)
    return Signals(
        entry=entry,
        exit_long=_exits(sell, threshold_long),
        exit_short=_exits(buy, threshold_short),
        confidence=np.broadcast_to(np.float64(confidence), buy.shape),
        values=MappingProxyType(dict(values)),
    )


def _exits(signal: Switches, threshold: Switches | None) -> Codes:
    import numpy as np

    codes: Codes = signal.view(np.int8)  # Exit: SIGNAL is 1
    if threshold is None:
        return codes
    return codes + (threshold & ~signal).view(np.int8) * np.int8(Exit.THRESHOLD)
