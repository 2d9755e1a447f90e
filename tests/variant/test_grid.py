"""The grid against `load`, combination by combination; what is drawn of it, and how it is parted."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trader_cli.data.book import default_symbols
from trader_cli.domain.instrument import AssetClass
from trader_cli.errors import ConfigError, UsageError
from trader_cli.variant.axes import read
from trader_cli.variant.grid import Grid, expand
from trader_cli.variant.loading import load
from trader_cli.variant.model import Variant, is_name
from trader_cli.variant.planning import Place
from trader_cli.variant.runs import MARKETS, STRATEGIES, TERMS
from trader_cli.variant.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

type Listed = list[tuple[str, Sequence[Any]]]

FILES = {
    "coins": """
        [variants]
        broker = "bybit"
        strategy = "rsi"
        mode = "backtest"
        [strategy_config.mfi]
        period = 9
        [trading_symbols]
        crypto = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
        [session]
        timeframe = "1h"
        """,
    "shares": """
        [variants]
        broker = "alpaca"
        strategy = "vwap"
        mode = "backtest"
        asset_class = "stocks"
        [session]
        timeframe = "1d"
        extended_hours = true
        [risk_settings]
        stop_loss = 0.03
        """,
    "contracts": """
        [variants]
        broker = "okx"
        strategy = "macd"
        mode = "live"
        asset_class = "futures"
        """,
    "faulty": """
        risk_settings = 7
        [variants]
        broker = "bybit"
        strategy = "macd"
        [strategy_config.rsi]
        period = 0
        """,
}
CELL_AXES: Mapping[str, Sequence[str]] = {
    "broker": ["bybit", "kraken", "alpaca", "nobody"],
    "strategy": ["rsi", "macd", "vwap", "momentum", "rsi"],
    "mode": ["backtest", "live", "futures"],
    "asset_class": ["crypto", "stocks", "futures"],
}
AXES: Mapping[str, Sequence[Any]] = {
    "strategy_config.rsi.period": [7, 14, 1, 14],
    "strategy_config.rsi.oversold_level": [30, 30.0, 70, "x"],
    "strategy_config.rsi.overbought_level": [60, 70, 70.0],
    "strategy_config.macd.fast_period": [5, 12, 30],
    "strategy_config.macd.slow_period": [12, 26, 12],
    "strategy_config.vwap.anchor": ["session", "rolling:48", "never"],
    "risk_settings.stop_loss": [0.02, 0.05, 1, 0.02],
    "risk_settings.default_leverage": [1, 3, 200],
    "risk_settings.allow_short": [True, False, 1],
    "costs.funding_rate": [0.0001, -0.0001],
    "session.timeframe": ["1h", "1d", "7m"],
    "session.starting_balance": [1000, 1000.0, -5],
    "trading_symbols.crypto": [["A"], ["B", "b"], ["C", "D"], []],
    "trading_symbols.futures": [["BTC_USD_PERP"], ["BTC/USD:BTC"]],
    "live.max_orders_per_day": [5, 0],
}
SYMBOLS = ["*", "BTCUSDT", "BTCUSDT+XRPUSDT", "BTC/USD:BTC", "?"]
NUMBER = re.compile(r"-?\d[\d.]*(?:e[+-]?\d+)?")


@st.composite
def matrices(draw: st.DrawFn) -> tuple[list[str], Listed]:
    """VARIANTs and a few axes, each with a few values, in any order."""
    cells = draw(st.lists(st.sampled_from(sorted(CELL_AXES)), max_size=2, unique=True))
    others = draw(st.lists(st.sampled_from([*sorted(AXES), "symbol"]), max_size=4, unique=True))
    if "symbol" in others:
        others = [key for key in others if not key.startswith("trading_symbols")]
    pools: dict[str, Sequence[Any]] = {**CELL_AXES, **AXES, "symbol": SYMBOLS}
    axes: Listed = [
        (key, [draw(st.sampled_from(pools[key])) for _ in range(draw(st.integers(1, 3)))])
        for key in draw(st.permutations([*cells, *others]))
    ]
    return draw(st.lists(st.sampled_from(sorted(FILES)), min_size=1, max_size=2)), axes


def as_toml(value: object) -> str:
    return json.dumps(value)


def grid(
    folder: Path,
    references: Sequence[str],
    axes: Sequence[tuple[str, Sequence[Any]]],
    flags: Mapping[str, object] | None = None,
    **options: Any,
) -> Grid:
    """All axes by `--matrix`, which takes one value too."""
    texts = [
        f"{key}=" + ",".join(str(each) if key in CELL_AXES or key == "symbol" else as_toml(each) for each in values)
        for key, values in axes
    ]
    return expand(references, read([], texts, {}), Place(folder, flags or {}, {}), **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path)


def written(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / f"{name}.toml").write_text("\n".join(line.strip() for line in text.splitlines()))
    return folder


def content(variant: Variant) -> str:
    """A variant but for its name."""
    return repr({name: value for name, value in variant if name != "trader_name"})


class Loaded:
    """A matrix the slow way: every combination is put on by `--set` and loaded."""

    def __init__(self, folder: Path, references: Sequence[str], axes: Sequence[tuple[str, Sequence[Any]]]) -> None:
        self.asked = self.invalid = self.duplicates = 0
        self.reasons: set[str] = set()
        self.runs: list[tuple[str, dict[str, Any]]] = []
        outer = [axis for axis in axes if axis[0] in CELL_AXES]
        inner = [axis for axis in axes if axis[0] not in CELL_AXES]
        cells_seen = set()
        for reference, values in product(references, product(*(axis[1] for axis in outer))):
            cell = {f"variants.{axis[0]}": value for axis, value in zip(outer, values, strict=True)}
            is_repeated = (reference, values) in cells_seen
            cells_seen.add((reference, values))
            seen: set[str] = set()
            for chosen in self._combinations(reference, cell, inner):
                self.asked += 1
                if is_repeated:
                    self.duplicates += 1
                    continue
                self._try(folder, reference, cell | chosen, seen)

    def _try(self, folder: Path, reference: str, chosen: Mapping[str, Any], seen: set[str]) -> None:
        sets = [f"{key}={as_toml(value)}" for key, value in chosen.items()]
        try:
            found = content(load(reference, variants_dir=folder, overrides=sets, environment={}).variant)
        except ConfigError as error:
            self.invalid += 1
            self.reasons |= {NUMBER.sub("#", f"{problem.key}: {problem.message}") for problem in error.problems}
            return
        if found in seen:
            self.duplicates += 1
            return
        seen.add(found)
        self.runs.append((found, dict(chosen)))

    def _combinations(
        self, reference: str, cell: Mapping[str, str], axes: Sequence[tuple[str, Sequence[Any]]]
    ) -> Iterator[dict[str, Any]]:
        """The values that count in a cell; what its strategy and asset class do not read is left out."""
        written = FILES[reference]
        broker = cell.get("variants.broker") or re.findall(r'broker = "(.*)"', written)[0]
        strategy = cell.get("variants.strategy") or re.findall(r'strategy = "(.*)"', written)[0]
        said = cell.get("variants.asset_class") or "".join(re.findall(r'asset_class = "(.*)"', written))
        asset_class = said or ("stocks" if broker == "alpaca" else "crypto")
        alone = self._symbols_alone(reference, broker, asset_class)
        lists = [
            [one for text in values for one in (alone if text == "*" else [text.split("+")])]
            if key == "symbol"
            else values
            for key, values in axes
        ]
        for chosen in product(*lists):
            found = {}
            for (key, _), value in zip(axes, chosen, strict=True):
                section, _, name = key.partition(".")
                if key == "symbol":
                    found[f"trading_symbols.{asset_class}"] = value
                elif {"strategy_config": strategy, "trading_symbols": asset_class}.get(section, name) in name.split(
                    "."
                ):
                    found[key] = value
            yield found

    def _symbols_alone(self, reference: str, broker: str, asset_class: str) -> Sequence[Sequence[str]]:
        """Each symbol of the cell's list: the file's, or the broker's default."""
        if reference == "coins" and asset_class == "crypto":
            return [["BTCUSDT"], ["ETHUSDT"], ["SOLUSDT"]]
        known = () if broker == "nobody" else default_symbols(broker, AssetClass(asset_class))
        return [[symbol] for symbol in known] or [[]]


@settings(max_examples=150)
@given(matrix=matrices())
def test_a_grid_is_what_load_makes_of_each_combination(
    matrix: tuple[list[str], Listed],
) -> None:
    references, axes = matrix
    with TemporaryDirectory() as place:
        folder = written(Path(place))
        found, expected = grid(folder, references, axes), Loaded(folder, references, axes)
    runs = [(content(found.variant(run)), found.overrides(run)) for run in range(len(found))]
    assert runs == expected.runs
    counts = found.counts
    assert (counts.asked, counts.invalid) == (expected.asked, expected.invalid)
    assert (counts.duplicates, counts.valid, counts.ruled_out) == (expected.duplicates, len(runs), 0)
    told = {NUMBER.sub("#", reason.removesuffix(" (and the like)")) for reason in counts.reasons}
    assert told <= expected.reasons
    assert bool(told) == bool(expected.invalid)
    names = [found.variant(run).name for run in range(len(found))]
    assert len(set(names)) == len(names)
    assert all(map(is_name, names))


@settings(max_examples=100)
@given(matrix=matrices())
def test_the_codes_of_an_axis_say_of_all_runs_what_overrides_say_of_one(matrix: tuple[list[str], Listed]) -> None:
    with TemporaryDirectory() as place:
        found = grid(written(Path(place)), *matrix)
    runs = [found.overrides(run) for run in range(len(found))]
    assert set(found.keys) == {key for run in runs for key in run}
    for key in found.keys:
        values, codes = found.codes(key)
        told = [{key: values[code]} if code >= 0 else {} for code in codes.tolist()]
        assert repr(told) == repr([{key: run[key]} if key in run else {} for run in runs])
        assert sorted(set(codes.tolist()) - {-1}) == list(range(len(values)))


def test_the_values_of_an_axis_stand_in_the_order_given(folder: Path) -> None:
    periods = ("strategy_config.rsi.period", [30, 1, 7, 30, 14])
    found = grid(folder, ["coins"], [("risk_settings.stop_loss", [0.02, 0.01]), periods])
    values, codes = found.codes(periods[0])
    assert values == (30, 7, 14)  # 1 is no period
    assert codes.tolist() == [0, 1, 2, 0, 1, 2]
    assert found.codes("risk_settings.stop_loss")[1].tolist() == [0, 0, 0, 1, 1, 1]


WIDE: Listed = [
    ("strategy", ["rsi", "macd"]),
    ("risk_settings.stop_loss", [0.01, 0.02, 0.03]),
    ("strategy_config.rsi.period", [5, 7, 1, 9]),
    ("strategy_config.macd.fast_period", [5, 12, 30]),
    ("strategy_config.rsi.oversold_level", [20, 30]),
    ("risk_settings.take_profit", [0.02, 0.06]),
    ("session.timeframe", ["1h", "4h"]),
]


def overrides(found: Grid) -> list[dict[str, Any]]:
    return [found.overrides(run) for run in range(len(found))]


def test_runs_stand_in_the_order_of_the_axes_whatever_tables_these_are_of(folder: Path) -> None:
    axes: Listed = [
        (key, sorted(values) if key != "session.timeframe" else values) for key, values in WIDE[1:] if "macd" not in key
    ]
    found = [tuple(run.values()) for run in overrides(grid(folder, ["coins"], axes))]
    assert found == [one for one in product(*(values for _, values in axes)) if 1 not in one]


@given(count=st.integers(1, 300), seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_what_is_drawn_is_of_the_grid_in_its_order_and_never_twice(count: int, seed: int) -> None:
    where = ["take_profit >= 2 * stop_loss"]
    with TemporaryDirectory() as place:
        folder = written(Path(place))
        whole = overrides(grid(folder, ["coins", "contracts"], [("mode", ["backtest"]), *WIDE], where=where))
        found = grid(
            folder, ["coins", "contracts"], [("mode", ["backtest"]), *WIDE], where=where, random=count, seed=seed
        )
        again = grid(
            folder, ["coins", "contracts"], [("mode", ["backtest"]), *WIDE], where=where, random=count, seed=seed
        )
    drawn = [(cell.reference, cell.overrides(run)) for cell in found.cells for run in range(len(cell))]
    assert len(drawn) == len(found) == min(count, len(whole))
    assert found.counts.valid == len(whole)
    places = [whole.index(run, 0 if reference == "coins" else len(whole) // 2) for reference, run in drawn]
    assert places == sorted(set(places))
    assert overrides(again) == [run for _, run in drawn]


def test_every_combination_can_be_drawn(folder: Path) -> None:
    axes: Listed = [("risk_settings.stop_loss", [0.01, 0.02]), ("session.timeframe", ["1h", "4h"])]
    drawn = {tuple(overrides(grid(folder, ["coins"], axes, random=1, seed=seed))[0].values()) for seed in range(40)}
    assert drawn == set(product([0.01, 0.02], ["1h", "4h"]))


def test_a_condition_leaves_the_runs_it_holds_for(folder: Path) -> None:
    found = grid(
        folder, ["coins"], WIDE, where=["take_profit >= 2 * stop_loss or timeframe == '4h'", "stop_loss != 0.02"]
    )
    whole = overrides(grid(folder, ["coins"], WIDE))
    kept = [
        run
        for run in whole
        if (run["risk_settings.take_profit"] >= 2 * run["risk_settings.stop_loss"] or run["session.timeframe"] == "4h")
        and run["risk_settings.stop_loss"] != 0.02
    ]
    assert overrides(found) == kept
    counts = found.counts
    assert counts.asked == counts.valid + counts.duplicates + counts.invalid + counts.ruled_out
    assert counts.ruled_out == 3 * 2 * 3 * 12 - 3 * len(
        [run for run in kept if "strategy_config.rsi.period" in run]
    ) + 8 * (2 * 12 - len([run for run in kept if "strategy_config.rsi.period" not in run]))


def test_a_condition_applies_where_a_cell_has_its_keys(folder: Path) -> None:
    found = overrides(grid(folder, ["coins"], WIDE, where=["period > 5", "strategy_config.macd.fast_period < 12"]))
    assert {run.get("strategy_config.rsi.period") for run in found} == {7, 9, None}
    assert {run.get("strategy_config.macd.fast_period") for run in found} == {5, None}


def test_a_condition_may_speak_of_what_no_axis_changes(folder: Path) -> None:
    axes: Listed = [("broker", ["bybit", "kraken"]), ("strategy_config.rsi.period", [20, 40, 90])]
    found = overrides(grid(folder, ["coins"], axes, where=["broker != 'kraken' and period < overbought_level"]))
    assert [run["strategy_config.rsi.period"] for run in found] == [20, 40]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("perod < 7", "no key here is called perod, did you mean 'period'?"),
        ("period < fast_period", "no cell has all of fast_period, period"),
        ("crypto == 'BTCUSDT'", "cannot compare crypto, which is a list"),
        ("api_key == 'x'", "no key here is called api_key"),
    ],
)
def test_a_condition_about_nothing_is_refused(condition: str, said: str, folder: Path) -> None:
    with pytest.raises(UsageError) as refused:
        grid(folder, ["coins"], WIDE, where=[condition])
    assert str(refused.value).startswith(f"--where: '{condition}'")
    assert said in str(refused.value)


def test_an_axis_of_a_strategy_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"--matrix: strategy_config\.rsii\.period: no strategy here is called 'rsii'"):
        grid(folder, ["coins"], [("strategy_config.rsii.period", [5, 7])])


def test_an_invalid_cell_counts_all_its_combinations_and_says_why(folder: Path) -> None:
    axes: Listed = [
        ("broker", ["kraken", "alpaca"]),
        ("asset_class", ["stocks"]),
        ("risk_settings.stop_loss", [0.01, 0.02, 7]),
    ]
    counts = grid(folder, ["coins"], axes).counts
    assert (counts.asked, counts.invalid, counts.valid) == (6, 4, 2)
    assert dict(counts.reasons) == {
        "variants.asset_class: kraken does not trade stocks (it trades crypto, futures)": 3,
        "trading_symbols.stocks: needs at least one symbol": 3,
        "risk_settings.stop_loss: must be a number above 0 and below 1, is 7": 1,
    }


def test_a_million_combinations_are_a_few_judgements(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = 0
    judge = Table.judge

    def counting(self: Table, *arguments: Any) -> Any:
        nonlocal judged
        judged += 1
        return judge(self, *arguments)

    monkeypatch.setattr(Table, "judge", counting)
    axes: Listed = [
        ("strategy_config.rsi.period", list(range(2, 102))),
        ("risk_settings.stop_loss", [number / 200 for number in range(1, 101)]),
        ("costs.slippage_bps", list(range(10))),
        ("session.timeframe", ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "8h", "1d"]),
    ]
    found = grid(folder, ["coins"], axes)
    assert len(found) == found.counts.asked == 1_000_000
    varying, fixed, other_strategies = 100 + 100 + 10 + 10, 4, 1
    assert judged == varying + fixed + other_strategies
    assert found.overrides(987_654) == {
        key: values[digit] for (key, values), digit in zip(axes, (98, 76, 5, 4), strict=True)
    }
    assert found.variant(987_654).risk_settings.stop_loss == 77 / 200
    assert found.variant(987_654).name == "coins-987654"
    assert judged == varying + fixed + other_strategies


def test_a_grid_beyond_all_bounds_is_drawn_from_but_not_run(folder: Path) -> None:
    axes: Listed = [
        (key, [number / 1000 for number in range(1, 600)])
        for key in (
            "risk_settings.stop_loss",
            "costs.slippage_bps",
            "strategy_config.rsi.lower_threshold",
            "session.starting_balance",
        )
    ]
    assert len(grid(folder, ["coins"], axes, random=1000)) == 1000
    with pytest.raises(UsageError, match=r"runs, more than 1,000,000: take larger steps"):
        grid(folder, ["coins"], axes)
    with pytest.raises(UsageError, match=r"a rule between costs and risk_settings and strategy concerns"):
        grid(folder, ["coins"], axes, where=["stop_loss < slippage_bps + lower_threshold"], random=1000)


def test_a_split_puts_together_the_runs_that_share_what_they_trade_with(folder: Path) -> None:
    axes: Listed = [
        *WIDE[1:],
        ("symbol", ["BTCUSDT", "*"]),
        ("costs.funding_rate", [0.0001, 0.0002]),
    ]
    (cell,) = grid(folder, ["coins"], axes).cells
    variants = [cell.variant(run) for run in range(len(cell))]
    shared: Mapping[tuple[str, ...], Any] = {
        MARKETS: lambda one: (one.symbols, one.timeframe, one.hours, one.costs.funding_rate),
        STRATEGIES: lambda one: one.strategy().params,
        TERMS: lambda one: (one.risk_settings, one.costs, one.session.starting_balance, one.symbols),
        ("session",): lambda one: one.session,
        (): lambda _: None,
    }
    for keys, what in shared.items():
        parts = cell.split(*keys)
        known: dict[Any, int] = {}
        expected = [known.setdefault(what(one), len(known)) for one in variants]
        assert parts.of_run.tolist() == expected
        assert parts.first.tolist() == [expected.index(part) for part in range(len(parts))]
    built = [cell.strategy(index).params for index in range(len(cell.sections["strategy"]))]
    assert [built[cell.index("strategy", run)] for run in range(len(cell))] == [
        one.strategy().params for one in variants
    ]


def test_no_axes_and_no_files_are_a_grid_of_one(folder: Path) -> None:
    found = grid(folder, [], [], flags={"broker": "kraken", "strategy": "rsi"})
    assert len(found) == 1
    assert found.overrides(0) == {}
    assert found.variant(0).variants.broker == "kraken"
    with pytest.raises(IndexError):
        found.variant(1)


def test_a_long_name_makes_room_for_the_number(folder: Path) -> None:
    (folder / "coins.toml").rename(folder / f"{'n' * 64}.toml")
    names = [grid(folder, ["n" * 64], WIDE).variant(run).name for run in (0, 7)]
    assert names == [f"{'n' * 57}-00000{run}" for run in (0, 7)]
    assert all(map(is_name, names))


def test_what_cannot_be_read_is_refused_at_once(folder: Path) -> None:
    with pytest.raises(ConfigError, match="no variant 'coin' in"):
        grid(folder, ["coins", "coin"], WIDE)
    with pytest.raises(ConfigError, match="TRADER_RISK_SETTING__X"):
        expand(["coins"], read([], [], {}), Place(folder, {}, {"TRADER_RISK_SETTING__X": "1"}))
    with pytest.raises(UsageError, match="--random: must be at least 1, is 0"):
        grid(folder, ["coins"], WIDE, random=0)
