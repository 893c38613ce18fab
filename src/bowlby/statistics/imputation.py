"""Multiple imputation: values drawn for what is missing, and the estimates of all draws pooled.

Sources:
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys, sections 3.1 and 5.3.
    Barnard & Rubin (1999), Biometrika 86, 948-955 (degrees of freedom).
"""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from bowlby._types import FloatArray
from bowlby.statistics.mixed import Contrast


def imputed(y: FloatArray, x: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The response with what is missing drawn from a regression on the predictors.

    Coefficients and variance are drawn from their posterior first, so that draws differ by how
    little is known of them too.

    Args:
        y: Response, NaN where missing.
        x: Predictors (row, coefficient), all there, with a column of ones.
        rng: Random numbers.
    """
    there = np.isfinite(y)
    inverse = np.linalg.pinv(x[there].T @ x[there])
    b = inverse @ x[there].T @ y[there]
    free = int(there.sum()) - x.shape[1]
    variance = float(((y[there] - x[there] @ b) ** 2).sum() / rng.chisquare(free))
    drawn = rng.multivariate_normal(b, variance * inverse, method="svd")
    noise = np.sqrt(variance) * rng.normal(size=len(y))
    return np.where(there, y, x @ drawn + noise)


def pooled(contrasts: Sequence[Contrast]) -> Contrast:
    """One contrast of those of all draws, by Rubin's rules; a single one stays as it is."""
    if len(contrasts) == 1:
        return contrasts[0]
    m = len(contrasts)
    estimates = np.array([each.estimate for each in contrasts])
    within = float(np.mean([each.error**2 for each in contrasts]))
    between = float((1.0 + 1.0 / m) * estimates.var(ddof=1))
    whole = within + between
    complete = float(np.mean([each.df for each in contrasts]))
    lost = between / whole
    seen = complete * (complete + 1.0) / (complete + 3.0) * (1.0 - lost)
    df = 1.0 / (lost**2 / (m - 1.0) + 1.0 / seen)
    estimate, error = float(estimates.mean()), float(np.sqrt(whole))
    return Contrast(estimate, error, df, float(2.0 * stats.t.sf(abs(estimate) / error, df)))
