"""Reports: what they say is what was found; one file that loads nothing, and runs nothing that is not its own."""

from __future__ import annotations

import html
import json
import math
import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.pictures.browser import Read, driven, opened, said
from trader_cli import redaction
from trader_cli.app import backtest, report_of_matrix, report_of_run
from trader_cli.app.colours import PALETTES
from trader_cli.app.findings import MOST_ROWS, Findings
from trader_cli.app.heatmap import Scale
from trader_cli.app.markets import Span
from trader_cli.app.report import write
from trader_cli.metrics.figures import NAMES
from trader_cli.metrics.forms import FORMS, written
from trader_cli.variant.loading import load

if TYPE_CHECKING:
    from trader_cli.backtest.result import Result
    from trader_cli.variant.model import Variant

ROOT = Path(__file__).resolve().parent.parent.parent
HOSTILE = "</script><script>alert(1)</script><img src=https://x.example/a onerror=alert(1)> '\"%{x}@ink {{ 7*7 }}"
PERIODS, STOPS = tuple(range(5, 12)), (0.01, 0.02, HOSTILE)
SHARPES = [
    math.nan if (period, stop) == (0, 0) else period - 4.0 + stop for period, stop in product(range(7), range(3))
]


def findings(**more: Any) -> Findings:
    """7 periods by 3 stops, a run each; the ratio grows with both, and one run has none."""
    places = np.array(list(product(range(7), range(3))))
    figures = np.array(SHARPES)
    best = sorted(range(21), key=lambda run: -np.nan_to_num(figures[run], nan=-math.inf))
    runs = [
        {
            "variant": f"demo-{run:06d}",
            "overrides": {"rsi.period": PERIODS[places[run][0]], "risk.stop_loss": STOPS[places[run][1]]},
            "metrics": {**dict.fromkeys(FORMS), "sharpe": SHARPES[run], "trades": run, "deflated_sharpe": 0.5},
            "halted_at": None,
        }
        for run in best[:20]
    ]
    document = {
        "runs": runs,
        "trials": 1234,
        "sort": "sharpe",
        "overfitting_probability": 0.39,
        "combinations": {
            "asked": 30,
            "run": 21,
            "duplicates": 4,
            "invalid": 3,
            "ruled_out": 2,
            "reasons": {f"stop_loss: {HOSTILE}": 3},
        },
        "warnings": [HOSTILE],
    }
    given: dict[str, Any] = {
        "document": document,
        "axes": (
            Scale("rsi.period", "period", tuple(map(str, PERIODS)), places[:, 0]),
            Scale("risk.stop_loss", HOSTILE, tuple(map(str, STOPS)), places[:, 1]),
        ),
        "figures": figures,
        "variants": (HOSTILE,),
        "about": {"data": HOSTILE},
        "drawdowns": -np.arange(21) / 100,
        "sharpes": figures,
        "equities": [(HOSTILE, np.arange(3) * 86_400_000_000_000, np.array([1000.0, 900.0, 1100.0]))],
    }
    return Findings(**{**given, **more})


def run_of(span: Span) -> tuple[Result, Variant]:
    variant = load("demo_btc_rsi", variants_dir=ROOT / "variants", environment={}).variant
    return backtest.run(variant, ROOT / "samples", span, lambda _: None), variant


def pictures(page: str) -> Any:
    """The charts that a page draws, as they stand in it."""
    found = re.search(r'<script type="application/json" id="pictures">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])["charts"]


def rows_of(page: str, caption: str) -> list[list[str]]:
    """The texts of a table's rows, that of its titles first."""
    found = re.search(rf"<caption>{re.escape(caption)}[^<]*</caption>(.*?)</table>", page, re.DOTALL)
    assert found, caption
    cells = [re.findall(r"<t[hd][^>]*>(.*?)(?=<t[hd]|</t[hd]>|</tr>)", row) for row in found[1].split("<tr>")[1:]]
    return [[html.unescape(re.sub("<[^>]+>", "", cell)) for cell in row] for row in cells]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a report of each kind."""
    folder = tmp_path_factory.mktemp("reports")
    write(folder / "matrix.html", report_of_matrix.report(findings()))
    result, variant = run_of(Span.of("2018-08-01", None))
    document = result.saying(HOSTILE).document(variant.name) | {"variant": HOSTILE, "run": "0123456789ab"}
    write(folder / "run.html", report_of_run.report(result, variant, document))
    return folder


@pytest.fixture(params=["matrix.html", "run.html"])
def page(places: Path, request: pytest.FixtureRequest) -> Path:
    return places / str(request.param)


def test_what_users_wrote_stands_there_as_text_alone(page: Path) -> None:
    read = Read(page.read_text(encoding="utf-8"))
    assert len(read.scripts) == 3  # the pictures' numbers, plotly.js, and the page's own
    assert [attributes for attributes in read.of("script") if attributes] == [
        {"type": "application/json", "id": "pictures"}
    ]
    assert not read.of("img")
    assert not {name for _, attributes in read.elements for name in attributes if name.startswith("on")}
    assert any(HOSTILE in text for text in read.texts)


def test_a_page_names_nothing_elsewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    read = Read(text)
    for _, attributes in read.elements:
        assert not {"src", "href", "action", "srcset", "data", "poster"} & attributes.keys()
    own = text.replace(max(read.scripts, key=len), "").replace("https://x.example", "")  # plotly.js, and HOSTILE
    assert not re.search(r"https?:|url\(|@import", own)


def test_the_policy_lets_nothing_be_loaded_and_no_other_script_run(page: Path) -> None:
    (policy,) = [meta["content"] for meta in Read(page.read_text()).of("meta") if "http-equiv" in meta]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[^']+' 'sha256-[^']+'", rules["script-src"])
    assert rules["img-src"] == "data: blob:"


def test_a_browser_draws_every_picture_and_complains_of_nothing(page: Path) -> None:
    for scheme in ("0", "1"):
        seen = opened(page, f"--blink-settings=preferredColorScheme={scheme}")
        assert not seen.complaints
        places = re.findall(r'data-chart="([^"]+)"[^>]*>(?=<div class="plot-container)?(<div)?', seen.html)
        drawn = {name for name, inner in places if inner}
        shown = {
            name for name in pictures(page.read_text()) if not name.startswith("map-") or name.endswith("median-0")
        }
        assert drawn == shown
        assert seen.html.count('class="main-svg"') >= len(shown)


def test_a_script_that_is_not_ours_does_not_run(places: Path, tmp_path: Path) -> None:
    text = (places / "run.html").read_text()
    struck = tmp_path / "struck.html"
    struck.write_text(text.replace("</body>", "<script>document.title = 'taken'</script></body>"))
    seen = opened(struck)
    assert "<title>taken" not in seen.html
    assert any("Content Security Policy" in complaint for complaint in seen.complaints)


def test_a_page_says_its_language_and_has_one_heading_of_each_section(page: Path) -> None:
    read = Read(page.read_text())
    assert read.of("html") == [{"lang": "en"}]
    assert len(read.of("h1")) == len(read.of("title")) == 1
    named = [attributes["aria-labelledby"] for attributes in read.of("section")]
    assert sorted(named) == sorted(attributes["id"] for attributes in read.of("h2"))
    assert all(figure["role"] == "img" and figure["aria-label"] for figure in read.of("figure"))
    assert len(read.of("caption")) == len(read.of("table"))


def test_a_secret_stands_nowhere_in_it() -> None:
    token = "k3y-of-mine-9f8e7d"  # noqa: S105 - of nothing
    redaction.register([token])
    axis = Scale("a.b", token, (token, "x"), np.array([0, 1]))
    curve = (token, np.array([0, 1]), np.array([1.0, 2.0]))
    found = findings(about={"data": token}, axes=(axis,), figures=np.array([1.0, 2.0]), equities=[curve])
    text = report_of_matrix.report(found)
    assert token not in text
    assert redaction.MASK in pictures(text)["equities"]["data"][0]["name"]


def test_the_leaderboard_is_that_of_the_document(places: Path) -> None:
    rows = rows_of((places / "matrix.html").read_text(), "The best 20 of 21 runs")
    assert rows[0] == ["#", "run", "values", "sharpe", "deflated sharpe", "trades"]
    for row, run in zip(rows[1:], findings().document["runs"], strict=True):
        assert row[1] == run["variant"]
        assert row[2] == f"period={run['overrides']['rsi.period']} stop_loss={run['overrides']['risk.stop_loss']}"
        assert row[3:] == [written(name, run["metrics"][name]) for name in ("sharpe", "deflated_sharpe", "trades")]


def test_a_map_holds_the_median_of_its_cells_in_picture_and_table(places: Path) -> None:
    text = (places / "matrix.html").read_text()
    (trace,) = pictures(text)["map-median-0"]["data"]
    wanted = [[None if math.isnan(SHARPES[3 * x + y]) else SHARPES[3 * x + y] for x in range(7)] for y in range(3)]
    assert trace["z"] == wanted
    assert (trace["zmin"], trace["zmax"]) == (-4.0, 4.0)
    rows = rows_of(text, "median sharpe by period and")
    assert [row[1:] for row in rows[1:]] == [[written("sharpe", value) for value in row] for row in wanted]


def test_an_axis_shows_the_quartiles_of_the_runs_with_each_value(places: Path) -> None:
    text = (places / "matrix.html").read_text()
    rows = rows_of(text, "sharpe by rsi.period")
    assert rows[0] == ["period", "runs", "lower quartile", "median", "upper quartile"]
    assert rows[1] == ["5", "3", "-2.75", "-2.50", "-2.25"]  # of -3 and -2: the third has none
    assert rows[7] == ["11", "3", "2.50", "3.00", "3.50"]  # of 2, 3 and 4
    assert re.findall(r"<h3>(.*?)</h3>", text)[:2] == ["rsi.period", "risk.stop_loss"]  # what moves it most comes first


def test_the_histogram_counts_every_run_once_and_marks_the_best(places: Path) -> None:
    chart = pictures((places / "matrix.html").read_text())["distribution"]
    assert sum(chart["data"][0]["y"]) == 20
    assert chart["layout"]["shapes"][0]["x0"] == 4.0


def test_doubts_are_told_in_words(places: Path) -> None:
    text = html.unescape((places / "matrix.html").read_text())
    assert "1,234 runs have ever been tried on these markets" in text
    assert "Deflated Sharpe ratio of the best run: 0.50." in text
    assert "below 0.95 it proves nothing" in text
    assert "Probability of overfitting: 39%." in text


def test_what_did_not_run_is_told_with_its_reasons(places: Path) -> None:
    text = (places / "matrix.html").read_text()
    assert rows_of(text, "The combinations")[1:] == [
        ["asked for", "30"],
        ["run", "21"],
        ["the same as another", "4"],
        ["ruled out by --where", "2"],
        ["invalid", "3"],
    ]
    assert rows_of(text, "Why combinations are invalid")[1] == [f"stop_loss: {HOSTILE}", "3"]


def test_a_matrix_of_which_nothing_is_known_has_a_page_too() -> None:
    document = {**findings().document, "runs": [], "overfitting_probability": None, "warnings": []}
    nothing = np.full(21, math.nan)
    text = report_of_matrix.report(
        findings(document=document, figures=nothing, axes=(), drawdowns=None, sharpes=None, equities=(), variants=())
    )
    assert pictures(text) == {}
    assert "--metrics full does it" in text


def test_a_large_matrix_keeps_its_page_small() -> None:
    count = 200_000
    chance = np.random.default_rng(1)
    axes = [
        Scale(f"section.axis_{number}", f"axis_{number}", tuple(map(str, range(500))), chance.integers(0, 500, count))
        for number in range(6)
    ]
    figures = chance.normal(size=count)
    year = np.arange(525_600) * 60_000_000_000
    curves = [(f"run-{number}", year, 1e4 + np.cumsum(chance.normal(size=len(year)))) for number in range(5)]
    document = findings().document
    row = {
        **document["runs"][0],
        "metrics": dict.fromkeys(FORMS, 0.123),
        "overrides": {axis.key: 0.123 for axis in axes},
    }
    text = report_of_matrix.report(
        findings(
            document={**document, "runs": [row] * MOST_ROWS},
            axes=axes,
            figures=figures,
            drawdowns=-np.abs(figures),
            sharpes=figures,
            equities=curves,
        )
    )
    assert len(text.encode()) < 6_000_000
    charts = pictures(text)
    assert len(charts["risk"]["data"][0]["x"]) <= 5000
    assert max(len(trace["x"]) for trace in charts["equities"]["data"]) <= 1500


def test_a_runs_page_holds_its_figures_trades_months_and_variant(places: Path) -> None:
    text = (places / "run.html").read_text()
    result, variant = run_of(Span.of("2018-08-01", None))
    document = result.document(variant.name)
    figures = rows_of(text, "Return and risk")[1:] + rows_of(text, "Trades and costs")[1:]
    assert figures == [
        [name.replace("_", " "), written(name, document["metrics"][name])] for name in FORMS if name in NAMES
    ]
    trades = rows_of(text, f"All {len(document['trades'])} trades")[1:]
    assert [row[0] for row in trades] == [
        trade["entry_time"][:16].replace("T", " ") for trade in document["trades"][::-1]
    ]
    assert [row[8] for row in trades] == [f"{trade['pnl']:+,.2f}" for trade in document["trades"][::-1]]
    months = [cell for row in rows_of(text, "Monthly returns (UTC)")[1:] for cell in row[1:] if cell != "-"]
    grown = math.prod(1.0 + float(cell.rstrip("%")) / 100 for cell in months)
    assert len(months) == 7  # August to February
    assert grown - 1.0 == pytest.approx(document["metrics"]["total_return"], abs=7e-4)  # of seven rounded to 0.01 %
    keys = dict(rows_of(text, "Every key and its value")[1:])
    assert keys["strategy_config.rsi.period"] == str(variant.model_dump()["strategy_config"]["rsi"]["period"])
    assert "run 0123456789ab" in text


def test_a_runs_curve_reaches_its_drawdown_and_its_end(places: Path) -> None:
    result, _ = run_of(Span.of("2018-08-01", None))
    equity, fallen = pictures((places / "run.html").read_text())["equity"]["data"]
    assert equity["y"][-1] == pytest.approx(result.metrics.final_equity, rel=1e-4)
    assert equity["x"][-1] == "2019-02-28T23:00:00"
    assert min(fallen["y"]) == pytest.approx(result.metrics.max_drawdown, rel=1e-4)
    assert len(equity["x"]) <= 5000


def test_a_run_without_a_trade_has_a_page_too(tmp_path: Path) -> None:
    result, variant = run_of(Span.of("2018-08-01", "2018-08-02"))
    assert not result.trades
    target = tmp_path / "empty.html"
    write(target, report_of_run.report(result, variant, result.document(variant.name)))
    assert not opened(target).complaints


def test_a_click_on_a_title_sorts_its_column_by_number_and_again_the_other_way(places: Path) -> None:
    click = """
        const [head] = [...document.querySelectorAll('.sortable thead th')].filter((th) => th.textContent === 'trades');
        const rows = head.closest('table').tBodies[0].rows;
        const column = () => [...rows].map((row) => row.cells[head.cellIndex].textContent);
        head.querySelector('button').click(); const down = column(); const first = head.getAttribute('aria-sort');
        head.querySelector('button').click(); out(down, first, column(), head.getAttribute('aria-sort'));
    """
    down, first, up, then = said(driven(places / "matrix.html", click))
    wanted = sorted((run["metrics"]["trades"] for run in findings().document["runs"]), reverse=True)
    assert (list(map(int, down.split(","))), first) == (wanted, "descending")
    assert (list(map(int, up.split(","))), then) == (wanted[::-1], "ascending")


def test_the_choice_of_a_map_shows_that_one_alone(tmp_path: Path) -> None:
    third = Scale("c.d", "third", ("p", "q"), np.arange(21) % 2)
    target = tmp_path / "three.html"
    write(target, report_of_matrix.report(findings(axes=(*findings().axes, third))))
    choose = """
        const choice = document.querySelector('[data-switch]'); choice.selectedIndex = 2;
        choice.dispatchEvent(new Event('change'));
        const shown = [...document.querySelectorAll('.panel:not([hidden])')];
        out(choice.value, shown.map((panel) => panel.id), shown[0].querySelectorAll('.main-svg').length > 0);
    """
    chosen, shown, is_drawn = said(driven(target, choose))
    assert (shown, is_drawn) == (chosen, "true")
    assert chosen == "map-median-2"


def test_pictures_are_printed_on_white(places: Path) -> None:
    dark = """
        const ink = () => document.querySelector('.xtick text').style.fill;
        const before = ink(); dispatchEvent(new Event('beforeprint')); const within = ink();
        dispatchEvent(new Event('afterprint')); out(before, within, ink());
    """
    before, within, after = said(driven(places / "run.html", dark, "--blink-settings=preferredColorScheme=0"))

    def told(colour: str) -> str:
        return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour))

    inks = PALETTES["dark"]["ink"], PALETTES["light"]["ink"], PALETTES["dark"]["ink"]
    assert tuple(map(told, (before, within, after))) == inks


def test_a_report_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    write(target, "old")
    write(target, "new")
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]
