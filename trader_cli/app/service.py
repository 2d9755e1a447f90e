"""The use case behind `trader service`: checked variants and the machine's facts to a crontab line or a unit."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from trader_cli.app import unit
from trader_cli.app.schedule import schedule
from trader_cli.errors import ConfigError, UsageError
from trader_cli.variant.sections import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from trader_cli.variant.loading import Resolved
    from trader_cli.variant.model import Variant

LONGEST_COMMAND = 998
"""Bytes of a command that every cron reads; some refuse a longer line."""

_OVERRIDE = re.compile(r"TRADER_[A-Za-z0-9_]+__[A-Za-z0-9_]+")


class Kind(StrEnum):
    """Who starts the trader."""

    CRON = "cron"
    SYSTEMD = "systemd"


@dataclass(frozen=True, slots=True)
class Site:
    """Where a service runs: the program, the folder of all state, both absolute, and the environment of the caller."""

    program: Path
    home: Path
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Service:
    """What to hand to cron or systemd; `schedule` is None where it is left running."""

    kind: Kind
    schedule: str | None
    command: tuple[str, ...]
    text: str

    def document(self) -> dict[str, Any]:
        """The document of `service --json`."""
        return {
            "kind": str(self.kind),
            "schedule": self.schedule,
            "command": list(self.command),
            "text": self.text,
        }


def service(kind: Kind, chosen: Sequence[Resolved], site: Site) -> Service:
    """The service that trades these variants, each of which has a file.

    Raises: ConfigError, UsageError for variants that cannot be run together or at all, and for what no line can carry.
    """
    files = [_absolute(one) for one in chosen]
    variants = [one.variant for one in chosen]
    _demand_runnable(variants, files)
    facts = unit.Facts(
        stem=_stem(variants),
        names=tuple(variant.name for variant in variants),
        command=_command(kind, variants, files, site),
        home=str(site.home),
        variables=_variables(variants, site),
        keys=tuple(dict.fromkeys(key for variant in variants for key in _keys(variant))),
    )
    for text in (*facts.command, facts.home, *facts.variables.values()):
        _demand_writable(text)
    if kind is Kind.SYSTEMD:
        return Service(kind, None, facts.command, unit.text(facts))
    times = str(reduce(or_, (schedule(variant.timeframe, variant.hours) for variant in variants)))
    return Service(kind, times, facts.command, _crontab(facts, times))


def _absolute(one: Resolved) -> Path:
    if one.path is None:
        raise ValueError("a variant without a file cannot be named in a line")
    return one.path.absolute()


def _demand_runnable(variants: Sequence[Variant], files: Sequence[Path]) -> None:
    seen: dict[Path, Path] = {}
    named: dict[str, Path] = {}
    for variant, file in zip(variants, files, strict=True):
        if variant.variants.mode is Mode.BACKTEST:
            raise ConfigError(
                "a backtest has nothing to run as a service; paper, live or futures has",
                file=str(file),
                key="variants.mode",
            )
        if (real := file.resolve()) in seen:
            raise UsageError("is named twice", file=str(file))
        if variant.name in named:
            raise ConfigError(
                f"'{variant.name}' is the name of {named[variant.name]} too: one name is one book, give them two",
                file=str(file),
                key="trader_name",
            )
        seen[real] = named[variant.name] = file


def _command(kind: Kind, variants: Sequence[Variant], files: Sequence[Path], site: Site) -> tuple[str, ...]:
    """`trader paper` where nothing else is meant, so that no later edit of a file lets it send an order."""
    verb = "paper" if all(variant.variants.mode is Mode.PAPER for variant in variants) else "run"
    once = ("--once",) if kind is Kind.CRON else ()
    return (str(site.program), "--quiet", verb, *map(str, files), *once)


def _stem(variants: Sequence[Variant]) -> str:
    """What the log and the unit are called."""
    others = len(variants) - 1
    return f"{variants[0].name}-and-{others}-more" if others else variants[0].name


def _keys(variant: Variant) -> Iterator[str]:
    """The environment variables that hold a variant's credentials."""
    credentials = variant.broker_config.credentials
    for reference in (credentials.api_key, credentials.api_secret, credentials.passphrase):
        if reference is not None:
            yield reference.removeprefix("${").removesuffix("}")


def _variables(variants: Sequence[Variant], site: Site) -> dict[str, str]:
    """What the service needs of the caller's environment, but no secret: its state, and what overrides variants.

    The folder of variants is not among it: files are named whole.
    """
    secret = {key for variant in variants for key in _keys(variant)}
    overrides = {
        name: value
        for name, value in sorted(site.environment.items())
        if _OVERRIDE.fullmatch(name) and name not in secret
    }
    return {"TRADER_HOME": str(site.home), **overrides}


def _demand_writable(text: str) -> None:
    if not text.isprintable():
        raise UsageError(f"{text!a} holds a character that no line can carry: rename it")


def _crontab(facts: unit.Facts, times: str) -> str:
    """The line, and above it what holds for it.

    Raises: UsageError for what cron programs read differently.
    """
    logs = f"{facts.home}/logs"
    assigned = " ".join(f"{name}={shlex.quote(value)}" for name, value in facts.variables.items())
    log = shlex.quote(f"{logs}/{facts.stem}.log")
    shell = f"mkdir -p {shlex.quote(logs)} && {assigned} {shlex.join(facts.command)} >>{log} 2>&1"
    if "\\" in shell:
        raise UsageError("a path or value holds a backslash, which cron programs read differently: use --systemd")
    command = shell.replace("%", "\\%")
    if (length := len(command.encode())) > LONGEST_COMMAND:
        raise UsageError(
            f"the command has {length} bytes, and some cron programs read {LONGEST_COMMAND}: name fewer variants in a "
            "line, or use --systemd"
        )
    return "\n".join(
        (
            f"# trader: {', '.join(facts.names)}",
            "# To install, add these lines at the end (`crontab -e`): CRON_TZ holds for every line below it.",
            "# A cron that knows no CRON_TZ must itself run in UTC: docs/service.md.",
            f"# Where its venue wants keys, lines NAME=value above: {', '.join(facts.keys)}",
            "CRON_TZ=UTC",
            f"{times} {command}",
            "",
        )
    )
