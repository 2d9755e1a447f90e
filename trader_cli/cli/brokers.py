"""`trader brokers`: the registry, with what each venue shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trader_cli.cli import options, render
from trader_cli.domain.timeframe import Timeframe
from trader_cli.errors import ConfigError

if TYPE_CHECKING:
    from trader_cli.brokers.base import Capabilities

FEW = 4
"""So many timeframes that a venue has not are named as such; of more, those that it has."""


def brokers(as_json: options.Json = False) -> None:
    """Lists the brokers: asset classes, bars of their own, history, test mode, and whether market data takes a key.

    Other timeframes are made of the venue's own.

    Example: `trader brokers --json`
    """
    from trader_cli.app.brokers import brokers as known

    found = known()
    if as_json:
        render.document({"brokers": [each.document() for each in found]})
    else:
        rows = [
            ("" if place else each.name, asset_class, *_facts(shown))
            for each in found
            for place, (asset_class, shown) in enumerate(each.shown.items())
        ]
        columns = ("broker", "class", "bars", "history", "test", "key", "marks", "funding")
        render.table(columns, rows, whole=[name for name in columns if name != "bars"])
    problems = [problem for each in found for problem in each.problems]
    if problems:
        raise ConfigError.of(problems)


def _facts(shown: Capabilities | None) -> tuple[str, ...]:
    if shown is None:
        return ("not said", *"-----")
    switches = (shown.has_test_mode, shown.needs_key, shown.has_marks, shown.has_funding)
    return (
        _bars(shown.timeframes),
        "all" if shown.history_bars is None else f"newest {shown.history_bars}",
        *("yes" if switch else "-" for switch in switches),
    )


def _bars(own: tuple[Timeframe, ...]) -> str:
    """A venue's timeframes in few words.

    >>> _bars(tuple(Timeframe)), _bars((Timeframe.M1, Timeframe.H1))
    ('all', '1m 1h')
    >>> _bars(tuple(timeframe for timeframe in Timeframe if timeframe is not Timeframe.H8))
    'all but 8h'
    """
    lacking = [timeframe for timeframe in Timeframe if timeframe not in own]
    if len(lacking) > FEW:
        return " ".join(own)
    return f"all but {' '.join(lacking)}" if lacking else "all"
