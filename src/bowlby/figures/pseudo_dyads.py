"""What chance looks like: pseudo-dyads against real ones, and their false positives."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bowlby._types import FloatArray
from bowlby.figures.style import (
    BEYOND,
    BEYOND_TEXT,
    HAIRLINE,
    MUTED,
    SINGLE_MM,
    SURROGATE,
    format_p,
    new_figure,
    styled,
)


@styled
def pseudo_dyads_figure(
    real: FloatArray, pseudo: FloatArray, *, d: float, p: float, label: str = "Estimate"
) -> Figure:
    """Real dyads against pseudo-dyads of people who never met, 89 mm wide.

    Args:
        real: Estimates of the real dyads.
        pseudo: Estimates of the pseudo-dyads.
        d: Standardised difference (Cohen's d).
        p: p of the difference.
        label: What was estimated.
    """
    figure = new_figure(SINGLE_MM, 60.0)
    axes = figure.subplots()
    draw_pseudo(axes, real, pseudo, d=d, p=p)
    axes.set_xlabel(label)
    axes.set_title("Real dyads and pseudo-dyads")
    return figure


def draw_pseudo(
    axes: Axes, real: FloatArray, pseudo: FloatArray, *, d: float, p: float
) -> None:
    """Draw both densities, every real value as a tick, and d and p."""
    real, pseudo = (np.asarray(v, float)[np.isfinite(v)] for v in (real, pseudo))
    everything = np.concatenate([real, pseudo])
    if not len(everything):
        return
    margin = 0.12 * max(float(np.ptp(everything)), 1e-9)
    at = np.linspace(everything.min() - margin, everything.max() + margin, 240)
    top = 0.0
    for values, colour, name in (
        (pseudo, SURROGATE, f"{len(pseudo)} pseudo-dyads"),
        (real, BEYOND, f"{len(real)} real dyads"),
    ):
        height = _density(values, at)
        top = max(top, float(height.max(initial=0.0)))
        axes.fill_between(at, 0, height, color=colour, alpha=0.22, linewidth=0)
        axes.plot(at, height, color=colour, linewidth=1.3, label=name)
    top = top or 1.0
    axes.vlines(real, -0.10 * top, -0.03 * top, color=BEYOND, linewidth=0.9)
    axes.axhline(0, color=MUTED, linewidth=0.6)
    axes.set_ylim(-0.13 * top, 1.32 * top)
    axes.set_xlim(at[0], at[-1])
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    difference = f"d = {d:.2f}" if np.isfinite(d) else ""
    axes.legend(
        loc="upper right", title=", ".join(t for t in (difference, format_p(p)) if t),
        title_fontproperties={"weight": "bold", "size": 7}, handlelength=1.2,
        borderaxespad=0.1, alignment="left",
    )  # fmt: skip


@styled
def false_positives_figure(
    p: FloatArray, *, rate: float, low: float, high: float, alpha: float = 0.05
) -> Figure:
    """p-values of pseudo-dyads, which should be even, 89 mm wide.

    Args:
        p: One p-value per pseudo-dyad.
        rate: Share of them at or below `alpha`.
        low: Lower end of the rate's 95 % binomial interval.
        high: Upper end.
        alpha: Level of the test.
    """
    figure = new_figure(SINGLE_MM, 58.0)
    axes = figure.subplots()
    p = np.asarray(p, float)[np.isfinite(p)]
    edges = np.linspace(0, 1, 21)
    counts, _ = np.histogram(p, edges)
    colours = [BEYOND if edge < alpha - 1e-9 else HAIRLINE for edge in edges[:-1]]
    axes.bar(edges[:-1], counts, 0.05, align="edge", color=colours, edgecolor="white")
    axes.axhline(len(p) / 20, color=MUTED, linewidth=0.8, dashes=(3, 2))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.42 * max(counts.max(initial=1), 1))
    level = f"{alpha:.2g}".lstrip("0")
    axes.annotate(
        f"{100 * rate:.1f} % of {len(p)} pseudo-dyads: p ≤ {level}",
        (0.01, 0.98), xycoords="axes fraction", va="top", fontweight="bold", color=BEYOND_TEXT,
    )  # fmt: skip
    axes.annotate(
        f"95 % interval {100 * low:.1f} to {100 * high:.1f} %; dashed: {100 * alpha:g} %",
        (0.01, 0.88), xycoords="axes fraction", va="top", color=MUTED,
    )  # fmt: skip
    axes.locator_params(axis="y", nbins=4, integer=True)
    axes.set_xlabel("p of pseudo-dyads (people who never met)")
    axes.set_ylabel("Pseudo-dyads")
    axes.set_title("False positives in your own recordings")
    return figure


def _density(values: FloatArray, at: FloatArray) -> FloatArray:
    """Gaussian kernel density with Scott's bandwidth; nothing for fewer than 3 values."""
    if len(values) < 3 or np.ptp(values) == 0:
        return np.zeros_like(at)
    from scipy.stats import gaussian_kde

    return gaussian_kde(values)(at)
