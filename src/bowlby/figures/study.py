"""Many recordings at once: who is synchronised, and who leads."""

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bowlby.figures.style import (
    BEYOND,
    DOUBLE_MM,
    GROUP_COLOURS,
    GROUP_MARKERS,
    HAIRLINE,
    INK,
    MUTED,
    SINGLE_MM,
    direction_labels,
    diverging_map,
    new_figure,
    styled,
)
from bowlby.figures.views import named_signal
from bowlby.synchrony.old_names import renamed_columns

if TYPE_CHECKING:
    import pandas as pd

_Z = "Synchrony: z against surrogates"


@styled
def overview_figure(summary: "pd.DataFrame") -> Figure:
    """Z against surrogates of every recording, one panel a signal, sorted within groups.

    Args:
        summary: One row per recording and signal: `recording`, `signal`, `z`,
            `z_low`, `z_high`, `p` and, if there are groups, `group`.
    """
    summary = renamed_columns(summary)
    signals = list(dict.fromkeys(summary["signal"]))
    order = recording_order(summary)
    width = DOUBLE_MM if len(signals) > 1 else 110.0
    # Two-line titles and a legend below need room where there are several signals.
    spare = 22.0 if len(signals) == 1 else 36.0
    figure = new_figure(width, spare + 4.1 * max(len(order), 3))
    panels = figure.subplots(1, len(signals), sharey=True, squeeze=False)[0]
    for axes, signal in zip(panels, signals, strict=True):
        draw_overview(
            axes, summary.query(f"signal == {signal!r}"), order, has_legend=len(signals) == 1
        )
        axes.set_title(fill(named_signal(str(signal)), 16 if len(signals) > 1 else 60))
        axes.set_xlabel(_Z if len(signals) == 1 else "z")
    if len(signals) > 1:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(
            handles,
            [
                f"{label} (z: synchrony against surrogates)" if i else label
                for i, label in enumerate(labels)
            ],
            loc="outside lower center",
            ncols=2,
            labelcolor=MUTED,
        )
    return figure


def recording_order(summary: "pd.DataFrame") -> list[tuple[str, str]]:
    """(group, recording) from the bottom of the figure up, each group by mean z."""
    table = summary.assign(group=_groups(summary))
    means = table.groupby(["group", "recording"], sort=False)["z"].mean().reset_index()
    means = means.sort_values(
        ["group", "z"], ascending=[False, True], na_position="first", kind="stable"
    )
    return list(zip(means["group"], means["recording"], strict=True))


def draw_overview(
    axes: Axes,
    rows: "pd.DataFrame",
    order: Sequence[tuple[str, str]],
    *,
    named: bool = True,
    has_legend: bool = True,
) -> None:
    """Draw one signal's z: filled dots are beyond chance at p < .05."""
    groups = list(dict.fromkeys(group for group, _ in order))
    height, ticks, y = {}, [], 0.0
    for i, (group, recording) in enumerate(order):
        # A gap between groups.
        y += 1.0 if i == 0 or group == order[i - 1][0] else 1.9
        height[recording] = y
        ticks.append(y)
    at = np.array([height[recording] for recording in rows["recording"]])
    z = rows["z"].to_numpy(float)
    low, high = _robust_limits(rows)
    axes.axvline(0, color=MUTED, linewidth=0.6)
    axes.hlines(
        at, np.clip(rows["z_low"].to_numpy(float), low, high),
        np.clip(rows["z_high"].to_numpy(float), low, high), color=HAIRLINE, linewidth=1.6,
    )  # fmt: skip
    is_beyond = rows["p"].to_numpy(float) < 0.05
    axes.scatter(
        z[~is_beyond], at[~is_beyond], s=15, facecolor="white", edgecolor=INK,
        linewidth=0.8, zorder=3, label="p ≥ .05",
    )  # fmt: skip
    axes.scatter(
        z[is_beyond], at[is_beyond], s=18, color=BEYOND, linewidth=0.8, edgecolor=BEYOND,
        zorder=4, label="p < .05",
    )  # fmt: skip
    axes.set_xlim(low, high)
    axes.set_ylim(0.2, y + 0.8 + (0.7 if len(groups) > 1 else 0.0))
    axes.set_yticks(ticks, [_short(recording) for _, recording in order] if named else [])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="y", color="#f0f2f4", linewidth=0.6)
    axes.set_axisbelow(True)
    if len(groups) > 1:
        for group in groups:
            top = max(height[recording] for g, recording in order if g == group)
            axes.annotate(
                group, (1.0, top + 0.45), xycoords=("axes fraction", "data"), ha="right",
                va="bottom", color=MUTED, fontweight="bold",
            )  # fmt: skip
    if not has_legend:
        return
    legend = axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, handletextpad=0.1,
        columnspacing=0.8, borderaxespad=0.1, labelcolor=MUTED,
    )  # fmt: skip
    legend.set_in_layout(False)


@styled
def sessions_figure(summary: "pd.DataFrame") -> Figure:
    """Z of every session of every dyad as tiles; a dot marks p < .05.

    Args:
        summary: One row per recording of one signal: `dyad`, `session`, `z`, `p`.
    """
    summary = renamed_columns(summary)
    z = summary.pivot_table("z", "dyad", "session", sort=False)
    z = z[_natural(list(z.columns))]
    z = z.iloc[np.argsort(np.nanmean(z.to_numpy(), axis=1), kind="stable")]
    p = summary.pivot_table("p", "dyad", "session").reindex_like(z)
    figure = new_figure(min(DOUBLE_MM, 52.0 + 9.0 * z.shape[1]), 24.0 + 5.2 * z.shape[0])
    axes = figure.subplots()
    far = max(2.0, float(np.nanquantile(np.abs(z.to_numpy()), 0.98)))
    image = axes.pcolormesh(
        np.ma.masked_invalid(z.to_numpy()), cmap=diverging_map(), vmin=-far, vmax=far,
        edgecolors="white", linewidth=1.2,
    )  # fmt: skip
    row, column = np.nonzero(p.to_numpy() < 0.05)
    axes.scatter(column + 0.5, row + 0.5, s=9, color=INK, edgecolor="white", linewidth=0.6)
    axes.set_xticks(np.arange(z.shape[1]) + 0.5, [str(c) for c in z.columns])
    axes.set_yticks(np.arange(z.shape[0]) + 0.5, [_short(str(d)) for d in z.index])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("Session")
    axes.set_title("Dyads by session (dot: p < .05)")
    bar = figure.colorbar(image, ax=axes, pad=0.02, aspect=25, extend="both")
    bar.outline.set_visible(False)
    bar.set_label("z against surrogates")
    return figure


@styled
def lead_lag_figure(
    summary: "pd.DataFrame", *, first: str = "first partner", second: str = "second partner"
) -> Figure:
    """Lag of each recording's peak against its z, 89 mm wide.

    Args:
        summary: One row per recording: `peak_lag_s`, `z`, `p` and perhaps `group`.
        first: Role of the first partner, who leads at positive lags.
        second: Role of the second partner.
    """
    summary = renamed_columns(summary)
    figure = new_figure(SINGLE_MM, 70.0)
    axes = figure.subplots()
    draw_lead_lag(axes, summary, first=first, second=second)
    signals = set(summary["signal"]) if "signal" in summary else set()
    subject = f"{named_signal(signals.pop())}: who" if len(signals) == 1 else "Who"
    axes.set_title(f"{subject} leads")
    return figure


def draw_lead_lag(axes: Axes, summary: "pd.DataFrame", *, first: str, second: str) -> None:
    """Draw one dot a recording, filled where p < .05, groups by colour and shape."""
    group = _groups(summary)
    names = list(dict.fromkeys(group))
    axes.axvline(0, color=MUTED, linewidth=0.6)
    axes.axhline(0, color=MUTED, linewidth=0.6)
    for i, name in enumerate(names):
        rows = summary.iloc[np.flatnonzero(group == name)]
        colour = GROUP_COLOURS[i % len(GROUP_COLOURS)] if len(names) > 1 else INK
        filled = rows["p"].to_numpy(float) < 0.05
        axes.scatter(
            rows["peak_lag_s"], rows["z"], s=24, marker=GROUP_MARKERS[i % 6],
            facecolor=np.where(filled, colour, "white"), edgecolor=colour, linewidth=1.0,
            zorder=3, label=name,
        )  # fmt: skip
    far = float(np.nanmax(np.abs(summary["peak_lag_s"].to_numpy(float)), initial=0.1)) * 1.12
    axes.set_xlim(-far, far)
    axes.margins(y=0.12)
    axes.set_ylabel("z against surrogates")
    direction_labels(axes, first, second)
    axes.xaxis.label.set_text("Peak lag (s)")
    if len(names) > 1:
        axes.legend(loc="upper left", handletextpad=0.2, borderaxespad=0.2)
    axes.annotate(
        "filled: p < .05", (1, 1), xycoords="axes fraction", ha="right", va="top", color=MUTED
    )


def _groups(summary: "pd.DataFrame") -> np.ndarray:
    """Group of each row; empty text if there are no groups."""
    if "group" not in summary:
        return np.full(len(summary), "", dtype=object)
    return summary["group"].fillna("no group").astype(str).to_numpy(object)


def _robust_limits(rows: "pd.DataFrame") -> tuple[float, float]:
    """Limits that hold every z; wide intervals may run out of the panel."""
    z = rows["z"].to_numpy(float)
    z = z[np.isfinite(z)]
    if not len(z):
        return -3.0, 3.0
    return min(-2.5, z.min() - 0.8), max(3.5, z.max() + 0.8)


def _natural(names: list[object]) -> list[object]:
    """Names in the order of the numbers they hold."""
    import re

    return sorted(
        names,
        key=lambda n: [
            (int(t), "") if t.isdigit() else (-1, t) for t in re.split(r"(\d+)", str(n))
        ],
    )


def _short(name: str) -> str:
    return name if len(name) <= 28 else f"{name[:14]}…{name[-12:]}"
