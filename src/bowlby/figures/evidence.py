"""Evidence: published findings and the model beside each other, in half-bands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from bowlby.figures.style import (
    BAND,
    DOUBLE_MM,
    HAIRLINE,
    INK,
    new_figure,
    styled,
)


@dataclass(frozen=True)
class Mark:
    """A finding on the figure.

    Attributes:
        label: Name of the finding.
        model: The full model, in half-bands from the middle of the band.
        low: Lower end of its interval, likewise.
        high: Upper end.
        ablated: Without the responsible mechanism; NaN where that was not run.
        agrees: Whether the full model agrees.
    """

    label: str
    model: float
    low: float
    high: float
    ablated: float
    agrees: bool


_LIMIT = 4.0
_AGREES, _DOES_NOT = "#0072b2", "#d55e00"


@styled
def bands_of_findings(marks: Sequence[Mark]) -> Figure:
    """Each finding as a line: grey is the published band, what leaves the figure is clipped."""
    figure = new_figure(DOUBLE_MM, 12.0 + 4.3 * len(marks))
    axes = figure.subplots()
    axes.axvspan(-1, 1, color=BAND, lw=0)
    axes.axvline(0, color=HAIRLINE, lw=0.8)
    for y, mark in enumerate(reversed(marks)):
        low, high = np.clip([mark.low, mark.high], -_LIMIT, _LIMIT)
        colour = _AGREES if mark.agrees else _DOES_NOT
        axes.plot([low, high], [y, y], color=colour, lw=1.1)
        outside = abs(mark.model) > _LIMIT
        shape = (">" if mark.model > 0 else "<") if outside else "o" if mark.agrees else "s"
        axes.plot(np.clip(mark.model, -_LIMIT, _LIMIT), y, shape, color=colour, ms=4)
        if np.isfinite(mark.ablated):
            at = np.clip(mark.ablated, -_LIMIT, _LIMIT)
            axes.plot(at, y, "x", color=INK, ms=4, mew=1)
    axes.set_yticks(range(len(marks)), [mark.label for mark in reversed(marks)])
    axes.set_xlim(-_LIMIT - 0.2, _LIMIT + 0.2)
    axes.set_ylim(-0.7, len(marks) - 0.3)
    axes.set_xlabel("Distance from the middle of the published band (half-bands)")
    axes.tick_params(axis="y", length=0)
    return figure
