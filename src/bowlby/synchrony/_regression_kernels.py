"""Compiled least squares on nested sets of predictors, on one core."""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def explained(past, now):
    """Part of each target along each predictor that the predictors before it leave over.

    Modified Gram-Schmidt: with a few hundred rows it is quicker than LAPACK's threads, which
    get in each other's way when surrogates are tested on a busy machine.

    Args:
        past: Predictors (predictors x rows).
        now: Targets (targets x rows).

    Returns:
        Coordinates (predictors x targets); 0 for a predictor that repeats those before it.
    """
    base, rest = past.copy(), now.copy()
    along = np.zeros((len(past), len(now)))
    largest = 0.0
    for k in range(len(base)):
        largest = max(largest, np.sqrt(np.sum(past[k] ** 2)))
    for k in range(len(base)):
        size = np.sqrt(np.sum(base[k] ** 2))
        if size <= 1e-9 * largest:
            continue
        direction = base[k] / size
        for later in range(k + 1, len(base)):
            base[later] -= np.sum(direction * base[later]) * direction
        for target in range(len(rest)):
            along[k, target] = np.sum(direction * rest[target])
            rest[target] -= along[k, target] * direction
    return along
