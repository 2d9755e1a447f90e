"""Limits over several accounts together: what all variants of one process may do. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from trader_cli.rules import codes, limits


@dataclass(frozen=True, slots=True)
class GovernorLimits:
    """The most held or ordered, the most positions, the most loss of a day (a fraction of 1); None: no limit."""

    max_exposure: float | None = None
    max_positions: int | None = None
    max_daily_loss: float | None = None

    def __bool__(self) -> bool:
        """Whether anything is limited."""
        return (self.max_exposure, self.max_positions, self.max_daily_loss) != (None, None, None)


@dataclass(frozen=True, slots=True)
class Together:
    """All accounts at one moment: what is held or ordered, how many positions that is, and the day's equity."""

    limits: GovernorLimits
    exposure: float
    positions: int
    day_opening: float
    equity: float

    def without(self, notional: float) -> Together:
        """The same without one position: a reversal leaves its own old leg out."""
        return replace(self, exposure=self.exposure - notional, positions=self.positions - 1)

    def refusal(self, notional: float) -> int:
        """Why an entry of this notional is refused; `ALLOWED` where it is not."""
        limit = self.limits
        if limit.max_daily_loss is not None and limits.loss_reached(
            self.equity, self.day_opening, limit.max_daily_loss
        ):
            return codes.GOVERNOR_DAILY_LOSS
        if limit.max_positions is not None and self.positions >= limit.max_positions:
            return codes.GOVERNOR_POSITIONS
        if limit.max_exposure is not None and self.exposure + notional > limit.max_exposure:
            return codes.GOVERNOR_EXPOSURE
        return codes.ALLOWED
