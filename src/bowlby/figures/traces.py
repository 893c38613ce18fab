"""Both people's signals over time, their running synchrony, gaps and synchronous episodes."""

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bowlby.figures.style import (
    BAND,
    BEYOND,
    BEYOND_TEXT,
    DOUBLE_MM,
    FIRST,
    FIRST_TEXT,
    INK,
    MISSING,
    MUTED,
    SECOND,
    SECOND_TEXT,
    SURROGATE,
    clock_axis,
    format_p,
    new_figure,
    styled,
)
from bowlby.figures.views import (
    envelope_line,
    missing_spans,
    roles,
    signal_title,
    synchronous_episodes,
    value_label,
    window_centres_s,
)


@styled
def traces_figure(dataset: xr.Dataset, *, bins: int = 700) -> Figure:
    """Both signals above their running synchrony, 183 mm wide.

    Args:
        dataset: A measured recording.
        bins: Stretches across the width; each shows its lowest and highest value.
    """
    figure = new_figure(DOUBLE_MM, 78.0)
    first, second, running = figure.subplots(
        3, 1, sharex=True, gridspec_kw={"height_ratios": (1, 1, 1.15)}
    )
    draw_traces(first, second, dataset, bins=bins)
    draw_running(running, dataset)
    first.set_title(f"{signal_title(dataset)} and running synchrony")
    figure.align_ylabels()
    return figure


def draw_traces(first: Axes, second: Axes, dataset: xr.Dataset, *, bins: int = 700) -> None:
    """Draw one person's signal into each of two axes, gaps hatched."""
    time_s = dataset.time_s.to_numpy()
    unit = dataset.attrs["unit"]
    pairs = zip((first, second), ("x", "y"), roles(dataset), (FIRST, SECOND), strict=True)
    for axes, key, role, colour in pairs:
        values = dataset[key].to_numpy()
        axes.plot(*envelope_line(time_s, values, bins), color=colour, linewidth=0.55)
        shade_missing(axes, dataset, key)
        axes.set_ylabel(
            f"{role}\n({unit})" if unit else role,
            color=FIRST_TEXT if colour == FIRST else SECOND_TEXT,
        )
        axes.tick_params(labelbottom=False)
        axes.locator_params(axis="y", nbins=3)
        axes.margins(y=0.06)
        clock_axis(axes, time_s[0], time_s[-1])
        mark_episodes(axes, dataset)


def draw_running(axes: Axes, dataset: xr.Dataset) -> None:
    """Draw running synchrony against what surrogates reach in the same windows."""
    centre_s, value = window_centres_s(dataset), dataset.running.to_numpy()
    if "running_null_mean" in dataset:
        null_mean = dataset.running_null_mean.to_numpy()
        null_high = dataset.running_null_high.to_numpy()
        axes.fill_between(
            centre_s, null_mean, null_high, color=BAND, linewidth=0,
            label="surrogates: mean to 95 %",
        )  # fmt: skip
        axes.plot(centre_s, null_mean, color=SURROGATE, linewidth=0.8)
    elif not dataset.attrs["is_absolute"]:
        axes.axhline(0, color=SURROGATE, linewidth=0.6)
    axes.plot(centre_s, value, color=INK, marker="o", markersize=2.2, label="recording")
    time_s = dataset.time_s.to_numpy()
    for key in ("x", "y"):
        shade_missing(axes, dataset, key)
    mark_episodes(axes, dataset, labelled=True)
    clock_axis(axes, time_s[0], time_s[-1])
    axes.locator_params(axis="y", nbins=4)
    axes.margins(y=0.08)
    if synchronous_episodes(dataset):
        low, high = axes.get_ylim()
        axes.set_ylim(low, high + 0.30 * (high - low))
    axes.set_ylabel(f"synchrony\nmean {value_label(dataset)}")
    axes.set_xlabel("Time (min:s)")
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0,
        borderpad=0.1, handlelength=1.4, labelcolor=MUTED,
    )  # fmt: skip


def mark_episodes(axes: Axes, dataset: xr.Dataset, *, labelled: bool = False) -> None:
    """Shade episodes beyond chance, with their p along the top if requested."""
    for episode in synchronous_episodes(dataset):
        axes.axvspan(episode.start_s, episode.end_s, color=BEYOND, alpha=0.13, linewidth=0)
        if labelled:
            axes.plot(
                [episode.start_s, episode.end_s], [0.985, 0.985], color=BEYOND, linewidth=1.8,
                transform=axes.get_xaxis_transform(), solid_capstyle="butt",
            )  # fmt: skip
            axes.text(
                (episode.start_s + episode.end_s) / 2, 0.95, format_p(episode.p), ha="center",
                va="top", color=BEYOND_TEXT, transform=axes.get_xaxis_transform(),
            )  # fmt: skip


def shade_missing(axes: Axes, dataset: xr.Dataset, key: str) -> None:
    """Hatch where a person's signal is missing."""
    for start_s, end_s in missing_spans(dataset.time_s.to_numpy(), dataset[key].to_numpy()):
        axes.axvspan(
            start_s, end_s, facecolor=MISSING, edgecolor="#b9c0c7", hatch="////", linewidth=0
        )
