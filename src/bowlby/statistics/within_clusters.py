"""A slope within clusters: what goes together in the same dyad, therapist or person.

Each cluster gets a slope of its own, so that what clusters differ by drops out and slopes may
differ too; the mean slope is tested against how much they do differ. Where clusters have the
same design this is the t-test of their slopes or contrasts, which is exact.

Sources:
    DerSimonian & Laird (1986), Controlled Clinical Trials 7, 177-188 (variance of slopes).
    Hartung & Knapp (2001), Statistics in Medicine 20, 3875-3889 (t-test of a weighted mean).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from bowlby._types import FloatArray
from bowlby.statistics.mixed import Contrast


@dataclass(frozen=True, eq=False)
class SlopesWithin:
    """Slopes of the clusters in which the predictor varies.

    Attributes:
        slope: Slope of each.
        weight: Weight of each in the mean.
    """

    slope: FloatArray
    weight: FloatArray

    def mean(self) -> Contrast:
        """The mean slope, tested against 0."""
        share = self.weight / self.weight.sum()
        estimate = float(share @ self.slope)
        df = len(self.slope) - 1
        error = float(np.sqrt(share @ (self.slope - estimate) ** 2 / df))
        p = float(2 * stats.t.sf(abs(estimate) / error, df)) if error > 0.0 else 0.0
        return Contrast(estimate, error, float(df), p)

    def sign_flip_p(
        self, rng: np.random.Generator, draws: int, cluster: np.ndarray | None = None
    ) -> float:
        """Two-sided p from turning random slopes round: without an effect signs are chance.

        Args:
            rng: Random generator.
            draws: Random choices of signs.
            cluster: Slopes of a cluster are turned round together; None turns each alone.
        """
        part = self.weight * self.slope
        if cluster is not None:
            part = np.bincount(np.unique(cluster, return_inverse=True)[1], part)
        means = np.abs(rng.choice([-1.0, 1.0], size=(draws, len(part))) @ part)
        return float((1 + np.sum(means >= abs(part.sum()) - 1e-12)) / (1 + draws))


def slopes_within(y: FloatArray, x: FloatArray, cluster: np.ndarray) -> SlopesWithin:
    """Fit a line in every cluster in which the predictor varies.

    Slopes are weighted by their precision, 1 / (variance of slopes + error); with two rows a
    cluster the error is unknown and weights are the squares of the predictor's spread.

    Args:
        y: Response of each row.
        x: Predictor.
        cluster: Cluster of each row.
    """
    index = np.unique(cluster, return_inverse=True)[1]
    y, x = _centred(y, index), _centred(x, index)
    squares, products = np.bincount(index, x**2), np.bincount(index, x * y)
    varies = squares > 1e-12 * squares.max()
    spread = squares[varies]
    slope = products[varies] / spread
    rest = np.bincount(index, y**2)[varies].sum() - spread @ slope**2
    free = np.bincount(index)[varies].sum() - 2 * len(spread)
    if free < 1 or rest <= 0.0:
        return SlopesWithin(slope, np.asarray(spread, np.float64))
    error = rest / free
    fixed = spread @ slope / spread.sum()
    excess = spread @ (slope - fixed) ** 2 - (len(spread) - 1) * error
    between = max(0.0, excess / (spread.sum() - (spread**2).sum() / spread.sum()))
    return SlopesWithin(slope, 1.0 / (between + error / spread))


def _centred(values: FloatArray, index: np.ndarray) -> FloatArray:
    """Values around the mean of their cluster."""
    return values - (np.bincount(index, values) / np.bincount(index))[index]
