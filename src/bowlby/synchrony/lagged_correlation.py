"""Windowed lagged cross-correlation: every window by every lag.

Each cell is the Pearson correlation of exactly the samples that meet at that lag, centred anew
for each window and lag (Boker, Rotondo, Xu & King, 2002, Psychological Methods 7, 338-355).
Pairs with a missing sample are left out; a cell with too few pairs, or with a partner who does
not change, is NaN.

Fast because time is cut at every window's edge into blocks, whose sums of products are shared
by all windows that hold the block. Sums are in double precision on centred signals; windows in
which a signal hardly varies are computed again directly, since differences of sums lose digits.
"""

from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray, IntArray
from bowlby.synchrony import _kernels
from bowlby.synchrony.windows import WindowPlan


@dataclass(frozen=True, eq=False)
class LaggedCorrelation:
    """Correlation of two signals by window and lag.

    Attributes:
        r: Pearson correlations (windows x lags), NaN where a cell has no value.
        coverage: Share of a window's samples with both partners valid (windows x lags).
        start_s: Start of each window from the first sample (s).
        lag_s: Lags (s); positive means the first partner leads.
        window_s: Length of a window as computed (s).
    """

    r: FloatArray
    coverage: FloatArray
    start_s: FloatArray
    lag_s: FloatArray
    window_s: float


def standardise(x: FloatArray) -> FloatArray:
    """Centre and scale by the valid samples: correlations stay, rounding errors shrink."""
    centred = x - np.nanmean(x)
    scale = np.nanstd(centred)
    return centred / scale if scale > 0 else centred


def lagged_correlation(
    x: FloatArray, y: FloatArray, plan: WindowPlan, *, min_coverage: float = 0.5
) -> LaggedCorrelation:
    """Correlate `x` with `y` in every window at every lag.

    Args:
        x: First partner's samples, NaN where missing.
        y: Second partner's samples on the same clock, as many.
        plan: Windows and lags.
        min_coverage: Smallest share of valid pairs with which a cell has a value (0 to 1).

    Raises:
        ValueError: If the signals differ in length or have no valid sample.

    Source:
        Boker et al. (2002), windowed cross-correlation; the missing-data rule is ours.
    """
    if len(x) != len(y):
        raise ValueError(f"The partners have {len(x)} and {len(y)} samples; align them first.")
    if np.isnan(x).all() or np.isnan(y).all():
        raise ValueError("A signal has no valid sample.")
    x, y = standardise(x), standardise(y)
    bounds, first_block, last_block = _blocks(plan)
    x_offset, y_offset = plan.offsets
    geometry = (bounds, first_block, last_block, plan.starts, plan.length, x_offset, y_offset)
    if np.isnan(x).any() or np.isnan(y).any():
        r, n = _kernels.correlate_with_gaps(x, y, *geometry, min_coverage)
        coverage = n / plan.length
    else:
        r = _kernels.correlate(x, y, *geometry)
        coverage = np.ones_like(r)
    return LaggedCorrelation(
        r=r,
        coverage=coverage,
        start_s=plan.start_s,
        lag_s=plan.lag_s,
        window_s=plan.length / plan.rate_hz,
    )


def _blocks(plan: WindowPlan) -> tuple[IntArray, IntArray, IntArray]:
    """Cut time at every window's edge; say which blocks make up each window."""
    ends = plan.starts + plan.length
    bounds = np.unique(np.concatenate([plan.starts, ends]))
    return bounds, np.searchsorted(bounds, plan.starts), np.searchsorted(bounds, ends)
