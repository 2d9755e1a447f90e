"""What was measured, as it is kept in bench/results.json: group by group, each with when, where and with what."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from bench.cases.group import PEERS, Group
from bench.data import BARS, SEED
from bench.timing import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.timing import Measured

RAW = ROOT / "bench" / "results.json"
OUR_PACKAGES = ("numpy", "numba", "pandas", "ta-lib", "pandas-ta", "pyarrow", "typer", "rich", "sqlalchemy")
PEER_PACKAGES = ("vectorbt", "vectorbt-rust", "raptorbt", "backtesting", "numba", "numpy", "pandas", "ta-lib")


class Machine(TypedDict):
    """Cores and family of the processor; nothing that names the machine."""

    cores: int
    cpu: str


class RatioFigures(TypedDict):
    """A ratio with its bound."""

    value: float
    at_least: float | None
    at_most: float | None
    holds: bool


class ClaimFigures(TypedDict):
    """A claim and what was found."""

    found: str
    holds: bool


class GroupFigures(TypedDict):
    """A group: `measured` run by run, by measure and subject; `load` is the load average when it was done."""

    title: str
    date: str
    machine: Machine
    load: float
    versions: dict[str, dict[str, str]]
    measured: dict[str, dict[str, list[float]]]
    ratios: dict[str, RatioFigures]
    claims: dict[str, ClaimFigures]


class Series(TypedDict):
    """The series that engines are given, and the checksum of each."""

    bars: int
    seed: int
    sha256: dict[str, str]


class Figures(TypedDict):
    """The whole file."""

    series: Series
    groups: dict[str, GroupFigures]


def of(group: Group, measured: Measured) -> GroupFigures:
    """What came of a group that was measured just now."""
    measures = dict.fromkeys(measure for runs in measured.values() for measure in runs)
    return {
        "title": group.title,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load": os.getloadavg()[0],
        "versions": versions(with_peers=group.has_peers),
        "measured": {
            str(measure): {name: list(runs[measure].values) for name, runs in measured.items() if measure in runs}
            for measure in measures
        },
        "ratios": {
            ratio.title: {
                "value": ratio.value(measured),
                "at_least": ratio.at_least,
                "at_most": ratio.at_most,
                "holds": ratio.holds(measured),
            }
            for ratio in group.ratios
        },
        "claims": {claim.title: {"found": claim.found, "holds": claim.holds} for claim in group.claims()},
    }


def all_hold(figures: GroupFigures) -> bool:
    """Whether every bound is kept and every claim true."""
    return all(each["holds"] for each in (*figures["ratios"].values(), *figures["claims"].values()))


def read() -> Figures:
    """What is kept."""
    figures: Figures = json.loads(RAW.read_text(encoding="utf-8"))
    return figures


def joined(
    before: Figures, new: Mapping[str, GroupFigures], order: Sequence[str], sha256: Mapping[str, str]
) -> Figures:
    """What was kept, but for the groups that were measured anew, and the series they had; in the `order` of all."""
    together = {**before["groups"], **new}
    return {
        "series": {"bars": BARS, "seed": SEED, "sha256": {**before["series"]["sha256"], **sha256}},
        "groups": {name: together[name] for name in order if name in together},
    }


def machine() -> Machine:
    """This one."""
    source = Path("/proc/cpuinfo")
    lines = source.read_text(encoding="ascii").splitlines() if source.exists() else []
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    maker, family = told.get("vendor_id", "unknown"), told.get("cpu family", "unknown")
    return {"cores": os.cpu_count() or 1, "cpu": f"{platform.machine()} {maker} family {family}"}


def versions(*, with_peers: bool) -> dict[str, dict[str, str]]:
    """What ran: ours and, where they took part, the peers'."""
    compiler = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    parts = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "cc": compiler}
    ours = parts | {name: version(name) for name in OUR_PACKAGES}
    if not with_peers:
        return {"ours": ours}
    ask = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    peers = subprocess.run([PEERS, "-c", ask, *PEER_PACKAGES], capture_output=True, text=True, check=True).stdout
    return {"ours": ours, "peers": json.loads(peers)}
