"""Cross-correlation functions of whole segments, each with each (the SUSY way).

Segments do not overlap; mean and SD are the segment's, and sums of products are divided by its
length whatever the lag, so values shrink by (n - |lag|) / n. Because segments do not overlap,
every permutation of segments is a look-up in the table of all pairs of segments.

Source:
    Tschacher & Meier (2020), Psychotherapy Research 30, 558-573; estimator as R's `ccf`.
    Segments with a missing sample are left out, where SUSY glues time together.
"""

from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray


@dataclass(frozen=True, eq=False)
class SegmentPairs:
    """Cross-correlation of every segment of one partner with every segment of the other.

    Attributes:
        r: Correlations (segments of x, segments of y, lags); NaN for incomplete segments.
        start_s: Start of each segment (s).
        lag_s: Lags (s), positive if the first partner leads.
        length: Samples in a segment.
    """

    r: FloatArray
    start_s: FloatArray
    lag_s: FloatArray
    length: int


def segment_pairs(
    x: FloatArray, y: FloatArray, *, rate_hz: float, segment_s: float, max_lag_s: float
) -> SegmentPairs:
    """Correlate every segment of `x` with every segment of `y` at every lag.

    Args:
        x: First partner's samples, NaN where missing.
        y: Second partner's samples.
        rate_hz: Sampling rate (Hz).
        segment_s: Length of a segment (s).
        max_lag_s: Largest lag each way (s), below the segment's length.

    Raises:
        ValueError: If the recording has fewer than two segments or the lag is too large.
    """
    length, reach = round(segment_s * rate_hz), round(max_lag_s * rate_hz)
    count = round(len(x) / length - 0.4999) if length else 0
    if count < 2:
        raise ValueError(
            f"The recording has {len(x) / rate_hz:.0f} s; the susy convention needs two "
            f"segments of {segment_s:g} s. Use a shorter --window."
        )
    if reach >= length:
        raise ValueError(
            f"max_lag_s={max_lag_s:g} must be shorter than a segment of {segment_s:g} s."
        )
    size = 1 << (length + reach).bit_length()

    def spectra(signal: FloatArray) -> np.ndarray:
        segments = signal[: count * length].reshape(count, length)
        centred = segments - segments.mean(axis=1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True))
        scaled = centred / np.where(deviation > 0, deviation, np.nan)
        return np.fft.rfft(scaled, size, axis=1)

    first, second = spectra(x).conj(), spectra(y)
    r = np.empty((count, count, 2 * reach + 1))
    for i in range(count):
        product = np.fft.irfft(first[i] * second, size, axis=1) / length
        r[i] = np.concatenate([product[:, size - reach :], product[:, : reach + 1]], axis=1)
    return SegmentPairs(
        r=r,
        start_s=np.arange(count) * length / rate_hz,
        lag_s=np.arange(-reach, reach + 1) / rate_hz,
        length=length,
    )
