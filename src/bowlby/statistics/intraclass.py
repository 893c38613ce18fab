"""Intraclass correlation: the share of variance that lies between groups.

Sources:
    Searle (1971), Linear Models, section 9.8 (interval from the ratio of mean squares; here
    with the mean size of groups of unequal size).
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from bowlby._types import FloatArray


def intraclass_correlation(values: ArrayLike, group: ArrayLike) -> float:
    """Share of variance between groups, ICC(1), from a one-way analysis of variance.

    Args:
        values: A value per person; those that are not finite are left out.
        group: Each person's group.

    Returns:
        NaN with fewer than two groups, or none with two people; below 0 where groups differ
        less than chance lets them.
    """
    values, group = np.asarray(values, float), np.asarray(group)
    there = np.isfinite(values)
    values = values[there]
    index, sizes = _cells(group[there])
    if len(sizes) < 2 or len(values) <= len(sizes):
        return float("nan")
    between, within = _mean_squares(values - values.mean(), index, sizes, len(sizes) - 1)
    return _share(between, within, sizes)


def intraclass_interval(
    values: FloatArray, group: ArrayLike, stratum: ArrayLike, *, alpha: float
) -> tuple[float, float]:
    """Interval of the share of variance between groups that are nested in strata.

    Args:
        values: A value per person.
        group: Each person's group, such as a therapist.
        stratum: The stratum of that group, such as an arm; its mean is taken out.
        alpha: One minus the level of the interval.

    Returns:
        Both ends, not below 0; NaN with one group a stratum, or one person a group.
    """
    strata, level = np.unique(np.asarray(stratum), return_inverse=True)
    inside = values - (np.bincount(level, values) / np.bincount(level))[level]
    index, sizes = _cells(np.asarray(group))
    free, rest = len(sizes) - len(strata), len(values) - len(sizes)
    if free < 1 or rest < 1:
        return float("nan"), float("nan")
    between, within = _mean_squares(inside, index, sizes, free)
    low, high = (
        max(0.0, _share(between, within * float(stats.f.isf(tail, free, rest)), sizes))
        for tail in (alpha / 2, 1.0 - alpha / 2)
    )
    return low, high


def _cells(group):
    """The number of each person's group, and how many are in each group."""
    return np.unique(group, return_inverse=True, return_counts=True)[1:]


def _mean_squares(values, index, sizes, free) -> tuple[float, float]:
    """Mean squares between and within groups, of values whose mean is taken out."""
    means = np.bincount(index, values) / sizes
    rest = len(values) - len(sizes)
    between, within = sizes @ means**2 / free, ((values - means[index]) ** 2).sum() / rest
    return float(between), float(within)


def _share(between: float, within: float, sizes) -> float:
    """Share between groups, with the size that groups of equal size would have to have."""
    total = sizes.sum()
    size = (total - (sizes**2).sum() / total) / (len(sizes) - 1)
    return float((between - within) / (between + (size - 1.0) * within))
