"""What became of the runs of a study, on disk in parts: each part is there whole, or not at all.

A part is a Parquet file, a row a run. It is written by whoever traded its runs, and is the only sign that they were
traded: what is there after a crash need not be done again.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from trader_cli.data.storing import whole
from trader_cli.errors import DataError, Locked
from trader_cli.metrics.figures import FIGURES
from trader_cli.metrics.overfitting import BLOCKS, Blocks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from trader_cli.domain.bars import Floats, Ints
    from trader_cli.metrics.figures import Rows

FACTS = np.dtype(
    [
        ("run", np.int64),
        *((name, FIGURES[name]) for name in FIGURES.names or ()),
        ("halted_at", np.int64),
        ("sessions", np.int64),
        ("ratio", np.float64),
        ("skewness", np.float64),
        ("kurtosis", np.float64),
    ]
)
"""What is kept of a run: its number in the grid, its figures, when `max_drawdown` halted it (ns since 1970 UTC, or -1),
and of its returns from session to session their number and shape (`deflation.ReturnShape`), -1 and NaN where the equity
was not followed."""

_TIMES: Final = ("halted_at",)
_OR_NONE: Final = ("halted_at", "sessions")
_BLOCKS: Final = ("block_length", "block_sums", "block_squares")
_DATA: Final = b"data"


class Part(NamedTuple):
    """Some runs of a study and what became of them; `blocks` of those that are compared for overfitting.

    Shape: `facts` (runs,) of `FACTS`; `compared` (some,) places among them, `blocks` of as many runs.
    """

    facts: NDArray[np.void]
    compared: Ints
    blocks: Blocks | None


class Parts(NamedTuple):
    """The folder of a study's parts."""

    folder: Path

    @property
    def numbers(self) -> list[int]:
        """The parts that are there."""
        return sorted(int(path.stem.rpartition("-")[2]) for path in self.folder.glob("part-*.parquet"))

    def has(self, number: int, data: str) -> bool:
        """Whether a part is there. Raises: DataError where it was traded on other data than this (a checksum)."""
        import pyarrow.parquet as pq

        path = self._path(number)
        if not path.exists():
            return False
        with path.open("rb") as file:
            known = (pq.read_schema(file).metadata or {}).get(_DATA, b"").decode()
        if known != data:
            raise DataError(
                "the market data has changed since this matrix was begun: leave out --resume", file=str(path)
            )
        return True

    def write(self, number: int, data: str, part: Part) -> None:
        """Puts a part in its place. Raises: OSError where the disk refuses."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = {name: to_arrow(name, part.facts[name]) for name in FACTS.names or ()}
        if part.blocks is not None:
            columns |= _block_columns(len(part.facts), part.compared, part.blocks)
        table = pa.table(columns).replace_schema_metadata({_DATA: data})
        with whole(self._path(number)) as file:
            pq.write_table(table, file, compression="zstd")

    def columns(self, names: Collection[str], runs: int) -> Rows:
        """Some facts of all runs, of which there are so many. Shape: (runs,) in the order of the grid."""
        found = np.empty(runs, np.dtype([(name, FACTS[name]) for name in names]))
        for number in self.numbers:
            table = self._read(number, ["run", *names])
            places = _array("run", table["run"])
            for name in names:
                found[name][places] = _array(name, table[name])
        return found

    def rows(self, runs: Ints) -> NDArray[np.void]:
        """Everything that is kept of some runs, in their order."""
        order = np.argsort(runs, kind="stable")
        rising = runs[order]
        found = np.empty(len(runs), FACTS)
        for number in self.numbers:
            theirs = _array("run", self._read(number, ["run"])["run"])
            places = np.searchsorted(theirs, rising)  # the runs of a part rise
            is_theirs = theirs[np.minimum(places, len(theirs) - 1)] == rising
            if is_theirs.any():
                found[order[is_theirs]] = self.facts(number)[places[is_theirs]]
        return found

    def ratios(self, number: int) -> Floats:
        """The Sharpe ratio of each run of a part, from session to session; NaN where it has none."""
        return _array("ratio", self._read(number, ["ratio"])["ratio"])

    def facts(self, number: int) -> NDArray[np.void]:
        """Everything that is kept of the runs of a part."""
        table = self._read(number, FACTS.names or ())
        found = np.empty(table.num_rows, FACTS)
        for name in FACTS.names or ():
            found[name] = _array(name, table[name])
        return found

    def blocks(self) -> Iterator[Blocks]:
        """The blocks of the runs that are compared, part by part."""
        for number in self.numbers:
            table = self._read(number, _BLOCKS)
            if table.num_columns:  # else the equity was not followed, or not for long enough
                length, sums, squares = (column.combine_chunks() for column in table.columns)
                known = length.drop_null()
                if len(known):
                    yield Blocks(known[0].as_py(), *(_block_rows(each) for each in (sums, squares)))

    def _read(self, number: int, columns: Sequence[str]) -> Any:
        import pyarrow.parquet as pq

        with self._path(number).open("rb") as file:  # a path would make pyarrow load pandas: 0.6 s
            return pq.ParquetFile(file).read(columns=list(columns))

    def _path(self, number: int) -> Path:
        return self.folder / f"part-{number:06d}.parquet"


@contextmanager
def keeping(folder: Path, locks: Path, *, goes_on: bool) -> Iterator[Parts]:
    """The parts of a study while it is worked on; those of an earlier attempt are kept where it `goes_on`.

    At the end they are removed: nobody needs them once they were shown. After an error they are left. `locks` is the
    folder of all locks.
    Raises: Locked while another process works on the same study.
    """
    from filelock import FileLock, Timeout

    locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(locks / f"study-{folder.name}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise Locked("another process runs this very matrix: wait for it") from None
    try:
        if not goes_on:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        yield Parts(folder)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()


def to_arrow(name: str, values: NDArray[Any]) -> Any:
    """A fact as Arrow and Parquet have it: what is none is null."""
    import pyarrow as pa

    known = values >= 0 if name in _OR_NONE else values == values  # noqa: PLR0124 - NaN is not itself
    return _arrow(values, known, pa.timestamp("ns", "UTC") if name in _TIMES else None)


def _arrow(values: NDArray[Any], known: NDArray[np.bool_], kind: Any = None) -> Any:
    """An array as Arrow's, null where it is not known. pyarrow's own way would load pandas (0.6 s)."""
    import pyarrow as pa

    bitmap, plain = np.packbits(known, bitorder="little"), np.ascontiguousarray(values)
    kind = kind or (pa.int64() if plain.dtype == np.int64 else pa.float64())
    return pa.Array.from_buffers(kind, len(plain), [pa.py_buffer(bitmap), pa.py_buffer(plain)])


def _array(name: str, column: Any) -> NDArray[Any]:
    """A fact as numpy has it. pyarrow's own way to fill what is null would load pandas, too."""
    chunk = column.combine_chunks()
    bitmap, plain = chunk.buffers()
    values = np.frombuffer(plain, FACTS[name], len(chunk))
    if bitmap is None:
        return values
    known = np.unpackbits(np.frombuffer(bitmap, np.uint8), count=len(chunk), bitorder="little")
    return np.where(known, values, -1 if name in _OR_NONE else np.nan)


def _block_rows(column: Any) -> Floats:
    """What is kept of the compared runs. Shape: (blocks, runs)."""
    flat = np.asarray(np.from_dlpack(column.flatten()), np.float64)
    return flat.reshape(-1, BLOCKS).T


def _block_columns(runs: int, compared: Ints, blocks: Blocks) -> dict[str, Any]:
    """What is kept of the compared runs, in the rows of all: null for the others."""
    import pyarrow as pa

    known = np.zeros(runs, np.bool_)
    known[compared] = True
    columns = {_BLOCKS[0]: _arrow(np.full(runs, blocks.length), known)}
    for name, values in zip(_BLOCKS[1:], (blocks.sums, blocks.squares), strict=True):
        rows = np.zeros((runs, BLOCKS))
        rows[compared] = values.T
        flat = _arrow(rows.ravel(), np.ones(rows.size, np.bool_))
        kind = pa.list_(pa.float64(), BLOCKS)
        columns[name] = pa.Array.from_buffers(
            kind, runs, [pa.py_buffer(np.packbits(known, bitorder="little"))], children=[flat]
        )
    return columns
