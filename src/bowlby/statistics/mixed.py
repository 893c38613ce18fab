"""The mixed model: a response by its predictors, with a random intercept of each cluster.

    y = X b + z u_cluster + e,    u ~ N(0, s_c^2),  e ~ N(0, s^2)

Clusters are therapists with several clients, dyads with several sessions. z is 1 for rows that
are in a cluster and 0 for those in none, such as clients on a waiting list, so that these are
no cluster of their own (a partially nested design). Estimated by restricted maximum likelihood;
tests use Satterthwaite's degrees of freedom, because with few clusters the normal approximation
finds effects that are not there.

Source:
    Roberts & Roberts (2005), Clinical Trials 2(2), 152-162 (partial nesting). Giesbrecht &
    Burns (1985), Biometrics 41(2), 477-486 (degrees of freedom of a contrast).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats
from scipy.optimize import fminbound

from bowlby._types import FloatArray

SMALLEST_SHARE = 1e-4
"""Variance between clusters, over the residual, below which the model is singular: above 0, or
above the lowest that can be."""


class Reason(StrEnum):
    """Why least squares take the place of the mixed model."""

    NONE = ""
    CONFOUNDED = "clusters and predictors cannot be told apart"
    SINGULAR = "singular: clusters differ no more than the rows within them do"


@dataclass(frozen=True)
class Fit:
    """Estimates of the model.

    Attributes:
        kind: `mixed`, or `ols` where the cluster's variance cannot be estimated.
        reason: Why it is `ols`.
        coefficients: b.
        covariance: Covariance of the estimates of b.
        between: Variance between clusters, s_c^2.
        within: Residual variance, s^2.
        n: Rows.
        clusters: Clusters.
    """

    kind: str
    reason: Reason
    coefficients: FloatArray
    covariance: FloatArray
    between: float
    within: float
    n: int
    clusters: int
    _gradients: FloatArray
    _information: FloatArray

    @property
    def icc(self) -> float:
        """Share of the variance that is between clusters."""
        return self.between / (self.between + self.within)

    def contrast(self, weights: FloatArray) -> "Contrast":
        """A weighted sum of the coefficients, tested against 0."""
        estimate = float(weights @ self.coefficients)
        variance = float(weights @ self.covariance @ weights)
        if self.kind == "ols":
            df = float(self.n - len(self.coefficients))
        else:
            slope = np.array([weights @ g @ weights for g in self._gradients])
            df = 2.0 * variance**2 / float(slope @ np.linalg.solve(self._information, slope))
        t = estimate / np.sqrt(variance)
        return Contrast(
            estimate, float(np.sqrt(variance)), df, float(2 * stats.t.sf(abs(t), df))
        )


@dataclass(frozen=True)
class Contrast:
    """A tested contrast.

    Attributes:
        estimate: Its value.
        error: Standard error.
        df: Degrees of freedom.
        p: Two-sided p-value.
    """

    estimate: float
    error: float
    df: float
    p: float

    def limited(self, df: float) -> "Contrast":
        """The same with degrees of freedom of at most `df`."""
        if df >= self.df:
            return self
        p = float(2 * stats.t.sf(abs(self.estimate) / self.error, df))
        return Contrast(self.estimate, self.error, df, p)

    def interval(self, alpha: float) -> tuple[float, float]:
        """Interval of level 1 - alpha."""
        half = float(stats.t.isf(alpha / 2, self.df)) * self.error
        return self.estimate - half, self.estimate + half


def fit_model(
    y: FloatArray, x: FloatArray, cluster: np.ndarray, *, is_bounded: bool = True
) -> Fit:
    """Fit the model.

    Args:
        y: Response of each row; no missing values.
        x: Design matrix (row, coefficient), with a column of ones.
        cluster: Number of each row's cluster, -1 for none.
        is_bounded: Whether the variance between clusters stays above 0. Without a bound it may
            come out below 0, as an intraclass correlation of an analysis of variance may: then
            the rows of a cluster are less alike than others. Tests of what differs between few
            clusters need that: with a bound, least squares step in whenever the estimate would
            be below 0, with degrees of freedom of rows where there are those of clusters.

    Source:
        Nelder (1954), Biometrika 41(3/4), 544-548 (components below 0). Littell et al. (2006),
        SAS for Mixed Models, section 4.7 (the level of tests with and without the bound).
    """
    has_one = cluster >= 0
    if not has_one.any() or np.linalg.matrix_rank(_with_clusters(x, cluster)) < x.shape[1] + 1:
        return _least_squares(y, x, cluster, Reason.CONFOUNDED)
    found = _variances(y, x, cluster, is_bounded=is_bounded)
    if found is None:
        return _least_squares(y, x, cluster, Reason.SINGULAR)
    return _generalised(y, x, cluster, *found)


def with_equal_clusters(y: FloatArray, x: FloatArray, cluster: np.ndarray) -> Fit:
    """The model with a variance between clusters of 0, which is estimated nevertheless.

    Its contrasts have the most degrees of freedom that there can be, whatever the variance: an
    estimate with more of them owes them to clusters that came out alike by chance.
    """
    within = _least_squares(y, x, cluster, Reason.NONE).within
    return _generalised(y, x, cluster, 0.0, within)


def _with_clusters(x: FloatArray, cluster: np.ndarray) -> FloatArray:
    """The design matrix with a column per cluster."""
    found = np.unique(cluster[cluster >= 0])
    return np.hstack([x, (cluster[:, None] == found).astype(float)])


def _variances(
    y: FloatArray, x: FloatArray, cluster: np.ndarray, *, is_bounded: bool
) -> tuple[float, float] | None:
    """Variances by restricted maximum likelihood; None at the lowest ratio that is searched.

    The likelihood is profiled down to one number, the ratio s_c^2 / s^2, so its highest point
    is found by a search that cannot fail to converge.
    """
    means, inside, sizes = _parts(np.column_stack([x, y]), cluster)
    n, k = x.shape
    inner = inside.T @ inside
    # Clusters with equally many rows count alike, so a step of the search costs little.
    kinds = np.unique(sizes[sizes > 0])
    shared = np.stack([means[sizes == m].T @ means[sizes == m] for m in kinds])
    many = np.array([(sizes == m).sum() / m for m in kinds])

    def residual(ratio: float) -> tuple[float, FloatArray]:
        whole = np.tensordot(1.0 / (1.0 + ratio * kinds), shared, 1) + inner
        xx, xy = whole[:k, :k], whole[:k, k]
        return float(whole[k, k] - xy @ np.linalg.solve(xx, xy)) / (n - k), xx

    # Below -1 / m a mean of m rows would have a variance below 0.
    lowest = 0.0 if is_bounded else -1.0 / float(kinds.max())

    def deviance(log_ratio: float) -> float:
        ratio = lowest + float(np.exp(log_ratio))
        within, xx = residual(ratio)
        spread = float(many @ np.log1p(ratio * kinds))
        return (n - k) * np.log(within) + spread + float(np.linalg.slogdet(xx)[1])

    grid = np.linspace(np.log(SMALLEST_SHARE), np.log(1e3), 41)
    best = int(np.argmin([deviance(at) for at in grid]))
    if best == 0:
        return None
    at = fminbound(deviance, grid[best - 1], grid[min(best + 1, 40)], xtol=1e-8)
    ratio = lowest + float(np.exp(at))
    within = residual(ratio)[0]
    return ratio * within, within


def _parts(data: FloatArray, cluster: np.ndarray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean of each row's cluster, what differs from it, and how many rows the cluster has.

    Without a cluster the mean is 0 and the number of rows is 0.
    """
    found, place, count = np.unique(cluster, return_inverse=True, return_counts=True)
    sums = np.zeros((len(found), data.shape[1]))
    np.add.at(sums, place, data)
    has_one = cluster >= 0
    means = np.where(has_one[:, None], (sums / count[:, None])[place], 0.0)
    sizes = np.where(has_one, count[place], 0).astype(float)
    return means, data - means, sizes


def _least_squares(y: FloatArray, x: FloatArray, cluster: np.ndarray, reason: Reason) -> Fit:
    inverse = np.asarray(np.linalg.inv(x.T @ x), np.float64)
    b = inverse @ x.T @ y
    within = float(((y - x @ b) ** 2).sum() / (len(y) - x.shape[1]))
    return Fit(
        kind="ols",
        reason=reason,
        coefficients=b,
        covariance=within * inverse,
        between=0.0,
        within=within,
        n=len(y),
        clusters=_count(cluster),
        _gradients=np.zeros((2, *inverse.shape)),
        _information=np.eye(2),
    )


def _count(cluster: np.ndarray) -> int:
    return len(np.unique(cluster[cluster >= 0]))


def _generalised(
    y: FloatArray, x: FloatArray, cluster: np.ndarray, between: float, within: float
) -> Fit:
    """Generalised least squares at given variances, with what degrees of freedom need.

    The covariance of a cluster with m rows has the eigenvalue s^2 + m s_c^2 for their mean
    and s^2 for differences between them, so everything is a sum over clusters.
    """
    k = x.shape[1]
    means, inside, sizes = _parts(np.column_stack([x, y]), cluster)
    v = within + sizes * between

    def product(power: int, of_cluster: int) -> FloatArray:
        """X' W^power A^of_cluster X, with y as a last row and column."""
        weight = sizes**of_cluster / v**power
        shared = (means * weight[:, None]).T @ means
        return shared + (inside.T @ inside / within**power if of_cluster == 0 else 0.0)

    whole = product(1, 0)
    q = np.asarray(np.linalg.inv(whole[:k, :k]), np.float64)
    b = q @ whole[:k, k]
    m = [product(2, 1)[:k, :k], product(2, 0)[:k, :k]]
    one = np.where(sizes > 0, 1.0 / np.maximum(sizes, 1), 0.0)
    apart = 1.0 - one
    information = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            a = 2 - i - j  # How often the cluster's matrix takes part.
            trace = float((one * sizes**a / v**2).sum())
            trace += float(apart.sum() / within**2) if a == 0 else 0.0
            cubic = product(3, a)[:k, :k]
            trace += float(np.trace(q @ m[i] @ q @ m[j]) - 2.0 * np.trace(q @ cubic))
            information[i, j] = 0.5 * trace
    gradients = np.stack([q @ each @ q for each in m])
    return Fit(
        kind="mixed",
        reason=Reason.NONE,
        coefficients=b,
        covariance=q,
        between=between,
        within=within,
        n=len(y),
        clusters=_count(cluster),
        _gradients=gradients,
        _information=information,
    )
