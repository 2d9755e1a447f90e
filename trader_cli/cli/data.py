"""`trader data import`, `list` and `check`: market data files; `fetch` stands in a file of its own."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader_cli.cli import options, render
from trader_cli.cli.fetch import fetch
from trader_cli.domain.timeframe import Timeframe, TradingHours
from trader_cli.errors import DataError, ExitCode
from trader_cli.settings import data_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trader_cli.app.data import Entry, Target
    from trader_cli.data.catalog import DataFile
    from trader_cli.data.certificate import Certificate

app = typer.Typer(
    help="Market data: download it, convert exports, see what is there, certify its quality.", no_args_is_help=True
)
app.command("fetch")(fetch)

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="CSV exports (.csv, .csv.gz).")]
Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Data files, or folders of them.")]


class Label(StrEnum):
    """Which end of its bar a time names."""

    OPEN = "open"
    CLOSE = "close"


@app.command("import")
def import_exports(
    files: Files,
    symbol: Annotated[str | None, typer.Option(help="What is traded; default: what the file says.")] = None,
    venue: Annotated[str | None, typer.Option(help="Folder of the venue; default: imported.")] = None,
    timeframe: Annotated[
        Timeframe | None,
        typer.Option(
            parser=options.timeframe("--timeframe"),
            metavar=options.TIMEFRAMES,
            help="Demand this; default: the bars' distance.",
        ),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Zone of times that name none, e.g. America/New_York.")
    ] = None,
    label: Annotated[Label | None, typer.Option(help="Which end of its bar a time names; default: open.")] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Data folder; default: that of $TRADER_HOME.", show_default=False)
    ] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Converts CSV exports into `<venue>/<SYMBOL>-<timeframe>.parquet`, and says what it did to them.

    Knows the exports of CryptoDataDownload, Alpha Vantage, Yahoo and Binance, and any CSV whose header names its
    columns. Rows are sorted; a row that cannot be a bar is refused, and then nothing is written.

    Example: `trader data import Coinbase_BTCUSD_1h.csv --venue coinbase`
    """
    from trader_cli.app.data import Import
    from trader_cli.data.importing import Wishes

    wishes = Wishes(symbol, timeframe, timezone, None if label is None else label.value)
    job = Import(data_dir() if output is None else output, venue, wishes, force)
    for file in _progress(files, "reading"):
        job.read(file)
    targets = job.write()
    if as_json:
        return render.document({"imported": [target.document() for target in targets]})
    for target in targets:
        _show_target(target)
    return None


@app.command("list")
def list_files(
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Data folder; default: that of $TRADER_HOME.", show_default=False)
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Shows every market data file of a folder and of the venue folders in it.

    Example: `trader data list --data samples`
    """
    from trader_cli.app.data import entries, entry, files_of

    folder = data_dir() if data is None else data
    if data is None and not folder.is_dir():
        raise DataError(
            "there is no data folder yet: `trader data import` makes it, --data names one", file=str(folder)
        )
    files = files_of([folder])
    # What is named and is no folder must be a data file; in a folder an unreadable file is one row among others.
    found = list(entries(_progress(files, "reading"))) if folder.is_dir() else [entry(file) for file in files]
    if as_json:
        return render.document({"files": [one.document() for one in found]})
    return _show_entries(found)


@app.command("check")
def check_files(
    paths: Paths,
    hours: Annotated[
        TradingHours | None,
        typer.Option(help="When the market trades; default: what the bars look like.", show_default=False),
    ] = None,
    as_json: options.Json = False,
) -> int:
    """Certifies the quality of market data: rows, span, holes, oddities, checksum and a verdict.

    Ends with 2 where a file is refused or looks like it holds an unadjusted split.

    Example: `trader data check samples`
    """
    from trader_cli.app.data import certificates, disagreements, files_of

    found = list(certificates(_progress(files_of(paths), "checking"), hours))
    problems = (*(problem for certificate in found for problem in certificate.problems), *disagreements(found))
    if as_json:
        render.document({"certificates": [certificate.document() for certificate in found]})
    else:
        _show_certificates(found)
    if problems:
        raise DataError.of(problems)
    return ExitCode.OK


def _progress[T](items: Iterable[T], what: str) -> Iterator[T]:
    """The items one by one, with a bar on the terminal that counts them."""
    with render.progress() as bar:
        yield from bar.track(list(items), description=what)


def _show_target(target: Target) -> None:
    document = target.document()
    render.line(f"{target.path}:")
    render.line(f"  {document['rows']} bars, {document['start']} to {document['end']}")
    for export in target.exports:
        render.line(f"  {export.source.path.name}:")
        render.line(f"    {export.layout}, {len(export.candles)} bars of {export.timeframe}")
        for step in export.steps:
            render.line(f"    {step}")


def _show_entries(found: list[Entry]) -> None:
    rows = [
        (
            entry.file.venue,
            entry.file.symbol,
            entry.file.timeframe,
            entry.file.kind,
            "unreadable" if entry.rows is None else f"{entry.rows:,}",
            _date(entry.start),
            _date(entry.end),
        )
        for entry in found
    ]
    render.table(("venue", "symbol", "bars", "kind", "rows", "from", "to"), rows, right=("rows",), whole=("from", "to"))
    for entry in found:
        if entry.problem is not None:
            render.words(entry.problem)


def _show_certificates(found: list[Certificate]) -> None:
    if len(found) == 1:
        return render.table(("finding", "value"), _facts(found[0]))
    rows = [
        (
            _short_name(one.file),
            _count(one.rows),
            _date(one.start),
            _date(one.end),
            _count(one.missing_bars),
            one.verdict,
        )
        for one in found
    ]
    columns = ("file", "rows", "from", "to", "missing", "verdict")
    return render.table(columns, rows, right=("rows", "missing"), whole=(*columns[1:4], "verdict"))


def _short_name(file: DataFile) -> str:
    """Venue and name of a file, without its format."""
    return f"{file.venue}/{file.path.name}".removeprefix("/").removesuffix(".parquet")


def _facts(one: Certificate) -> list[tuple[str, str]]:
    """A certificate, a line each."""
    from trader_cli.data.certificate import OUTLIER_RULE

    outliers = one.outliers or ()
    latest = f", the latest {outliers[-1]}" if outliers else ""
    return [
        ("file", one.file.path.name),
        ("verdict", one.verdict),
        ("rows", _count(one.rows)),
        ("span", f"{one.start} to {one.end}" if one.start else "-"),
        ("bars", f"{one.timeframe or '-'}, hours {one.hours or '-'}"),
        ("gaps", f"{_count(one.gaps)}, {_count(one.missing_bars)} bars missing"),
        ("duplicates", _count(one.duplicates)),
        ("zero volume", _count(one.zero_volume)),
        ("outliers", f"{_count(None if one.outliers is None else len(outliers))} ({OUTLIER_RULE}){latest}"),
        ("off hours", _count(one.outside_hours)),
        ("splits", f"{len(one.splits)} suspected"),
        ("sha256", one.sha256 or "-"),
    ]


def _count(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"


def _date(time: str | None) -> str:
    return (time or "-")[:10]
