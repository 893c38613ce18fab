"""Unbroken runs of samples that have something in common."""

import numpy as np

from bowlby._types import BoolArray


def stretches(is_there: BoolArray) -> tuple[tuple[int, int], ...]:
    """First index and index after the last of each unbroken run of true values."""
    padded = np.zeros(len(is_there) + 2, dtype=bool)
    padded[1:-1] = is_there
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return tuple((int(start), int(stop)) for start, stop in edges.reshape(-1, 2))
