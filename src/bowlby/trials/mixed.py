"""The trial's model: outcome by baseline and arm, with a random intercept of the therapist.

    y = X b + z u_therapist + e,    u ~ N(0, s_t^2),  e ~ N(0, s^2)

z is 1 for clients who have a therapist and 0 on a waiting list, so that clients without one are
not a group of their own (a partially nested design). Estimated by restricted maximum
likelihood; tests use Satterthwaite's degrees of freedom, because with few therapists the normal
approximation finds effects that are not there.

Source:
    Roberts & Roberts (2005), Clinical Trials 2(2), 152-162 (partial nesting). Giesbrecht &
    Burns (1985), Biometrics 41(2), 477-486 (degrees of freedom of a contrast).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import fminbound

from bowlby._types import FloatArray

SMALLEST_SHARE = 1e-4
"""Variance between therapists, over the residual, below which the model is singular."""

ONE_EACH = "each arm has one therapist, so therapist and arm cannot be told apart"
SINGULAR = "it is singular: therapists differ no more than their clients do"
"""Why least squares take the place of the mixed model."""


@dataclass(frozen=True)
class Fit:
    """Estimates of the model.

    Attributes:
        kind: `mixed`, or `ols` where the therapist's variance cannot be estimated.
        reason: Why it is `ols`, or empty.
        coefficients: b.
        covariance: Covariance of the estimates of b.
        between: Variance between therapists, s_t^2.
        within: Residual variance, s^2.
        n: Clients.
        therapists: Therapists.
    """

    kind: str
    reason: str
    coefficients: FloatArray
    covariance: FloatArray
    between: float
    within: float
    n: int
    therapists: int
    _gradients: FloatArray
    _information: FloatArray

    @property
    def icc(self) -> float:
        """Share of the variance that is between therapists."""
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

    def interval(self, alpha: float) -> tuple[float, float]:
        """Interval of level 1 - alpha."""
        half = float(stats.t.isf(alpha / 2, self.df)) * self.error
        return self.estimate - half, self.estimate + half


def fit_model(y: FloatArray, x: FloatArray, therapist: np.ndarray) -> Fit:
    """Fit the model.

    Args:
        y: Outcome of each client; no missing values.
        x: Design matrix (client, coefficient), with a column of ones.
        therapist: Number of each client's therapist, -1 for none.
    """
    has_one = therapist >= 0
    if (
        not has_one.any()
        or np.linalg.matrix_rank(_with_therapists(x, therapist)) < x.shape[1] + 1
    ):
        return _least_squares(y, x, therapist, ONE_EACH)
    found = _variances(y, x, therapist)
    if found is None:
        return _least_squares(y, x, therapist, SINGULAR)
    return _generalised(y, x, therapist, *found)


def _with_therapists(x: FloatArray, therapist: np.ndarray) -> FloatArray:
    """The design matrix with a column per therapist."""
    found = np.unique(therapist[therapist >= 0])
    return np.hstack([x, (therapist[:, None] == found).astype(float)])


def _variances(
    y: FloatArray, x: FloatArray, therapist: np.ndarray
) -> tuple[float, float] | None:
    """Variances by restricted maximum likelihood; None if there is none between therapists.

    The likelihood is profiled down to one number, the ratio s_t^2 / s^2, so its highest point
    is found by a search that cannot fail to converge.
    """
    means, inside, sizes = _parts(np.column_stack([x, y]), therapist)
    n, k = x.shape
    inner = inside.T @ inside
    # Therapists with equally many clients count alike, so a step of the search costs little.
    kinds = np.unique(sizes[sizes > 0])
    shared = np.stack([means[sizes == m].T @ means[sizes == m] for m in kinds])
    many = np.array([(sizes == m).sum() / m for m in kinds])

    def residual(ratio: float) -> tuple[float, FloatArray]:
        whole = np.tensordot(1.0 / (1.0 + ratio * kinds), shared, 1) + inner
        xx, xy = whole[:k, :k], whole[:k, k]
        return float(whole[k, k] - xy @ np.linalg.solve(xx, xy)) / (n - k), xx

    def deviance(log_ratio: float) -> float:
        ratio = float(np.exp(log_ratio))
        within, xx = residual(ratio)
        spread = float(many @ np.log1p(ratio * kinds))
        return (n - k) * np.log(within) + spread + float(np.linalg.slogdet(xx)[1])

    grid = np.linspace(np.log(SMALLEST_SHARE), np.log(1e3), 41)
    best = int(np.argmin([deviance(at) for at in grid]))
    if best == 0:
        return None
    at = fminbound(deviance, grid[best - 1], grid[min(best + 1, 40)], xtol=1e-8)
    ratio = float(np.exp(at))
    within = residual(ratio)[0]
    return ratio * within, within


def _parts(
    data: FloatArray, therapist: np.ndarray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean of each client's therapist, what differs from it, and the therapist's clients.

    Without a therapist the mean is 0 and the number of clients is 0.
    """
    found, place, count = np.unique(therapist, return_inverse=True, return_counts=True)
    sums = np.zeros((len(found), data.shape[1]))
    np.add.at(sums, place, data)
    has_one = therapist >= 0
    means = np.where(has_one[:, None], (sums / count[:, None])[place], 0.0)
    sizes = np.where(has_one, count[place], 0).astype(float)
    return means, data - means, sizes


def _least_squares(y: FloatArray, x: FloatArray, therapist: np.ndarray, reason: str) -> Fit:
    inverse = np.asarray(np.linalg.inv(x.T @ x), np.float64)
    b = inverse @ x.T @ y
    within = float(((y - x @ b) ** 2).sum() / (len(y) - x.shape[1]))
    return Fit(
        "ols", reason, b, within * inverse, 0.0, within, len(y), _count(therapist),
        np.zeros((2, *inverse.shape)), np.eye(2),
    )  # fmt: skip


def _count(therapist: np.ndarray) -> int:
    return len(np.unique(therapist[therapist >= 0]))


def _generalised(
    y: FloatArray, x: FloatArray, therapist: np.ndarray, between: float, within: float
) -> Fit:
    """Generalised least squares at given variances, with what degrees of freedom need.

    The covariance of a therapist with m clients has the eigenvalue s^2 + m s_t^2 for their mean
    and s^2 for differences between them, so everything is a sum over therapists.
    """
    k = x.shape[1]
    means, inside, sizes = _parts(np.column_stack([x, y]), therapist)
    v = within + sizes * between

    def product(power: int, of_therapist: int) -> FloatArray:
        """X' W^power A^of_therapist X, with y as a last row and column."""
        weight = sizes**of_therapist / v**power
        shared = (means * weight[:, None]).T @ means
        return shared + (inside.T @ inside / within**power if of_therapist == 0 else 0.0)

    whole = product(1, 0)
    q = np.asarray(np.linalg.inv(whole[:k, :k]), np.float64)
    b = q @ whole[:k, k]
    m = [product(2, 1)[:k, :k], product(2, 0)[:k, :k]]
    one = np.where(sizes > 0, 1.0 / np.maximum(sizes, 1), 0.0)
    apart = 1.0 - one
    information = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            a = 2 - i - j  # How often the therapist's matrix takes part.
            trace = float((one * sizes**a / v**2).sum())
            trace += float(apart.sum() / within**2) if a == 0 else 0.0
            cubic = product(3, a)[:k, :k]
            trace += float(np.trace(q @ m[i] @ q @ m[j]) - 2.0 * np.trace(q @ cubic))
            information[i, j] = 0.5 * trace
    gradients = np.stack([q @ each @ q for each in m])
    return Fit(
        "mixed", "", b, q, between, within, len(y), _count(therapist), gradients, information
    )
