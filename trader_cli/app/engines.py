"""Who works on a study: threads of this process, or the workers of a Dask or Ray cluster. All of them through joblib.

A worker that is lost costs the part it was working on: that is done again, by another.
"""

from __future__ import annotations

import logging
import os
import pickle
import sys
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from trader_cli.errors import Unavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trader_cli.app.work import Task

LOCAL: Final = "local"
ENGINES: Final = (LOCAL, "dask", "ray")
PATIENCE: Final = 10
"""Seconds that a cluster may take to answer."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Workers that are ready: `jobs` at a time. `is_here`: they are threads of this process.

    `lost` are the errors of a worker that went away, `gone` those of a whole cluster; `options` is what joblib is told.
    A backend that `streams` tells of each part as it is done; of another it is known at the end only, so it is asked
    for a few parts at a time.
    """

    jobs: int
    is_here: bool
    options: dict[str, Any]
    lost: tuple[type[BaseException], ...] = ()
    gone: tuple[type[BaseException], ...] = ()
    streams: bool = True

    def each(self, task: Callable[[int], Task], numbers: Sequence[int]) -> Iterator[int]:
        """Has the parts of these numbers worked on, and tells of each that is done, in any order.

        Raises: WorkerLost; Unavailable where the cluster went away; whatever `work` raises.
        """
        import joblib

        from trader_cli.app.work import work

        handed = len(numbers) if self.streams else 4 * self.jobs
        if not self.is_here:
            _demand_sendable(task(numbers[0]))
        try:
            with joblib.parallel_config(n_jobs=self.jobs, **self.options):
                for some in batched(numbers, max(handed, 1)):
                    parallel = joblib.Parallel(
                        return_as="generator_unordered" if self.streams else "list", batch_size=1
                    )
                    yield from parallel(joblib.delayed(work)(task(number)) for number in some)
        except self.lost as error:
            raise WorkerLost(f"a worker was lost: {' '.join(str(error).split())[:200]}") from error
        except self.gone as error:
            raise Unavailable("the cluster went away: start it again, and go on with --resume") from error


def _demand_sendable(task: Task) -> None:
    """Raises: UsageError where a part cannot go to another process: Dask would wait for it for ever."""
    try:
        pickle.dumps(task)
    except Exception as error:
        raise UsageError(f"its strategy cannot go to another process: {error}", file="--engine") from error


class WorkerLost(Unavailable):
    """A worker went away in the middle of its part."""


def demand_known(name: str, address: str | None) -> None:
    """Raises: UsageError where there is no such engine, or none that has an address."""
    if name not in ENGINES:
        raise UsageError(f"must be one of {', '.join(ENGINES)}, is '{name[:60]}'", file="--engine")
    if name == LOCAL and address is not None:
        raise UsageError("is for --engine dask or ray", file="--address")


@contextmanager
def workers_of(name: str, address: str | None, workers: int) -> Iterator[Engine]:
    """The workers of an engine: those of the cluster at `address`, or else as many as wanted here (0: one a core).

    Raises: UsageError where the engine is not installed; Unavailable where the cluster does not answer.
    """
    wanted = workers or os.cpu_count() or 1
    if name == LOCAL:
        yield Engine(wanted, is_here=True, options={"backend": "threading"})
        return
    make = {"dask": _dask, "ray": _ray}[name]
    try:
        with redirect_stdout(sys.stderr), make(address, wanted) as engine:  # stdout is the command's
            yield engine
    except ImportError as error:
        raise UsageError(f"is not installed: pip install 'trader-cli[{name}]'", file=f"--engine {name}") from error


@contextmanager
def _dask(address: str | None, workers: int) -> Iterator[Engine]:
    from distributed import Client, KilledWorker, LocalCluster
    from distributed.client import FutureCancelledError

    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with ExitStack() as started:
        cluster: Any = address or started.enter_context(
            LocalCluster(n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
        )
        try:
            client = started.enter_context(Client(cluster, timeout=PATIENCE, set_as_default=False))
        except (OSError, ValueError) as error:
            raise Unavailable(f"no Dask scheduler answers: {error}", file=f"--address {address}") from error
        threads = sum(client.nthreads().values())
        if not threads:
            raise Unavailable("the cluster has no worker: start some (`dask worker ADDRESS`)", file=str(address))
        options = {"backend": "dask", "client": client}
        yield Engine(threads, is_here=False, options=options, lost=(KilledWorker,), gone=(FutureCancelledError,))


@contextmanager
def _ray(address: str | None, workers: int) -> Iterator[Engine]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers that it is used
    import ray
    from ray.util.joblib import register_ray

    logging.getLogger("ray").setLevel(logging.CRITICAL)
    wanted: dict[str, Any] = {"address": address} if address else {"num_cpus": workers, "include_dashboard": False}
    if address is None:
        wanted["_node_ip_address"] = "127.0.0.1"
    try:
        ray.init(log_to_driver=False, logging_level=logging.CRITICAL, configure_logging=False, **wanted)
    except (ConnectionError, TimeoutError, RuntimeError) as error:
        raise Unavailable(f"no Ray cluster answers: {error}", file=f"--address {address}") from error
    register_ray()
    try:
        cores, lost = int(ray.cluster_resources().get("CPU", 1)), (ray.exceptions.RayError,)
        yield Engine(cores, is_here=False, options={"backend": "ray"}, lost=lost, streams=False)
    finally:
        ray.shutdown()
