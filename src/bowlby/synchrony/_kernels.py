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


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _correlations(xy, y, yy, x_sum, x_spread, first, last, length, used, smallest, r, valid):
    """Correlation of each window from cumulative sums over blocks, 0 where there is none."""
    for w in range(len(first)):
        a, b = first[w], last[w]
        n = length[w]
        sy = y[b] - y[a]
        spread = (yy[b] - yy[a]) - sy * sy / n
        together = (xy[b] - xy[a]) - x_sum[w] * sy / n
        both = spread * x_spread[w]
        ok = used[w] and spread > smallest * n and x_spread[w] > smallest * n
        value = together / np.sqrt(both if ok else 1.0)
        value = min(max(value, -_LARGEST_R), _LARGEST_R)
        r[w] = value if ok else 0.0
        valid[w] = 1.0 if ok else 0.0


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _mean_values(r, is_fisher):
    """Sums over windows of the size and of the signed value of correlations.

    Fisher's z is half the logarithm of (1 + r) / (1 - r): logarithms of products of 16 stand
    for 16 logarithms.
    """
    size = 0.0
    signed = 0.0
    if not is_fisher:
        for w in range(len(r)):
            size += abs(r[w])
            signed += r[w]
        return size, signed
    for start in range(0, len(r), 16):
        part = r[start : min(start + 16, len(r))]
        up, down, more, less = 1.0, 1.0, 1.0, 1.0
        for w in range(len(part)):
            value = part[w]
            more *= 1.0 + value
            less *= 1.0 - value
            value = abs(value)
            up *= 1.0 + value
            down *= 1.0 - value
        size += 0.5 * np.log(up / down)
        signed += 0.5 * np.log(more / less)
    return size, signed


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _collect(r, valid, is_absolute, is_fisher, up, down, count, highest):
    """Add one lag to what is kept of each window: its sum or product, and its highest point."""
    for w in range(len(highest)):
        size = abs(r[w]) if valid[w] > 0.0 else -1.0
        highest[w] = max(highest[w], size)
    for w in range(len(up)):
        value = abs(r[w]) if is_absolute else r[w]
        if is_fisher:
            up[w] *= 1.0 + value
            down[w] *= 1.0 - value
        else:
            up[w] += value
        count[w] += valid[w]


@numba.njit(cache=True, nogil=True)
def look_up(
    products, x_sum, x_spread, y_sum, y_squares, orders, used, first, last, length,
    is_absolute, is_fisher, size, signed, up, down, count, highest,
):  # fmt: skip
    """Add one lag of every surrogate to its profiles and to what is kept of its windows.

    `products[i, j, q]` is the sum of products of part q of block i of one partner and of block
    j of the other; surrogate s pairs block i with block `orders[s, i]`. A window holds the
    parts from `first` to `last` and takes part where `used[s]` says so. `size` and `signed` are
    means over windows; rows of `up` and `down` may be empty where no mean over lags is wanted.
    """
    parts = products.shape[2]
    n = orders.shape[1] * parts
    xy, y, yy = np.zeros(n + 1), np.zeros(n + 1), np.zeros(n + 1)
    r, valid = np.empty(len(first)), np.empty(len(first))
    for s in range(len(orders)):
        t = 0
        for i in range(orders.shape[1]):
            j = orders[s, i]
            for q in range(parts):
                xy[t + 1] = xy[t] + products[i, j, q]
                y[t + 1] = y[t] + y_sum[j, q]
                yy[t + 1] = yy[t] + y_squares[j, q]
                t += 1
        _correlations(xy, y, yy, x_sum, x_spread, first, last, length, used[s], 1e-9, r, valid)
        there = valid.sum()
        a, b = _mean_values(r, is_fisher)
        size[s] = a / there if there > 0.0 else np.nan
        signed[s] = b / there if there > 0.0 else np.nan
        _collect(r, valid, is_absolute, is_fisher, up[s], down[s], count[s], highest[s])


@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _correlations_with_gaps(sums, first, last, fewest, used, smallest, r, valid):
    for w in range(len(first)):
        a, b = first[w], last[w]
        n = sums[0, b] - sums[0, a]
        some = max(n, 1.0)
        sx = sums[1, b] - sums[1, a]
        sy = sums[2, b] - sums[2, a]
        vx = (sums[3, b] - sums[3, a]) - sx * sx / some
        vy = (sums[4, b] - sums[4, a]) - sy * sy / some
        together = (sums[5, b] - sums[5, a]) - sx * sy / some
        ok = used[w] and n > fewest[w] and vx > smallest * some and vy > smallest * some
        value = together / np.sqrt(vx * vy if ok else 1.0)
        value = min(max(value, -_LARGEST_R), _LARGEST_R)
        r[w] = value if ok else 0.0
        valid[w] = 1.0 if ok else 0.0


@numba.njit(cache=True, nogil=True)
def look_up_with_gaps(
    products, orders, used, first, last, fewest,
    is_absolute, is_fisher, size, signed, up, down, count, highest,
):  # fmt: skip
    """As `look_up`, from sums over valid pairs: `products[i, j, q]` has n, x, y, xx, yy, xy."""
    parts = products.shape[2]
    sums = np.zeros((6, orders.shape[1] * parts + 1))
    r, valid = np.empty(len(first)), np.empty(len(first))
    for s in range(len(orders)):
        t = 0
        for i in range(orders.shape[1]):
            j = orders[s, i]
            for q in range(parts):
                for m in range(6):
                    sums[m, t + 1] = sums[m, t] + products[i, j, q, m]
                t += 1
        _correlations_with_gaps(sums, first, last, fewest, used[s], 1e-9, r, valid)
        there = valid.sum()
        a, b = _mean_values(r, is_fisher)
        size[s] = a / there if there > 0.0 else np.nan
        signed[s] = b / there if there > 0.0 else np.nan
        _collect(r, valid, is_absolute, is_fisher, up[s], down[s], count[s], highest[s])
