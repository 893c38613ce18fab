"""Calibration: what is left of each parameter, what it moves, how near the model comes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from bowlby._types import FloatArray
from bowlby.figures.style import (
    BAND,
    DOUBLE_MM,
    FIRST,
    HAIRLINE,
    INK,
    MUTED,
    SECOND,
    diverging_map,
    new_figure,
    styled,
)


@dataclass(frozen=True)
class Marginal:
    """A parameter; all numbers as shares of its prior range (0 to 1).

    Attributes:
        label: Name.
        low: 5 % quantile of the region.
        median: Median of the region.
        high: 95 % quantile.
        best: The calibrated value.
        default: The simulator's own value.
        is_identified: Whether the region is narrower than the prior.
    """

    label: str
    low: float
    median: float
    high: float
    best: float
    default: float
    is_identified: bool


@dataclass(frozen=True)
class Near:
    """Distances of a finding from the published number, in half-bands with sign.

    Attributes:
        label: Name.
        guess: Of the guess that needs no model; NaN where there is none.
        default: Of the default parameters.
        in_fold: Of the calibrated parameters.
        out_of_fold: Of parameters fitted without the finding's group.
    """

    label: str
    guess: float
    default: float
    in_fold: float
    out_of_fold: float


_FAR = 4.0


@styled
def marginal_regions(marginals: Sequence[Marginal]) -> Figure:
    """A bar a parameter over its prior range: grey prior, coloured region."""
    figure = new_figure(DOUBLE_MM, 16.0 + 5.6 * len(marginals))
    axes = figure.subplots()
    for y, each in enumerate(reversed(marginals)):
        colour = FIRST if each.is_identified else MUTED
        axes.barh(y, 1.0, height=0.62, color=BAND, lw=0)
        axes.barh(y, each.high - each.low, left=each.low, height=0.34, color=colour, lw=0)
        axes.plot(each.median, y, "|", color="white", ms=6, mew=1.2)
        axes.plot(each.best, y, "D", color=INK, ms=4)
        axes.plot([each.default] * 2, [y - 0.4, y + 0.4], color=SECOND, lw=1.2)
    axes.set_yticks(range(len(marginals)), [each.label for each in reversed(marginals)])
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.7, len(marginals) - 0.3)
    axes.set_xlabel("Share of the prior range")
    axes.tick_params(axis="y", length=0)
    return figure


@styled
def effects_map(
    effects: FloatArray, outputs: Sequence[str], parameters: Sequence[str], unit: str
) -> Figure:
    """Mean effects (outputs, parameters) over the prior range, as a map.

    Args:
        effects: With sign, in `unit`.
        outputs: Names of the rows.
        parameters: Names of the columns.
        unit: What one is.
    """
    figure = new_figure(DOUBLE_MM, 42.0 + 3.9 * len(outputs))
    axes = figure.subplots()
    far = float(min(_FAR, max(1e-6, np.nanmax(np.abs(effects)))))
    image = axes.imshow(
        effects, cmap=diverging_map(), vmin=-far, vmax=far, aspect="auto",
        interpolation="nearest",
    )  # fmt: skip
    axes.set_yticks(range(len(outputs)), outputs)
    axes.set_xticks(range(len(parameters)), parameters, rotation=60, ha="right")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(image, ax=axes, shrink=0.5, aspect=30, pad=0.01)
    bar.set_label(unit)
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    return figure


@styled
def distances_of_findings(rows: Sequence[Near]) -> Figure:
    """A line a finding: from in fold to out of fold; grey is the band, the guess a cross."""
    figure = new_figure(DOUBLE_MM, 16.0 + 4.3 * len(rows))
    axes = figure.subplots()
    axes.axvspan(-1, 1, color=BAND, lw=0)
    axes.axvline(0, color=HAIRLINE, lw=0.8)
    for y, row in enumerate(reversed(rows)):
        axes.plot(_seen([row.in_fold, row.out_of_fold]), [y, y], color=FIRST, lw=0.8)
        axes.plot(_seen([row.default]), [y], "|", color=MUTED, ms=6, mew=1.2)
        axes.plot(_seen([row.guess]), [y], "x", color=INK, ms=4, mew=1)
        axes.plot(_seen([row.in_fold]), [y], "o", color=FIRST, ms=4, mfc="white")
        axes.plot(_seen([row.out_of_fold]), [y], "o", color=FIRST, ms=4)
    axes.set_yticks(range(len(rows)), [row.label for row in reversed(rows)])
    axes.set_xlim(-_FAR - 0.2, _FAR + 0.2)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlabel("Distance from the published number (half-bands)")
    axes.tick_params(axis="y", length=0)
    return figure


def _seen(values: Sequence[float]) -> FloatArray:
    """Values beyond the figure at its edge."""
    return np.clip(np.asarray(values, float), -_FAR, _FAR)
