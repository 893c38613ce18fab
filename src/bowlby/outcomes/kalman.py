"""The filter of the course model, for a panel of clients with gaps.

State of a client: level l and slope s, in unit steps of time (a session, or a week).

    l' = l + s + N(0, q),   s' = phi s + N(0, w),   y = l + N(0, R)

numpy loops took minutes where this takes seconds; no kept library fits a panel with gaps.
"""

import numpy as np
from numba import njit

from bowlby._types import FloatArray, IntArray

LEVEL, SPREAD, SLOPE, SLOPE_SPREAD, JOINT, DRIFT, TURN, HOLD, ERROR = range(9)
"""Places of the numbers: mean and SD of the first level, mean and SD of the first slope,
correlation of both, SD of the level's steps, SD of the slope's steps, phi, SD of the error."""


@njit(cache=True)
def _predict(a: FloatArray, steps: int, p: FloatArray) -> None:
    """Move (l, s, var l, cov, var s) on by whole steps, in place."""
    q, w, phi = p[DRIFT] ** 2, p[TURN] ** 2, p[HOLD]
    for _ in range(steps):
        level, slope, vl, c, vs = a[0], a[1], a[2], a[3], a[4]
        a[0] = level + slope
        a[1] = phi * slope
        a[2] = vl + 2.0 * c + vs + q
        a[3] = phi * (c + vs)
        a[4] = phi * phi * vs + w


@njit(cache=True)
def _start(a: FloatArray, p: FloatArray) -> None:
    a[0], a[1] = p[LEVEL], p[SLOPE]
    a[2], a[4] = p[SPREAD] ** 2, p[SLOPE_SPREAD] ** 2
    a[3] = p[JOINT] * p[SPREAD] * p[SLOPE_SPREAD]


@njit(cache=True)
def _update(a: FloatArray, y: float, p: FloatArray) -> float:
    """Learn from a score, in place; returns its log density."""
    f = a[2] + p[ERROR] ** 2
    v = y - a[0]
    k, g = a[2] / f, a[3] / f
    a[0] += k * v
    a[1] += g * v
    vl, c = a[2], a[3]
    a[2] = vl - k * vl
    a[3] = c - k * c
    a[4] -= g * c
    return -0.5 * (np.log(2.0 * np.pi * f) + v * v / f)


@njit(cache=True)
def loglik(starts: IntArray, time: IntArray, y: FloatArray, p: FloatArray) -> float:
    """Log-likelihood of all scores.

    Args:
        starts: Place of each client's first score, and the number of scores at the end.
        time: Whole steps from 0, rising within a client.
        y: Scores.
        p: The nine numbers.
    """
    total = 0.0
    a = np.empty(5)
    for i in range(len(starts) - 1):
        _start(a, p)
        now = 0
        for j in range(starts[i], starts[i + 1]):
            _predict(a, time[j] - now, p)
            now = time[j]
            total += _update(a, y[j], p)
    return total


@njit(cache=True)
def standardised(starts: IntArray, time: IntArray, y: FloatArray, p: FloatArray) -> FloatArray:
    """Errors one score ahead over their SD, without each client's first score."""
    out = np.empty(len(y) - len(starts) + 1)
    at = 0
    a = np.empty(5)
    for i in range(len(starts) - 1):
        _start(a, p)
        now = 0
        for j in range(starts[i], starts[i + 1]):
            _predict(a, time[j] - now, p)
            now = time[j]
            if j > starts[i]:
                out[at] = (y[j] - a[0]) / np.sqrt(a[2] + p[ERROR] ** 2)
                at += 1
            _update(a, y[j], p)
    return out


@njit(cache=True)
def predictions(
    time: IntArray, y: FloatArray, last: int, draws: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of a client's score at steps 0 to `last`, given the scores.

    At steps after the last score, what is to come; before it, what was to be expected given the
    scores before that step (one step ahead).

    Args:
        time: Steps of the scores.
        y: The scores.
        last: Step to go up to.
        draws: Sets of the nine numbers, one a row.

    Returns:
        Mean and variance (draw, step).
    """
    mean = np.empty((len(draws), last + 1))
    variance = np.empty((len(draws), last + 1))
    a = np.empty(5)
    for d in range(len(draws)):
        p = draws[d]
        _start(a, p)
        j = 0
        for t in range(last + 1):
            if t > 0:
                _predict(a, 1, p)
            mean[d, t] = a[0]
            variance[d, t] = a[2] + p[ERROR] ** 2
            if j < len(time) and time[j] == t:
                _update(a, y[j], p)
                j += 1
    return mean, variance


@njit(cache=True)
def smoothed(
    time: IntArray, y: FloatArray, last: int, p: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of a client's level at each step, given all scores.

    The Rauch-Tung-Striebel smoother.
    """
    n = last + 1
    ahead, now = np.empty((n, 5)), np.empty((n, 5))
    a = np.empty(5)
    _start(a, p)
    j = 0
    for t in range(n):
        if t > 0:
            _predict(a, 1, p)
        ahead[t] = a
        if j < len(time) and time[j] == t:
            _update(a, y[j], p)
            j += 1
        now[t] = a
    phi = p[HOLD]
    mean, variance = np.empty(n), np.empty(n)
    l, s, vl, c, vs = now[n - 1]
    mean[n - 1], variance[n - 1] = l, vl
    for t in range(n - 2, -1, -1):
        f, g = now[t], ahead[t + 1]
        # Gain J = P F' P+^-1 with F = [[1, 1], [0, phi]].
        m00, m01 = f[2] + f[3], phi * f[3]
        m10, m11 = f[3] + f[4], phi * f[4]
        det = max(g[2] * g[4] - g[3] * g[3], 1e-12)
        j00 = (m00 * g[4] - m01 * g[3]) / det
        j01 = (m01 * g[2] - m00 * g[3]) / det
        j10 = (m10 * g[4] - m11 * g[3]) / det
        j11 = (m11 * g[2] - m10 * g[3]) / det
        dl, ds = l - g[0], s - g[1]
        d0, d1, d2 = vl - g[2], c - g[3], vs - g[4]
        l, s = f[0] + j00 * dl + j01 * ds, f[1] + j10 * dl + j11 * ds
        u00, u01 = j00 * d0 + j01 * d1, j00 * d1 + j01 * d2
        u10, u11 = j10 * d0 + j11 * d1, j10 * d1 + j11 * d2
        vl = f[2] + u00 * j00 + u01 * j01
        c = f[3] + u00 * j10 + u01 * j11
        vs = f[4] + u10 * j10 + u11 * j11
        mean[t], variance[t] = l, max(vl, 0.0)
    return mean, variance


@njit(cache=True)
def panel_forecasts(
    starts: IntArray, time: IntArray, y: FloatArray, draws: FloatArray, ahead: int
) -> tuple[FloatArray, FloatArray]:
    """Mean and SD of each client's next scores, with how sure the numbers are in the SD.

    Returns:
        Mean and SD (client, step ahead from 1).
    """
    n, many = len(starts) - 1, len(draws)
    mean, sd = np.zeros((n, ahead)), np.zeros((n, ahead))
    a = np.empty(5)
    for i in range(n):
        square = np.zeros(ahead)
        for d in range(many):
            p = draws[d]
            _start(a, p)
            now = 0
            for j in range(starts[i], starts[i + 1]):
                _predict(a, time[j] - now, p)
                now = time[j]
                _update(a, y[j], p)
            for k in range(ahead):
                _predict(a, 1, p)
                mean[i, k] += a[0] / many
                square[k] += a[0] * a[0] / many
                sd[i, k] += (a[2] + p[ERROR] ** 2) / many
        for k in range(ahead):
            sd[i, k] = np.sqrt(sd[i, k] + max(square[k] - mean[i, k] ** 2, 0.0))
    return mean, sd


@njit(cache=True)
def panel_smoothed(
    starts: IntArray, time: IntArray, y: FloatArray, p: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Smoothed level of every client at every step from 0 to the last (client, step)."""
    n, last = len(starts) - 1, time.max()
    mean, variance = np.full((n, last + 1), np.nan), np.full((n, last + 1), np.nan)
    for i in range(n):
        t, x = time[starts[i] : starts[i + 1]], y[starts[i] : starts[i + 1]]
        m, v = smoothed(t, x, t[-1], p)
        mean[i, : len(m)], variance[i, : len(m)] = m, v
    return mean, variance
