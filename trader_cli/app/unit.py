"""A service as a systemd unit of the user's own manager."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from trader_cli.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS_TO_STOP = 15
"""A session shuts down within 8 s; after these systemd kills it."""

SECONDS_BETWEEN = 30
"""Before it is started again."""

_STAYS_DOWN = (ExitCode.USAGE, ExitCode.HALTED, ExitCode.MISMATCH)
"""Starting again mends none of these: somebody must look."""

_STOPPED = (ExitCode.HUNG_UP, ExitCode.INTERRUPTED, ExitCode.TERMINATED)

_NEVER_STARTED = frozenset("\"'\\")

_REPLACED = (PurePath("/tmp"), PurePath("/var/tmp"))  # noqa: S108 - named so that nothing is written there
"""The folders in whose place a private `/tmp` shows empty ones."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a service's text is made of; `keys` are names of variables that hold secrets, `variables` hold none."""

    stem: str
    names: tuple[str, ...]
    command: tuple[str, ...]
    home: str
    variables: Mapping[str, str]
    keys: tuple[str, ...]


def text(facts: Facts) -> str:
    """The whole unit file, with the commands that install it.

    Raises: UsageError for a program that systemd would not start.
    """
    name = f"trader-{facts.stem}.service"
    secrets = f"{facts.home}/service.env"
    program, *arguments = facts.command
    if _NEVER_STARTED & set(program):
        raise UsageError("systemd starts no program whose path holds a quote or a backslash: use --cron", file=program)
    command = " ".join((_quoted(program), *(_quoted(argument, expands=True) for argument in arguments)))
    lines = [
        f"# To install, write this to ~/.config/systemd/user/{name}, then:",
        f"#   mkdir -p {shlex.quote(facts.home)}",
        f"#   systemctl --user daemon-reload && systemctl --user enable --now {name}",
        "#   loginctl enable-linger    (it goes on while you are logged out)",
        f"# Where its venue wants keys, lines NAME=value in {secrets} (chmod 600): {', '.join(facts.keys)}",
        "[Unit]",
        f"Description=trader: {', '.join(facts.names)}",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStart={command}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in facts.variables.items()),
        f"EnvironmentFile=-{secrets.replace('%', '%%')}",
        "KillSignal=SIGTERM",
        f"TimeoutStopSec={SECONDS_TO_STOP}",
        f"SuccessExitStatus={_codes(_STOPPED)}",
        "Restart=on-failure",
        f"RestartSec={SECONDS_BETWEEN}",
        f"RestartPreventExitStatus={_codes(_STAYS_DOWN)}",
        "NoNewPrivileges=yes",
        *(["PrivateTmp=yes"] if _is_free_of_tmp(facts) else []),
        "ProtectSystem=strict",
        f"ReadWritePaths={shlex.quote(facts.home).replace('%', '%%')}",
        "CacheDirectory=trader",
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
    ]
    return "\n".join(lines)


def _quoted(word: str, *, expands: bool = False) -> str:
    """One word of a setting; `expands` where systemd would put variables in place of `$NAME`.

    >>> _quoted("50% of $x", expands=True)
    '"50%% of $$x"'
    """
    kept = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{kept.replace("$", "$$") if expands else kept}"'


def _codes(codes: tuple[ExitCode, ...]) -> str:
    return " ".join(str(int(code)) for code in codes)


def _is_free_of_tmp(facts: Facts) -> bool:
    """Whether a private `/tmp` hides nothing that is named here."""
    named = [PurePath(word) for word in (*facts.command, facts.home) if word.startswith("/")]
    return not any(path.is_relative_to(folder) for path in named for folder in _REPLACED)
