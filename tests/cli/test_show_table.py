"""`trader show` for people: no value may be lost to the width of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.program import trader

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_long_origin_leaves_room_for_the_value(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("TRADER_RISK_SETTINGS__MAX_CONCURRENT_POSITIONS", "7")
    shown = trader(capsys, "show", "demo_btc_rsi").out
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 80
    (row,) = [line for line in lines if line.startswith(" risk_settings.max_concurrent_positions")]
    assert row.split()[1] == "7"
    (row,) = [line for line in lines if line.startswith(" risk_settings.stop_loss")]
    assert row.split()[1:] == ["0.02", "default"]
