"""How often a venue may be asked: one budget for everything on this machine that asks it.

A bucket of tokens in a file, filled at a steady rate; whoever asks takes some out under the file's lock, and waits
where there are too few. What is left in `RESERVE` is for exits alone. A venue that says when to come back is not asked
before.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from time import time
from typing import TYPE_CHECKING

from trader_cli.brokers.keeping import put_text
from trader_cli.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RESERVE = 0.2
"""The fraction of a full bucket that only exits may take."""

SHORTEST_WAIT = 0.001
"""Seconds below which a clock of seconds since 1970 hardly moves."""

LONGEST_WAIT = 30.0
"""Seconds beyond which it is better to be told that a venue is not to be asked than to wait."""


class Barred(Unavailable):
    """A venue is not to be asked for longer than anybody waits."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a venue allows: so many tokens a second, and so many at once."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class _Level:
    """What the bucket held at a time (s since 1970), and until when nobody may ask."""

    tokens: float
    at: float
    barred_until: float = 0.0


class Budget:
    """One bucket, shared by everybody who names the same file."""

    def __init__(self, path: Path, rate: Rate, now: Callable[[], float] = time) -> None:
        self._path, self._rate, self._now = path, rate, now

    async def take(self, tokens: float = 1.0, *, is_exit: bool = False) -> None:
        """Returns once so many tokens are taken; more than a full bucket's are as many as it holds.

        Raises: Barred where that would take longer than anybody waits, saying how long.
        """
        waited = 0.0
        while (wait := self._try(tokens, is_exit=is_exit)) > 0:
            if waited + wait > LONGEST_WAIT:
                raise Barred(f"it is not to be asked for another {wait:.0f} s (rate limit)")
            await asyncio.sleep(wait)
            waited += wait

    def bar(self, seconds: float) -> None:
        """Nobody asks for so long: the venue said so."""
        with self._held() as level:
            until = max(level.barred_until, self._now() + seconds)
            self._keep(replace(level, barred_until=until))

    def barred_for(self) -> float:
        """Seconds for which nobody may ask."""
        with self._held() as level:
            return max(0.0, level.barred_until - self._now())

    def _try(self, tokens: float, *, is_exit: bool) -> float:
        """Takes the tokens and returns 0, or takes none and returns the seconds to wait."""
        floor = 0.0 if is_exit else RESERVE * self._rate.burst
        wanted = min(tokens, self._rate.burst - floor)
        with self._held() as level:
            if (barred := level.barred_until - self._now()) > 0:
                return barred
            if (lacking := floor + wanted - level.tokens) > 1e-9:
                self._keep(level)
                return max(lacking / self._rate.per_second, SHORTEST_WAIT)
            self._keep(replace(level, tokens=level.tokens - wanted))
            return 0.0

    @contextmanager
    def _held(self) -> Iterator[_Level]:
        """What the bucket holds now, with everybody else kept out."""
        from filelock import FileLock

        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path.with_suffix(".lock")):
            yield self._filled(self._read())

    def _read(self) -> _Level:
        """What was left; a full bucket where nothing can be read."""
        try:
            found = json.loads(self._path.read_bytes())
            return _Level(**{name: float(found[name]) for name in ("tokens", "at", "barred_until")})
        except (OSError, ValueError, KeyError, TypeError):
            return _Level(self._rate.burst, self._now())

    def _filled(self, level: _Level) -> _Level:
        """The level of now. A clock that was set back fills nothing, and bars nobody for longer."""
        now = self._now()
        passed = now - level.at
        tokens = min(self._rate.burst, level.tokens + max(0.0, passed) * self._rate.per_second)
        return _Level(tokens, now, level.barred_until + min(0.0, passed))

    def _keep(self, level: _Level) -> None:
        put_text(self._path, json.dumps(asdict(level)))
