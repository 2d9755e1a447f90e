"""The runs that were shown, so that each can be made again to the last byte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from trader_cli.data.source import File
from trader_cli.domain.clock import iso, parse
from trader_cli.journal import configurations, schema
from trader_cli.journal.database import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

DIGITS: Final = 12
"""Of an id that are shown; fewer do where they mean one run alone."""


@dataclass(frozen=True, slots=True)
class Run:
    """All that decides a run: the resolved variant, the files (data, a strategy of the user's), the span, the program.

    `source` is the file or folder that the data was looked for in, `folder` what a strategy's path is relative to;
    `detail` the timeframe of finer bars; `version` the program's; `result` the SHA-256 of the document that came of it.
    """

    configuration: Mapping[str, Any]
    source: Path
    folder: Path | None
    files: tuple[File, ...]
    begins: datetime | None
    ends: datetime | None
    detail: str | None
    version: str
    result: str

    @property
    def id(self) -> str:
        """The checksum of all this but of where the files lie."""
        deciding = {
            "configuration": self.configuration,
            "files": [file.sha256 for file in self.files],
            "begins": self.begins and iso(self.begins),
            "ends": self.ends and iso(self.ends),
            "detail": self.detail,
            "version": self.version,
            "result": self.result,
        }
        return configurations.written(deciding)[1]


def keep(connection: Connection, run: Run) -> str:
    """Keeps a run; its id. One that is kept already is noted where its files lie now."""
    places = {
        "source": str(run.source),
        "folder": None if run.folder is None else str(run.folder),
        "files": json.dumps([[str(file.path), file.sha256] for file in run.files]),
    }
    row = upsert(schema.runs).values(
        id=run.id,
        configuration=configurations.kept(connection, run.configuration),
        begins=run.begins and iso(run.begins),
        ends=run.ends and iso(run.ends),
        detail=run.detail,
        version=run.version,
        result=run.result,
        recorded_at=stamp(),
        **places,
    )
    connection.execute(row.on_conflict_do_update(index_elements=["id"], set_=places))
    return run.id


def found(connection: Connection | None, beginning: str) -> tuple[Run, ...]:
    """The runs whose id begins so, in the order of their ids; none where there is no journal yet.

    Raises: ValueError for one that is no longer what its id is the checksum of.
    """
    if connection is None:
        return ()
    for problem in altered(connection, beginning):
        raise ValueError(problem)
    return tuple(run for _, run in _kept(connection, beginning))


def altered(connection: Connection, beginning: str = "") -> Iterator[str]:
    """A line for each run, of those whose id begins so, that is no longer what its id is the checksum of.

    Raises: ValueError where one makes no sense at all.
    """
    for kept_as, run in _kept(connection, beginning):
        if run.id != kept_as:
            yield f"run {kept_as[:DIGITS]} is not what was kept"


def _kept(connection: Connection, beginning: str) -> Iterator[tuple[str, Run]]:
    runs, resolved = schema.runs, schema.configurations
    query = select(runs, resolved.c.document).join(resolved, resolved.c.hash == runs.c.configuration)
    which = runs.c.id.startswith(beginning.lower(), autoescape=True)
    for row in connection.execute(query.where(which).order_by(runs.c.id)):
        yield row.id, _run(row)


def _run(row: Any) -> Run:
    return Run(
        configuration=json.loads(row.document),
        source=Path(row.source),
        folder=None if row.folder is None else Path(row.folder),
        files=tuple(File(Path(path), sha256) for path, sha256 in json.loads(row.files)),
        begins=None if row.begins is None else parse(row.begins),
        ends=None if row.ends is None else parse(row.ends),
        detail=row.detail,
        version=row.version,
        result=row.result,
    )
