"""Weighted least squares in which a person may stand in several rows, with robust tests.

    y_r = x_r b + e_r,    each row with a weight that is known by design

Someone who is consistent with several regimes of a sequential trial has a row for each. What a
contrast owes to each cluster is squared and summed, so that people of a cluster may be alike in
any way. With few clusters that sum is too small and its square root no normal deviate's: every
square is scaled to be unbiased where people are alike in nothing, and the degrees of freedom
are Satterthwaite's under the same assumption. Without weights and with people as clusters this
is HC2 with the degrees of freedom of Bell & McCaffrey.

Sources:
    Nahum-Shani et al. (2012), Psychological Methods 17, 457-477 (weights and replication).
    Bell & McCaffrey (2002), Survey Methodology 28(2), 169-181; Pustejovsky & Tipton (2018),
    Journal of Business & Economic Statistics 36, 672-683 (small numbers of clusters). Ours: the
    scale is that of the contrast, so that it holds for people in several rows.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from bowlby._types import FloatArray
from bowlby.statistics.mixed import Contrast

_NOTHING = 1e-12


@dataclass(frozen=True, eq=False)
class WeightedFit:
    """Estimates, and what tests of them need.

    Attributes:
        coefficients: b.
        residual: Of each row.
        x: Design matrix (row, coefficient).
        weight: Of each row.
        person: Number of each row's person, from 0.
        cluster: Number of each row's cluster, from 0.
    """

    coefficients: FloatArray
    residual: FloatArray
    x: FloatArray
    weight: FloatArray
    person: np.ndarray
    cluster: np.ndarray

    def contrast(self, weights: FloatArray) -> Contrast:
        """A weighted sum of the coefficients, tested against 0.

        Where nobody tells what is compared apart, there is nothing to test: p is 1.
        """
        estimate = float(weights @ self.coefficients)
        inverse = np.linalg.inv(self.x.T @ (self.weight[:, None] * self.x))
        weighted = self.weight[:, None] * self.x
        share = weighted @ inverse @ weights
        clusters, people = int(self.cluster.max()) + 1, int(self.person.max()) + 1
        # What each cluster adds, as a sum over the outcomes of all people.
        own = np.zeros((clusters, people))
        np.add.at(own, (self.cluster, self.person), share)
        brought = _summed(share[:, None] * self.x, self.cluster, clusters)
        parts = own - brought @ inverse @ _summed(weighted, self.person, people).T
        meant, made = (own**2).sum(1), (parts**2).sum(1)
        there = made > _NOTHING * max(float(meant.sum()), _NOTHING)
        scale = np.sqrt(np.where(there, meant / np.where(there, made, 1.0), 0.0))
        added = _summed((share * self.residual)[:, None], self.cluster, clusters)[:, 0]
        variance = float(((scale * added) ** 2).sum())
        if not variance > 0.0:
            return Contrast(estimate, 0.0, 1.0, 1.0)
        gram = (scale[:, None] * parts) @ (scale[:, None] * parts).T
        df = float(np.trace(gram) ** 2 / (gram**2).sum())
        error = float(np.sqrt(variance))
        return Contrast(estimate, error, df, float(2.0 * stats.t.sf(abs(estimate) / error, df)))


def fit_weighted(
    y: FloatArray, x: FloatArray, weight: FloatArray, person: np.ndarray, cluster: np.ndarray
) -> WeightedFit:
    """Fit the model.

    Args:
        y: Response of each row; the same in all rows of a person.
        x: Design matrix (row, coefficient).
        weight: Inverse of the probability of being in the row.
        person: Whose row it is.
        cluster: Cluster of each row, -1 for people who are in none and stand for themselves.
    """
    root = np.sqrt(weight)
    b = np.asarray(np.linalg.lstsq(root[:, None] * x, root * y, rcond=None)[0], np.float64)
    person = np.unique(person, return_inverse=True)[1]
    alone = np.where(cluster >= 0, cluster, -1 - person)
    return WeightedFit(
        b, y - x @ b, x, weight, person, np.unique(alone, return_inverse=True)[1]
    )


def weighted_sd(y: FloatArray, weight: FloatArray) -> float:
    """Standard deviation of those whom weighted rows stand for."""
    mean = np.average(y, weights=weight)
    return float(np.sqrt(np.average((y - mean) ** 2, weights=weight) * len(y) / (len(y) - 1)))


def _summed(rows: FloatArray, group: np.ndarray, groups: int) -> FloatArray:
    """Sums of rows by group (group, column)."""
    found = np.zeros((groups, rows.shape[1]))
    np.add.at(found, group, rows)
    return found
