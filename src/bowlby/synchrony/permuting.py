"""Random re-assignments of a column to dyads that respect therapists and dyads."""

import numpy as np

from bowlby._types import FloatArray
from bowlby.synchrony.significance import rank_p


class Permuting:
    """Random re-assignments of values to rows that respect clusters of rows.

    Values that change within clusters are permuted within them; values of a whole cluster are
    permuted over clusters; single rows over all.
    """

    def __init__(self, x: np.ndarray, cluster: np.ndarray, rng: np.random.Generator) -> None:
        self.values, self._rng = x, rng
        self._index = np.unique(cluster, return_inverse=True)[1]
        sizes = np.bincount(self._index)
        self.is_alone = bool((sizes == 1).all())
        groups = [np.flatnonzero(self._index == i) for i in range(len(sizes))]
        self.is_of_cluster = all(np.ptp(x[rows]) == 0 for rows in groups)
        self._groups = groups

    def draw(self) -> np.ndarray:
        """The values, re-assigned."""
        if self.is_alone:
            return self._rng.permutation(self.values)
        if self.is_of_cluster:
            of_cluster = np.array([self.values[rows[0]] for rows in self._groups])
            return self._rng.permutation(of_cluster)[self._index]
        drawn = self.values.copy()
        for rows in self._groups:
            drawn[rows] = self._rng.permutation(drawn[rows])
        return drawn

    @property
    def smallest_p(self) -> float:
        """Smallest two-sided p that these re-assignments can give."""
        values, groups = self.values, self._groups
        if self.is_of_cluster:
            values, groups = values[[rows[0] for rows in groups]], [np.arange(len(groups))]
        elif self.is_alone:
            groups = [np.arange(len(values))]
        orders = sum(_log_orders(values[rows]) for rows in groups)
        mirrored = all(
            np.allclose(np.sort(v), np.sort(2 * v.mean() - v))
            for v in (values[rows] for rows in groups)
        )
        return float((1 + mirrored) * np.exp(-orders))


def _log_orders(values: np.ndarray) -> float:
    """Logarithm of the number of distinct orders of some values."""
    from scipy.special import gammaln

    return float(
        gammaln(len(values) + 1) - gammaln(np.unique(values, return_counts=True)[1] + 1).sum()
    )


def permuted_p(y: FloatArray, order: Permuting, permutations: int) -> float:
    """P from permuting one number per row over rows, within or with their clusters.

    What is ranked is the slope in its own robust standard error: the bare slope would call a
    small group of unlike dyads different from a large group of like ones.

    Source:
        DiCiccio & Romano (2017), Journal of the American Statistical Association 112,
        1211-1220.
    """
    x, y = order.values - order.values.mean(), y - y.mean()
    drawn = np.array([order.draw() for _ in range(permutations)]) - order.values.mean()
    return rank_p(float(_studentised(x[None], y)[0]), _studentised(drawn, y))


def _studentised(x: FloatArray, y: FloatArray) -> FloatArray:
    """Absolute slope of centred y on each centred row of x, in its HC4 standard error.

    Source:
        Cribari-Neto (2004), Computational Statistics & Data Analysis 45, 215-233.
    """
    squares = (x**2).sum(axis=1, keepdims=True)
    residual = y - x * (x @ y)[:, None] / squares
    leverage = 1.0 / len(y) + x**2 / squares
    free = np.maximum(1.0 - leverage, 1e-10) ** np.minimum(4.0, len(y) * leverage / 2.0)
    error = np.sqrt((x**2 * residual**2 / free).sum(axis=1))
    return np.abs(x @ y) / np.maximum(error, 1e-12 * np.sqrt(squares[:, 0] * (y @ y)))
