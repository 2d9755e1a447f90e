"""The page of a matrix: `trader backtest` of several values with `--report FILE.html`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trader_cli.app import charts
from trader_cli.app.heatmap import HeatMap, label, pairs, plain
from trader_cli.app.report import Table, page
from trader_cli.metrics.forms import EVEN, FORMS, NOTHING, words, written
from trader_cli.metrics.pivot import quantiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trader_cli.app.charts import Chart
    from trader_cli.app.findings import Findings

MOST_MAPS: Final = 6
MOST_LABELS: Final = 36
"""Values of an axis that a map shows, at most: neighbours share a place."""
MOST_STEPS: Final = 60
"""The same where an axis stands alone."""
MOST_AXES: Final = 12
MOST_REASONS: Final = 20
_CURVE_POINTS: Final = 1500
"""Points of each curve where there are several."""
_ENOUGH = 0.95
_FIRST = ("total_return", "sharpe", "deflated_sharpe", "max_drawdown", "trades", "win_rate", "profit_factor")


@dataclass(slots=True)
class _Shown:
    """The pictures of a page, and what it says beside them."""

    charts: dict[str, Chart] = field(default_factory=dict)
    content: dict[str, Any] = field(default_factory=dict)


def report(found: Findings) -> str:
    """The page of a matrix as HTML."""
    document, sort = found.document, found.document["sort"]
    shown = _Shown()
    _distribution(found, shown)
    shown.content["maps"] = list(_maps(found, shown.charts))
    shown.content["sensitivities"] = list(_sensitivities(found, shown.charts))
    _risk(found, shown)
    if found.equities:
        shown.charts["equities"] = charts.curves(found.equities, _CURVE_POINTS)
    name = ", ".join(found.variants) or "flags alone"
    counts = document["combinations"]
    rows = document["runs"]
    reasons = list(counts["reasons"].items())[:MOST_REASONS]
    return page(
        "matrix.html",
        shown.charts,
        {
            **shown.content,
            "name": name,
            "runs": f"{counts['run']:,}",
            "sort": sort,
            "summary": f"{counts['run']:,} runs of {counts['asked']:,} combinations, ranked by {words(sort)}",
            "tiles": list(_tiles(found)),
            "doubts": list(_doubts(document)),
            "warnings": document["warnings"],
            "leaderboard": _leaderboard(rows, sort),
            "leaderboard_caption": f"The best {len(rows):,} of {counts['run']:,} runs; a click on a title sorts",
            "equities": ", ".join(curve[0] for curve in found.equities),
            "asked": Table(("asked", "given"), [("VARIANTs", name), *found.about.items()], (0, 1)),
            "axes": Table(
                ("axis", "values", "which"),
                [(axis.key, len(axis), _listed(axis.labels)) for axis in found.axes],
                (0, 2),
            ),
            "combinations": Table(("combinations", "count"), [(_COUNTS[key], f"{counts[key]:,}") for key in _COUNTS]),
            "reasons": Table(("reason", "combinations"), [(reason, f"{times:,}") for reason, times in reasons]),
        },
    )


_COUNTS = {
    "asked": "asked for",
    "run": "run",
    "duplicates": "the same as another",
    "ruled_out": "ruled out by --where",
    "invalid": "invalid",
}


def _tiles(found: Findings) -> Iterator[tuple[str, str, str]]:
    sort, known = found.document["sort"], found.figures[np.isfinite(found.figures)]
    yield "runs", f"{found.document['combinations']['run']:,}", ""
    if len(known):
        yield f"best {words(sort)}", written(sort, float(known.max())), ""
        yield f"median {words(sort)}", written(sort, float(np.median(known))), "half of the runs are above"
    if len(known) and sort in EVEN:
        share = np.count_nonzero(known > EVEN[sort]) / len(known)
        yield f"runs above {EVEN[sort]:g}", f"{share:.0%}", f"by {words(sort)}"
    yield "trials ever", f"{found.document['trials']:,}", "on these markets"


def _doubts(document: Mapping[str, Any]) -> Iterator[str]:
    """Why the best run is not to be believed, in plain words."""
    yield (
        f"{document['trials']:,} runs have ever been tried on these markets, those of this page among them. "
        "The best of so many looks good by chance alone."
    )
    best = document["runs"][0]["metrics"]["deflated_sharpe"] if document["runs"] else None
    if best is None:
        yield "Whether the best run is better than chance was not worked out: --metrics full does it."
    else:
        verdict = "luck alone seldom does that" if best >= _ENOUGH else f"below {_ENOUGH} it proves nothing"
        yield (
            f"Deflated Sharpe ratio of the best run: {best:.2f}. It is the probability that the run's Sharpe ratio is "
            f"above what the best of so many worthless runs would show; {verdict}."
        )
    overfitted = document["overfitting_probability"]
    if overfitted is not None:
        yield (
            f"Probability of overfitting: {overfitted:.0%}. It is how often the best run of one half of the past was "
            "no better than the median run of the other half."
        )


def _leaderboard(rows: Sequence[Mapping[str, Any]], sort: str) -> Table:
    names = [
        name
        for name in dict.fromkeys((sort, *_FIRST, *FORMS))
        if name == sort or any(row["metrics"].get(name) for row in rows)  # a column of nothing and zeros says nothing
    ]
    body = [
        (place, row["variant"], _values(row), *(written(name, row["metrics"][name]) for name in names))
        for place, row in enumerate(rows, start=1)
    ]
    return Table(("#", "run", "values", *map(words, names)), body, (1, 2))


def _values(row: Mapping[str, Any]) -> str:
    told = [f"{key.rpartition('.')[2]}={label(value)}" for key, value in row["overrides"].items()]
    return " ".join([*told, *([f"halted {row['halted_at'][:10]}"] if row["halted_at"] else [])])


def _distribution(found: Findings, shown: _Shown) -> None:
    sort, known = found.document["sort"], found.figures[np.isfinite(found.figures)]
    shown.content["has_distribution"] = len(known) > 1
    if len(known) > 1:
        best = float(known.max())
        low, middle, high = (written(sort, value) for value in np.quantile(known, (0.25, 0.5, 0.75)).tolist())
        shown.content["distribution"] = (
            f"half of the runs are between {low} and {high}, the median is {middle}, the best {written(sort, best)}"
        )
        shown.charts["distribution"] = charts.histogram(
            words(sort), charts.ticks(sort), known, EVEN.get(sort), {f"best {written(sort, best)}": best}
        )


def _maps(found: Findings, pictures: dict[str, Chart]) -> Iterator[Mapping[str, Any]]:
    """The pairs of axes with most cells, each by the median of its runs; then each by the best of them."""
    sort = found.document["sort"]
    fitted = [(x.fitted(MOST_LABELS), y.fitted(MOST_LABELS)) for x, y in pairs(found.axes)[:MOST_MAPS]]
    medians = [HeatMap.of(sort, found.figures, x, y) for x, y in fitted]
    for is_best in (False, True):
        fold = "best" if is_best else "median"
        for number, ((x, y), median) in enumerate(zip(fitted, medians, strict=True)):
            heat = replace(median, is_best=is_best)
            if heat.highest is None or (is_best and heat.pivot.runs.max() == 1):
                continue
            name = f"map-{fold}-{number}"
            cells = [[written(sort, value) for value in row] for row in plain(heat.values)]
            hover = [
                [f"{fold} {cell} of {runs:,} runs" for cell, runs in zip(line, counts, strict=True)]
                for line, counts in zip(cells, heat.pivot.runs.tolist(), strict=True)
            ]
            pictures[name] = charts.heat(sort, heat.values, x.labels, y.labels, (x.name, y.name), hover)
            rows = [(value, *row) for value, row in zip(y.labels, cells, strict=True)]
            yield {
                "id": name,
                "title": f"{fold} {words(sort)} by {x.name} and {y.name}",
                "says": _of_map(heat, fold),
                "table": Table((f"{y.name} \\ {x.name}", *x.labels), rows),
            }


def _of_map(heat: HeatMap, fold: str) -> str:
    row, column = heat.highest or (0, 0)
    top = written(heat.figure, float(heat.values[row, column]))
    said = (
        f"{fold} {words(heat.figure)} of all runs of a cell, {heat.x.name} across and {heat.y.name} down; "
        f"the highest is {top} at {heat.x.name} {heat.x.labels[column]}, {heat.y.name} {heat.y.labels[row]}"
    )
    if heat.is_best:
        said += "; the best of many runs flatters"
    binned = [
        f"{axis.step} neighbouring values of {axis.name} share a cell" for axis in (heat.x, heat.y) if axis.step > 1
    ]
    return "; ".join([said, *binned])


def _sensitivities(found: Findings, pictures: dict[str, Chart]) -> Iterator[Mapping[str, Any]]:
    """What each axis does to the figure, the one that moves its median most first."""
    sort, told = found.document["sort"], []
    for axis in found.axes:
        shown = axis.fitted(MOST_STEPS)
        parts = quantiles(shown.places, found.figures, len(shown), (0.25, 0.5, 0.75))
        medians = parts[1][np.isfinite(parts[1])]
        if len(axis) > 1 and len(medians) > 1:
            told.append((float(np.ptp(medians)), shown, parts))
    told.sort(key=lambda each: -each[0])
    for number, (moved, axis, parts) in enumerate(told[:MOST_AXES]):
        name = f"axis-{number}"
        pictures[name] = charts.spread(sort, axis.labels, parts, axis.name)
        runs = np.bincount(axis.places[axis.places >= 0], minlength=len(axis)).tolist()
        rows = [
            (value, f"{count:,}", *(written(sort, part) for part in row))
            for value, count, row in zip(axis.labels, runs, plain(parts.T), strict=True)
        ]
        yield {
            "id": name,
            "key": axis.key,
            "says": f"The median of {words(sort)} moves by {written(sort, moved)} over the values of {axis.key}",
            "table": Table((axis.name, "runs", "lower quartile", "median", "upper quartile"), rows),
        }


def _risk(found: Findings, shown: _Shown) -> None:
    shown.content["scatter"] = ""
    if found.drawdowns is None or found.sharpes is None:
        return
    known = np.flatnonzero(np.isfinite(found.drawdowns) & np.isfinite(found.sharpes))
    if len(known) < 2:
        return
    some = known[:: -(-len(known) // charts.MOST_POINTS)]
    best = int(np.argmax(np.where(np.isfinite(found.figures), found.figures, -np.inf)))
    shown.charts["risk"] = charts.scatter(
        found.drawdowns[some],
        found.sharpes[some],
        ("max_drawdown", "sharpe"),
        (float(found.drawdowns[best]), float(found.sharpes[best])),
    )
    drawn = "Each point is a run" if len(some) == len(known) else f"{len(some):,} of {len(known):,} runs, a point each"
    shown.content["scatter"] = f"{drawn}: its maximal drawdown across, its Sharpe ratio up; the diamond is the best run"


def _listed(labels: Sequence[str]) -> str:
    """All values of an axis, or the ends of a long one."""
    return ", ".join(labels if len(labels) <= 12 else (*labels[:6], "...", *labels[-3:])) or NOTHING
