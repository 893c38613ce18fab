"""Effect sizes as the studies computed them."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from bowlby._types import FloatArray

if TYPE_CHECKING:
    import pandas as pd


def correlation(x: ArrayLike, y: ArrayLike) -> float:
    """Pearson's r over the pairs without missing values; NaN if one side does not vary."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    there = np.isfinite(x) & np.isfinite(y)
    if there.sum() < 3 or x[there].std() == 0.0 or y[there].std() == 0.0:
        return float("nan")
    return float(np.corrcoef(x[there], y[there])[0, 1])


def standardised_difference(first: ArrayLike, second: ArrayLike) -> float:
    """Cohen's d: difference of means in pooled standard deviations."""
    first, second = (np.asarray(x, float)[np.isfinite(x)] for x in (first, second))
    if len(first) < 2 or len(second) < 2:
        return float("nan")
    pooled = np.sqrt(0.5 * (first.var(ddof=1) + second.var(ddof=1)))
    return float((first.mean() - second.mean()) / pooled) if pooled > 0.0 else float("nan")


def difference_of_shares(first: ArrayLike, second: ArrayLike) -> float:
    """Difference of two proportions as d: the log odds ratio times sqrt(3) / pi.

    Half a case is added to each cell, so that empty cells stay finite.

    Source:
        Borenstein, Hedges, Higgins & Rothstein (2009), Introduction to Meta-Analysis, ch. 7.
    """

    def log_odds(is_case: ArrayLike) -> float:
        cases, others = np.sum(is_case), np.sum(~np.asarray(is_case, bool))
        return float(np.log((cases + 0.5) / (others + 0.5)))

    return (log_odds(first) - log_odds(second)) * np.sqrt(3.0) / np.pi


def intraclass_correlation(values: ArrayLike, group: ArrayLike) -> float:
    """Share of variance between groups, ICC(1), from a one-way analysis of variance."""
    values, group = np.asarray(values, float), np.asarray(group)
    there = np.isfinite(values)
    values, group = values[there], group[there]
    labels, index, sizes = np.unique(group, return_inverse=True, return_counts=True)
    if len(labels) < 2 or len(values) <= len(labels):
        return float("nan")
    means = np.bincount(index, values) / sizes
    between = np.sum(sizes * (means - values.mean()) ** 2) / (len(labels) - 1)
    within = np.sum((values - means[index]) ** 2) / (len(values) - len(labels))
    size = (len(values) - np.sum(sizes**2) / len(values)) / (len(labels) - 1)
    return float((between - within) / (between + (size - 1.0) * within))


def mean_z(scores: "pd.DataFrame") -> "pd.Series":
    """Mean of the standardised columns, per row."""
    return ((scores - scores.mean()) / scores.std()).mean(axis=1)


def residual(y: ArrayLike, x: ArrayLike) -> FloatArray:
    """Residual: y after linear regression on x; missing where either is."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    there = np.isfinite(x) & np.isfinite(y)
    slope, start = np.polyfit(x[there], y[there], 1)
    return np.where(there, y - slope * x - start, np.nan)
