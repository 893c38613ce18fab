"""Wavelet coherence: at which rhythm, and when, two people are synchronised."""

from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import NonUniformImage
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from bowlby._types import FloatArray
from bowlby.figures.style import (
    DOUBLE_MM,
    INK,
    MISSING,
    clock_axis,
    new_figure,
    sequential_map,
    styled,
)


class CoherenceMap(Protocol):
    """What the figure needs of a wavelet coherence result."""

    @property
    def time_s(self) -> FloatArray:
        """Times (s)."""
        ...

    @property
    def period_s(self) -> FloatArray:
        """Periods (s)."""
        ...

    @property
    def coherence(self) -> FloatArray:
        """Squared coherence (periods x times), 0 to 1."""
        ...

    @property
    def phase_rad(self) -> FloatArray:
        """Phase of the first partner ahead of the second (rad, periods x times)."""
        ...

    @property
    def cone_s(self) -> FloatArray:
        """Longest period at each time that the recording's ends do not touch (s)."""
        ...


@styled
def coherence_figure(result: CoherenceMap, *, first: str, second: str) -> Figure:
    """Coherence over time and period, 183 mm wide; the hatched part is touched by the ends."""
    figure = new_figure(DOUBLE_MM, 76.0)
    axes = figure.subplots()
    image = draw_coherence(axes, result)
    bar = figure.colorbar(image, ax=axes, pad=0.015, aspect=28, fraction=0.05)
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0)
    bar.set_label("Coherence")
    axes.set_title("Wavelet coherence")
    axes.annotate(
        f"→ in phase   ← opposite   ↑ {first} leads   ↓ {second} leads", (1, 1),
        xycoords="axes fraction", xytext=(0, 5), textcoords="offset points", ha="right",
        va="bottom", color=INK,
    )  # fmt: skip
    return figure


def draw_coherence(axes: Axes, result: CoherenceMap) -> NonUniformImage:
    """Draw the map, arrows where coherence is high, and the cone of influence."""
    time_s, log_period = np.asarray(result.time_s), np.log2(np.asarray(result.period_s))
    order = np.argsort(log_period)
    log_period, coherence = log_period[order], np.asarray(result.coherence)[order]
    phase = np.asarray(result.phase_rad)[order]
    keep = _stride(len(time_s), 600)
    image = NonUniformImage(
        axes, cmap=sequential_map(), interpolation="nearest",
        extent=(time_s[0], time_s[-1], log_period[0], log_period[-1]),
    )  # fmt: skip
    image.set_clim(0, 1)
    image.set_data(time_s[::keep], log_period, coherence[:, ::keep])
    axes.add_image(image)
    axes.set_facecolor(MISSING)
    edge = np.clip(np.log2(np.maximum(result.cone_s, 1e-9)), log_period[0], log_period[-1])
    inside = log_period[:, None] <= edge
    _draw_arrows(axes, time_s, log_period, np.where(inside, coherence, 0.0), phase)
    axes.fill_between(
        time_s[::keep], edge[::keep], log_period[-1], facecolor=(1, 1, 1, 0.62),
        edgecolor="#98a2ab", hatch="////", linewidth=0,
    )  # fmt: skip
    axes.plot(time_s[::keep], edge[::keep], color=INK, linewidth=0.6)
    clock_axis(axes, time_s[0], time_s[-1])
    axes.set_ylim(log_period[-1], log_period[0])
    whole = np.arange(np.ceil(log_period[0]), np.floor(log_period[-1]) + 1)
    axes.yaxis.set_major_locator(FixedLocator(whole))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{2**value:g}"))
    axes.set_ylabel("Period (s)")
    axes.set_xlabel("Time (min:s)")
    return image


def _draw_arrows(
    axes: Axes,
    time_s: FloatArray,
    log_period: FloatArray,
    coherence: FloatArray,
    phase: FloatArray,
) -> None:
    columns = np.linspace(0, len(time_s) - 1, 38).astype(int)[1:-1]
    rows = np.linspace(0, len(log_period) - 1, 16).astype(int)[1:-1]
    shown = coherence[np.ix_(rows, columns)] > 0.6
    angle = phase[np.ix_(rows, columns)]
    at_time, at_period = np.meshgrid(time_s[columns], log_period[rows])
    # Screen angles: right is in phase, up is the first partner ahead.
    axes.quiver(
        at_time[shown], at_period[shown], np.cos(angle[shown]), np.sin(angle[shown]),
        angles="uv", pivot="mid", scale=46, width=0.0016, headwidth=4.5, headlength=4.5,
        color="white", edgecolor=INK, linewidth=0.35,
    )  # fmt: skip


def _stride(count: int, most: int) -> int:
    return max(1, -(-count // most))
