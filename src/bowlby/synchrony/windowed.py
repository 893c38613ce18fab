"""The window-by-lag matrix of two signals, and that of its surrogates, in any convention."""

import math

import numpy as np

from bowlby._types import FloatArray
from bowlby.synchrony.conventions import Convention
from bowlby.synchrony.lagged_correlation import LaggedCorrelation, lagged_correlation
from bowlby.synchrony.segment_table import NullAverages, Scale, n_blocks, null_averages
from bowlby.synchrony.segmentwise import SegmentPairs, segment_pairs
from bowlby.synchrony.surrogates import SegmentPermutation, Surrogate
from bowlby.synchrony.windows import WindowPlan, Windows, plan_windows

# Blocks shorter than this share of a window make the table larger than the work it saves.
_MOST_BLOCKS_PER_WINDOW = 64


def correlation_matrix(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    windows: Windows,
    convention: Convention,
    min_coverage: float = 0.5,
) -> LaggedCorrelation:
    """Correlate two signals by window and lag, the way `convention` does.

    Args:
        x: First partner's samples, NaN where missing.
        y: Second partner's samples, as many.
        rate_hz: Sampling rate (Hz).
        windows: Timing (s); a segmentwise convention ignores the step.
        convention: Whose definition to use.
        min_coverage: Smallest share of valid pairs with which a cell has a value (0 to 1).

    Raises:
        ValueError: If the recording is too short, or no cell has enough valid samples.
    """
    if convention.is_segmentwise:
        pairs = _segment_pairs(x, y, rate_hz, windows)
        own = np.arange(len(pairs.r))
        matrix = LaggedCorrelation(
            r=pairs.r[own, own],
            coverage=np.isfinite(pairs.r[own, own]).astype(float),
            start_s=pairs.start_s,
            lag_s=pairs.lag_s,
            window_s=pairs.length / rate_hz,
        )
    else:
        plan = _plan(len(x), windows, rate_hz, convention)
        matrix = lagged_correlation(x, y, plan, min_coverage=min_coverage)
    if not np.isfinite(matrix.r).any():
        raise ValueError(
            f"No window of {matrix.window_s:g} s has {min_coverage:.0%} valid samples of two "
            "signals that vary. Use a shorter --window, or leave the recording out."
        )
    return matrix


def surrogate_averages(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    windows: Windows,
    convention: Convention,
    scale: Scale,
    surrogate: Surrogate,
    count: int,
    rng: np.random.Generator,
    min_coverage: float = 0.5,
) -> NullAverages:
    """Average the window-by-lag matrices of `count` surrogates.

    Segment permutations are looked up in a table of block products where windows are whole
    numbers of blocks; other surrogates are computed one by one.

    Args:
        x: First partner's samples, kept as they are.
        y: Second partner's samples, made anew in each surrogate.
        rate_hz: Sampling rate (Hz).
        windows: Timing (s).
        convention: Whose definition to use.
        scale: How correlations are transformed before they are averaged.
        surrogate: How surrogates are made.
        count: How many.
        rng: Random generator.
        min_coverage: Smallest share of valid pairs with which a cell has a value (0 to 1).
    """
    if isinstance(surrogate, SegmentPermutation):
        if convention.is_segmentwise:
            pairs = _segment_pairs(x, y, rate_hz, windows)
            return _permuted_segments(pairs, scale, count, rng)
        plan = _plan(len(x), windows, rate_hz, convention)
        segment_s = surrogate.segment_s or plan.length / rate_hz
        if not plan.is_backward and plan.length <= _MOST_BLOCKS_PER_WINDOW * plan.block:
            per_segment = max(1, round(segment_s * rate_hz / plan.block))
            orders = surrogate.orders(n_blocks(len(x), plan), per_segment, count, rng=rng)
            return null_averages(x, y, plan, orders, scale, min_coverage=min_coverage)
        surrogate = SegmentPermutation(segment_s)
    profile, window = [], []
    for series in surrogate.series(y, count, rate_hz=rate_hz, rng=rng):
        values = scale(
            correlation_matrix(
                x,
                series,
                rate_hz=rate_hz,
                windows=windows,
                convention=convention,
                min_coverage=min_coverage,
            ).r
        )
        profile.append(mean_over(values, axis=0))
        window.append(mean_over(values, axis=1))
    return NullAverages(np.stack(profile), np.stack(window))


def mean_over(values: FloatArray, axis: int) -> FloatArray:
    """Mean of the valid cells along one axis, NaN where there are none."""
    valid = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.where(valid, values, 0.0).sum(axis=axis) / valid.sum(axis=axis)


def _plan(n: int, windows: Windows, rate_hz: float, convention: Convention) -> WindowPlan:
    return plan_windows(
        n,
        windows,
        rate_hz=rate_hz,
        is_exact=convention.is_exact,
        is_backward=convention.is_backward,
    )


def _segment_pairs(
    x: FloatArray, y: FloatArray, rate_hz: float, windows: Windows
) -> SegmentPairs:
    return segment_pairs(
        x, y, rate_hz=rate_hz, segment_s=windows.window_s, max_lag_s=windows.max_lag_s
    )


def _permuted_segments(
    pairs: SegmentPairs, scale: Scale, count: int, rng: np.random.Generator
) -> NullAverages:
    table = scale(pairs.r)
    n = len(table)
    if math.factorial(min(n, 12)) < count:
        raise ValueError(
            f"{n} segments have only {math.factorial(n)} orders, fewer than the {count} "
            "surrogates requested. Use a shorter --window or fewer --surrogates."
        )
    orders = rng.permuted(np.tile(np.arange(n), (count, 1)), axis=1)
    own = np.arange(n)
    chosen = (table[own, order] for order in orders)
    profile, window = zip(
        *((mean_over(m, axis=0), mean_over(m, axis=1)) for m in chosen), strict=True
    )
    return NullAverages(np.stack(profile), np.stack(window))
