"""Files of our own: whole or not at all."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from trader_cli.data.tables import BAR_COLUMNS, TIME
from trader_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from trader_cli.data.candles import Candles
    from trader_cli.data.source import Source


_UNFINISHED = ".part"


def demand_free(path: Path, *, force: bool) -> None:
    """Raises: UsageError where a file stands in the way and may not be replaced."""
    if path.exists() and not force:
        raise UsageError("is there already; --force replaces it", file=str(path))


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write beside its place; moved there at the end, so that no reader ever meets half of it.

    Raises: OSError where the disk refuses; nothing is left behind then, nor after any other error.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}{_UNFINISHED}")
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_candles(candles: Candles, path: Path, notes: Mapping[str, str], columns: Sequence[str] = BAR_COLUMNS) -> None:
    """Writes Parquet; `notes` go into the file's metadata, `columns` are called the rows of `values`.

    Raises: OSError where the disk refuses; nothing is left behind then.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    times = pa.array(candles.open_time // 1_000_000).cast(pa.timestamp("ms", "UTC"))
    named = dict(zip(columns, candles.values, strict=True))
    table = pa.table({TIME: times, **named}).replace_schema_metadata(dict(notes))
    with whole(path) as file:
        pq.write_table(table, file, compression="zstd")


def clear_unfinished(path: Path) -> None:
    """Removes what a process that was killed has left beside a file's place. Nobody else may write that file now."""
    for left in path.parent.glob(f".{path.name}.*{_UNFINISHED}"):
        left.unlink(missing_ok=True)


def notes_of(source: Source) -> dict[str, str]:
    """The notes in a file's metadata; none where it is no Parquet file. Raises: DataError where it is a broken one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not source.is_parquet:
        return {}
    try:
        found = pq.read_schema(pa.BufferReader(source.content)).metadata or {}
    except (pa.ArrowException, OSError) as error:
        raise source.refusal("is no readable Parquet file; fetch it again") from error
    return {name.decode(errors="replace"): text.decode(errors="replace") for name, text in found.items()}
