"""Compiled inner loops of the windowed lagged cross-correlation.

Private: `lagged_correlation` and `segment_table` state what these compute. Offsets move a
partner's part of a window by a lag; bounds cut time into blocks shared by windows.
"""

import numba
import numpy as np

# Below this share of a signal's variance, differences of sums have lost digits.
_SMALL_VARIANCE = 1e-4
# Fisher z is bounded by 10, as rMEA bounds it.
_LARGEST_R = np.tanh(10.0)


# Slices first: a loop from 0 over a slice needs no wrap-around check and becomes SIMD.
@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _dot4(x, y0, y1, y2, y3):
    s0 = 0.0
    s1 = 0.0
    s2 = 0.0
    s3 = 0.0
    for t in range(len(x)):
        s0 += x[t] * y0[t]
        s1 += x[t] * y1[t]
        s2 += x[t] * y2[t]
        s3 += x[t] * y3[t]
    return s0, s1, s2, s3


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _dot(x, y):
    s = 0.0
    for t in range(len(x)):
        s += x[t] * y[t]
    return s


@numba.njit(cache=True, nogil=True)
def _pearson_two_pass(x, y, a, b, n):
    """Pearson correlation of x[a:a+n] and y[b:b+n]; NaN if either is constant."""
    mean_x = 0.0
    mean_y = 0.0
    x_changes = False
    y_changes = False
    for t in range(n):
        mean_x += x[a + t]
        mean_y += y[b + t]
        x_changes |= x[a + t] != x[a]
        y_changes |= y[b + t] != y[b]
    if not (x_changes and y_changes):
        return np.nan
    mean_x /= n
    mean_y /= n
    sxx = 0.0
    syy = 0.0
    sxy = 0.0
    for t in range(n):
        dx = x[a + t] - mean_x
        dy = y[b + t] - mean_y
        sxx += dx * dx
        syy += dy * dy
        sxy += dx * dy
    return sxy / np.sqrt(sxx * syy)


@numba.njit(cache=True, nogil=True)
def _prefix_sums(x):
    total = np.zeros(len(x) + 1)
    squares = np.zeros(len(x) + 1)
    for t in range(len(x)):
        total[t + 1] = total[t] + x[t]
        squares[t + 1] = squares[t] + x[t] * x[t]
    return total, squares


@numba.njit(cache=True, nogil=True)
def _block_products(x, y, bounds, needed, x_offset, y_offset):
    """Sum of products in every block at every lag (blocks x lags)."""
    n_blocks = len(bounds) - 1
    n_lags = len(x_offset)
    products = np.zeros((n_blocks, n_lags))
    for i in range(n_blocks):
        if not needed[i]:
            continue
        s = bounds[i]
        n = bounds[i + 1] - s
        k = 0
        while k < n_lags:
            a = s + x_offset[k]
            b = s + y_offset[k]
            if k + 3 < n_lags and x_offset[k] == x_offset[k + 3]:
                b1, b2, b3 = s + y_offset[k + 1], s + y_offset[k + 2], s + y_offset[k + 3]
                products[i, k : k + 4] = _dot4(
                    x[a : a + n], y[b : b + n], y[b1 : b1 + n], y[b2 : b2 + n], y[b3 : b3 + n]
                )
                k += 4
            elif k + 3 < n_lags and y_offset[k] == y_offset[k + 3]:
                a1, a2, a3 = s + x_offset[k + 1], s + x_offset[k + 2], s + x_offset[k + 3]
                products[i, k : k + 4] = _dot4(
                    y[b : b + n], x[a : a + n], x[a1 : a1 + n], x[a2 : a2 + n], x[a3 : a3 + n]
                )
                k += 4
            else:
                products[i, k] = _dot(x[a : a + n], y[b : b + n])
                k += 1
    return products


@numba.njit(cache=True, nogil=True)
def _needed_blocks(n_blocks, first_block, last_block):
    needed = np.zeros(n_blocks, dtype=np.bool_)
    for w in range(len(first_block)):
        needed[first_block[w] : last_block[w]] = True
    return needed


@numba.njit(cache=True, nogil=True)
def correlate(x, y, bounds, first_block, last_block, starts, length, x_offset, y_offset):
    """Correlations of gap-free standardised signals (windows x lags)."""
    n_windows = len(starts)
    n_lags = len(x_offset)
    needed = _needed_blocks(len(bounds) - 1, first_block, last_block)
    products = _block_products(x, y, bounds, needed, x_offset, y_offset)
    x_sum, x_squares = _prefix_sums(x)
    y_sum, y_squares = _prefix_sums(y)
    r = np.empty((n_windows, n_lags))
    for w in range(n_windows):
        for k in range(n_lags):
            a = starts[w] + x_offset[k]
            b = starts[w] + y_offset[k]
            sxy = 0.0
            for i in range(first_block[w], last_block[w]):
                sxy += products[i, k]
            sx = x_sum[a + length] - x_sum[a]
            sy = y_sum[b + length] - y_sum[b]
            vx = x_squares[a + length] - x_squares[a] - sx * sx / length
            vy = y_squares[b + length] - y_squares[b] - sy * sy / length
            if vx < _SMALL_VARIANCE * length or vy < _SMALL_VARIANCE * length:
                r[w, k] = _pearson_two_pass(x, y, a, b, length)
            else:
                r[w, k] = (sxy - sx * sy / length) / np.sqrt(vx * vy)
    return r


@numba.njit(cache=True, nogil=True)
def _pearson_valid_pairs(x, y, a, b, n):
    """Pearson correlation over the pairs in which both samples are valid."""
    count = 0
    mean_x = 0.0
    mean_y = 0.0
    x_first = np.nan
    y_first = np.nan
    x_changes = False
    y_changes = False
    for t in range(n):
        if np.isnan(x[a + t]) or np.isnan(y[b + t]):
            continue
        if count == 0:
            x_first = x[a + t]
            y_first = y[b + t]
        x_changes |= x[a + t] != x_first
        y_changes |= y[b + t] != y_first
        mean_x += x[a + t]
        mean_y += y[b + t]
        count += 1
    if not (x_changes and y_changes):
        return np.nan
    mean_x /= count
    mean_y /= count
    sxx = 0.0
    syy = 0.0
    sxy = 0.0
    for t in range(n):
        if np.isnan(x[a + t]) or np.isnan(y[b + t]):
            continue
        dx = x[a + t] - mean_x
        dy = y[b + t] - mean_y
        sxx += dx * dx
        syy += dy * dy
        sxy += dx * dy
    return sxy / np.sqrt(sxx * syy)


@numba.njit(cache=True, nogil=True)
def correlate_with_gaps(
    x, y, bounds, first_block, last_block, starts, length, x_offset, y_offset, min_coverage
):
    """Correlations and numbers of valid pairs when samples are missing (windows x lags)."""
    n_windows = len(starts)
    n_lags = len(x_offset)
    needed = _needed_blocks(len(bounds) - 1, first_block, last_block)
    x_valid = np.where(np.isnan(x), 0.0, 1.0)
    y_valid = np.where(np.isnan(y), 0.0, 1.0)
    x_zero = np.where(np.isnan(x), 0.0, x)
    y_zero = np.where(np.isnan(y), 0.0, y)
    args = (bounds, needed, x_offset, y_offset)
    n_products = _block_products(x_valid, y_valid, *args)
    x_products = _block_products(x_zero, y_valid, *args)
    y_products = _block_products(x_valid, y_zero, *args)
    xx_products = _block_products(x_zero * x_zero, y_valid, *args)
    yy_products = _block_products(x_valid, y_zero * y_zero, *args)
    xy_products = _block_products(x_zero, y_zero, *args)
    r = np.full((n_windows, n_lags), np.nan)
    pairs = np.zeros((n_windows, n_lags))
    for w in range(n_windows):
        for k in range(n_lags):
            n = 0.0
            sx = 0.0
            sy = 0.0
            sxx = 0.0
            syy = 0.0
            sxy = 0.0
            for i in range(first_block[w], last_block[w]):
                n += n_products[i, k]
                sx += x_products[i, k]
                sy += y_products[i, k]
                sxx += xx_products[i, k]
                syy += yy_products[i, k]
                sxy += xy_products[i, k]
            pairs[w, k] = n
            if n < 3 or n < min_coverage * length:
                continue
            vx = sxx - sx * sx / n
            vy = syy - sy * sy / n
            if vx < _SMALL_VARIANCE * n or vy < _SMALL_VARIANCE * n:
                a = starts[w] + x_offset[k]
                b = starts[w] + y_offset[k]
                r[w, k] = _pearson_valid_pairs(x, y, a, b, length)
            else:
                r[w, k] = (sxy - sx * sy / n) / np.sqrt(vx * vy)
    return r, pairs


@numba.njit(cache=True, nogil=True)
def _transform(r, is_absolute, is_fisher):
    if is_fisher:
        r = min(max(r, -_LARGEST_R), _LARGEST_R)
        r = 0.5 * np.log((1.0 + r) / (1.0 - r))
    return abs(r) if is_absolute else r


@numba.njit(cache=True, nogil=True)
def look_up(
    products, x_sum, x_squares, y_sum, y_squares, orders, first_block, n_blocks, length,
    is_absolute, is_fisher, profile, window_sum, window_count,
):  # fmt: skip
    """Add one lag of every surrogate to its profile and window means, without gaps.

    `products[i, j]` is the sum of products of block i of one partner and block j of the other;
    surrogate s pairs block i with block `orders[s, i]`.
    """
    smallest = 1e-9 * length
    for s in range(len(orders)):
        order = orders[s]
        total = 0.0
        count = 0
        for w in range(len(first_block)):
            sx = 0.0
            sy = 0.0
            sxx = 0.0
            syy = 0.0
            sxy = 0.0
            for i in range(first_block[w], first_block[w] + n_blocks):
                j = order[i]
                sx += x_sum[i]
                sxx += x_squares[i]
                sy += y_sum[j]
                syy += y_squares[j]
                sxy += products[i, j]
            vx = sxx - sx * sx / length
            vy = syy - sy * sy / length
            if vx <= smallest or vy <= smallest:
                continue
            value = (sxy - sx * sy / length) / np.sqrt(vx * vy)
            value = _transform(value, is_absolute, is_fisher)
            total += value
            count += 1
            window_sum[s, w] += value
            window_count[s, w] += 1
        profile[s] = total / count if count else np.nan


@numba.njit(cache=True, nogil=True)
def look_up_with_gaps(
    products, orders, first_block, n_blocks, fewest, is_absolute, is_fisher,
    profile, window_sum, window_count,
):  # fmt: skip
    """As `look_up`, from sums over valid pairs: `products[i, j]` holds n, x, y, xx, yy, xy."""
    for s in range(len(orders)):
        order = orders[s]
        total = 0.0
        count = 0
        for w in range(len(first_block)):
            n = 0.0
            sx = 0.0
            sy = 0.0
            sxx = 0.0
            syy = 0.0
            sxy = 0.0
            for i in range(first_block[w], first_block[w] + n_blocks):
                cell = products[i, order[i]]
                n += cell[0]
                sx += cell[1]
                sy += cell[2]
                sxx += cell[3]
                syy += cell[4]
                sxy += cell[5]
            if n < fewest:
                continue
            vx = sxx - sx * sx / n
            vy = syy - sy * sy / n
            if vx <= 1e-9 * n or vy <= 1e-9 * n:
                continue
            value = (sxy - sx * sy / n) / np.sqrt(vx * vy)
            value = _transform(value, is_absolute, is_fisher)
            total += value
            count += 1
            window_sum[s, w] += value
            window_count[s, w] += 1
        profile[s] = total / count if count else np.nan
