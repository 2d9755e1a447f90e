"""The kill switch, as it was thrown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class HaltOrder:
    """No entries any more; with `flatten` what is held is closed as well. `by` is who threw the switch."""

    flatten: bool
    since: datetime
    by: str
