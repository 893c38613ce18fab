"""Running synchrony around events, against trains of events turned round the session."""

import numpy as np
from matplotlib.figure import Figure

from bowlby.figures.style import (
    BAND,
    INK,
    MUTED,
    SINGLE_MM,
    SURROGATE,
    format_p,
    new_figure,
    styled,
)
from bowlby.synchrony.event_related import EventCurve


@styled
def event_curve_figure(curve: EventCurve) -> Figure:
    """Mean running synchrony around one kind of event, 89 mm wide."""
    figure = new_figure(SINGLE_MM, 60.0)
    axes = figure.subplots()
    if np.isfinite(curve.low).any():
        axes.fill_between(
            curve.offset_s, curve.low, curve.high, color=BAND, linewidth=0,
            label="by chance, 95 %",
        )  # fmt: skip
        axes.plot(curve.offset_s, curve.null_mean, color=SURROGATE, linewidth=0.8)
    axes.axvline(0, color=MUTED, linewidth=0.5)
    axes.plot(curve.offset_s, curve.mean, color=INK, linewidth=1.4, label="events")
    axes.set_xlim(curve.offset_s[0], curve.offset_s[-1])
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.25 * (high - low))
    axes.legend(loc="upper left", ncols=2, labelcolor=MUTED, borderaxespad=0.1)
    test = f", {format_p(curve.p)}" if np.isfinite(curve.p) else ""
    axes.set_title(f"{curve.label}: {curve.events} events{test}")
    axes.set_xlabel("Time from the event (s)")
    axes.set_ylabel("Running synchrony")
    return figure
