"""The window-by-lag matrix as a map: when, and with whom ahead, two people are synchronised."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from bowlby.figures.style import (
    DOUBLE_MM,
    INK,
    MISSING,
    clock_axis,
    direction_labels,
    diverging_map,
    new_figure,
    sequential_map,
    styled,
)
from bowlby.figures.views import (
    colour_limits,
    roles,
    signal_title,
    value_label,
    window_centres_s,
)


@styled
def lag_map_figure(dataset: xr.Dataset) -> Figure:
    """Correlation at every lag and time with the path of each window's peak, 183 mm wide."""
    figure = new_figure(DOUBLE_MM, 66.0)
    axes = figure.subplots()
    image = draw_lag_map(axes, dataset)
    axes.set_title(f"{signal_title(dataset)}: windowed cross-correlation")
    draw_colour_bar(figure, axes, image, dataset)
    return figure


def draw_lag_map(axes: Axes, dataset: xr.Dataset) -> AxesImage:
    """Draw the matrix, time across and lag up, and the peak path; missing cells are grey."""
    centre_s, lag_s = window_centres_s(dataset), dataset.lag_s.to_numpy()
    step_s = dataset.attrs["step_s"]
    half_lag = (lag_s[1] - lag_s[0]) / 2 if len(lag_s) > 1 else 0.5
    low, high = colour_limits(dataset)
    image = axes.imshow(
        dataset.wcc.to_numpy().T,
        origin="lower",
        aspect="auto",
        extent=(
            centre_s[0] - step_s / 2, centre_s[-1] + step_s / 2,
            lag_s[0] - half_lag, lag_s[-1] + half_lag,
        ),
        cmap=sequential_map() if dataset.attrs["is_absolute"] else diverging_map(),
        vmin=low,
        vmax=high,
        interpolation="nearest",
    )  # fmt: skip
    axes.axhline(0, color=INK, linewidth=0.5, dashes=(4, 3), alpha=0.6)
    peak_s = dataset.window_peak_lag_s.to_numpy()
    axes.plot(centre_s, peak_s, color="white", linewidth=2.2, alpha=0.85)
    axes.plot(
        centre_s, peak_s, color=INK, linewidth=0.8, marker="o", markersize=3.0,
        markeredgecolor="white", markeredgewidth=0.5, label="peak nearest lag 0",
    )  # fmt: skip
    time_s = dataset.time_s.to_numpy()
    axes.set_facecolor(MISSING)
    clock_axis(axes, time_s[0], time_s[-1])
    axes.set_ylim(lag_s[0] - half_lag, lag_s[-1] + half_lag)
    axes.set_yticks(_lag_ticks(lag_s))
    axes.set_xlabel("Time (min:s)")
    direction_labels(axes, *roles(dataset), is_vertical=True)
    return image


def draw_colour_bar(
    figure: FigureBase, axes: Axes, image: AxesImage, dataset: xr.Dataset
) -> None:
    """Add the colour scale to the right of the map."""
    bar = figure.colorbar(
        image, ax=axes, pad=0.015, aspect=28, fraction=0.05,
        extend="max" if dataset.attrs["is_absolute"] else "both",
    )  # fmt: skip
    bar.outline.set_visible(False)
    bar.locator = MaxNLocator(5)
    bar.update_ticks()
    bar.ax.tick_params(length=0)
    meaning = "" if dataset.attrs["is_absolute"] else " (− opposite, + same)"
    bar.set_label(f"Synchrony {value_label(dataset)}{meaning}")


def _lag_ticks(lag_s: np.ndarray) -> list[float]:
    """Round ticks with 0 among them."""
    far = float(np.abs(lag_s).max())
    step = next((s for s in (0.5, 1, 2, 5, 10, 20, 30, 60) if far / s <= 3.01), 120.0)
    count = int(far / step + 1e-9)
    return [step * k for k in range(-count, count + 1)]
