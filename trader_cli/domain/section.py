"""What every piece of configuration is: frozen, closed to unknown keys, strict, finite."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A table of a variant file. Numbers are finite, a switch is no number, a text is neither."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=True)


Fraction = Annotated[float, Field(gt=0, le=1)]
"""A share of something: 0.02 is 2 %."""

BarCount = Annotated[int, Field(ge=2, le=10_000)]
"""A number of bars an indicator looks back over."""
