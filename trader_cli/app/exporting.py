"""A leaderboard as a file for other programs: CSV or Parquet, the best run first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from trader_cli.app.leaderboard import DEFLATED
from trader_cli.errors import Unavailable, UsageError
from trader_cli.metrics.figures import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from trader_cli.app.leaderboard import Leaderboard
    from trader_cli.domain.bars import Ints

SLICE: Final = 100_000
"""Runs that are written at a time."""


def demand_form(path: Path) -> None:
    """Raises: UsageError for a file whose name tells no form that can be written, or a folder."""
    if path.suffix not in _FORMS:
        raise UsageError(f"must end in {', '.join(_FORMS)}", file=f"--output {path}")
    if path.is_dir():
        raise UsageError("is a folder: name a file, e.g. runs.parquet", file=f"--output {path}")


def export(board: Leaderboard, top: int | None, path: Path) -> None:
    """Writes the best runs, or all, over what was there: whole or not at all.

    A row holds the rank, the variant's name, the value of each axis (nothing where a run does not use it), the figures
    and when it was halted. Raises: Unavailable where the disk refuses.
    """
    from trader_cli.data.storing import whole

    try:
        with whole(path) as file:
            _FORMS[path.suffix](board, top, file)
    except OSError as error:
        raise Unavailable(f"cannot be written: {error.strerror or error}", file=str(path)) from error


def _parquet(board: Leaderboard, top: int | None, file: BinaryIO) -> None:
    import pyarrow.parquet as pq

    writer = None
    for table in _tables(board, top):
        writer = writer or pq.ParquetWriter(file, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _csv(board: Leaderboard, top: int | None, file: BinaryIO) -> None:
    from pyarrow import csv

    for number, table in enumerate(_tables(board, top)):
        csv.write_csv(table, file, csv.WriteOptions(include_header=not number, quoting_style="needed"))


_FORMS: Final[dict[str, Callable[[Leaderboard, int | None, BinaryIO], None]]] = {
    ".csv": _csv,
    ".parquet": _parquet,
}


def _tables(board: Leaderboard, top: int | None) -> Iterator[Any]:
    """The best runs as Arrow tables of so many rows at a time."""
    import pyarrow as pa

    from trader_cli.journal.parts import to_arrow

    order = board.order[:top]
    axes = {key: board.grid.codes(key) for key in board.grid.keys}
    for begin in range(0, len(order), SLICE):
        runs = order[begin : begin + SLICE]
        facts = board.parts.rows(runs)
        columns: dict[str, Any] = {
            "rank": pa.array(range(begin + 1, begin + 1 + len(runs)), pa.int64()),
            "variant": pa.array([board.grid.name(run) for run in runs.tolist()], pa.string()),
        }
        columns |= {key: _axis(values, codes[runs]) for key, (values, codes) in axes.items()}
        columns |= {name: to_arrow(name, facts[name]) for name in NAMES}
        columns |= {
            DEFLATED: to_arrow(DEFLATED, board.deflated[runs]),
            "halted_at": to_arrow("halted_at", facts["halted_at"]),
        }
        yield pa.table(columns)


def _axis(values: Sequence[Any], codes: Ints) -> Any:
    """The value of an axis in each run: numbers where all are, else texts; null where a run does not use it."""
    import pyarrow as pa

    kinds = {type(value) for value in values}
    known: list[Any] = [value if isinstance(value, str) else json.dumps(value) for value in values]
    kind = pa.string()
    if kinds <= {int, float}:
        known, kind = list(values), pa.float64() if float in kinds else pa.int64()
    return pa.array([None if code < 0 else known[code] for code in codes.tolist()], kind)
