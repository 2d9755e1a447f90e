"""What of ccxt's a venue's asset class is reached by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trader_cli.brokers.base import Capabilities


@dataclass(frozen=True, slots=True)
class Part:
    """One asset class of a venue, as ccxt reaches it.

    `client` is ccxt's class, `options` what it is told, `test` its method that goes to the test endpoints. `until` is
    what bounds a page from above where `since` and `limit` alone do not; `rates_until` is the parameter that does so
    with funding rates, of venues that would tell the latest ones instead, `raw_rate` the venue's own field of what each
    of them costs, where ccxt takes another. `dated` is a question whose answer's date tells the time of a venue that
    cannot be asked for it. Sizes of contracts are `in_coins` or in contracts.
    """

    client: str
    capabilities: Capabilities
    options: Mapping[str, Any] = field(default_factory=dict)
    test: str = "set_sandbox_mode"
    until: bool = False
    dated: str | None = None
    in_coins: bool = False
    rates_until: str | None = None
    raw_rate: str | None = None
