"""Bars to a file of our own: whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trader_cli.data.tables import BAR_COLUMNS, TIME
from trader_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trader_cli.data.candles import Candles


def demand_free(path: Path, *, force: bool) -> None:
    """Raises: UsageError where a file stands in the way and may not be replaced."""
    if path.exists() and not force:
        raise UsageError("is there already; --force replaces it", file=str(path))


def write_candles(candles: Candles, path: Path, notes: Mapping[str, str]) -> None:
    """Writes Parquet beside its place and moves it there, so that no reader ever meets half a file.

    `notes` go into the file's metadata. Raises: OSError where the disk refuses; nothing is left behind then.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    times = pa.array(candles.open_time // 1_000_000).cast(pa.timestamp("ms", "UTC"))
    columns = dict(zip(BAR_COLUMNS, candles.values, strict=True))
    table = pa.table({TIME: times, **columns}).replace_schema_metadata(dict(notes))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            pq.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
