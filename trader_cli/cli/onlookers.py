"""How a session is told: JSON Lines to scripts, a dashboard to terminals, plain lines to everything else."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from trader_cli.cli import render
from trader_cli.cli.lines import line_of
from trader_cli.cli.logbook import held_back
from trader_cli.domain.clock import iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from trader_cli.app.onlooking import Onlooker
    from trader_cli.cli.dashboard import Dashboard
    from trader_cli.domain.event import Event
    from trader_cli.engine.view import View


SECONDS_A_PICTURE = 0.1
"""A replay makes thousands of cycles a second; nobody sees more than some pictures of them."""


@contextmanager
def onlookers(variants: Sequence[str], *, as_json: bool, is_alone: bool) -> Iterator[Sequence[Onlooker]]:
    """Who is to watch each session, given where stdout goes; lines name the variant where it is not alone."""
    if as_json:
        yield [_JsonLines(variant) for variant in variants]
    elif not is_dashboard_possible():
        yield [_PlainLines("" if is_alone else variant) for variant in variants]
    elif not is_alone:
        from trader_cli.cli.cockpit_onlookers import cockpit_onlookers

        with cockpit_onlookers(variants) as watching:
            yield watching
    else:
        from trader_cli.cli.dashboard import Dashboard

        with held_back(), Dashboard() as dashboard:
            yield [_OnDashboard(dashboard)]


def is_dashboard_possible() -> bool:
    """Whether stdout is a terminal that can draw."""
    if not sys.stdout.isatty():
        return False
    from trader_cli.cli.screen import is_possible

    return is_possible()


def tell_event(event: Event, variant: str, *, as_json: bool, is_alone: bool) -> None:
    """One event on one line: JSON, or for people."""
    told = _JsonLines(variant) if as_json else _PlainLines("" if is_alone else variant)
    told.tell(event)


class _Lines:
    """Writes each event at once; what a cycle told is flushed when it is over."""

    def __init__(self, variant: str) -> None:
        self._variant = variant

    def look(self, view: View, now: datetime) -> None:
        """The cycle is over: whoever follows the stream gets it now."""
        sys.stdout.flush()

    def leave(self, failure: str | None) -> None:
        """The end was told; what went wrong is said on stderr."""


class _JsonLines(_Lines):
    def tell(self, event: Event) -> None:
        """One JSON object on one line."""
        render.document({"event": str(event.kind), "time": iso(event.time), "variant": self._variant, **event.details})


class _PlainLines(_Lines):
    def tell(self, event: Event) -> None:
        """One line for people."""
        render.line(line_of(event, self._variant))


class _OnDashboard:
    def __init__(self, dashboard: Dashboard) -> None:
        self._dashboard = dashboard
        self._drawn_at = 0.0

    def tell(self, event: Event) -> None:
        """What an event has changed is in the next picture."""

    def leave(self, failure: str | None) -> None:
        """The last picture stays until all is over."""

    def look(self, view: View, now: datetime) -> None:
        """Draws the session, as often as people can see it change."""
        if monotonic() - self._drawn_at >= SECONDS_A_PICTURE:
            self._dashboard.show(view.snapshot(now), force=True)
            self._drawn_at = monotonic()
