"""The error tree: every error says what happens next, and knows its exit code.

TraderError                 1   a bug, unless a subclass says otherwise
├── UsageError              2   the command line asks for something that does not exist or cannot be
├── ConfigError             2   a variant (file, environment, flag) is wrong; holds every problem found
├── DataError               2   a market data file is wrong or missing
│   └── WarmupUnavailable   2   neither venue nor data folder reaches back far enough
├── Unavailable             5   a file system or venue does not answer; trying later may help
└── Locked                  6   another process drives this account

A refusal by a risk rule is a value with a reason code, never an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class ExitCode(IntEnum):
    """What a script sees when `trader` ends."""

    OK = 0
    BUG = 1
    USAGE = 2
    HALTED = 3
    MISMATCH = 4
    UNAVAILABLE = 5
    LOCKED = 6
    INTERRUPTED = 130
    TERMINATED = 143
    HUNG_UP = 129


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: one line for a person, one record for a script.

    `file` is where the value came from: a path, `TRADER_…` variable or flag; `key` is its dotted name.
    """

    message: str
    file: str | None = None
    key: str | None = None

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.message) if part)


class TraderError(Exception):
    """Something `trader` can say in one line, or in one line a problem."""

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __init__(self, message: str = "", *, file: str | None = None, key: str | None = None) -> None:
        self.problems: tuple[Problem, ...] = (Problem(message, file, key),)
        super().__init__(str(self.problems[0]))

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> TraderError:
        """All problems found, reported at once.

        Raises: ValueError when `problems` is empty.
        """
        if not problems:
            raise ValueError("an error needs at least one problem")
        error = cls(problems[0].message)
        error.problems = tuple(problems)
        error.args = ("\n".join(str(problem) for problem in problems),)
        return error


class UsageError(TraderError):
    """The command line asks for something that does not exist or cannot be."""

    code = "usage"
    exit_code = ExitCode.USAGE


class ConfigError(TraderError):
    """A variant is wrong. Nothing was changed; mend the keys named and run again."""

    code = "config"
    exit_code = ExitCode.USAGE


class DataError(TraderError):
    """A market data file is wrong or missing. Nothing was computed from it."""

    code = "data"
    exit_code = ExitCode.USAGE


class WarmupUnavailable(DataError):  # noqa: N818 - it names a state
    """There is too little history to judge by. Nothing is decided before there is more."""

    code = "warmup_unavailable"


class Unavailable(TraderError):  # noqa: N818 - it names a state, as the tree above does
    """A disk or venue does not answer. Reads may be tried again later."""

    code = "unavailable"
    exit_code = ExitCode.UNAVAILABLE


class Locked(TraderError):  # noqa: N818 - likewise
    """Another process drives this account. Nothing was read from a venue and nothing sent."""

    code = "locked"
    exit_code = ExitCode.LOCKED


def suggest(word: str, known: Iterable[str]) -> str:
    """The end of an error line: the nearest known word, or nothing where none is near.

    >>> suggest("bybt", ["bybit", "okx"])
    ", did you mean 'bybit'?"
    """
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1)
    return f", did you mean '{near[0]}'?" if near else ""
