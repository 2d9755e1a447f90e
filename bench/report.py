"""What was measured, as a table for people, as docs/benchmarks.md, and as raw figures."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cases import FEW_BARS, PEERS, WHOLE_W1, Group
from bench.data import BARS, SEED
from bench.timing import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.ratio import Claim
    from bench.timing import Samples

PAGE = ROOT / "docs" / "benchmarks.md"
RAW = ROOT / "bench" / "results.json"
OUR_PACKAGES = ("numpy", "numba", "pandas", "ta-lib", "pandas-ta", "pyarrow", "typer", "rich")
PEER_PACKAGES = ("vectorbt", "vectorbt-rust", "backtesting", "numba", "numpy", "pandas", "ta-lib")


@dataclass(frozen=True, slots=True)
class Finding:
    """A group with what was measured."""

    group: Group
    measured: Mapping[str, Samples]
    claims: Sequence[Claim]

    @property
    def holds(self) -> bool:
        """Whether every bound is kept and every claim true."""
        return all(ratio.holds(self.measured) for ratio in self.group.ratios) and all(c.holds for c in self.claims)


def verdict(holds: bool) -> str:
    """One word."""
    return "pass" if holds else "MISSED"


def rows(finding: Finding) -> list[tuple[str, str, str, str]]:
    """Ratio, measured, bound, verdict."""
    measured = finding.measured
    ratios = [
        (ratio.title, f"{ratio.value(measured):.2f}", ratio.bound, verdict(ratio.holds(measured)))
        for ratio in finding.group.ratios
    ]
    return ratios + [(claim.title, claim.found, "equal", verdict(claim.holds)) for claim in finding.claims]


def as_text(finding: Finding) -> str:
    """The group for a terminal."""
    lines = [finding.group.title, ""]
    for name, samples in finding.measured.items():
        lines.append(f"  {name:24} {samples.middle:9.4f} CPU s   ({len(samples.seconds)} runs)")
    lines += ["", *(f"  {mark:7} {title}: {value} ({bound})" for title, value, bound, mark in rows(finding)), ""]
    return "\n".join(lines)


def machine() -> dict[str, object]:
    """Cores and family of the processor; nothing that names the machine."""
    source = Path("/proc/cpuinfo")
    lines = source.read_text(encoding="ascii").splitlines() if source.exists() else []
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    maker, family = told.get("vendor_id", "unknown"), told.get("cpu family", "unknown")
    return {"cores": os.cpu_count(), "cpu": f"{platform.machine()} {maker} family {family}"}


def versions() -> dict[str, dict[str, str]]:
    """What ran, ours and the peers'."""
    ask = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    peers = subprocess.run([PEERS, "-c", ask, *PEER_PACKAGES], capture_output=True, text=True, check=True).stdout
    compiler = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    ours = {"python": platform.python_version(), "cc": compiler} | {name: version(name) for name in OUR_PACKAGES}
    return {"ours": ours, "peers": json.loads(peers)}


def raw(findings: Sequence[Finding], sha256: Mapping[str, str]) -> dict[str, object]:
    """Everything, for machines."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load": os.getloadavg()[0],
        "versions": versions(),
        "series": {"bars": BARS, "seed": SEED, "sha256": dict(sha256)},
        "groups": {
            finding.group.name: {
                "cpu_seconds": {name: list(samples.seconds) for name, samples in finding.measured.items()},
                "ratios": {
                    ratio.title: {
                        "value": ratio.value(finding.measured),
                        "at_least": ratio.at_least,
                        "at_most": ratio.at_most,
                        "holds": ratio.holds(finding.measured),
                    }
                    for ratio in finding.group.ratios
                },
                "claims": {claim.title: {"found": claim.found, "holds": claim.holds} for claim in finding.claims},
            }
            for finding in findings
        },
    }


def write(findings: Sequence[Finding], sha256: Mapping[str, str]) -> None:
    """Writes the page and the raw figures beside the bench."""
    figures = raw(findings, sha256)
    RAW.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(findings, figures), encoding="utf-8")


def page(findings: Sequence[Finding], figures: Mapping[str, object]) -> str:
    """docs/benchmarks.md."""
    used: Mapping[str, Mapping[str, str]] = figures["versions"]  # type: ignore[assignment]
    box: Mapping[str, object] = figures["machine"]  # type: ignore[assignment]
    parts = [f"# Benchmarks\n\nWritten by `make bench` on {figures['date']}.\n\n{METHOD}"]
    for finding in findings:
        parts.append(f"## {finding.group.title}")
        parts.append(_table(("claim", "measured", "bound", ""), rows(finding)))
        times = [
            (name, f"{s.middle:.4f}", f"{min(s.seconds):.4f}", f"{max(s.seconds):.4f}", str(len(s.seconds)))
            for name, s in finding.measured.items()
        ]
        parts.append(_table(("CPU seconds", "median", "least", "most", "runs"), times))
    parts.append("## In what the peers differ\n\n" + PEERS_WORDS)
    parts.append("\n".join(f"- **{peer.name}**: {peer.differences}." for peer in WHOLE_W1))
    listed = {side: ", ".join(f"{name} {number}" for name, number in found.items()) for side, found in used.items()}
    machine_words = f"{box['cores']} cores, {box['cpu']}; load average at the end {figures['load']:.1f}."
    parts.append(f"## Machine and versions\n\n{machine_words}\n\nOurs: {listed['ours']}.\n\nPeers: {listed['peers']}.")
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


METHOD = f"""Each row is a ratio of two programs that ran in turns on the same machine, so it holds elsewhere where
seconds do not. Times are CPU seconds (user and system, all threads), medians of the runs shown; each program ran once
before, unmeasured. The raw figures are in `bench/results.json`. The bench fails when a bound is missed.

In W1 every engine starts from the same columns in memory (a random walk with jumps, gaps and wicks from a fixed seed)
and ends with its list of trades. `trader` is `strategy.signals` and the compiled kernel of `trader backtest`, nothing
left out: account limits and the equity curve are part of it. The C program (`bench/w1.c`, `-O3 -march=native`) does
without those; it takes RSI through TA-Lib's arithmetic, division by division, and would gain about a tenth without. The
numpy program (`bench/numpy_yardstick.py`) shows that the C program is no straw man.

W3 is the portfolio: each symbol has its own columns, and all share the cash, the number of positions and the exposure
cap. `trader` computes the signals of every symbol, lays the columns side by side (its time includes that copy) and
walks them in step, the equity curve again included. No peer here has a cap on exposure beside one on positions.

vectorbt is asked for its trades and the equity curve; it gets numpy arrays and TA-Lib's RSI, which is faster than its
own indicator wrappers, and hands back bare records: its readable ones take 4 s more. backtesting.py makes its usual
statistics, runs over the first {FEW_BARS:,} bars, and has its time taken times {BARS // FEW_BARS}."""

PEERS_WORDS = """No engine is wrong about the arithmetic, but rules differ. The differences stated are all there are:
with them switched on, the numpy program makes each peer's trades one by one (see the table of W1)."""
