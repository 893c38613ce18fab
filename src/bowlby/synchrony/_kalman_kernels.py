"""Compiled Kalman filter of two people's hidden states; `coregulation` states the model."""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def log_likelihood(seen, dynamics, noise, error):
    """Log-likelihood of two observed series (times x 2), NaN where missing.

    State s_t = dynamics s_(t-1) + u, u ~ N(0, noise); observed o_t = s_t + e, e ~ N(0, diag
    error). Observations are taken in one by one, so that a missing one is simply left out.
    """
    mean = np.zeros(2)
    spread = np.eye(2)
    total = 0.0
    for t in range(len(seen)):
        mean = np.array(
            [
                dynamics[0, 0] * mean[0] + dynamics[0, 1] * mean[1],
                dynamics[1, 0] * mean[0] + dynamics[1, 1] * mean[1],
            ]
        )
        moved = np.empty((2, 2))
        for i in range(2):
            for j in range(2):
                moved[i, j] = dynamics[i, 0] * spread[0, j] + dynamics[i, 1] * spread[1, j]
        for i in range(2):
            for j in range(2):
                spread[i, j] = (
                    moved[i, 0] * dynamics[j, 0] + moved[i, 1] * dynamics[j, 1] + noise[i, j]
                )
        for i in range(2):
            if np.isnan(seen[t, i]):
                continue
            surprise = seen[t, i] - mean[i]
            variance = spread[i, i] + error[i]
            gain = np.array([spread[0, i] / variance, spread[1, i] / variance])
            row = np.array([spread[i, 0], spread[i, 1]])
            for k in range(2):
                mean[k] += gain[k] * surprise
                for j in range(2):
                    spread[k, j] -= gain[k] * row[j]
            total -= 0.5 * (np.log(2.0 * np.pi * variance) + surprise * surprise / variance)
    return total
