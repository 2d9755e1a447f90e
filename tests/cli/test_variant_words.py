"""What the variant commands say, and what they keep to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.program import Outcome, trader
from tests.variant.files import small

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    type Program = Callable[..., Outcome]

CANARY = "sk4n7CANARY"
PLUGIN = """
from trader_cli.strategies.rsi import Rsi

print("hi")


class Mine(Rsi):
    name = "mine"
"""


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    """`trader --variants-dir FOLDER ...` with one sound variant, `good`."""
    (tmp_path / "good.toml").write_text(small())
    return lambda *arguments: trader(capsys, "--variants-dir", tmp_path, *arguments)


@pytest.mark.parametrize(
    "override",
    [
        f"broker_config.credentials.api_key:{CANARY}",
        f"broker_config.credentials.api_key:{CANARY}==",
        f"broker_config.credentials.api_key {CANARY}",
        CANARY,
    ],
)
def test_s12_a_malformed_set_is_never_repeated(program: Program, override: str) -> None:
    outcome = program("check", "good", "--set", override)
    assert outcome.code == 2
    assert outcome.errors[0].startswith("--set: ")
    assert "must read section.key=value" in outcome.err
    assert CANARY not in outcome.out + outcome.err


@pytest.mark.parametrize(
    "table",
    [
        'broker_config = "{}"\n',
        'broker_config = ["{}"]\n',
        'broker_config.credentials = "{}"\n',
        'broker_config.credentials.api_key = "{}"\n',
        'broker_config.test_mode = "{}"\n',
        'broker_config.endpoint = "https://host:{}"\n',
        'broker_config.endpoint = "https://[{}"\n',
        'broker_config.endpoint = "https://a:{}@host"\n',
    ],
)
def test_s12_no_value_of_broker_config_is_repeated(program: Program, tmp_path: Path, table: str) -> None:
    (tmp_path / "leaky.toml").write_text(table.format(CANARY) + small())
    for arguments in (["check", "leaky"], ["show", "leaky"], ["show", "leaky", "--json"]):
        outcome = program(*arguments)
        assert outcome.code == 2
        assert "broker_config" in outcome.err
        assert CANARY not in outcome.out + outcome.err
    assert CANARY not in program("list-variants").out + program("list-variants", "--json").out


def test_what_a_plugin_prints_does_not_reach_stdout(program: Program, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "mine.py").write_text(PLUGIN)
    (tmp_path / "mine.py").chmod(0o644)
    (tmp_path / "own.toml").write_text(small(strategy="mine.py:Mine"))
    outcome = program("list-variants", "--json")
    assert [each["valid"] for each in outcome.document["variants"]] == [True, True]
    assert "hi" in outcome.err.splitlines()


def test_new_variant_refuses_a_second_name(program: Program, tmp_path: Path) -> None:
    outcome = program("new-variant", "tn", "--broker", "okx", "--strategy", "rsi", "--set", "trader_name=zz")
    assert (outcome.code, outcome.errors) == (2, ["--set: trader_name: the NAME argument names it"])
    assert not (tmp_path / "tn.toml").exists()


def test_only_a_file_can_extend(program: Program) -> None:
    outcome = program("check", "good", "--set", 'extends="x.toml"')
    assert outcome.errors == ["--set: extends: only a file can extend another: write it at the top of the file"]


def test_known_strategies_are_listed_once(program: Program) -> None:
    (error,) = program("check", "good", "--set", "strategy_config.foo.x=1").errors
    assert error.endswith("(known: macd, mfi, momentum, rsi, vwap)")


def test_a_variable_without_a_key_is_told_so(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADER_COSTS__", "1")
    assert program("check", "good").errors == ["TRADER_COSTS__: names the section costs, but a key of it is missing"]


def test_a_folder_is_called_a_folder(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    imported = program("import-config", ".")
    assert (imported.code, imported.errors) == (2, [".: is a folder"])
    (tmp_path / "dd.toml").mkdir()
    made = program("new-variant", "dd", "--broker", "okx", "--strategy", "rsi", "--force")
    assert (made.code, made.errors) == (2, [f"{tmp_path}/dd.toml: is a folder: choose another name"])


def test_what_an_installed_plugin_prints_does_not_reach_stdout(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "site" / "loud_package-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: loud_package\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[trader_cli.strategies]\nmine = loud_package:Mine\n")
    (info.parent / "loud_package.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(info.parent)
    (tmp_path / "own.toml").write_text(small(strategy="mine"))
    outcome = program("list-variants", "--json")
    assert [each["valid"] for each in outcome.document["variants"]] == [True, True]
    assert "hi" in outcome.err.splitlines()
