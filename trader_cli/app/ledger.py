"""The ledger in the journal: a run that was tried is counted for ever, one that was shown is kept to be made again."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from math import nan, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from trader_cli import __version__, settings
from trader_cli.app.backtest import backtested
from trader_cli.app.journaling import opened_journal
from trader_cli.app.markets import load_markets
from trader_cli.errors import ConfigError, Locked, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from trader_cli.app.backtest import Backtest
    from trader_cli.app.markets import Loaded, Past
    from trader_cli.variant.model import Variant


@contextmanager
def ledger() -> Iterator[Connection]:
    """The ledger, to be written in one transaction; nobody puts the journal in order meanwhile.

    Raises: Unavailable where it cannot be kept, ConfigError where it is another program's or a newer one's, Locked
    while it is put in order.
    """
    from trader_cli.journal import locks
    from trader_cli.journal.database import trouble

    with (
        trouble(settings.journal_path()),
        locks.among_drivers(settings.locks_dir()),
        opened_journal() as (engine, _),
        engine.begin() as connection,
    ):
        yield connection


def tried(variant: Variant, past: Past, announce: Callable[[str], None]) -> Backtest:
    """A backtest that is counted as a trial and kept; a journal that cannot be written costs a warning, not the result.

    Raises: UsageError, ConfigError for what cannot be traded so, DataError for data that is missing or wrong.
    """
    found = backtested(variant, past, announce)
    announce("counting")
    try:
        with ledger() as connection:
            return replace(found, trials=_counted(connection, found), run=_kept(connection, found))
    except (ConfigError, Locked, Unavailable) as error:
        warning = f"this run was neither counted as a trial nor kept: {error}"
        return replace(found, result=found.result.saying(warning))


def kept(variants: Sequence[Variant], past: Past, announce: Callable[[str], None]) -> list[str]:
    """The ids under which runs of a matrix are kept: each is made once more, and not counted again.

    Raises: UsageError, ConfigError, DataError as `tried`; Unavailable, ConfigError, Locked as `ledger`.
    """
    found: list[Backtest] = []
    last: tuple[object, Loaded] | None = None
    for variant in variants:
        shared = _read_for(variant)
        if last is None or last[0] != shared:
            loaded = load_markets(variant, past.source, past.span, detail=past.detail, announce=announce)
            last = shared, loaded
        found.append(backtested(variant, past, announce, last[1]))
    with ledger() as connection:
        return [_kept(connection, each) for each in found]


def _read_for(variant: Variant) -> object:
    """What decides which market data a variant is given, and what is said of it."""
    cell = variant.variants
    markets = (variant.symbols, variant.timeframe, variant.hours, cell.asset_class, variant.costs.funding_rate)
    return markets, cell.broker, variant.risk_settings.fractional_shares


def _kept(connection: Connection, found: Backtest) -> str:
    """Keeps a run; the digits of its id that are shown."""
    from trader_cli.journal import runs

    variant, past = found.variant, found.past
    run = runs.Run(
        configuration=variant.model_dump(mode="json"),
        source=past.source.absolute(),
        folder=(variant.folder or Path()).absolute(),
        files=found.files,
        begins=past.span.start,
        ends=past.span.end,
        detail=past.detail,
        version=__version__,
        result=found.checksum,
    )
    return runs.keep(connection, run)[: runs.DIGITS]


def _counted(connection: Connection, found: Backtest) -> int:
    """How many runs were ever tried on these markets, this one among them; the same run again is the same trial."""
    import numpy as np

    from trader_cli.journal import trials
    from trader_cli.metrics.deflation import Trials

    variant, past, annual = found.variant, found.past, found.result.metrics.sharpe
    asked = {
        "variant": variant.model_dump(mode="json", exclude={"trader_name"}),
        "from": str(past.span.start),
        "to": str(past.span.end),
        "detail": str(past.detail),
    }
    study = trials.Study.of(asked, [file.sha256 for file in found.files])
    ratio = nan if annual is None else annual / sqrt(variant.hours.days_per_year)
    markets = trials.Markets.of(variant.variants.asset_class, variant.symbols)
    trials.count(connection, study, 0, {markets: Trials.of(np.array([ratio]))})
    return trials.total(connection, [markets]).runs
