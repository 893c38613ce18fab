"""Many simulated dyads: bands over the course, means by group, when something opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bowlby._types import FloatArray
from bowlby.figures.course import CourseAxis, draw_phases
from bowlby.figures.style import (
    BAND,
    DOUBLE_MM,
    GROUP_COLOURS,
    GROUP_MARKERS,
    HAIRLINE,
    INK,
    MUTED,
    new_figure,
    styled,
)

_LINES = ("-", "--")
_CLASS_COLOURS = ("#e69f00", "#009e73", "#56b4e9", "#1d2730")


@dataclass(frozen=True)
class GroupMean:
    """Mean of a readout in a group of dyads.

    Attributes:
        readout: Title of the panel.
        group: Row of the panel, such as a pattern.
        arm: Colour within the row, or empty.
        n: Dyads.
        mean: Mean.
        low: Lower end of its interval.
        high: Upper end.
    """

    readout: str
    group: str
    arm: str
    n: int
    mean: float
    low: float
    high: float


def arm_colour(index: int) -> str:
    """Colour of an arm: ink if it is alone, see `arm_colours`."""
    return GROUP_COLOURS[index % len(GROUP_COLOURS)]


def arm_colours(arms: Sequence[str]) -> dict[str, str]:
    """Colour of each arm; ink for a single one."""
    if len(arms) < 2:
        return dict.fromkeys(arms, INK)
    return {arm: arm_colour(i) for i, arm in enumerate(arms)}


@styled
def bands_figure(bands: xr.Dataset, axis: CourseAxis) -> Figure:
    """Median and quantile bands over the course, a panel per variable, a colour per arm.

    Args:
        bands: Variables (arm, quantile, encounter) with `long_name` and `units`; `quantile` is
            in rising order with the median in the middle.
        axis: Where the encounters stand.
    """
    names = [str(name) for name in bands.data_vars]
    arms = [str(arm) for arm in bands.arm.to_numpy()]
    columns = 2 if len(names) > 1 else 1
    rows = -(-len(names) // columns)
    figure = new_figure(DOUBLE_MM, 14.0 + 46.0 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, name in zip(panels, names, strict=False):
        _draw_bands(axes, bands[name], axis, arms)
        title, unit = bands[name].attrs["long_name"], bands[name].attrs["units"]
        axes.set_title(f"{title}, {unit}" if unit else title)
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    if len(arms) > 1:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(arms), 4))
    return figure


def _draw_bands(axes: Axes, data: xr.DataArray, axis: CourseAxis, arms: Sequence[str]) -> None:
    draw_phases(axes, axis)
    colours, x = arm_colours(arms), axis.position
    values = data.transpose("arm", "quantile", "encounter").to_numpy()
    middle = values.shape[1] // 2
    # Two bands where there is one arm; with several they would hide one another.
    outermost = 0 if len(arms) == 1 else middle - 1
    for i, arm in enumerate(arms):
        quantiles, style = values[i], _LINES[i // len(GROUP_COLOURS) % 2]
        axes.plot([], [], color=colours[arm], linestyle=style, label=arm.replace("_", " "))
        for phase in axis.phases:
            part = slice(phase.first, phase.last + 1)
            for q in range(outermost, middle):
                axes.fill_between(
                    x[part], quantiles[q, part], quantiles[-1 - q, part], color=colours[arm],
                    alpha=0.14, linewidth=0,
                )  # fmt: skip
            axes.plot(
                x[part], quantiles[middle, part], color=colours[arm], linestyle=style,
                linewidth=1.3, marker="o" if phase.first == phase.last else "",
                markersize=2.5,
            )  # fmt: skip
    drawn = values[:, outermost : values.shape[1] - outermost]
    low, high = float(np.nanmin(drawn)), float(np.nanmax(drawn))
    margin = 0.06 * (high - low) or 0.5
    # Room for the names of the phases.
    axes.set_ylim(low - margin, high + 2.6 * margin)
    axes.set_xticks([at for at, _ in axis.ticks], [label for _, label in axis.ticks])
    for phase in axis.phases:
        if np.isfinite(drawn[:, :, phase.first : phase.last + 1]).any():
            axes.annotate(
                phase.name if phase.end - phase.start > 0.16 else f"{phase.name[:5]}.",
                ((phase.start + phase.end) / 2, 1.0), xycoords=("data", "axes fraction"),
                xytext=(0, -2), textcoords="offset points", ha="center", va="top", color=MUTED,
            )  # fmt: skip


@styled
def means_figure(means: Sequence[GroupMean], arms: Sequence[str]) -> Figure:
    """Means with their intervals: a panel per readout, a row per group, a colour per arm.

    Args:
        means: What to draw; its order is the order of panels and rows.
        arms: Arms in the order of their colours.
    """
    readouts = list(dict.fromkeys(m.readout for m in means))
    groups = list(dict.fromkeys(m.group for m in means))
    columns = min(len(readouts), 3)
    rows = -(-len(readouts) // columns)
    band = 2.2 * max(len(arms), 1) + 3.0
    figure = new_figure(
        DOUBLE_MM if columns > 1 else 100.0, 8.0 + rows * (18.0 + band * len(groups))
    )
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for i, (axes, readout) in enumerate(zip(panels, readouts, strict=False)):
        _draw_means(axes, [m for m in means if m.readout == readout], groups, arms)
        if i % columns:
            axes.set_yticklabels([])
        axes.set_title(readout)
    for axes in panels[len(readouts) :]:
        axes.set_axis_off()
    if len(arms) > 1:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(arms), 4))
    return figure


def _draw_means(
    axes: Axes, means: Sequence[GroupMean], groups: Sequence[str], arms: Sequence[str]
) -> None:
    colours = arm_colours(arms)
    spread = 0.7 / max(len(arms), 1)
    for i, arm in enumerate(arms):
        mine = [m for m in means if m.arm == arm]
        y = np.array([groups.index(m.group) + (i - (len(arms) - 1) / 2) * spread for m in mine])
        axes.hlines(
            y, [m.low for m in mine], [m.high for m in mine], color=colours[arm], linewidth=1.2
        )
        axes.scatter(
            [m.mean for m in mine], y, s=16, color=colours[arm], marker=GROUP_MARKERS[i % 6],
            zorder=3, label=arm.replace("_", " "), linewidth=0,
        )  # fmt: skip
    low, high = axes.get_xlim()
    if low < 0 < high:
        axes.axvline(0, color=HAIRLINE, linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(groups)), groups)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for edge in range(1, len(groups)):
        axes.axhline(edge - 0.5, color=BAND, linewidth=0.5, zorder=0)


@styled
def window_figure(sessions: Mapping[str, FloatArray], planned: int) -> Figure:
    """Session in which a new relational model opened: a histogram per arm on one axis.

    Args:
        sessions: Arm to the session of each of its dyads, NaN where none opened.
        planned: Sessions that therapy had room for.
    """
    arms = list(sessions)
    colours = arm_colours(arms)
    figure = new_figure(DOUBLE_MM if len(arms) > 1 else 110.0, 14.0 + 21.0 * len(arms))
    panels = figure.subplots(len(arms), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    width = max(1, round(planned / 30))
    edges = np.arange(0.5, planned + width + 0.5, width)
    for axes, arm in zip(panels, arms, strict=True):
        opened = sessions[arm][np.isfinite(sessions[arm])]
        counts, _ = np.histogram(opened, edges)
        axes.bar(edges[:-1] + width / 2, counts / max(len(sessions[arm]), 1) * 100, width * 0.86,
                 color=colours[arm], linewidth=0)  # fmt: skip
        share = 100 * len(opened) / max(len(sessions[arm]), 1)
        middle = f", median session {np.median(opened):.0f}" if len(opened) else ""
        name = f"{arm.replace('_', ' ')}: " if arm else ""
        axes.set_title(f"{name}opened in {share:.0f} %{middle}", fontweight="normal", pad=3.0)
        axes.set_ylabel("% of dyads")
        axes.locator_params(axis="y", nbins=3)
    panels[-1].set_xlabel("Session")
    panels[-1].set_xlim(0.0, planned + 1.0)
    return figure


@styled
def classes_figure(shares: Mapping[str, Mapping[str, float]]) -> Figure:
    """Shares of classes as one bar a row.

    Args:
        shares: Row to class to its share (0 to 1).
    """
    figure = new_figure(DOUBLE_MM, 10.0 + 11.0 * len(shares))
    axes = figure.subplots()
    for y, row in enumerate(shares.values()):
        start = 0.0
        for i, (label, value) in enumerate(row.items()):
            colour = _CLASS_COLOURS[i % 4]
            axes.barh(y, value, left=start, color=colour, height=0.72, edgecolor="white")
            if value > 0.035:
                axes.annotate(
                    f"{label} {100 * value:.0f} %" if value > 0.09 else label,
                    (start + value / 2, y), ha="center", va="center",
                    color="white" if i in (1, 3) else INK,
                )  # fmt: skip
            start += value
    axes.set_yticks(range(len(shares)), list(shares))
    axes.invert_yaxis()
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure
