"""A strategy from a user's own file; FAULTS row 119: nobody else may have been able to write it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from socket import AF_UNIX, socket
from typing import TYPE_CHECKING

import pytest

from tests.strategies.test_registry import PLUGIN
from trader_cli import conformance
from trader_cli.conformance import market
from trader_cli.errors import ConfigError
from trader_cli.registry import strategy_class

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = "mine/breakout.py:Breakout"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A strategy in tmp_path/mine/breakout.py, safe."""
    folder = tmp_path / "mine"
    folder.mkdir(mode=0o755)
    path = folder / "breakout.py"
    path.write_text(PLUGIN)
    path.chmod(0o644)
    return path


def test_a_users_own_file_is_a_strategy(file: Path, tmp_path: Path) -> None:
    found = strategy_class(REFERENCE, tmp_path)
    assert found.name == "breakout"
    conformance.check(found(found.params_model.model_validate({"bars": 10})), market(2))


def test_a_path_may_be_absolute_and_lead_upward(file: Path, tmp_path: Path) -> None:
    (tmp_path / "variants").mkdir()
    upward = strategy_class("../mine/breakout.py:Breakout", tmp_path / "variants")
    assert upward is strategy_class(f"{file}:Breakout") is strategy_class(REFERENCE, tmp_path)


def test_a_path_starts_at_the_current_folder_where_none_is_given(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert strategy_class(REFERENCE).name == "breakout"


def test_a_strategy_of_a_users_file_goes_to_another_process(file: Path, tmp_path: Path) -> None:
    found = strategy_class(REFERENCE, tmp_path)
    sent = pickle.dumps(found(found.params_model.model_validate({"bars": 10})))
    receive = "import pickle, sys; print(pickle.load(sys.stdin.buffer).params)"
    told = subprocess.run([sys.executable, "-c", receive], input=sent, capture_output=True, check=True)
    assert told.stdout == b"bars=10\n"
    file.write_text(PLUGIN.replace("buys a new high", "buys the very top"))
    with pytest.raises(ConfigError, match="a worker has another file there"):
        pickle.loads(sent)  # noqa: S301 - our own


def test_an_edited_file_is_read_again_and_no_compiled_copy_is_used_or_left(file: Path, tmp_path: Path) -> None:
    strategy_class(REFERENCE, tmp_path)
    file.write_text(PLUGIN.replace("buys a new high", "buys the very top"))
    assert "very top" in strategy_class(REFERENCE, tmp_path).summary
    assert [path.name for path in file.parent.iterdir()] == ["breakout.py"]


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_f119_a_file_others_can_write_is_refused(file: Path, tmp_path: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(ConfigError, match=r"breakout.py is writable by others; `chmod go-w "):
        strategy_class(REFERENCE, tmp_path)


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_f119_a_file_in_a_folder_others_can_write_is_refused(file: Path, tmp_path: Path, mode: int) -> None:
    file.parent.chmod(mode)
    with pytest.raises(ConfigError, match="mine is writable by others"):
        strategy_class(REFERENCE, tmp_path)


def test_f119_a_folder_above_that_lets_others_exchange_it_is_refused(file: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(ConfigError, match="is writable by others"):
        strategy_class(REFERENCE, tmp_path)
    tmp_path.chmod(0o1777)  # sticky, as /tmp is: others cannot exchange what is not theirs
    assert strategy_class(REFERENCE, tmp_path).name == "breakout"


@pytest.mark.parametrize("part", ["file", "folder"])
def test_f119_what_belongs_to_another_user_is_refused(
    file: Path, tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = os.getuid() + 4321
    if os.getuid() == 0:
        os.chown(file if part == "file" else file.parent, other, -1)
    else:
        monkeypatch.setattr(os, "getuid", lambda: other)
    with pytest.raises(ConfigError, match=r"belongs to another user \(uid \d+\)"):
        strategy_class(REFERENCE, tmp_path)


def test_f119_a_linked_file_is_refused(file: Path, tmp_path: Path) -> None:
    (file.parent / "link.py").symlink_to(file)
    with pytest.raises(ConfigError, match=r"link.py leads through a symbolic link; name .*breakout.py itself"):
        strategy_class("mine/link.py:Breakout", tmp_path)


def test_f119_a_linked_folder_is_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(file.parent)
    with pytest.raises(ConfigError, match="leads through a symbolic link"):
        strategy_class("link/breakout.py:Breakout", tmp_path)
    with pytest.raises(ConfigError, match="leads through a symbolic link"):
        strategy_class("link/../mine/breakout.py:Breakout".replace("mine", "link"), tmp_path)


def test_f119_a_refused_file_is_not_run(file: Path, tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    file.write_text(f"open({str(witness)!r}, 'w').close()\n{PLUGIN}")
    file.chmod(0o666)
    with pytest.raises(ConfigError):
        strategy_class(REFERENCE, tmp_path)
    assert not witness.exists()


@pytest.mark.parametrize(
    ("reference", "complaint"),
    [
        ("mine/none.py:Breakout", "no such file"),
        ("mine:Breakout", "neither a known name nor path.py:Class"),
        ("mine/breakout.py", "neither a known name nor path.py:Class"),
        ("mine/breakout.py:", "neither a known name nor path.py:Class"),
        ("mine/breakout.py:Breakout()", "neither a known name nor path.py:Class"),
        ("mine/breakout.py:Breakin", "has no class 'Breakin'"),
        ("mine/breakout.py:BreakoutParams", "is no subclass"),
        ("mine/break\0out.py:Breakout", "no such file"),
        (f"{'x' * 5000}.py:Breakout", "no such file"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(file: Path, tmp_path: Path, reference: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        strategy_class(reference, tmp_path)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (b"def", "cannot be imported: SyntaxError"),
        (b"\xff\xfe\x00", "cannot be imported: "),
        (b"import no_such_module", "cannot be imported: ModuleNotFoundError"),
        (b"raise SystemExit", "cannot be imported: SystemExit"),
        (b"#" * 1_000_001, "no regular file of at most 1000000 bytes"),
    ],
)
def test_a_broken_file_is_named_and_leaves_no_module(file: Path, tmp_path: Path, source: bytes, complaint: str) -> None:
    before = set(sys.modules)
    file.write_bytes(source)
    with pytest.raises(ConfigError) as caught:
        strategy_class(REFERENCE, tmp_path)
    assert "breakout.py" in str(caught.value)
    assert complaint in str(caught.value)
    assert not [name for name in set(sys.modules) - before if name.startswith("trader_strategy_")]


def test_a_folder_pipe_or_socket_is_no_strategy(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file.parent / "folder.py").mkdir(mode=0o755)
    os.mkfifo(file.parent / "pipe.py", 0o600)
    monkeypatch.chdir(file.parent)  # a socket's path must be short
    with socket(AF_UNIX) as listener:
        listener.bind("socket.py")
    for name in ("folder", "pipe", "socket"):
        with pytest.raises(ConfigError, match=r"no regular file|cannot be read"):
            strategy_class(f"mine/{name}.py:Breakout", tmp_path)


def test_a_name_must_be_fit_for_a_table_of_the_variant(file: Path, tmp_path: Path) -> None:
    file.write_text(PLUGIN.replace('name = "breakout"', 'name = "Break Out"'))
    with pytest.raises(ConfigError, match="its name 'Break Out' must be small letters, digits and _"):
        strategy_class(REFERENCE, tmp_path)


def test_a_file_cannot_take_the_name_of_a_strategy_of_ours(file: Path, tmp_path: Path) -> None:
    file.write_text(PLUGIN.replace('name = "breakout"', 'name = "rsi"'))
    with pytest.raises(ConfigError, match="calls itself 'rsi', which is taken"):
        strategy_class(REFERENCE, tmp_path)
