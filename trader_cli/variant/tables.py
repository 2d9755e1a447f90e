"""One table of a document and the model that judges it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from trader_cli.variant import wording

if TYPE_CHECKING:
    from trader_cli.domain.section import Section
    from trader_cli.errors import Problem


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was written; `prefix` is its dotted name."""

    model: type[Section]
    prefix: str
    content: Any

    def judged(self, problems: list[Problem]) -> Section | None:
        """The section that the content makes; None where it makes none, and `problems` tells why."""
        return self.judge(self.content, problems)

    def judge(self, content: Any, problems: list[Problem]) -> Section | None:
        """The section that another content of this table makes, likewise."""
        try:
            return self.model.model_validate(content)
        except ValidationError as error:
            problems += wording.problems(error, self.model, self.prefix)
            return None
