"""Pictures of runs, as plotly.js reads them: plain values.

A colour `@NAME` is one of `colours.PALETTES`: the page puts in that of the light or the dark one when it draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trader_cli.app.colours import Shades
from trader_cli.app.heatmap import plain
from trader_cli.metrics.curves import thinned
from trader_cli.metrics.forms import EVEN, is_share, words, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.bars import Floats, Ints

    type Chart = Mapping[str, Any]

MOST_POINTS: Final = 5000
BARS: Final = 60
"""Bars of a histogram, at most."""
_MOST_FIGURES: Final = 12
"""Columns of a heat map up to which its cells hold figures."""


def heat(
    figure: str,
    values: Floats,
    x: Sequence[str],
    y: Sequence[str],
    titles: tuple[str, str],
    hover: Sequence[Sequence[str]],
) -> Chart:
    """A figure by two axes, the first row on top. Shape: `values` and `hover`, what is said of each cell, (y, x)."""
    shades = Shades.of(figure, values)
    trace = {
        "type": "heatmap",
        "x": _labels(x),
        "y": _labels(y),
        "z": plain(rounded(values)),
        "customdata": [_labels(row) for row in hover],
        "hovertemplate": f"{_safe(titles[1])} %{{y}}, {_safe(titles[0])} %{{x}}<br>%{{customdata}}<extra></extra>",
        "hoverongaps": False,
        "zmin": shades.low,
        "zmax": shades.high,
        "colorscale": "@diverging" if figure in EVEN else "@sequential",
        "colorbar": {"thickness": 12, "outlinewidth": 0, "tickformat": ticks(figure)},
        "xgap": 1,
        "ygap": 1,
    }
    if len(x) <= _MOST_FIGURES:
        trace |= {
            "showscale": False,
            "text": [[_cell(figure, value) for value in row] for row in values.tolist()],
            "texttemplate": "%{text}",
        }
    return {
        "data": [trace],
        "layout": _layout(
            height=min(760, 90 + 26 * len(y)),
            margin={"l": 60, "r": 20, "t": 60, "b": 14},
            xaxis=_axis(titles[0], type="category", showgrid=False, side="top"),
            yaxis=_axis(titles[1], type="category", showgrid=False, autorange="reversed"),
        ),
    }


def spread(figure: str, labels: Sequence[str], quartiles: Floats, title: str) -> Chart:
    """The median of a figure by the values of one axis, and between which half of the runs are. Shape: (3, labels)."""
    low, median, high = (plain(rounded(row)) for row in quartiles)
    half = {"x": _labels(labels), "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    return {
        "data": [
            {**half, "y": low},
            {**half, "y": high, "fill": "tonexty", "fillcolor": "@band"},
            {
                "x": _labels(labels),
                "y": median,
                "mode": "lines+markers",
                "line": {"color": "@gain", "width": 2},
                "marker": {"size": 6},
                "hovertemplate": "%{x}: %{y}<extra></extra>",
                "showlegend": False,
            },
        ],
        "layout": _layout(
            height=240,
            xaxis=_axis(title, type="category", nticks=14),
            yaxis=_axis(words(figure), tickformat=ticks(figure)),
        ),
    }


def histogram(title: str, tickformat: str, values: Floats, middle: float | None, marked: Mapping[str, float]) -> Chart:
    """How many values are how large, in equal steps; `marked` are values to be pointed at, by what is said of them."""
    counts, edges = np.histogram(values, bins=min(BARS, max(10, round(len(values) ** 0.5))))
    centres = (edges[:-1] + edges[1:]) / 2
    bars = {
        "type": "bar",
        "x": plain(rounded(centres)),
        "y": counts.tolist(),
        "width": float(edges[1] - edges[0]) * 0.94,
        "marker": {"color": ["@loss" if middle is not None and centre < middle else "@gain" for centre in centres]},
        "hovertemplate": "about %{x}: %{y:,}<extra></extra>",
    }
    lines = [_upright(value) for value in marked.values()]
    notes = [
        {"x": value, "y": 1, "yref": "paper", "yanchor": "bottom", "text": _safe(said), "showarrow": False}
        for said, value in marked.items()
    ]
    layout = _layout(
        height=310,
        margin={"l": 60, "r": 20, "t": 56, "b": 44},
        xaxis=_axis(title, tickformat=tickformat),
        yaxis=_axis("count"),
        bargap=0,
    )
    return {"data": [bars], "layout": {**layout, "shapes": lines, "annotations": notes}}


def scatter(x: Floats, y: Floats, titles: tuple[str, str], best: tuple[float, float]) -> Chart:
    """A point a run, and the best one."""
    marker = {"type": "scatter", "mode": "markers", "showlegend": False}
    return {
        "data": [
            {
                **marker,
                "x": plain(rounded(x)),
                "y": plain(rounded(y)),
                "marker": {"color": "@gain", "size": 5, "opacity": 0.45},
                "hovertemplate": f"{words(titles[0])} %{{x}}<br>{words(titles[1])} %{{y}}<extra></extra>",
            },
            {
                **marker,
                "x": [best[0]],
                "y": [best[1]],
                "marker": {"color": "@loss", "size": 12, "symbol": "diamond", "line": {"color": "@page", "width": 1}},
                "hovertemplate": "the best run<extra></extra>",
            },
        ],
        "layout": _layout(
            height=360,
            xaxis=_axis(words(titles[0]), tickformat=ticks(titles[0])),
            yaxis=_axis(words(titles[1]), tickformat=ticks(titles[1])),
        ),
    }


def curves(named: Sequence[tuple[str, Ints, Floats]], most: int = MOST_POINTS) -> Chart:
    """Equity over time, a line a name; `most` points each."""
    data = [
        {**_line(times, equity, most), "name": _safe(name), "line": {"color": f"@series{number % 5}", "width": 1.6}}
        for number, (name, times, equity) in enumerate(named)
    ]
    layout = _layout(height=380, xaxis=_axis("", type="date"), yaxis=_axis("equity", tickformat=",.0f"))
    return {"data": data, "layout": {**layout, "showlegend": True, "legend": {"orientation": "h", "y": -0.15}}}


def equity(times: Ints, values: Floats, fallen: Floats) -> Chart:
    """Equity over time, and below it how far it is under its highest."""
    under = {"xaxis": "x", "yaxis": "y2", "fill": "tozeroy", "line": {"color": "@loss", "width": 1}}
    layout = _layout(
        height=460,
        xaxis=_axis("", type="date", anchor="y2"),
        yaxis=_axis("equity", tickformat=",.0f", domain=[0.34, 1]),
        yaxis2=_axis("drawdown", tickformat=".1%", domain=[0, 0.28]),
    )
    return {
        "data": [
            {**_line(times, values, MOST_POINTS), "name": "equity", "line": {"color": "@gain", "width": 1.8}},
            {**_line(times, fallen, MOST_POINTS), "name": "drawdown", **under},
        ],
        "layout": {**layout, "showlegend": False},
    }


def rounded(values: Floats) -> Floats:
    """Numbers to five digits: no picture shows more, and the page is as much smaller."""
    return np.array([float(f"{value:.5g}") for value in values.ravel().tolist()]).reshape(values.shape)


def _line(times: Ints, values: Floats, most: int) -> dict[str, Any]:
    kept = thinned(values, most)
    moments = times[kept].astype("datetime64[ns]").astype("datetime64[s]").astype(str).tolist()
    return {"type": "scatter", "mode": "lines", "x": moments, "y": plain(rounded(values[kept]))}


def _upright(value: float) -> dict[str, Any]:
    line = {"color": "@ink", "width": 1.5, "dash": "dot"}
    return {"type": "line", "x0": value, "x1": value, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _axis(title: str, **more: Any) -> dict[str, Any]:
    return {
        "title": {"text": _safe(title)},
        "gridcolor": "@grid",
        "zerolinecolor": "@faint",
        "automargin": True,
        **more,
    }


def _layout(**more: Any) -> dict[str, Any]:
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "@ink", "family": "system-ui, sans-serif", "size": 12},
        "hoverlabel": {"bgcolor": "@page", "bordercolor": "@faint", "font": {"color": "@ink"}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": "@faint", "activecolor": "@ink"},
        "margin": {"l": 60, "r": 20, "t": 30, "b": 44},
    } | more


def ticks(figure: str) -> str:
    """How an axis writes a figure, as d3-format reads it."""
    return ".1~%" if is_share(figure) else ",.4~g"


def _cell(figure: str, value: float) -> str:
    return written(figure, value) if np.isfinite(value) else ""


def _labels(texts: Sequence[str]) -> list[str]:
    return [_safe(text) for text in texts]


def _safe(text: str) -> str:
    """A text that plotly.js shows as it is: it reads a few tags, and `%{` in templates."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")
