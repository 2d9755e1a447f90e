"""Dask and Ray find what threads here find, to the last byte, and a worker that is killed costs its part alone."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Lock, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.matrix.processes import MATRIX, started, told
from trader_cli import settings
from trader_cli.app.engines import Engine
from trader_cli.cli.main import main
from trader_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG = (
    *("backtest", "demo_btc_rsi", "--data", "samples", "--json", "--metrics", "full", "--top", "50"),
    *("--set", "strategy_config.rsi.period=5..34", "--set", "risk_settings.stop_loss=0.001..0.04..0.0001"),
)
"""11,730 runs in 32 parts: long enough to kill a worker in the middle."""


@pytest.fixture(autouse=True)
def _at_home(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def undisturbed(matrix: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What threads of this process find, counted in a ledger of their own."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TRADER_HOME", os.environ["TRADER_HOME"] + "-threads")
        assert main([*matrix]) == 0
    return capsys.readouterr().out


@contextmanager
def dask_cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and workers in processes of their own: the scheduler's address, and the workers."""
    at = folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [str(Path(sys.executable).parent / "dask")]
    scheduler = [
        *dask,
        "scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(at),
    ]
    one = [*dask, "worker", "--scheduler-file", str(at), "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny"]
    processes = [subprocess.Popen(scheduler, **quiet)]  # type: ignore[call-overload]
    try:
        within(60, at.exists)
        worker = [*one, "--no-dashboard", "--local-directory", str(folder)]
        processes += [subprocess.Popen(worker, **quiet) for _ in range(workers)]  # type: ignore[call-overload]
        yield json.loads(at.read_text())["address"], processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def within(seconds: float, happened: Callable[[], object]) -> None:
    """Waits until something has happened."""
    began = monotonic()
    while not happened():
        assert monotonic() - began < seconds, "it did not happen"
        sleep(0.01)


def parts() -> dict[str, int]:
    """The parts that are on disk, and which file each is."""
    found = {}
    for path in settings.studies_dir().glob("*/part-*.parquet"):
        with suppress(FileNotFoundError):  # they go once they were shown
            found[path.name] = path.stat().st_ino
    return found


def killing_one(process: subprocess.Popen[str], kill: Callable[[], None]) -> tuple[str, int]:
    """What the matrix says though a worker is killed amid its parts, and how many parts were done twice."""
    within(120, lambda: len(parts()) > 3)
    seen, again = parts(), set()
    kill()
    ended = Thread(target=process.wait)
    ended.start()
    while ended.is_alive():
        again |= {name for name, file in parts().items() if seen.setdefault(name, file) != file}
        sleep(0.01)
    return told(process), len(again)


def test_dask_finds_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with dask_cluster(tmp_path, workers=2) as (address, _):
        found = told(started(tmp_path / "notes", "--engine", "dask", "--address", address))
    assert found == undisturbed(MATRIX, capsys, monkeypatch)
    assert not (tmp_path / "notes").exists(), "the parts were written by the workers"


def test_a_strategy_of_your_own_goes_to_every_worker(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = re.findall(
        r"```python\n(\"\"\"breakout.*?)```", (root / "docs" / "strategies.md").read_text(), re.DOTALL
    )
    (tmp_path / "breakout.py").write_text(example)
    (tmp_path / "mine.toml").write_text(
        (root / "variants" / "demo_btc_rsi.toml")
        .read_text()
        .replace('"rsi"', '"breakout.py:Breakout"')
        .split("[strategy_config")[0]
    )
    own = ("backtest", str(tmp_path / "mine.toml"), "--data", "samples", "--json")
    matrix = (*own, "--set", "strategy_config.breakout.bars=5..60")
    with dask_cluster(tmp_path, workers=2) as (address, _):
        found = told(started(tmp_path / "notes", "--engine", "dask", "--address", address, matrix=matrix))
    assert found == undisturbed(matrix, capsys, monkeypatch)
    assert len(json.loads(found)["runs"]) == 56


def test_no_worker_takes_a_timeframe_for_another_of_the_same_file(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads that read the markets from files, as workers elsewhere do, and keep them as those do."""
    matrix = (*MATRIX[:-4], "--set", "strategy_config.rsi.period=5..8", "--matrix", "timeframe=1h,4h,12h")
    here = undisturbed(matrix, capsys, monkeypatch)
    apart = Engine(2, is_here=False, options={"backend": "threading"})
    monkeypatch.setattr("trader_cli.app.matrix.workers_of", lambda *_: nullcontext(apart))
    assert main([*matrix]) == 0
    assert capsys.readouterr().out == here


def test_a_killed_dask_worker_costs_its_part_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with dask_cluster(tmp_path, workers=2) as (address, workers):
        process = started(tmp_path / "notes", "--engine", "dask", "--address", address, matrix=LONG)
        found, again = killing_one(process, workers[0].kill)
    assert found == undisturbed(LONG, capsys, monkeypatch)
    assert again <= 1, "the part it was in the middle of, where it was done but not yet told of"


def test_where_the_scheduler_goes_away_it_ends_and_goes_on_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with dask_cluster(tmp_path, workers=2) as (address, _):
        process = started(tmp_path / "notes", "--engine", "dask", "--address", address, matrix=LONG)
        within(120, lambda: len(parts()) > 3)
    with process:
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (5, "")
    assert "the cluster went away: start it again, and go on with --resume" in json.loads(err)["error"]["message"]
    assert told(started(tmp_path / "notes", "--resume", matrix=LONG)) == undisturbed(LONG, capsys, monkeypatch)


def test_ray_finds_the_same_though_a_worker_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = started(tmp_path / "notes", "--engine", "ray", "--workers", "2", matrix=LONG)

    def kill_one() -> None:
        actors = [each for each in psutil.Process(process.pid).children(recursive=True) if "PoolActor" in each.name()]
        actors = actors or [
            each
            for each in psutil.process_iter(["cmdline"])
            if "ray::PoolActor" in " ".join(each.info["cmdline"] or [])
        ]
        os.kill(actors[0].pid, signal.SIGKILL)

    found, again = killing_one(process, kill_one)
    assert found == undisturbed(LONG, capsys, monkeypatch)
    assert again <= 1, "the part it was in the middle of, where it was done but not yet told of"


def test_what_cannot_go_to_another_process_is_refused_at_once() -> None:
    engine = Engine(1, is_here=False, options={"backend": "threading"})
    with pytest.raises(UsageError, match="--engine: its strategy cannot go to another process"):
        next(engine.each(lambda _: Lock(), [0]))  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["--engine", "spark"], 2, "--engine: must be one of local, dask, ray, is 'spark'"),
        (["--address", "tcp://127.0.0.1:1"], 2, "--address: is for --engine dask or ray"),
        (["--engine", "dask", "--address", "tcp://127.0.0.1:1"], 5, "--address tcp://127.0.0.1:1: no Dask scheduler"),
    ],
)
def test_an_engine_that_is_not_there_is_told_in_a_line(tmp_path: Path, more: list[str], code: int, said: str) -> None:
    with started(tmp_path / "notes", *more, matrix=("--quiet", *MATRIX)) as process:
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (code, "")
    error = json.loads(err)["error"]
    assert f"{error['file']}: {error['message']}".startswith(said)
