"""A no that one venue alone says, with a code and a text of its own beside those that stand for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.venues.core.refusals import Refused

if TYPE_CHECKING:
    from tests.venues.core.refusals import Reason


class Spoken(Refused):
    """Says `text` under `code`; the reason stands in the ledger."""

    def __init__(self, reason: Reason, code: int, text: str) -> None:
        super().__init__(reason, text)
        self.code = code
