"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("trader", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("trader")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The larger real market data, where `TRADER_TEST_DATA` names it; the shipped samples elsewhere."""
    return Path(os.environ.get("TRADER_TEST_DATA") or ROOT / "samples")


@pytest.fixture(autouse=True)
def own_world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the user's environment or writes into the user's folders."""
    for name in [name for name in os.environ if name.startswith("TRADER_") and name != "TRADER_TEST_DATA"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TRADER_HOME", str(tmp_path_factory.mktemp("home")))
