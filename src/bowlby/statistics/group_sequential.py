"""Bounds of interim looks, so that a trial that is looked at often keeps its level.

A test statistic Z_k at information t_k is that of a Brownian motion, S_k = sqrt(t_k) Z_k. A
spending function says how much of the level is used up by t_k; the bound c_k then follows from

    P(|Z_1| < c_1, ..., |Z_{k-1}| < c_{k-1}, |Z_k| >= c_k) = spent(t_k) - spent(t_{k-1}).

Sources:
    Armitage, McPherson & Rowe (1969), Journal of the Royal Statistical Society A 132, 235-244
    (the recursion). Lan & DeMets (1983), Biometrika 70, 659-663 (spending functions).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from scipy import stats
from scipy.optimize import root_scalar

from bowlby._types import FloatArray

_NODES = 400
_FARTHEST = 8.0


def _obrien_fleming(t: float, alpha: float) -> float:
    return float(4.0 * stats.norm.sf(stats.norm.isf(alpha / 4.0) / np.sqrt(t)))


def _pocock(t: float, alpha: float) -> float:
    return float(alpha * np.log(1.0 + (np.e - 1.0) * t))


SPENDING: Mapping[str, Callable[[float, float], float]] = {
    "obrien_fleming": _obrien_fleming, "pocock": _pocock,
}  # fmt: skip
"""Level spent at information t, of a two-sided level alpha."""


def bounds(
    information: Sequence[float], *, alpha: float = 0.05, spending: str = "obrien_fleming"
) -> FloatArray:
    """Bound of |Z| at each look, two-sided and symmetric.

    Args:
        information: Share of the final information at each look, rising, the last 1.
        alpha: Level of the whole trial.
        spending: A name of `SPENDING`.
    """
    return np.array(_bounds(tuple(information), alpha, spending))


@cache
def _bounds(information: tuple[float, ...], alpha: float, spending: str) -> tuple[float, ...]:
    # S begins at 0; afterwards its density goes on from the part that crossed no bound, kept as
    # the mass at the nodes of a quadrature.
    nodes, mass, before, used = np.zeros(1), np.ones(1), 0.0, 0.0
    x, weights = np.polynomial.legendre.leggauss(_NODES)
    found = []
    for t in information:
        level = SPENDING[spending](t, alpha) - used
        step = float(np.sqrt(t - before))
        c = _bound(nodes, mass, step, float(np.sqrt(t)), level)
        edge = c * np.sqrt(t)
        density = stats.norm.pdf(edge * x[:, None] - nodes, scale=step) @ mass
        nodes, mass, before, used = edge * x, density * edge * weights, t, used + level
        found.append(c)
    return tuple(found)


def _bound(
    nodes: FloatArray, mass: FloatArray, step: float, root: float, level: float
) -> float:
    """The c that S leaves with probability `level`; the farthest where that is hardly ever."""

    def short(c: float) -> float:
        above = stats.norm.sf((c * root - nodes) / step)
        below = stats.norm.cdf((-c * root - nodes) / step)
        return float(mass @ (above + below)) - level

    if short(_FARTHEST) >= 0.0:
        return _FARTHEST
    return float(root_scalar(short, bracket=(0.0, _FARTHEST)).root)
