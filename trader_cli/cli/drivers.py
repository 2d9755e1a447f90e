"""Who drives a session that is watched from another process: a trader that stands must not look like one that runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.text import Text

from trader_cli.cli.figures import age, foreign
from trader_cli.domain.clock import EPOCH

if TYPE_CHECKING:
    from trader_cli.engine.snapshot import Driver

_ALARM = "bold white on red"
_WORDS = {
    "starting": ("STARTING", "bold"),
    "silent": ("SILENT", _ALARM),
    "stopped": ("STOPPED", "bold reverse"),
    "cut_off": ("CUT OFF", _ALARM),
}
_ALIVE = ("starting", "running", "silent")


def status(driver: Driver) -> Text | None:
    """The word at the top; None where the trader runs as it should."""
    said = _WORDS.get(driver.state)
    return None if said is None else Text(*said)


def pulses(driver: Driver) -> list[str]:
    """Which process it is and when it was last heard of, from the longest form to the shortest."""
    if driver.silence is None:
        return [""]
    ago = _ago(driver.silence)
    heard = f"heartbeat {ago}" if driver.state in _ALIVE else f"last heartbeat {ago}"
    return [f"process {driver.pid}, {heard}", heard]


def alarm(driver: Driver) -> list[Text]:
    """A line where nobody trades this book, or nobody knows whether anybody does."""
    word, style = _WORDS.get(driver.state, ("", ""))
    ago = "" if driver.silence is None else _ago(driver.silence)
    if driver.state == "stopped":
        ending = f" ({foreign(driver.ending)})" if driver.ending else ""
        said = f"the session ended {ago}{ending}: this is how it left the books" if ago else "nobody trades this yet"
    elif driver.state == "cut_off":
        said = f"the process was killed, last heard of {ago}; its command goes on"
    elif driver.state == "silent":
        said = f"process {driver.pid} lives, and was last heard of {ago}"
    else:
        return []
    return [Text.assemble((f" {word} ", style), f" {said}")]


def _ago(seconds: float) -> str:
    """A time span in words, no longer than a lifetime."""
    return f"{age(EPOCH, EPOCH + timedelta(seconds=min(seconds, 3e9)))} ago"
