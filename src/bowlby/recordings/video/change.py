"""How much a picture changes from frame to frame, by region; in place, so that it is quick."""

import numpy as np

from bowlby._types import FloatArray

LEAST_FLICKER = 0.002


class Change:
    """Compares each frame with the one before.

    Attributes:
        size: Pixels of the background and of each region.
    """

    def __init__(self, labels: np.ndarray, threshold: int):
        """Prepare for pictures of one size.

        Args:
            labels: Region of each pixel, 0 for the background (height x width).
            threshold: Changes of grey value up to this are none.
        """
        self.threshold = threshold
        count = int(labels.max()) + 1
        self.size = np.bincount(labels.ravel(), minlength=count)
        self._boxes = [_box(labels, number) for number in range(1, count)]
        self._before = np.zeros(labels.shape, dtype=np.uint8)
        self._high, self._low = np.empty_like(self._before), np.empty_like(self._before)
        self._moved = np.empty(labels.shape, dtype=bool)

    def of(self, grey: np.ndarray, scale: float = 1.0) -> tuple[FloatArray, FloatArray, int]:
        """Changes since the frame before.

        Args:
            grey: Grey values (height x width).
            scale: How much brighter than usual the frame is.

        Returns:
            Pixels that changed and the sum of their changes, of the background and of each
            region, and how many pixels differ at all.
        """
        now = evened(grey, scale)
        np.maximum(now, self._before, out=self._high)
        np.minimum(now, self._before, out=self._low)
        np.subtract(self._high, self._low, out=self._high)
        differing = int(np.count_nonzero(self._high))
        np.greater(self._high, self.threshold, out=self._moved)
        np.multiply(self._high, self._moved.view(np.uint8), out=self._high)
        np.copyto(self._before, now)
        counts = np.empty(len(self.size))
        sums = np.empty(len(self.size))
        counts[0] = np.count_nonzero(self._moved)
        sums[0] = self._high.sum(dtype=np.uint32)
        for number, (rows, columns, mask) in enumerate(self._boxes, start=1):
            # Copies, for what is not one piece of memory is counted ten times slower.
            moved = np.ascontiguousarray(self._moved[rows, columns])
            change = np.ascontiguousarray(self._high[rows, columns])
            if mask is not None:
                moved, change = moved & mask, change * mask
            counts[number] = np.count_nonzero(moved)
            sums[number] = change.sum(dtype=np.uint32)
        counts[0] -= counts[1:].sum()
        sums[0] -= sums[1:].sum()
        return counts, sums, differing


def _box(labels: np.ndarray, number: int) -> tuple[slice, slice, np.ndarray | None]:
    """Rows and columns of a region, and its pixels in them if it is no rectangle."""
    mask = labels == number
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    inside = mask[box]
    return *box, None if inside.all() else inside


def evened(grey: np.ndarray, scale: float) -> np.ndarray:
    """A frame in usual light.

    Args:
        grey: Grey values (height x width).
        scale: How much brighter than usual the frame is.
    """
    if abs(scale - 1.0) < LEAST_FLICKER or not np.isfinite(scale) or scale <= 0:
        return grey
    values = np.clip(np.rint(np.arange(256) / scale), 0, 255).astype(np.uint8)
    # Ten times quicker than indexing a table with an array.
    made = np.ascontiguousarray(grey).tobytes().translate(values.tobytes())
    return np.frombuffer(made, dtype=np.uint8).reshape(grey.shape)
