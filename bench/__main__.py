"""Measures groups, or all, prints a table of each, and writes docs/benchmarks.md: `python -m bench [GROUP...]`."""

from __future__ import annotations

import sys

from bench import figures, report
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
    found = {}
    for group in known:
        if wanted and group.name not in wanted:
            continue
        print(f"measuring {group.name} ...", file=sys.stderr, flush=True)
        found[group.name] = figures.of(group, interleaved(group.subjects, group.rounds))
        print(report.as_text(found[group.name]), flush=True)
    sha256 = {"w1": stage.sha256, "w2": stage.sha256_swept, "w3": stage.sha256_together}
    told = {name: digest for name, digest in sha256.items() if name in found}
    report.write(figures.joined(figures.read(), found, [group.name for group in known], told))
    return 0 if all(figures.all_hold(group) for group in found.values()) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
