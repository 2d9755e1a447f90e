"""How many files this process may hold open: each variant holds a few, and a shell allows few to begin with."""

from __future__ import annotations

from trader_cli.errors import UsageError

A_VARIANT = 3
"""Its account's lock, its share in the journal's, its log."""

THE_REST = 256
"""The journal, connections to venues, modules while they are imported: with room to spare."""


def allow_for(variants: int) -> None:
    """Raises this process's limit of open files where so many variants need more.

    Raises: UsageError where the system does not let it.
    """
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = A_VARIANT * variants
    with_room = needed + THE_REST
    if _is_below(hard, needed):
        raise UsageError(
            f"{variants} variants in one process hold {needed} files open, and the system allows {hard}: "
            "raise that (`ulimit -Hn`), or run fewer together"
        )
    if _is_below(soft, with_room):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard if _is_below(hard, with_room) else with_room, hard))


def _is_below(limit: int, number: int) -> bool:
    """Whether a limit, negative where there is none, is less than a number."""
    return 0 <= limit < number
