"""The ledger of trials: every run that was ever tried is counted, for ever.

How far the best of many runs must be mistrusted hangs on how many were tried on the same data, whoever of them is
looked at now. So what counts together, a *family*, is told by the data alone: every run of the same asset class that
traded a symbol in common. Neither a variant's name nor its file, parameters, strategy, timeframe, period or broker
begins a new count: all of these are what is searched over, one market's prices are nearly the same at every broker, and
whoever has seen last year's best has learnt something of this year's. Nor does another symbol beside the old ones. A
leaderboard over several markets has one count, of the runs on any of them: its best was chosen among them all.

The count errs on the side of too many. The same study again is the same trials; but a run that two different studies
have in common is counted in both, for runs are not told apart here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from trader_cli.domain.symbols import matching_keys
from trader_cli.journal import schema
from trader_cli.journal.configurations import written
from trader_cli.journal.database import stamp
from trader_cli.metrics.deflation import Trials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Markets:
    """What a run was tried on: its asset class, and every name under which data of its symbols may be filed."""

    asset_class: str
    symbols: tuple[str, ...]

    @classmethod
    def of(cls, asset_class: str, symbols: Iterable[str]) -> Markets:
        """The markets of these symbols, whatever their order and spelling.

        >>> Markets.of("crypto", ["ETH/USDT", "btc-usdt"])
        Markets(asset_class='crypto', symbols=('BTCUSDT', 'ETHUSDT'))
        """
        return cls(asset_class, tuple(sorted({key for symbol in symbols for key in matching_keys(symbol)})))


@dataclass(frozen=True, slots=True)
class Study:
    """All runs that one command asked for: the checksum of what was asked, and that of the data it was asked on."""

    digest: str
    data: str

    @classmethod
    def of(cls, asked: Mapping[str, Any], data: Sequence[str]) -> Study:
        """The study of what was `asked` (plain values), on market data of these checksums.

        Whatever changes the runs belongs into `asked`: resolved variants, axes, constraints, seed, span, detail. What
        does not, stays out: names, workers, the order of the leaderboard.
        """
        digest = written({"files": list(data)})[1]
        return cls(written({"asked": dict(asked), "data": digest})[1], digest)


def count(connection: Connection, study: Study, part: int, tried: Mapping[Markets, Trials]) -> None:
    """Counts a part of a study, unless it is counted: one killed and taken up again loses and repeats nothing.

    The parts of a study must be the same runs each time. All of one part is one transaction: the caller's.
    """
    about = {"study": study.digest, "part": part, "data": study.data, "version": version("trader-cli")}
    counted = [
        about
        | {
            "asset_class": markets.asset_class,
            "symbols": json.dumps(markets.symbols),
            "recorded_at": stamp(),
            "runs": trials.runs,
            "ratios": trials.ratios,
            "total": str(trials.total),
            "squares": str(trials.squares),
        }
        for markets, trials in tried.items()
    ]
    add(connection, counted)


def add(connection: Connection, counted: Sequence[Mapping[str, Any]]) -> None:
    """Adds rows of the table, also another journal's, that are not there yet."""
    if counted:
        connection.execute(upsert(schema.trials).on_conflict_do_nothing(), list(counted))


def rows(connection: Connection) -> list[dict[str, Any]]:
    """Everything that was counted, as it stands in the table."""
    return [dict(row) for row in connection.execute(select(schema.trials)).mappings()]


def counted_parts(connection: Connection | None, study: Study) -> frozenset[int]:
    """The parts of a study that are counted already; none where there is no journal yet."""
    if connection is None:
        return frozenset()
    query = select(schema.trials.c.part).where(schema.trials.c.study == study.digest).distinct()
    return frozenset(connection.execute(query).scalars())


def total(connection: Connection | None, markets: Iterable[Markets]) -> Trials:
    """Every run ever tried on any of these markets, each once; none where there is no journal yet."""
    found = Trials()
    if connection is None:
        return found
    symbols: dict[str, set[str]] = {}
    for one in markets:
        symbols.setdefault(one.asset_class, set()).update(one.symbols)
    table = schema.trials.c
    listed = func.json_each(table.symbols).table_valued("value")
    for asset_class, wanted in symbols.items():
        known = exists(select(1).select_from(listed).where(listed.c.value.in_(sorted(wanted))))
        query = select(table.runs, table.ratios, table.total, table.squares)
        for row in connection.execute(query.where(table.asset_class == asset_class, known)).mappings():
            found += _trials(row)
    return found


def senseless(connection: Connection) -> Iterator[str]:
    """A line for each row that nobody can have counted. Raises: ValueError where one holds no numbers."""
    for row in rows(connection):
        trials = _trials(row)
        varies = trials.ratios * trials.squares - trials.total * trials.total
        if not 0 <= trials.ratios <= trials.runs or varies < 0 or not json.loads(row["symbols"]):
            yield f"part {row['part']} of study {row['study'][:12]} counts {trials} on {row['symbols']}"


def _trials(row: Mapping[Any, Any]) -> Trials:
    return Trials(row["runs"], row["ratios"], int(row["total"]), int(row["squares"]))
