"""Where differences between people come from, and how far scores of other methods agree."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from bowlby.figures.style import (
    DOUBLE_MM,
    GROUP_COLOURS,
    INK,
    MUTED,
    diverging_map,
    new_figure,
    styled,
)

if TYPE_CHECKING:
    import pandas as pd

_GREYS = ("#5b6773", "#8b96a1", "#cfd5da")
_DARK = frozenset({GROUP_COLOURS[4], _GREYS[0]})
"""Colours on which a number is white."""

_LEAST = 0.045
"""Share from which a bar has room for its number."""


@styled
def shares_of_variance(shares: "pd.DataFrame", titles: Mapping[str, str]) -> Figure:
    """A bar a score: what its variance belongs to.

    Args:
        shares: score, source, share (`bowlby.evidence.variance.over_seeds`).
        titles: Sources in the order of the bars, and their names in words.
    """
    wide = shares.pivot_table(index="score", columns="source", values="share", sort=False)
    wide = wide[list(titles)].clip(lower=0.0)
    figure = new_figure(DOUBLE_MM, 26.0 + 4.4 * len(wide))
    axes = figure.subplots()
    colours = [*GROUP_COLOURS[:5], *_GREYS]
    left, y = np.zeros(len(wide)), np.arange(len(wide))[::-1]
    for (source, title), colour in zip(titles.items(), colours, strict=True):
        width = wide[source].to_numpy()
        axes.barh(y, width, left=left, color=colour, height=0.72, label=title)
        for at, begin, size in zip(y, left, width, strict=True):
            if size >= _LEAST:
                axes.text(begin + size / 2.0, at, f"{100 * size:.0f}", ha="center",
                          va="center", fontsize=7.0,
                          color="white" if colour in _DARK else INK)  # fmt: skip
        left = left + width
    axes.set_yticks(y, [name.replace("_", " ") for name in wide.index])
    axes.set_xlim(0.0, max(1.0, float(left.max())))
    axes.set_xlabel("share of the variance; white is what sources do together")
    axes.set_ylim(-0.6, len(wide) - 0.4)
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, frameon=False)
    return figure


@styled
def matrix_of_methods(matrix: "pd.DataFrame", methods: Mapping[str, str]) -> Figure:
    """Multitrait-multimethod matrix; lines part the methods.

    Args:
        matrix: Correlations of scores.
        methods: Score to method and informant; scores of one stand together.
    """
    names = sorted(matrix.index, key=lambda name: (methods[name], name))
    values = matrix.loc[names, names].to_numpy()
    figure = new_figure(DOUBLE_MM, 45.0 + 3.2 * len(names))
    axes = figure.subplots()
    picture = axes.imshow(values, cmap=diverging_map(), vmin=-1.0, vmax=1.0, aspect="auto")
    at = np.arange(len(names))
    axes.set_yticks(at, [name.replace("_", " ") for name in names])
    axes.set_xticks(at, [name.replace("_", " ") for name in names], rotation=90)
    axes.tick_params(length=0)
    groups = [methods[name] for name in names]
    for i in range(1, len(names)):
        if groups[i] != groups[i - 1]:
            axes.axhline(i - 0.5, color=INK, lw=0.6)
            axes.axvline(i - 0.5, color=INK, lw=0.6)
    for group in dict.fromkeys(groups):
        middle = float(np.mean([i for i, g in enumerate(groups) if g == group]))
        axes.text(len(names) - 0.2, middle, group, va="center", fontsize=7.0, color=MUTED)
    figure.colorbar(picture, ax=axes, shrink=0.4, location="bottom", label="r")
    return figure
