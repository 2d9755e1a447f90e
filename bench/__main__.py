"""Measures, prints a table, and after a complete run writes docs/benchmarks.md: `python -m bench [GROUP...]`."""

from __future__ import annotations

import sys

from bench import report
from bench.cases import groups
from bench.stage import built
from bench.timing import BenchError, interleaved


def main(wanted: list[str]) -> int:
    """0 where every bound is kept, 1 where one is missed, 2 where nothing can be said."""
    stage = built()
    known = groups(stage)
    if unknown := set(wanted) - {group.name for group in known}:
        print(f"no such group: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    findings = []
    for group in known:
        if wanted and group.name not in wanted:
            continue
        print(f"measuring {group.name} ...", file=sys.stderr, flush=True)
        measured = interleaved(group.subjects, group.rounds)
        finding = report.Finding(group, measured, group.claims())
        print(report.as_text(finding), flush=True)
        findings.append(finding)
    if not wanted:
        report.write(findings, {"w1": stage.sha256, "w3": stage.sha256_together})
    return 0 if all(finding.holds for finding in findings) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
