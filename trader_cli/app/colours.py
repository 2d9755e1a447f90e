"""The colours of figures: blue and orange, which people tell apart whose eyes do not tell red from green."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trader_cli.metrics.forms import EVEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trader_cli.domain.bars import Floats

type Colour = tuple[int, int, int]

DIVERGING: Final[tuple[Colour, ...]] = (
    (179, 88, 6),
    (230, 126, 34),
    (250, 196, 138),
    (246, 246, 244),
    (158, 202, 233),
    (54, 131, 199),
    (8, 64, 129),
)
"""Loss to gain: orange, white, blue."""
SEQUENTIAL: Final[tuple[Colour, ...]] = (
    (0, 34, 78),
    (53, 69, 109),
    (102, 105, 112),
    (148, 142, 119),
    (200, 184, 102),
    (254, 232, 56),
)
"""Low to high: blue to yellow."""


def _scale(stops: Sequence[Colour]) -> list[list[Any]]:
    return [[place / (len(stops) - 1), "rgb({},{},{})".format(*stop)] for place, stop in enumerate(stops)]


_DARK_MIDDLE = (45, 52, 61)
PALETTES: Final[Mapping[str, Mapping[str, Any]]] = {
    "light": {
        "ink": "#1d2733",
        "faint": "#66717e",
        "grid": "#e3e7ec",
        "page": "#ffffff",
        "gain": "#2f77b5",
        "loss": "#c96a12",
        "band": "rgba(47,119,181,0.18)",
        "series0": "#2f77b5",
        "series1": "#c96a12",
        "series2": "#3f8a66",
        "series3": "#8465a9",
        "series4": "#6b7480",
        "diverging": _scale(DIVERGING),
        "sequential": _scale(SEQUENTIAL),
    },
    "dark": {
        "ink": "#dde3ea",
        "faint": "#97a3b0",
        "grid": "#303944",
        "page": "#171d24",
        "gain": "#6cb2ee",
        "loss": "#f0a04b",
        "band": "rgba(108,178,238,0.22)",
        "series0": "#6cb2ee",
        "series1": "#f0a04b",
        "series2": "#7cc4a0",
        "series3": "#b79be0",
        "series4": "#a4adb8",
        "diverging": _scale(
            (DIVERGING[2], DIVERGING[1], DIVERGING[0], _DARK_MIDDLE, (26, 86, 148), DIVERGING[5], DIVERGING[4])
        ),
        "sequential": _scale(SEQUENTIAL),
    },
}
"""The colours of pages, on white and on dark; scales as plotly.js reads them."""


@dataclass(frozen=True, slots=True)
class Shades:
    """The colours of the values from `low` to `high`, at evenly spaced stops.

    >>> Shades.of("total_return", np.array([-0.1, 0.02])).colour(0.0) == DIVERGING[3]
    True
    """

    low: float
    high: float
    stops: tuple[Colour, ...]

    @classmethod
    def of(cls, figure: str, values: Floats) -> Shades:
        """Those of a figure: about the value that is neither gain nor loss, where it has one."""
        known = values[np.isfinite(values)]
        if figure in EVEN:
            far = float(np.max(np.abs(known - EVEN[figure]), initial=0.0)) or 1.0
            return cls(EVEN[figure] - far, EVEN[figure] + far, DIVERGING)
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        return cls(low, high if high > low else low + 1.0, SEQUENTIAL)

    def colour(self, value: float) -> Colour:
        """Red, green and blue, 0 to 255 each."""
        place = min(1.0, max(0.0, (value - self.low) / (self.high - self.low))) * (len(self.stops) - 1)
        below = min(int(place), len(self.stops) - 2)
        part = place - below
        red, green, blue = (
            round(one + (other - one) * part)
            for one, other in zip(self.stops[below], self.stops[below + 1], strict=True)
        )
        return red, green, blue


def ink(colour: Colour) -> Colour:
    """Black or white, whichever is read better on a colour.

    Source: WCAG 2.2, relative luminance: black has the higher contrast on what is lighter than 0.179.
    """
    parts = [(part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4) for part in colour]
    light = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return (0, 0, 0) if light > 0.179 else (255, 255, 255)
