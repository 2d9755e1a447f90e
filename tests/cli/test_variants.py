"""The commands that list, check, show, describe and write variants."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Outcome, trader
from tests.variant.files import small, text
from tests.variant.test_legacy import OLD

if TYPE_CHECKING:
    from collections.abc import Callable

    type Program = Callable[..., Outcome]

PROGRAM = "import sys; from trader_cli.cli.main import main; sys.exit(main())"
HEAVY = {"pandas", "numba", "ccxt", "alpaca", "plotly", "pyarrow", "talib", "numpy", "pandas_ta", "tomlkit", "tomli_w"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a sound and an unsound variant."""
    folder = tmp_path / "variants"
    folder.mkdir()
    (folder / "good.toml").write_text(small())
    (folder / "bad.toml").write_text(small(broker="bybitt"))
    return folder


@pytest.fixture
def program(folder: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    """`trader --variants-dir FOLDER ...`."""
    return lambda *arguments: trader(capsys, "--variants-dir", folder, *arguments)


def test_list_variants_gives_cells_and_reasons_and_ends_well(program: Program, folder: Path) -> None:
    outcome = program("list-variants", "--json")
    bad, good = outcome.document["variants"]
    assert outcome.code == 0
    assert list(good) == ["name", "path", "broker", "strategy", "mode", "asset_class", "symbols", "valid", "error"]
    assert (good["name"], good["path"], good["broker"], good["valid"]) == ("good", f"{folder}/good.toml", "bybit", True)
    assert good["symbols"][0] == "BTCUSDT"
    assert (bad["valid"], bad["symbols"]) == (False, [])
    assert bad["error"].startswith("variants.broker: 'bybitt' is no broker")


def test_list_variants_for_people_fits_80_columns(program: Program, folder: Path) -> None:
    (folder / f"{'n' * 64}.toml").write_text(small(broker="x" * 200))
    for arguments in (["list-variants"], ["list-variants", "--matrix"], ["show", "good"]):
        outcome = program(*arguments)
        assert outcome.code == 0
        assert max(map(len, outcome.out.splitlines())) <= 80
        assert "\x1b" not in outcome.out


def test_an_empty_or_missing_folder_lists_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = trader(capsys, "--variants-dir", tmp_path / "none", "list-variants", "--json")
    assert (outcome.code, outcome.document) == (0, {"variants": []})


def test_the_matrix_has_480_rows_of_which_220_can_trade(program: Program) -> None:
    rows = program("list-variants", "--matrix", "--json").document["matrix"]
    assert len(rows) == 480
    assert sum(row["supported"] for row in rows) == 220
    assert all(list(row) == ["broker", "strategy", "mode", "asset_class", "supported", "reason"] for row in rows)
    assert all((row["reason"] is None) == row["supported"] for row in rows)


def test_check_says_ok_or_every_problem(program: Program, folder: Path) -> None:
    good = program("check", "good")
    assert (good.code, good.out, good.err) == (0, f"{folder}/good.toml: ok\n", "")
    whole = program("check")
    assert (whole.code, whole.out) == (2, f"{folder}/good.toml: ok\n")
    assert [line.startswith(f"{folder}/bad.toml: variants.broker: ") for line in whole.errors] == [True]
    assert program("check", "good", "absent").code == 2


def test_check_of_a_folder_without_variants_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert trader(capsys, "--variants-dir", tmp_path, "check").code == 2


def test_check_takes_the_environment_and_flags(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program("check", "bad", "--broker", "okx").code == 0
    monkeypatch.setenv("TRADER_SESSION__TIMEFRAME", "7m")
    outcome = program("check", "good")
    assert outcome.code == 2
    assert outcome.errors[0].startswith("TRADER_SESSION__TIMEFRAME: session.timeframe: must be one of 1m, ")


def test_f098_show_gives_each_value_with_its_origin(
    program: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADER_RISK_SETTINGS__STOP_LOSS", "0.03")
    monkeypatch.setenv("BYBIT_API_KEY", "CANARY")
    outcome = program("show", "good", "--set", "session.timeframe=1h", "--symbol", "BTC/USDT", "--json")
    rows = {row["key"]: (row["value"], row["origin"]) for row in outcome.document["values"]}
    assert rows["variants.broker"] == ("bybit", f"{folder}/good.toml:2")
    assert rows["risk_settings.stop_loss"] == (0.03, "env TRADER_RISK_SETTINGS__STOP_LOSS")
    assert rows["session.timeframe"] == ("1h", "--set")
    assert rows["trading_symbols.crypto"] == (["BTC/USDT"], "--symbol")
    assert rows["strategy_config.rsi.period"] == (14, "default")
    assert rows["broker_config.credentials.api_key"] == ("${BYBIT_API_KEY}", "default")
    assert "CANARY" not in outcome.out + outcome.err + program("show", "good").out


def test_an_error_is_one_json_record_a_problem_where_json_is_asked_for(program: Program, folder: Path) -> None:
    outcome = program("show", "bad", "--json")
    error = json.loads(outcome.err)["error"]
    assert (outcome.code, outcome.out) == (2, "")
    assert (error["code"], error["file"], error["key"]) == ("config", f"{folder}/bad.toml", "variants.broker")


def test_the_schema_knows_every_section_and_strategy(program: Program) -> None:
    document = program("schema").document
    assert document["$schema"].startswith("https://json-schema.org/")
    assert (document["if"], document["then"]["required"]) == ({"not": {"required": ["extends"]}}, ["variants"])
    assert document["additionalProperties"] is False
    sections = {"trader_name", "version", "extends", *(name for name in tomllib.loads(text()))}
    assert set(document["properties"]) == sections
    assert set(document["$defs"]["StrategyConfig"]["properties"]) == {"momentum", "rsi", "macd", "mfi", "vwap"}
    assert document["$defs"]["RiskSettings"]["properties"]["stop_loss"]["exclusiveMaximum"] == 1
    assert document["then"]["properties"]["variants"]["required"] == ["broker", "strategy"]
    assert '"null"' not in json.dumps(document)


def test_new_variant_writes_a_commented_file_that_checks(program: Program, folder: Path) -> None:
    flags = ["--broker", "okx", "--strategy", "macd", "--mode", "live", "--symbol", "BTC-USDT", "--symbol", "ETH-USDT"]
    outcome = program("new-variant", "mine", *flags, "--set", "strategy_config.macd.fast_period=5")
    assert (outcome.code, outcome.out) == (0, f"{folder}/mine.toml\n")
    written = (folder / "mine.toml").read_text()
    document = tomllib.loads(written)
    assert document["trader_name"] == "mine"
    assert document["variants"] == {"broker": "okx", "strategy": "macd", "mode": "live", "asset_class": "crypto"}
    assert document["strategy_config"]["macd"]["fast_period"] == 5
    assert document["trading_symbols"] == {"crypto": ["BTC-USDT", "ETH-USDT"]}
    assert written.count("\n# ") > 50
    assert program("check", "mine").code == 0
    assert [path.name for path in folder.iterdir() if "new" in path.name] == []


def test_new_variant_starts_from_another_one(program: Program, folder: Path) -> None:
    (folder / "base.toml").write_text("[session]\ntimeframe = '4h'\n")
    (folder / "own.toml").write_text('extends = "base.toml"\n' + small() + "[risk_settings]\nstop_loss = 0.07\n")
    assert program("new-variant", "copy", "--from", "own", "--strategy", "mfi").code == 0
    document = tomllib.loads((folder / "copy.toml").read_text())
    assert "extends" not in document
    assert (document["variants"]["strategy"], document["session"]["timeframe"]) == ("mfi", "4h")
    assert document["risk_settings"]["stop_loss"] == 0.07


def test_new_variant_does_not_depend_on_the_environment(
    program: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADER_RISK_SETTINGS__STOP_LOSS", "0.5")
    assert program("new-variant", "mine", "--broker", "okx", "--strategy", "rsi").code == 0
    assert tomllib.loads((folder / "mine.toml").read_text())["risk_settings"]["stop_loss"] == 0.02


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["--broker", "okx", "--strategy", "rsi"], "NAME"),
        (["mine", "--strategy", "rsi"], "--broker"),
        (["mine", "--broker", "okx"], "--strategy"),
    ],
)
def test_new_variant_asks_nobody_where_nobody_is(
    arguments: list[str], missing: str, program: Program, folder: Path
) -> None:
    before = sorted(folder.iterdir())
    outcome = program("new-variant", *arguments)
    assert outcome.code == 2
    assert outcome.errors == [f"{missing}: is missing, and there is no terminal to ask on"]
    assert sorted(folder.iterdir()) == before


def test_new_variant_asks_for_what_is_missing_on_a_terminal(folder: Path) -> None:
    ours, theirs = pty.openpty()
    call = [sys.executable, "-c", PROGRAM, "--variants-dir", str(folder), "new-variant"]
    with subprocess.Popen(call, stdin=theirs, stdout=theirs, stderr=theirs) as program:
        os.close(theirs)
        for answer in ("asked", "kraken", "vwap"):
            said = b""
            while not said.endswith(b": "):
                said += os.read(ours, 1024)
            os.write(ours, answer.encode() + b"\n")
        assert program.wait(timeout=60) == 0
    os.close(ours)
    assert tomllib.loads((folder / "asked.toml").read_text())["variants"]["broker"] == "kraken"


@pytest.mark.parametrize(
    "name",
    ["../evil", "/tmp/evil", "Evil", "a b", ".hidden", "-x", "x" * 65, "a/b", "a.toml", "é", "a\x00", "a\n[live]"],  # noqa: S108
)
def test_f105_a_name_cannot_leave_the_folder(name: str, program: Program, folder: Path) -> None:
    before = sorted(folder.parent.rglob("*"))
    outcome = program("new-variant", "--broker", "okx", "--strategy", "rsi", "--", name)
    assert outcome.code == 2
    assert sorted(folder.parent.rglob("*")) == before


INJECTED = '"]\n[live]\nmax_orders_per_day = 100000\nx = ["'


@pytest.mark.parametrize(
    "arguments",
    [
        ["--symbol", f"BTC{INJECTED}"],
        ["--set", f'session.timeframe="1h"{INJECTED}'],
        ["--set", f"trader_name=x{INJECTED}"],
        ["--set", f"risk_settings.stop_loss=0.1{INJECTED}"],
        ["--asset-class", f"crypto{INJECTED}"],
    ],
)
def test_f104_no_value_smuggles_in_a_key(arguments: list[str], program: Program, folder: Path) -> None:
    before = sorted(folder.iterdir())
    outcome = program("new-variant", "mine", "--broker", "okx", "--strategy", "rsi", *arguments)
    assert outcome.code == 2
    assert sorted(folder.iterdir()) == before


def test_nothing_is_overwritten_without_force(program: Program, folder: Path) -> None:
    cell = ["--broker", "okx", "--strategy", "rsi"]
    before = (folder / "good.toml").read_text()
    outcome = program("new-variant", "good", *cell)
    assert outcome.code == 2
    assert outcome.errors == [f"{folder}/good.toml: is there already; --force replaces it"]
    assert (folder / "good.toml").read_text() == before
    assert program("new-variant", "good", *cell, "--force").code == 0
    assert tomllib.loads((folder / "good.toml").read_text())["variants"]["broker"] == "okx"


def test_f105_a_link_is_replaced_and_never_followed(program: Program, folder: Path) -> None:
    target = folder.parent / "precious.txt"
    target.write_text("precious")
    (folder / "mine.toml").symlink_to(target)
    cell = ["--broker", "okx", "--strategy", "rsi"]
    assert program("new-variant", "mine", *cell).code == 2
    assert program("new-variant", "mine", *cell, "--force").code == 0
    assert target.read_text() == "precious"
    assert not (folder / "mine.toml").is_symlink()


def test_output_names_the_file(program: Program, folder: Path) -> None:
    path = folder.parent / "elsewhere" / "mine.toml"
    outcome = program("new-variant", "--broker", "okx", "--strategy", "rsi", "--output", path)
    assert (outcome.code, outcome.out) == (0, f"{path}\n")
    assert program("check", path).code == 0


def test_import_config_writes_a_variant_that_checks(program: Program, folder: Path) -> None:
    source = folder.parent / "Bybit_crypto_live.json"
    source.write_text(OLD)
    outcome = program("import-config", source)
    path = folder / "bybit_crypto_live.toml"
    assert (outcome.code, outcome.out) == (0, f"{path}\n")
    assert "warning: " in outcome.err
    assert "risk_settings.default_leverage: 75 has no effect" in outcome.err
    assert tomllib.loads(path.read_text())["risk_settings"]["default_leverage"] == 75
    assert program("check", path).code == 0
    again = program("import-config", source)
    assert again.errors == [f"{path}: is there already; --force replaces it"]
    assert program("import-config", source, "--force").code == 0


@pytest.mark.parametrize(
    "old",
    [
        "",
        "{}",
        '{"variants": 7}',
        OLD.replace('"active_broker": "bybit"', '"active_broker": "okx"'),
        OLD.replace("20,", "NaN,"),
    ],
)
def test_import_config_writes_nothing_where_something_is_wrong(old: str, program: Program, folder: Path) -> None:
    source = folder.parent / "old.json"
    source.write_text(old)
    outcome = program("import-config", source)
    assert outcome.code == 2
    assert outcome.errors
    assert all(line.startswith(f"{source}: ") for line in outcome.errors)
    assert not (folder / "old.toml").exists()


@pytest.mark.parametrize(
    "arguments", [["--help"], ["list-variants"], ["list-variants", "--matrix"], ["check"], ["show", "demo_btc_rsi"]]
)
def test_light_commands_load_nothing_heavy(arguments: list[str], root: Path) -> None:
    script = (
        "import sys\nfrom trader_cli.cli.main import main\ncode = main(sys.argv[1:])\n"
        "print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    loaded = set(done.stderr.split())
    assert done.returncode == 0, done.stderr
    assert loaded & HEAVY == set()
    assert arguments != ["--help"] or "pydantic_settings" not in loaded


def test_300_files_are_listed_at_once(program: Program, folder: Path) -> None:
    (folder / "base.toml").write_text(text())
    for number in range(300):
        (folder / f"v{number}.toml").write_text(f'extends = "base.toml"\ntrader_name = "v{number}"\n')
    started = time.process_time()
    outcome = program("list-variants", "--json")
    assert sum(each["valid"] for each in outcome.document["variants"]) == 302
    assert time.process_time() - started < 3


@pytest.mark.parametrize("command", ["list-variants", "new-variant", "check", "show", "schema", "import-config"])
def test_every_command_has_help_with_an_example(command: str, program: Program) -> None:
    outcome = program(command, "--help")
    assert outcome.code == 0
    assert f"trader {command}" in outcome.out.partition("Example:")[2]


def test_paths_of_variants_may_be_given_instead_of_names(program: Program, folder: Path) -> None:
    assert program("check", folder / "good.toml").code == 0
    assert program("check", os.path.relpath(folder / "good.toml")).code == 0
    assert program("check", Path.cwd() / "absent.toml").errors == [f"{Path.cwd()}/absent.toml: there is no such file"]
