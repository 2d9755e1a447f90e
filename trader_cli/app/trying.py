"""A run that was tried is counted for ever, one that was shown is kept to be made again."""

from __future__ import annotations

from dataclasses import replace
from math import nan, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from trader_cli import __version__
from trader_cli.app.backtest import backtested
from trader_cli.app.counting import counting
from trader_cli.app.markets import load_markets
from trader_cli.errors import ConfigError, Locked, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trader_cli.app.backtest import Backtest
    from trader_cli.app.counting import Ledger
    from trader_cli.app.markets import Loaded, Past
    from trader_cli.journal.runs import Run
    from trader_cli.variant.model import Variant


def tried(variant: Variant, past: Past, announce: Callable[[str], None]) -> Backtest:
    """A backtest that is counted as a trial and kept; a journal that cannot be written costs a warning, not the result.

    Raises: UsageError, ConfigError for what cannot be traded so, DataError for data that is missing or wrong.
    """
    found = backtested(variant, past, announce)
    announce("counting")
    try:
        return _counted(found)
    except (ConfigError, Locked, Unavailable) as error:
        warning = f"this run was neither counted as a trial nor kept: {error}"
        return replace(found, result=found.result.saying(warning))


def kept(variants: Sequence[Variant], past: Past, ledger: Ledger, announce: Callable[[str], None]) -> list[str]:
    """The ids under which runs of a matrix are kept, for people: each is made once more, and not counted again.

    Raises: UsageError, ConfigError, DataError as `tried`; Unavailable.
    """
    found: list[Backtest] = []
    last: tuple[object, Loaded] | None = None
    for variant in variants:
        shared = _read_for(variant)
        if last is None or last[0] != shared:
            loaded = load_markets(variant, past.source, past.span, detail=past.detail, announce=announce)
            last = shared, loaded
        found.append(backtested(variant, past, announce, last[1]))
    return ledger.keep([_run(each) for each in found])


def _read_for(variant: Variant) -> object:
    """What decides which market data a variant is given, and what is said of it."""
    cell = variant.variants
    markets = (variant.symbols, variant.timeframe, variant.hours, cell.asset_class, variant.costs.funding_rate)
    return markets, cell.broker, variant.risk_settings.fractional_shares


def _run(found: Backtest) -> Run:
    """All that it takes to make it again."""
    from trader_cli.journal.runs import Run

    variant, past = found.variant, found.past
    return Run(
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


def _counted(found: Backtest) -> Backtest:
    """Counts it, which the same run again is not, and keeps it. Raises: Unavailable, ConfigError, Locked."""
    import numpy as np

    from trader_cli.journal.trials import Markets
    from trader_cli.metrics.deflation import Trials

    variant, past, annual = found.variant, found.past, found.result.metrics.sharpe
    asked = {
        "variant": variant.model_dump(mode="json", exclude={"trader_name"}),
        "from": str(past.span.start),
        "to": str(past.span.end),
        "detail": str(past.detail),
    }
    markets = Markets.of(variant.variants.asset_class, variant.symbols)
    ratio = nan if annual is None else annual / sqrt(variant.hours.days_per_year)
    with counting(asked) as ledger:
        ledger.note([file.sha256 for file in found.files], 0, {markets: Trials.of(np.array([ratio]))})
        ledger.flush()
        (run,) = ledger.keep([_run(found)])
        return replace(found, run=run, trials=ledger.total([markets]).runs)
