"""Journals to look at: each test has its own copy of one that was made once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.journal import homes
from trader_cli import settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The journal of a short replay, and its events."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("original")
        patch.setenv("TRADER_HOME", str(home))
        return home / "journal.db", homes.replayed()


@pytest.fixture
def journal(original: tuple[Path, list[dict[str, Any]]]) -> Path:
    """A copy of it, as the journal of `TRADER_HOME`."""
    path = settings.journal_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(original[0], path)
    return path


@pytest.fixture(scope="session")
def events(original: tuple[Path, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What the replay told."""
    return original[1]
