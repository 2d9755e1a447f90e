"""Calls the program as a user does, and keeps what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trader_cli.cli.main import main

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True)
class Outcome:
    """The exit code and both streams of one call."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on stdout."""
        return json.loads(self.out)

    @property
    def errors(self) -> list[str]:
        """The error lines, without what marks them where no file is named."""
        said = [line for line in self.err.splitlines() if not line.startswith(("warning: ", "note: "))]
        return [line.removeprefix("error: ") for line in said]


def trader(capsys: pytest.CaptureFixture[str], *arguments: object) -> Outcome:
    """Runs `trader ARGUMENTS`."""
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    streams = capsys.readouterr()
    return Outcome(int(code), streams.out, streams.err)
