"""The pass over all pixels of a frame, compiled."""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def change(
    frame: np.ndarray,
    before: np.ndarray,
    labels: np.ndarray,
    table: np.ndarray,
    threshold: int,
    counts: np.ndarray,
    sums: np.ndarray,
) -> int:
    """Changes over a threshold by region; `before` becomes the frame, its light evened.

    Args:
        frame: Grey values (height x width).
        before: Those of the frame before, evened (height x width); overwritten.
        labels: Region of each pixel (height x width).
        table: Evened grey value of each grey value (256).
        threshold: Changes up to this are none.
        counts: Pixels that changed, by region; added to.
        sums: Their changes, by region; added to.

    Returns:
        Pixels whose grey value differs at all from that of the frame before.
    """
    differing = 0
    for i in range(frame.shape[0]):
        for j in range(frame.shape[1]):
            value = table[frame[i, j]]
            apart = np.int64(value) - np.int64(before[i, j])
            if apart != 0:
                differing += 1
                if apart < 0:
                    apart = -apart
                if apart > threshold:
                    label = labels[i, j]
                    counts[label] += 1
                    sums[label] += apart
                before[i, j] = value
    return differing
