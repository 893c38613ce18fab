"""One statistic among the values that surrogates give it."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bowlby.figures.style import (
    BEYOND,
    BEYOND_TEXT,
    HAIRLINE,
    INK,
    MUTED,
    SINGLE_MM,
    format_p,
    new_figure,
    styled,
)
from bowlby.figures.views import statistic_title


@styled
def null_figure(dataset: xr.Dataset, statistic: str | None = None) -> Figure:
    """Surrogates' values of a statistic with the recording's, 89 mm wide.

    Args:
        dataset: A measured recording.
        statistic: Name of the statistic; None takes the first.
    """
    figure = new_figure(SINGLE_MM, 56.0)
    axes = figure.subplots()
    name = str(dataset.statistic[0].item()) if statistic is None else statistic
    draw_null(axes, dataset, name)
    axes.set_title(f"{statistic_title(name)} against surrogates")
    return figure


def draw_null(axes: Axes, dataset: xr.Dataset, statistic: str) -> None:
    """Draw the histogram of surrogates and the recording's line; say so if there are none."""
    row = dataset.sel(statistic=statistic)
    estimate, p = float(row.estimate), float(row.p)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.set_xlabel(statistic_title(statistic))
    null = row["null"].to_numpy() if "null" in row else np.empty(0)
    null = null[np.isfinite(null)]
    colour = BEYOND if p < 0.05 else INK
    if len(null) > 1 and np.ptp(null) > 0:
        axes.hist(null, bins=30, color=HAIRLINE, edgecolor="white", linewidth=0.4)
        axes.axvline(null.mean(), ymax=0.75, color=MUTED, linewidth=0.8, dashes=(3, 2))
        top = axes.get_ylim()[1]
        axes.set_ylim(0, 1.34 * top)
        is_high = estimate > null.mean()
        axes.annotate(
            f"{len(null)} surrogates\nmean {null.mean():.3f}", (0.0 if is_high else 1.0, 1.0),
            xycoords="axes fraction", ha="left" if is_high else "right", va="top", color=MUTED,
        )  # fmt: skip
    else:
        axes.text(
            0.5, 0.5, "no surrogates were drawn", ha="center", transform=axes.transAxes,
            color=MUTED,
        )  # fmt: skip
    if not np.isfinite(estimate):
        return
    axes.axvline(estimate, ymax=0.80, color=colour, linewidth=1.6)
    z = f"z = {float(row.z):.2f}" if np.isfinite(row.z) else ""
    lines = [f"{estimate:.3f}", ", ".join(t for t in (z, format_p(p)) if t)]
    low, high = axes.get_xlim()
    is_right = estimate > low + 0.66 * (high - low)
    axes.annotate(
        "\n".join(line for line in lines if line), (estimate, 1.0),
        xycoords=("data", "axes fraction"), xytext=(0, 0), textcoords="offset points",
        ha="right" if is_right else "left", va="top", fontweight="bold",
        color=BEYOND_TEXT if p < 0.05 else INK,
    )  # fmt: skip
