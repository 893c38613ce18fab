"""Unbroken runs of samples that have something in common."""

import numpy as np

from bowlby._types import BoolArray


def stretches(is_there: BoolArray) -> tuple[tuple[int, int], ...]:
    """First index and index after the last of each unbroken run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_there.astype(np.int8), [0]))))
    return tuple((int(start), int(stop)) for start, stop in edges.reshape(-1, 2))
