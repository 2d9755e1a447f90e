"""One budget for all that ask a venue from this machine."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader_cli.brokers.rates import RESERVE, Budget, Rate
from trader_cli.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

RATE = Rate(per_second=10, burst=20)


class Time:
    """A time that passes while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr("trader_cli.brokers.rates.asyncio.sleep", time.sleep)
    return time


def test_a_full_bucket_is_taken_at_once_and_then_as_it_fills(tmp_path: Path, time: Time) -> None:
    budget, begun = Budget(tmp_path / "venue.json", RATE, time), time.now

    async def ask(times: int) -> float:
        for _ in range(times):
            await budget.take()
        return time.now - begun

    at_once = int(RATE.burst * (1 - RESERVE))
    assert asyncio.run(ask(at_once)) == 0
    assert asyncio.run(ask(50)) == pytest.approx(50 / RATE.per_second)


def test_two_that_name_the_same_file_share_what_there_is(tmp_path: Path, time: Time) -> None:
    mine, yours = (Budget(tmp_path / "venue.json", RATE, time) for _ in range(2))

    async def ask() -> None:
        await mine.take(8)
        await yours.take(8)
        begun = time.now
        await yours.take(10)
        assert time.now - begun == pytest.approx(1.0)

    asyncio.run(ask())


def test_the_reserve_is_for_exits_alone(tmp_path: Path, time: Time) -> None:
    budget = Budget(tmp_path / "venue.json", RATE, time)

    async def ask() -> None:
        await budget.take(16)
        begun = time.now
        await budget.take(4, is_exit=True)
        assert time.now == begun
        time.now += 0.4  # the reserve is full again, and no more than that
        await budget.take(1)
        assert time.now - begun == pytest.approx(0.5, abs=0.01)

    asyncio.run(ask())


def test_nobody_asks_before_the_venue_said_so(tmp_path: Path, time: Time) -> None:
    mine, yours = (Budget(tmp_path / "venue.json", RATE, time) for _ in range(2))
    mine.bar(12)
    begun = time.now
    asyncio.run(yours.take())
    assert time.now - begun == pytest.approx(12)


def test_a_shorter_word_does_not_shorten_a_longer_one(tmp_path: Path, time: Time) -> None:
    budget = Budget(tmp_path / "venue.json", RATE, time)
    budget.bar(20)
    budget.bar(1)
    assert budget.barred_for() == pytest.approx(20)


def test_a_ban_is_told_of_and_not_waited_out(tmp_path: Path, time: Time) -> None:
    budget = Budget(tmp_path / "venue.json", RATE, time)
    budget.bar(600)
    with pytest.raises(Unavailable, match="not to be asked for another 600 s"):
        asyncio.run(budget.take())


@pytest.mark.parametrize("content", [b"", b"{", b'{"tokens": "x"}', b"[1]", b'{"tokens": null, "at": 0}'])
def test_a_broken_file_is_a_full_bucket(tmp_path: Path, time: Time, content: bytes) -> None:
    (tmp_path / "venue.json").write_bytes(content)
    begun = time.now
    asyncio.run(Budget(tmp_path / "venue.json", RATE, time).take())
    assert time.now == begun


def test_f068_a_clock_that_was_set_back_neither_fills_nor_bars_for_ever(tmp_path: Path, time: Time) -> None:
    budget = Budget(tmp_path / "venue.json", RATE, time)
    asyncio.run(budget.take(16))
    time.now -= 3600
    begun = time.now
    asyncio.run(budget.take(1))
    assert time.now - begun == pytest.approx(0.1, abs=0.01)
    budget.bar(20)
    time.now -= 3600
    assert budget.barred_for() == pytest.approx(20)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 30), st.booleans()), max_size=40))
def test_never_more_is_taken_than_the_venue_allows(
    tmp_path_factory: pytest.TempPathFactory, asked: list[tuple[float, float, bool]]
) -> None:
    """Over any span: a full bucket and what came in meanwhile, whoever asked for however much."""
    time, taken = Time(), []
    budget = Budget(tmp_path_factory.mktemp("rates") / "venue.json", RATE, time)
    for pause, tokens, is_exit in asked:
        time.now += pause
        if budget._try(tokens, is_exit=is_exit) == 0:
            taken.append((time.now, min(tokens, RATE.burst * (1 if is_exit else 1 - RESERVE))))
    for first, (begun, _) in enumerate(taken):
        for last in range(first, len(taken)):
            spent = sum(tokens for _, tokens in taken[first : last + 1])
            assert spent <= RATE.burst + (taken[last][0] - begun) * RATE.per_second + 1e-6


PROCESS = """
import sys, time
from pathlib import Path
from trader_cli.brokers.rates import Budget, Rate
budget, count = Budget(Path(sys.argv[1]), Rate(0.001, 1500)), 0
budget.barred_for()
sys.stdin.readline()
while budget._try(1, is_exit=True) == 0:
    count += 1
print(count)
"""


def test_processes_share_one_bucket(tmp_path: Path) -> None:
    """Four at once take what one bucket holds, and not a token more."""
    command = [sys.executable, "-c", PROCESS, str(tmp_path / "venue.json")]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) for _ in range(4)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
    taken = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sum(taken) == 1500
    assert sum(count > 0 for count in taken) > 1
