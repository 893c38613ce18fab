"""Two series at the rate a measure needs, and the stretches between their gaps."""

from dataclasses import dataclass, replace

import numpy as np

from bowlby._types import BoolArray, FloatArray
from bowlby.recordings.preparation.clock import moving_mean

LEVEL_S = 120.0
"""What changes over longer than this is a level (s): twice the longest customary window."""


@dataclass(frozen=True, eq=False)
class Coarse:
    """Both partners' series after averaging over equal blocks of samples.

    A sample missing in one is NaN in both. If either series never changes there is nothing
    to compare, and both are NaN throughout.

    Attributes:
        x: First partner's block means.
        y: Second partner's block means.
        rate_hz: Blocks per second (Hz).
        start_s: Time of the first block's middle (s).
    """

    x: FloatArray
    y: FloatArray
    rate_hz: float
    start_s: float

    @property
    def valid(self) -> BoolArray:
        """Where both were recorded."""
        return ~np.isnan(self.x)

    @property
    def time_s(self) -> FloatArray:
        """Time of each block's middle (s)."""
        return self.start_s + np.arange(len(self.x)) / self.rate_hz

    def without_level(self) -> "Coarse":
        """Both in standard deviations around their mean of the two minutes around.

        Levels that fall over a session in both people, or more movement of both at its start
        and end, would look coupled to what compares values, even against shifts: shifted, the
        two courses no longer meet.
        """
        return replace(
            self, x=_less_level(self.x, self.rate_hz), y=_less_level(self.y, self.rate_hz)
        )

    def scaled(self) -> FloatArray:
        """Both around their mean, in their standard deviation (times x 2)."""
        both = np.column_stack([self.x, self.y])
        return (both - np.nanmean(both, axis=0)) / np.nanstd(both, axis=0)

    def stretches(self, *, min_s: float) -> list[slice]:
        """Gap-free runs of at least `min_s` seconds in which both series change."""
        return [
            run
            for run in runs(self.valid)
            if (run.stop - run.start) >= min_s * self.rate_hz
            and np.ptp(self.x[run]) > 0
            and np.ptp(self.y[run]) > 0
        ]


def _less_level(values: FloatArray, rate_hz: float) -> FloatArray:
    """Values around their moving mean, in their moving SD (at least a tenth of the whole's)."""
    around = values - moving_mean(values, duration_s=LEVEL_S, rate_hz=rate_hz)
    spread = np.sqrt(moving_mean(around**2, duration_s=LEVEL_S, rate_hz=rate_hz).clip(0.0))
    least = 0.1 * np.nanstd(around) if np.isfinite(around).any() else 0.0
    return around / np.maximum(spread, least or 1.0)


def coarsen(x: FloatArray, y: FloatArray, *, rate_hz: float, rate_hz_max: float) -> Coarse:
    """Average both series over blocks, so that the rate is at most about `rate_hz_max`.

    The block length is a whole number of samples, the mean is the filter against aliasing.
    A block is the mean of its valid pairs and is missing if fewer than half of them are.
    Left-over samples at the end are dropped.

    Args:
        x: First partner's samples, NaN where missing.
        y: Second partner's samples.
        rate_hz: Sampling rate of both (Hz).
        rate_hz_max: Requested rate (Hz); a recorded rate below twice this one is kept.

    Raises:
        ValueError: If the two differ in length.
    """
    if x.shape != y.shape:
        raise ValueError(
            f"The partners have {len(x)} and {len(y)} samples; cut them to the same time first."
        )
    block = max(1, int(rate_hz / rate_hz_max + 1e-9))
    valid = np.isfinite(x) & np.isfinite(y)
    start_s = (block - 1) / 2 / rate_hz
    if not valid.any() or np.ptp(x[valid]) == 0 or np.ptp(y[valid]) == 0:
        nothing = np.full(len(x) // block, np.nan)
        return Coarse(nothing, nothing, rate_hz / block, start_s)
    return Coarse(
        _block_means(x, valid, block), _block_means(y, valid, block), rate_hz / block, start_s
    )


def _block_means(values: FloatArray, valid: BoolArray, block: int) -> FloatArray:
    # Centred first: block sums of a small change on a large level would lose digits.
    centred = np.where(valid, values - values[valid].mean(), 0.0)
    n = len(values) // block
    count = valid[: n * block].reshape(n, block).sum(axis=1)
    total = centred[: n * block].reshape(n, block).sum(axis=1)
    return np.where(2 * count >= block, total / np.maximum(count, 1), np.nan)


def runs(flags: BoolArray) -> list[slice]:
    """Runs of true values, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
