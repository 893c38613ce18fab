"""Turns of speech, times to answer, and shares of the same code by lag."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from bowlby._types import FloatArray
from bowlby.figures.style import (
    BAND,
    DOUBLE_MM,
    FIRST,
    INK,
    MUTED,
    SECOND,
    SINGLE_MM,
    clock_axis,
    direction_labels,
    new_figure,
    styled,
)


@styled
def turns_figure(
    people: Sequence[str],
    spans: Sequence[Sequence[tuple[float, float]]],
    duration_s: float,
    times_s: FloatArray,
    who: np.ndarray,
) -> Figure:
    """Who spoke when, and how long each took to answer.

    Args:
        people: The two.
        spans: Begin and end of each stretch of speech of each (s).
        duration_s: Length of the session (s).
        times_s: Times to answer (s).
        who: Who answered, 0 or 1.
    """
    figure = new_figure(DOUBLE_MM, 92.0)
    above, below = figure.subplots(2, 1, height_ratios=(1, 2))
    for place, (own, colour) in enumerate(zip(spans, (FIRST, SECOND), strict=True)):
        bars = [(a, b - a) for a, b in own]
        above.broken_barh(bars, (0.6 - place, 0.8), facecolors=colour, linewidth=0)
    above.set_yticks([1.0, 0.0], list(people))
    above.set_ylim(-0.6, 1.6)
    clock_axis(above, 0.0, duration_s)
    if len(times_s):
        low, high = np.percentile(times_s, [1, 99])
        edges = np.linspace(min(low, -1.0), max(high, 2.0), 41)
        below.hist(
            [times_s[who == 0], times_s[who == 1]], edges, stacked=True,
            color=[FIRST, SECOND], label=[f"{person} answers" for person in people],
        )  # fmt: skip
        below.legend(loc="upper right", labelcolor=MUTED)
    below.axvline(0, color=MUTED, linewidth=0.5)
    below.set_xlabel("Time to answer (s)")
    below.set_ylabel("Answers")
    return figure


@styled
def code_profile_figure(
    lag_s: FloatArray,
    profile: FloatArray,
    low: FloatArray,
    high: FloatArray,
    people: tuple[str, str],
) -> Figure:
    """Share of the same code at each lag, 89 mm wide."""
    figure = new_figure(SINGLE_MM, 60.0)
    axes = figure.subplots()
    if np.isfinite(low).any():
        axes.fill_between(lag_s, low, high, color=BAND, linewidth=0, label="by chance, 95 %")
    axes.axvline(0, color=MUTED, linewidth=0.5)
    axes.plot(lag_s, profile, color=INK, linewidth=1.4, label="session")
    axes.set_xlim(lag_s[0], lag_s[-1])
    axes.legend(loc="lower right", labelcolor=MUTED)
    axes.set_ylabel("Share of the same code")
    direction_labels(axes, *people)
    return figure
