"""What was measured, as a table for people and as docs/benchmarks.md."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from bench import method
from bench.cases.w1 import WHOLE_W1
from bench.cases.w2 import SWEPT
from bench.figures import RAW
from bench.ratio import in_words
from bench.timing import ROOT, Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.figures import Figures, GroupFigures

PAGE = ROOT / "docs" / "benchmarks.md"


class Unit(NamedTuple):
    """How a measure is written: so many of it are one."""

    name: str
    size: float
    digits: int


MB = 2**20
UNITS = {
    Measure.CPU: (Unit("CPU seconds", 1, 4), Unit("CPU ms", 1e-3, 3)),
    Measure.WALL: (Unit("wall seconds", 1, 4), Unit("wall ms", 1e-3, 3)),
    Measure.PEAK: (Unit("MB at the peak", MB, 0),),
    Measure.PRIVATE: (Unit("MB of its own", MB, 0),),
}
"""The smaller unit is for what is never a hundredth of the larger."""


def unit(measure: Measure, samples: Iterable[Sequence[float]]) -> Unit:
    """The unit in which all subjects of a group are readable."""
    larger, smaller = UNITS[measure][0], UNITS[measure][-1]
    return larger if max(median(values) for values in samples) >= larger.size / 100 else smaller


def verdict(holds: bool) -> str:
    """One word."""
    return "pass" if holds else "MISSED"


def rows(group: GroupFigures) -> list[tuple[str, str, str, str]]:
    """Ratio, measured, bound, verdict."""
    ratios = [
        (title, f"{found['value']:.2f}", in_words(found["at_least"], found["at_most"]), verdict(found["holds"]))
        for title, found in group["ratios"].items()
    ]
    claims = [(title, claim["found"], "equal", verdict(claim["holds"])) for title, claim in group["claims"].items()]
    return ratios + claims


def as_text(group: GroupFigures) -> str:
    """The group for a terminal."""
    lines = [group["title"], ""]
    for measure, subjects in group["measured"].items():
        written = unit(Measure(measure), subjects.values())
        for name, values in subjects.items():
            middle = f"{median(values) / written.size:9.{written.digits}f}"
            lines.append(f"  {name:24} {middle} {written.name}   ({len(values)} runs)")
    lines += ["", *(f"  {mark:7} {title}: {value} ({bound})" for title, value, bound, mark in rows(group)), ""]
    return "\n".join(lines)


def write(figures: Figures) -> None:
    """Writes the page and the raw figures beside the bench."""
    RAW.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(figures), encoding="utf-8")


def page(figures: Figures) -> str:
    """docs/benchmarks.md."""
    groups = figures["groups"]
    parts = [f"# Benchmarks\n\n{method.METHOD}"]
    for group in groups.values():
        parts.append(f"## {group['title']}")
        parts.append(_table(("claim", "measured", "bound", ""), rows(group)))
        parts += [_measured(Measure(measure), subjects) for measure, subjects in group["measured"].items()]
    parts.append("## In what the peers differ\n\n" + method.PEERS_WORDS)
    differences = {peer.name: peer.differences for peer in (*WHOLE_W1, *SWEPT)}
    parts.append("\n".join(f"- **{name}**: {words}." for name, words in differences.items()))
    parts.append("## When, where and with what")
    parts += [_circumstances(name, group) for name, group in groups.items()]
    return "\n\n".join(parts) + "\n"


def _measured(measure: Measure, subjects: Mapping[str, Sequence[float]]) -> str:
    """What each subject took."""
    written = unit(measure, subjects.values())
    body = [
        (
            name,
            *(f"{value / written.size:.{written.digits}f}" for value in (median(values), min(values), max(values))),
            str(len(values)),
        )
        for name, values in subjects.items()
    ]
    return _table((written.name, "median", "least", "most", "runs"), body)


def _circumstances(name: str, group: GroupFigures) -> str:
    """When and where a group was measured, and with which versions."""
    used = ". ".join(
        f"{side.capitalize()}: " + ", ".join(f"{package} {number}" for package, number in found.items())
        for side, found in group["versions"].items()
    )
    box = group["machine"]
    return (
        f"**{name}**: {group['date']}; {box['cores']} cores, {box['cpu']}; load average at the end "
        f"{group['load']:.1f}. {used}."
    )


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
