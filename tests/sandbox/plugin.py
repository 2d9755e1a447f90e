"""The sandbox's brokers as an installed package brings them: by entry points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the package's metadata into a folder of its own, for this process and those that it starts."""
    info = folder / "site" / "sandbox-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sandbox\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[trader_cli.brokers]\nsandbox = tests.sandbox.broker:Sandbox\nbazaar = tests.sandbox.bazaar:Bazaar\n"
    )
    monkeypatch.syspath_prepend(info.parent)
    monkeypatch.setenv("PYTHONPATH", f"{info.parent}:{ROOT}")
