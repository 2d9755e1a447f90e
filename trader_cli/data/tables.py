"""Parquet and CSV bytes to columns by name: the only place that knows either format."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trader_cli.data.layouts import Layout
    from trader_cli.data.source import Source
    from trader_cli.domain.bars import Floats
    from trader_cli.errors import DataError

    type Table = Any  # pyarrow.Table: pyarrow ships no types
    type Column = Any  # pyarrow.ChunkedArray

TIME = "timestamp"
PRICES = ("open", "high", "low", "close")
BAR_COLUMNS = (*PRICES, "volume")


def read_table(source: Source, columns: Sequence[str]) -> Table:
    """The time column as the file has it, and the named columns as float64; further columns are left unread.

    Raises: DataError where the file is unreadable, lacks a column or holds no numbers in it.
    """
    table = _parquet(source, columns) if source.is_parquet else _csv(source, columns)
    if table.num_rows == 0:
        raise source.refusal("holds no rows")
    return table


def as_array(column: Column, out: NDArray[Any] | None = None) -> NDArray[Any]:
    """A column as numpy: missing floats are NaN, truth is 0 or 1. pyarrow's own way would load pandas (0.4 s)."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    if pa.types.is_floating(column.type) and column.null_count:
        column = column.fill_null(float("nan"))
    chunks = [np.from_dlpack(chunk) for chunk in column.chunks]
    return chunks[0] if len(chunks) == 1 and out is None else np.concatenate(chunks, out=out)


def as_rows(table: Table, names: Sequence[str]) -> Floats:
    """The named columns as the rows of one array, copied once."""
    import numpy as np

    rows = np.empty((len(names), table.num_rows))
    for row, name in zip(rows, names, strict=True):
        as_array(table[name], out=row)
    return rows


def _parquet(source: Source, columns: Sequence[str]) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(source.content))
        _demand(source, file.schema_arrow.names, columns)
        table = file.read(columns=[TIME, *columns])
        for name in columns:
            table = _as_float(source, table, name)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise source.refusal(f"is no readable Parquet file ({_first_line(error)}); fetch it again") from error
    return table


def _as_float(source: Source, table: Table, name: str) -> Table:
    import pyarrow as pa

    column = table[name]
    if column.type == pa.float64():
        return table  # a cast that changes nothing would still load pyarrow.compute, 0.08 s
    kinds = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    if not any(kind(column.type) for kind in kinds):
        raise source.refusal(f"holds {column.type}, not numbers", key=name)
    return table.set_column(table.schema.get_field_index(name), name, column.cast(pa.float64(), safe=False))


def _csv(source: Source, columns: Sequence[str]) -> Table:
    header = source.text.splitlines()[source.first_line - 1].decode()
    _demand(source, next(csv.reader([header]), []), columns)
    return _parsed(source, columns, text=[TIME])


def read_layout(layout: Layout) -> Table:
    """The columns of an export by its own names: times and symbol as text, the others as float64."""
    text = [*layout.time, *([layout.symbol] if layout.symbol else [])]
    table = _parsed(
        layout.source, [*layout.columns.values()], text=text, names=layout.names, delimiter=layout.delimiter
    )
    if table.num_rows == 0:
        raise layout.source.refusal("holds no rows")
    return table


def _parsed(
    source: Source,
    numbers: Sequence[str],
    *,
    text: Sequence[str],
    names: Sequence[str] | None = None,
    delimiter: str = ",",
) -> Table:
    """Columns of a text file; `names` are all its columns where it has no header of its own."""
    import pyarrow as pa
    import pyarrow.csv as arrow

    ragged: list[Any] = []

    def noted(row: Any) -> str:
        ragged.append(row)
        return "error"

    def parse(kinds: dict[str, Any]) -> Table:
        return arrow.read_csv(
            io.BytesIO(source.text),
            arrow.ReadOptions(use_threads=False, skip_rows=source.first_line - 1, column_names=names),
            arrow.ParseOptions(delimiter=delimiter, invalid_row_handler=noted),
            arrow.ConvertOptions(column_types=kinds, include_columns=list(kinds), strings_can_be_null=False),
        )

    texts = dict.fromkeys(text, pa.string())
    try:
        return parse(texts | dict.fromkeys(numbers, pa.float64()))
    except (pa.ArrowException, UnicodeDecodeError) as error:
        if ragged:
            message = f"has {ragged[0].actual_columns} cells instead of {ragged[0].expected_columns}"
            raise source.refusal(message, row=ragged[0].number - source.first_line - source.has_header) from error
        if "CSV conversion error" in str(error):
            raise _no_number(source, parse(dict.fromkeys(numbers, pa.string())), error) from error
        raise source.refusal(f"is no readable CSV file ({_first_line(error)})") from error


def _no_number(source: Source, cells: Table, error: Exception) -> DataError:
    """The first cell that is no number, found by a second, slower look."""
    for row, texts in enumerate(zip(*(column.to_pylist() for column in cells.columns), strict=True)):
        for name, text in zip(cells.column_names, texts, strict=True):
            try:
                float(text or "nan")
            except ValueError:
                return source.refusal(f"{name} is {text[:60]!r}, which is no number", row=row)
    return source.refusal(f"is no readable CSV file ({_first_line(error)})")


def _demand(source: Source, names: Sequence[str], columns: Sequence[str]) -> None:
    wanted = (TIME, *columns)
    missing = [name for name in wanted if name not in names]
    if missing:
        there = ", ".join(names) or "none"
        said = "columns " if len(missing) > 1 else "column "
        raise source.refusal(
            f"{said}{', '.join(missing)} missing; there are: {there} (`trader data import` reads other layouts)"
        )
    twice = [name for name in wanted if list(names).count(name) > 1]
    if twice:
        raise source.refusal(f"column {twice[0]} stands there twice")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
