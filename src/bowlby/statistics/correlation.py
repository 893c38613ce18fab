"""Pearson's correlation of what was observed of both, and what regression leaves."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from bowlby._types import FloatArray


@dataclass(frozen=True)
class Correlation:
    """Pearson's r with Fisher's interval.

    Attributes:
        n: Pairs without missing values.
        r: Correlation; NaN with fewer than 3 pairs or a side that does not vary.
        low: Lower end of the interval; NaN with fewer than 4 pairs.
        high: Upper end.
    """

    n: int
    r: float
    low: float
    high: float


def correlation(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> Correlation:
    """Correlate the pairs without missing values.

    Args:
        x: One value of each pair.
        y: The other.
        alpha: One minus the level of the interval.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    there = np.isfinite(x) & np.isfinite(y)
    x, y, n = x[there], y[there], int(there.sum())
    if n < 3 or x.std() == 0.0 or y.std() == 0.0:
        return Correlation(n, float("nan"), float("nan"), float("nan"))
    with warnings.catch_warnings():
        # Next to no spread beside the level: the rounding error is small against the result.
        warnings.simplefilter("ignore", stats.NearConstantInputWarning)
        found = stats.pearsonr(x, y)
    low, high = found.confidence_interval(1.0 - alpha)
    r = found.statistic  # pyright: ignore[reportAttributeAccessIssue]
    return Correlation(n, float(r), float(low), float(high))


def residual(y: ArrayLike, x: ArrayLike) -> FloatArray:
    """Residual: y after linear regression on x; missing where either is."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    there = np.isfinite(x) & np.isfinite(y)
    slope, start = np.polyfit(x[there], y[there], 1)
    return np.where(there, y - slope * x - start, np.nan)
