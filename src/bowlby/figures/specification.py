"""Specification curve: the same recordings, every defensible way of measuring."""

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bowlby.figures.style import (
    BEYOND,
    DOUBLE_MM,
    INK,
    MUTED,
    SURROGATE,
    new_figure,
    styled,
)
from bowlby.synchrony.old_names import renamed_columns

if TYPE_CHECKING:
    import pandas as pd

_RESULTS = frozenset(
    (
        *("z", "z_low", "z_high", "p", "estimate", "null_mean", "null_sd", "d"),
        *(
            "is_default",
            "recordings",
            "rejected",
            "share_below_05",
            "leader",
            "peak_lag_s",
            "coverage",
        ),
    )
)
_TITLES = {
    "window_s": "window (s)",
    "step_s": "step (s)",
    "max_lag_s": "largest lag (s)",
    "lag_step_s": "lag step (s)",
    "smooth_s": "smoothing (s)",
    "segment_s": "segment (s)",
}


@styled
def specification_figure(table: "pd.DataFrame") -> Figure:
    """Z of all specifications, sorted, over the choices that made them, 183 mm wide.

    Args:
        table: One row per specification: `z`, `p`, one column for each choice, and
            perhaps `is_default`. Choices that never vary are left out.

    Source:
        Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4, 1208-1214.
    """
    table = renamed_columns(table)
    table = table.sort_values("z", kind="stable", na_position="first").reset_index(drop=True)
    choices = [
        str(c) for c in table if c not in _RESULTS and table[c].astype(str).nunique() > 1
    ]
    options = {c: _options(table[c].to_list()) for c in choices}
    count = sum(len(found) for found in options.values())
    lower = max(3.4 * count + 2.2 * len(choices), 8.0)
    figure = new_figure(DOUBLE_MM, 62.0 + lower)
    top, bottom = figure.subplots(
        2, 1, sharex=True, gridspec_kw={"height_ratios": (46.0, lower)}
    )
    is_default = (
        table["is_default"].to_numpy(bool)
        if "is_default" in table
        else np.zeros(len(table), bool)
    )
    is_beyond = table["p"].to_numpy(float) < 0.05
    _draw_z(top, table["z"].to_numpy(float), is_beyond, is_default)
    _draw_choices(bottom, table, options, is_beyond, is_default)
    size = f"{len(table)} ways of measuring, {is_beyond.sum()} with p < .05"
    top.set_title(f"Specification curve: {size}")
    return figure


def _draw_z(axes: Axes, z: np.ndarray, is_beyond: np.ndarray, is_default: np.ndarray) -> None:
    at, size = np.arange(len(z)), _dot_size(len(z))
    axes.axhline(0, color=MUTED, linewidth=0.6)
    axes.scatter(
        at[~is_beyond],
        z[~is_beyond],
        s=size,
        color=SURROGATE,
        linewidth=0,
        label="p ≥ .05",
    )
    axes.scatter(
        at[is_beyond], z[is_beyond], s=size, color=BEYOND, linewidth=0, label="p < .05"
    )
    for x in at[is_default]:
        axes.axvline(x, color=INK, linewidth=0.6, dashes=(2, 2), zorder=0)
        axes.scatter(
            x,
            z[x],
            s=3 * size + 14,
            facecolor="none",
            edgecolor=INK,
            linewidth=1.1,
            zorder=4,
        )
        is_late = x > 0.8 * len(z)
        axes.annotate(
            "default", (x, z[x]), xytext=(-7 if is_late else 7, -9),
            textcoords="offset points", ha="right" if is_late else "left", fontweight="bold",
        )  # fmt: skip
    axes.set_ylabel("z against surrogates")
    axes.tick_params(bottom=False)
    axes.spines["bottom"].set_visible(False)
    axes.margins(x=0.012, y=0.1)
    axes.legend(loc="upper left", handletextpad=0.1, borderaxespad=0.2, labelcolor=MUTED)


def _draw_choices(
    axes: Axes,
    table: "pd.DataFrame",
    options: dict[str, list[str]],
    is_beyond: np.ndarray,
    is_default: np.ndarray,
) -> None:
    at, size = np.arange(len(table)), _dot_size(len(table))
    ticks, labels, y = [], [], 0.0
    indent = 16 + 4.2 * max((len(_shown(o)) for f in options.values() for o in f), default=0)
    for choice, found in options.items():
        axes.annotate(
            _TITLES.get(choice, str(choice).replace("_", " ")), (0, y), xytext=(-indent, 0),
            xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
            va="center", color=MUTED,
        )  # fmt: skip
        for option in found:
            chosen = (table[choice].astype(str) == option).to_numpy()
            axes.hlines(y, -0.5, len(table) - 0.5, color="#eef0f2", linewidth=0.7, zorder=0)
            axes.scatter(
                at[chosen], np.full(chosen.sum(), y), s=size, marker="|" if size < 5 else "o",
                c=np.where(is_beyond[chosen], BEYOND, SURROGATE),
                linewidth=0.8 if size < 5 else 0,
            )  # fmt: skip
            ticks.append(y)
            labels.append(_shown(option))
            y -= 1.0
        y -= 0.65
    for x in at[is_default]:
        axes.axvline(x, color=INK, linewidth=0.6, dashes=(2, 2), zorder=0)
    axes.set_yticks(ticks, labels)
    axes.set_ylim(y + 0.9, 0.8)
    axes.tick_params(length=0, labelbottom=False)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("Specifications, sorted")


def _options(column: list[object]) -> list[str]:
    """A choice's values as text, numbers by size."""
    values: list[Any] = list(dict.fromkeys(column))
    numeric = all(isinstance(v, int | float | np.number) for v in values)
    return [str(v) for v in (sorted(values) if numeric else values)]


def _shown(option: str) -> str:
    return option[:-2] if option.endswith(".0") else option


def _dot_size(count: int) -> float:
    return float(np.clip(900 / max(count, 1), 2.5, 16))
