"""Heat maps: which axes, which cells share, and what stands in a terminal."""

from __future__ import annotations

import math
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trader_cli.app.colours import DIVERGING, SEQUENTIAL, Shades, ink
from trader_cli.app.heatmap import HeatMap, Scale, chosen, pairs, scales
from trader_cli.cli import heatmap
from trader_cli.errors import UsageError
from trader_cli.variant import axes
from trader_cli.variant.grid import Grid, expand
from trader_cli.variant.planning import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
PERIODS = "strategy_config.rsi.period=5..30"


def grid_of(*sets: str, matrix: tuple[str, ...] = ()) -> Grid:
    return expand(("demo_btc_rsi",), axes.read(sets, matrix, {}), Place(ROOT / "variants", {}, {}))


def scale(name: str, labels: Sequence[object], places: Sequence[int]) -> Scale:
    return Scale(f"table.{name}", name, tuple(map(str, labels)), np.array(places))


def crossed(x: Sequence[object], y: Sequence[object], figures: Sequence[float], figure: str = "sharpe") -> HeatMap:
    """One run a cell, rows one after the other."""
    places = list(product(range(len(y)), range(len(x))))
    across = scale("across", x, [column for _, column in places])
    down = scale("down", y, [row for row, _ in places])
    return HeatMap.of(figure, np.array(figures, dtype=np.float64), across, down)


def drawn(heat: HeatMap, width: int = 80, *, is_coloured: bool = False) -> list[str]:
    return [line.plain for line in heatmap.lines(heat, width, is_coloured=is_coloured)]


def test_numbers_stand_in_ascending_order_and_words_as_given() -> None:
    grid = grid_of("strategy_config.rsi.period=30,7,14", "session.timeframe=4h,1h")
    period, timeframe = scales(grid)
    assert (period.name, period.labels, timeframe.labels) == ("period", ("7", "14", "30"), ("4h", "1h"))
    told = [
        (grid.overrides(run)["strategy_config.rsi.period"], grid.overrides(run)["session.timeframe"])
        for run in range(len(grid))
    ]
    shown = zip(period.places.tolist(), timeframe.places.tolist(), strict=True)
    assert [(int(period.labels[one]), timeframe.labels[other]) for one, other in shown] == told


@given(count=st.integers(1, 200), most=st.integers(1, 50))
def test_neighbours_share_a_place_so_that_all_fit(count: int, most: int) -> None:
    whole = scale("a", range(count), [*range(count), -1])
    fitted = whole.fitted(most)
    assert len(fitted) <= most
    assert fitted.step == -(-count // most)
    assert fitted.places[-1] == -1
    for value, place in enumerate(fitted.places[:-1].tolist()):
        first, _, last = fitted.labels[place].partition("..")
        assert int(first) <= value <= int(last or first)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("period,stop_loss", ("strategy_config.rsi.period", "risk_settings.stop_loss")),
        ("risk_settings.stop_loss, period", ("risk_settings.stop_loss", "strategy_config.rsi.period")),
        ("strategy,stop_loss", ("variants.strategy", "risk_settings.stop_loss")),
    ],
)
def test_axes_are_named_by_their_key_or_its_last_part(text: str, keys: tuple[str, str]) -> None:
    axes_ = scales(grid_of(PERIODS, "risk_settings.stop_loss=0.01,0.02", matrix=("strategy=rsi,macd",)))
    x, y, is_best = chosen(text, axes_)
    assert (x.key, y.key, is_best) == (*keys, False)
    assert chosen(f"{text}, best", axes_) == (x, y, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("perod,stop_loss", "perod: is no axis of this matrix, did you mean 'period'?"),
        ("period", "must read X,Y or X,Y,best: two of the axes (variants.strategy, strategy_config.rsi.period,"),
        ("period,,stop_loss", "must read X,Y"),
        ("period,stop_loss,worst", "must read X,Y"),
        ("slow_period,slow_period", "names the same axis twice"),
        ("period,stop_loss", "period: is the end of several axes: write strategy_config.rsi.period or"),
        ("strategy_config.rsi.period,strategy_config.mfi.period", "no run has both strategy_config.rsi.period and"),
    ],
)
def test_axes_that_make_no_map_are_refused_with_the_remedy(text: str, said: str) -> None:
    sets = (PERIODS, "strategy_config.mfi.period=7,14", "strategy_config.macd.slow_period=20,30")
    grid = grid_of(*sets, "risk_settings.stop_loss=0.01,0.02", matrix=("strategy=rsi,mfi,macd",))
    with pytest.raises(UsageError, match=r"^--heatmap: ") as refused:
        chosen(text, scales(grid))
    assert said in str(refused.value)


def test_the_pairs_of_most_cells_come_first_and_such_as_are_one_row_do_not_come() -> None:
    sets = ("strategy_config.mfi.period=7,14,21", "strategy_config.rsi.period=5..9", "costs.slippage_bps=1")
    axes_ = scales(grid_of(*sets, "risk_settings.stop_loss=0.01,0.02", matrix=("strategy=rsi,mfi", "mode=backtest")))
    rsi, mfi = "strategy_config.rsi.period", "strategy_config.mfi.period"
    assert [(x.key, y.key) for x, y in pairs(axes_)] == [
        (rsi, "risk_settings.stop_loss"),
        (mfi, "risk_settings.stop_loss"),
        ("variants.strategy", "risk_settings.stop_loss"),
    ]


def test_a_cell_shows_the_median_of_its_runs_unless_the_best_is_asked_for() -> None:
    x, y = scale("a", [1, 2], [0, 0, 0, 1]), scale("b", [1], [0, 0, 0, 0])
    figures = np.array([1.0, 2.0, 9.0, math.nan])
    assert HeatMap.of("sharpe", figures, x, y).document() == {
        "figure": "sharpe",
        "fold": "median",
        "x": {"key": "table.a", "values": ["1", "2"]},
        "y": {"key": "table.b", "values": ["1"]},
        "values": [[2.0, None]],
        "runs": [[3, 1]],
    }
    best = HeatMap.of("sharpe", figures, x, y, is_best=True)
    assert best.document()["values"] == [[9.0, None]]
    assert any("flatters" in line for line in drawn(best))


def test_without_colours_every_figure_is_read_and_the_highest_is_marked() -> None:
    assert drawn(crossed([5, 7], ["0.01", "0.02"], [-0.0123, 0.5, math.nan, -0.001], "total_return")) == [
        "total return (%)",
        "",
        "     across",
        "down      5      7",
        "0.01   -1.2   50.0*",
        "0.02      -   -0.1",
        "",
        "lowest -1.23 %, highest 50 %",
        "* highest at down 0.01, across 7",
    ]


def test_a_cell_without_a_run_is_blank() -> None:
    heat = HeatMap.of("sharpe", np.array([1.5, 2.5]), scale("a", "pq", [0, 1]), scale("b", "rs", [0, 1]))
    assert drawn(heat)[3:6] == ["b      p      q", "r   1.50", "s          2.50*"]


@settings(max_examples=60)
@given(
    columns=st.integers(1, 120),
    rows=st.integers(1, 60),
    figure=st.sampled_from(["total_return", "trades", "final_equity", "sharpe"]),
    size=st.sampled_from([1e-9, 0.1, 1.0, 1e3, 1e12]),
    width=st.integers(60, 200),
    is_coloured=st.booleans(),
)
def test_a_map_of_any_size_fits_the_terminal(
    columns: int, rows: int, figure: str, size: float, width: int, *, is_coloured: bool
) -> None:
    figures = (np.arange(columns * rows, dtype=np.float64) - columns) * size
    lines = drawn(crossed(range(columns), range(rows), figures.tolist(), figure), width, is_coloured=is_coloured)
    assert max(map(len, lines)) <= width
    assert sum(heatmap.HIGHEST in line for line in lines) == 2  # in its cell, and explained
    told = " ".join(lines)
    assert ("neighbouring values of down" in told) == (rows > heatmap.MOST_ROWS)


def test_colours_make_room_for_more_columns_than_figures_do() -> None:
    heat = crossed(range(26), range(2), [0.0] * 52)
    assert not any("neighbouring" in line for line in drawn(heat, is_coloured=True))
    assert "3 neighbouring values of across share a cell" in drawn(heat)


@pytest.mark.parametrize(
    ("figure", "value", "colour"),
    [
        ("total_return", 0.0, DIVERGING[3]),
        ("total_return", -0.2, DIVERGING[0]),
        ("total_return", 0.1, DIVERGING[-1][:0]),
        ("profit_factor", 1.0, DIVERGING[3]),
        ("trades", -0.2, SEQUENTIAL[0]),
        ("trades", 0.1, SEQUENTIAL[-1]),
    ],
)
def test_gain_and_loss_part_at_the_value_that_is_neither(figure: str, value: float, colour: Any) -> None:
    found = Shades.of(figure, np.array([-0.2, 0.1, math.nan])).colour(value)
    assert found == colour or (not colour and found[2] > found[0])


@given(value=st.floats(-2, 2))
def test_what_stands_on_a_colour_can_be_read(value: float) -> None:
    def light(colour: tuple[int, int, int]) -> float:
        parts = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    for figure in ("total_return", "trades"):
        colour = Shades.of(figure, np.array([-2.0, 2.0])).colour(value)
        lights = sorted([light(colour), light(ink(colour))])
        assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


def test_foreign_names_move_nothing() -> None:
    lines = heatmap.lines(crossed(["\x1b[31m"], ["a\nb"], [1.0]), 80, is_coloured=False)
    assert not any("\x1b" in line.plain or "\n" in line.plain for line in lines)
