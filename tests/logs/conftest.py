"""A process that knows no secrets yet."""

from __future__ import annotations

import pytest

from trader_cli import redaction


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test plants is forgotten after it."""
    monkeypatch.setattr(redaction, "_secrets", redaction.Secrets())
