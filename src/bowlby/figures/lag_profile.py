"""Mean synchrony at each lag, against what surrogates show."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bowlby.figures.style import (
    BAND,
    BEYOND_TEXT,
    FIRST,
    INK,
    MUTED,
    SECOND,
    SINGLE_MM,
    SURROGATE,
    direction_labels,
    format_p,
    new_figure,
    styled,
)
from bowlby.figures.views import has_surrogates, roles, signal_title, value_label


@styled
def lag_profile_figure(dataset: xr.Dataset) -> Figure:
    """Lag profile of one recording, 89 mm wide."""
    figure = new_figure(SINGLE_MM, 66.0)
    axes = figure.subplots()
    draw_lag_profile(axes, dataset)
    legend = axes.legend(
        loc="upper left", ncols=3, borderaxespad=0.1, handlelength=1.2, columnspacing=1.0,
        handletextpad=0.5, labelcolor=MUTED, borderpad=0.1,
    )  # fmt: skip
    legend.set_in_layout(False)
    axes.set_title(f"{signal_title(dataset)}: lag profile")
    return figure


def draw_lag_profile(axes: Axes, dataset: xr.Dataset) -> None:
    """Draw the profile, the surrogates' band and family-wise line, and the peak."""
    lag_s, profile = dataset.lag_s.to_numpy(), dataset.profile.to_numpy()
    if has_surrogates(dataset):
        low, high = dataset.profile_null_low, dataset.profile_null_high
        axes.fill_between(lag_s, low, high, color=BAND, linewidth=0, label="surrogates, 95 %")
        axes.plot(lag_s, dataset.profile_null_mean, color=SURROGATE, linewidth=0.8)
        limit = float(dataset.profile_family_high)
        axes.axhline(
            limit, color=MUTED, linewidth=0.8, dashes=(3, 2), label="95 % line for all lags"
        )
        if not dataset.attrs["is_absolute"]:
            axes.axhline(-limit, color=MUTED, linewidth=0.8, dashes=(3, 2))
    axes.axvline(0, color=MUTED, linewidth=0.5)
    axes.plot(lag_s, profile, color=INK, linewidth=1.4, label="recording")
    _mark_peak(axes, dataset, lag_s, profile)
    if not dataset.attrs["is_absolute"]:
        axes.axhline(0, color=MUTED, linewidth=0.5)
    if len(lag_s) > 1:
        axes.set_xlim(lag_s[0], lag_s[-1])
    _leave_room_above(axes)
    axes.locator_params(axis="y", nbins=5)
    axes.set_ylabel(f"Mean {value_label(dataset)} over windows")
    direction_labels(axes, *roles(dataset))


def _leave_room_above(axes: Axes) -> None:
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.22 * (high - low))


def _mark_peak(axes: Axes, dataset: xr.Dataset, lag_s: np.ndarray, profile: np.ndarray) -> None:
    if not np.isfinite(profile).any():
        return
    peak = int(np.nanargmax(np.abs(profile)))
    p = float(dataset.profile_p_family[peak]) if has_surrogates(dataset) else np.nan
    colour = FIRST if lag_s[peak] > 0 else SECOND if lag_s[peak] < 0 else INK
    axes.plot(
        lag_s[peak], profile[peak], "o", color=colour, markersize=5,
        markerfacecolor=colour if not p >= 0.05 else "white", markeredgewidth=1.2, zorder=5,
    )  # fmt: skip
    text = f"{lag_s[peak]:+.2f} s".replace("-", "−") if lag_s[peak] else "lag 0"
    middle = (lag_s[0] + lag_s[-1]) / 2
    is_right = lag_s[peak] > middle + 0.55 * (lag_s[-1] - middle)
    axes.annotate(
        ", ".join(part for part in (text, format_p(p)) if part),
        (lag_s[peak], profile[peak]), xytext=(-6 if is_right else 6, 6),
        textcoords="offset points", ha="right" if is_right else "left", va="bottom",
        fontweight="bold", color=BEYOND_TEXT if p < 0.05 else INK,
    )  # fmt: skip
