"""Compiled loops of cross-recurrence; NaN is recurrent with nothing."""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def pairs_within(x, y, radius):
    """Number of pairs of the sorted `x` and `y` at most `radius` apart."""
    count = first = last = 0
    for value in x:
        while first < len(y) and y[first] < value - radius:
            first += 1
        while last < len(y) and y[last] <= value + radius:
            last += 1
        count += last - first
    return count


@numba.njit(cache=True, nogil=True)
def radius_for(x, y, target):
    """Smallest radius that holds `target` pairs of the sorted `x` and `y`, by bisection."""
    low, high = 0.0, max(abs(x[-1] - y[0]), abs(y[-1] - x[0]))
    if pairs_within(x, y, 0.0) >= target:
        return 0.0
    for _ in range(60):
        middle = (low + high) / 2
        if pairs_within(x, y, middle) >= target:
            high = middle
        else:
            low = middle
    return high


@numba.njit(cache=True, nogil=True)
def profile(x, y, radius, furthest):
    """Recurrent and valid pairs x[t], y[t + lag] for lags -furthest to furthest."""
    recurrent = np.zeros(2 * furthest + 1)
    valid = np.zeros(2 * furthest + 1)
    for lag in range(-furthest, furthest + 1):
        for t in range(max(0, -lag), min(len(x), len(y) - lag)):
            apart = abs(x[t] - y[t + lag])
            if apart <= radius:
                recurrent[lag + furthest] += 1
            if not np.isnan(apart):
                valid[lag + furthest] += 1
    return recurrent, valid


@numba.njit(cache=True, nogil=True)
def diagonal_lines(x, y, radius):
    """Number of diagonal lines by length (index) in the whole matrix."""
    counts = np.zeros(min(len(x), len(y)) + 1, dtype=np.int64)
    for lag in range(1 - len(x), len(y)):
        length = 0
        for t in range(max(0, -lag), min(len(x), len(y) - lag)):
            if abs(x[t] - y[t + lag]) <= radius:
                length += 1
            else:
                counts[length] += 1
                length = 0
        counts[length] += 1
    counts[0] = 0
    return counts


@numba.njit(cache=True, nogil=True)
def straight_lines(x, y, radius):
    """Number of lines by length (index) along `y`, for every moment of `x`."""
    counts = np.zeros(len(y) + 1, dtype=np.int64)
    for value in x:
        length = 0
        for other in y:
            if abs(value - other) <= radius:
                length += 1
            else:
                counts[length] += 1
                length = 0
        counts[length] += 1
    counts[0] = 0
    return counts
