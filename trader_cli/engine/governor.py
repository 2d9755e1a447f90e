"""The accounts that trade in one process, seen together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trader_cli.risk.governor import Together

if TYPE_CHECKING:
    from trader_cli.risk.governor import GovernorLimits


def governor(limits: GovernorLimits) -> Governor | None:
    """The one that keeps these limits; None where there are none to keep."""
    return Governor(limits) if limits else None


class Account(Protocol):
    """What the governor looks at of each account: its books."""

    @property
    def equity(self) -> float:
        """At the last close."""
        ...

    @property
    def day_opening(self) -> float:
        """The equity at which its day opened."""
        ...

    def engaged(self) -> tuple[float, int]:
        """The notional of all that is held or ordered to be entered, at the last closes, and how many those are."""
        ...


class Governor:
    """Keeps the limits of several accounts together. Exits are none of its business."""

    def __init__(self, limits: GovernorLimits) -> None:
        self._limits = limits
        self._accounts: list[Account] = []

    def join(self, account: Account) -> None:
        """Counts an account in, for good: what a variant that failed has left open counts as well."""
        self._accounts.append(account)

    def together(self) -> Together:
        """All accounts as they are now, summed in the order in which they joined."""
        engaged = [account.engaged() for account in self._accounts]
        return Together(
            self._limits,
            exposure=sum(notional for notional, _ in engaged),
            positions=sum(count for _, count in engaged),
            day_opening=sum(account.day_opening for account in self._accounts),
            equity=sum(account.equity for account in self._accounts),
        )
