"""One test from several summaries: short and long windows, constant and wandering lags.

No single summary finds every kind of coupling. A follower at one lag raises one point of the
profile, most in short windows; slow envelopes need long windows; a lag that wanders shows only
in each window's own peak; coupling of one sign shows in the signed profile. Each summary is
standardised by the mean and standard deviation of the recording and its surrogates together,
and the largest of them is ranked among the surrogates' largest. All rows are treated alike, so
that p is exact whatever the summaries' distributions and however they go together.

Source:
    Westfall & Young (1993), Resampling-Based Multiple Testing (max-T). The choice of summaries
    is ours: docs/decisions/011-combined-statistic.md.
"""

import numpy as np

from bowlby._types import FloatArray
from bowlby.synchrony.segment_table import Averages
from bowlby.synchrony.windowed import Surrogated, mean_over

NAME = "wcc_combined"


def summaries(averages: Averages) -> FloatArray:
    """Summaries of each row, higher with more synchrony (surrogates x summaries).

    In order: the highest point of the mean absolute profile, that of the absolute mean profile,
    the absolute mean at lag 0, and the mean over windows of each window's highest absolute
    value. Signed settings keep the second and third.
    """
    signed = np.abs(averages.signed)
    at_once = signed[:, signed.shape[1] // 2]
    if not averages.is_absolute:
        return np.column_stack([_highest(signed), at_once])
    highest = mean_over(averages.highest, axis=1)
    return np.column_stack([_highest(averages.size), _highest(signed), at_once, highest])


def combined(found: Surrogated) -> FloatArray:
    """The largest standardised summary of the recording (first) and of each surrogate."""
    table = summaries(found.long)
    if found.short is not None:
        table = np.column_stack([table, summaries(found.short)])
    return largest_standardised(table)


def largest_standardised(table: FloatArray) -> FloatArray:
    """Largest of each row's values after each column is standardised over all rows.

    Args:
        table: Summaries of the recording and its surrogates (rows x summaries), NaN where a row
            has none.
    """
    return _highest(standardised(table))


def standardised(table: FloatArray) -> FloatArray:
    """Columns less their mean, in their standard deviation; NaN where they do not vary."""
    known = np.isfinite(table)
    count = known.sum(axis=0)
    mean = np.where(known, table, 0.0).sum(axis=0) / np.maximum(count, 1)
    apart = np.where(known, table - mean, 0.0)
    spread = np.sqrt((apart**2).sum(axis=0) / np.maximum(count - 1, 1))
    varies = spread > 1e-12 * np.maximum(1.0, np.abs(mean))
    return np.where(known & varies, apart / np.where(varies, spread, 1.0), np.nan)


def _highest(values: FloatArray) -> FloatArray:
    """Largest value of each row, NaN where there is none."""
    with np.errstate(invalid="ignore"):
        return np.fmax.reduce(values, axis=1)
