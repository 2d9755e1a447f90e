"""These tests talk to a server on this machine, and to nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.readers.cases import CASES, Case
from trader_cli.brokers import reading


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1"]))


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    """Each asset class of each venue."""
    found: Case = request.param
    return found


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long before an attempt is made again."""
    monkeypatch.setattr(reading, "WAIT_SECONDS", 0.01)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts are short, so that a test of waiting does not wait."""
    monkeypatch.setattr(reading, "ATTEMPT_SECONDS", 0.5)
    monkeypatch.setattr(reading, "ALTOGETHER_SECONDS", 3.0)
