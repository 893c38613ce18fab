"""A slow, plain windowed lagged correlation, written from the definition alone."""

import numpy as np


def plain_correlations(x, y, *, starts, length, lags, is_backward=False, min_pairs=3):
    """Pearson correlation of the valid pairs, one numpy.corrcoef per window and lag."""
    r = np.full((len(starts), len(lags)), np.nan)
    for w, s in enumerate(starts):
        for j, k in enumerate(lags):
            if is_backward:
                a, b = (s - k, s) if k > 0 else (s, s + k)
            else:
                a, b = (s, s + k) if k > 0 else (s - k, s)
            u, v = x[a : a + length], y[b : b + length]
            valid = np.isfinite(u) & np.isfinite(v)
            u, v = u[valid], v[valid]
            if len(u) < min_pairs or np.ptp(u) == 0 or np.ptp(v) == 0:
                continue
            r[w, j] = np.corrcoef(u, v)[0, 1]
    return r
