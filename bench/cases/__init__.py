"""What is measured against what: a group a file. A new case is one more `Group` in `groups`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.cases.fleet import fleet
from bench.cases.million import million
from bench.cases.processes import first, startup
from bench.cases.w1 import w1
from bench.cases.w2 import w2
from bench.cases.w3 import w3

if TYPE_CHECKING:
    from bench.cases.group import Group
    from bench.stage import Stage


def groups(stage: Stage) -> list[Group]:
    """Everything the bench knows."""
    return [w1(stage), w2(stage), w3(stage), startup(stage), first(), fleet(), million()]
