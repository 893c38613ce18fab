"""Welch's coherence: how steady two series' relation is at each frequency.

Averaged over overlapping segments, Hann-windowed and each around its own mean,

    C(f) = |<X conj(Y)>|^2 / (<|X|^2> <|Y|^2>).

Source: Welch (1967), IEEE Transactions on Audio and Electroacoustics 15, 70-73; its mean over
frequencies as synchrony: Reinero, Dikker & Van Bavel (2021), Social Cognitive and Affective
Neuroscience 16, 43-57. Ours: a segment that touches a gap is left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bowlby._types import FloatArray


@dataclass(frozen=True, eq=False)
class SpectralCoherence:
    """Coherence by frequency.

    Attributes:
        frequency_hz: Frequencies (Hz).
        coherence: Squared coherence, 0 to 1.
        phase_rad: Phase of the first series ahead of the second (rad).
        pooled: Cross power of all frequencies, relative to the product of powers: like the
            mean coherence, but loud frequencies count more (multiSyncPy's sum-normalised CSD).
        segments: Segments without a gap that were averaged; with few, coherence is near 1.
    """

    frequency_hz: FloatArray
    coherence: FloatArray
    phase_rad: FloatArray
    pooled: float
    segments: int

    @property
    def mean(self) -> float:
        """Mean coherence over all frequencies."""
        return float(self.coherence.mean())


def spectral_coherence(
    x: FloatArray, y: FloatArray, *, rate_hz: float, segment_s: float
) -> SpectralCoherence:
    """Coherence of two series from half-overlapping segments.

    Args:
        x: First person's series, NaN where missing.
        y: Second person's series, on the same clock.
        rate_hz: Sampling rate of both (Hz).
        segment_s: Length of a segment (s).

    Raises:
        ValueError: If the lengths differ, or fewer than 2 segments are free of gaps.
    """
    if x.shape != y.shape:
        raise ValueError(
            f"The partners have {len(x)} and {len(y)} samples; cut them to the same time first."
        )
    length = round(segment_s * rate_hz)
    segments = _whole_segments(np.stack([x, y]), length)
    count = segments.shape[1]
    if count < 2:
        raise ValueError(
            f"segment_s={segment_s} leaves {count} segments without a gap; at least 2 are "
            "needed. Use shorter segments of at least 4 samples."
        )
    window = np.sin(np.pi * np.arange(length) / length) ** 2
    a, b = np.fft.rfft((segments - segments.mean(axis=2, keepdims=True)) * window)
    cross = (a * b.conj()).mean(axis=0)
    product = (np.abs(a) ** 2).mean(axis=0) * (np.abs(b) ** 2).mean(axis=0)
    # Frequencies with a negative twin count for both.
    weight = np.full(len(cross), 4.0)
    weight[0] = 1.0
    if length % 2 == 0:
        weight[-1] = 1.0
    squared = np.abs(cross) ** 2
    return SpectralCoherence(
        frequency_hz=np.arange(len(cross), dtype=np.float64) * rate_hz / length,
        coherence=squared / product,
        phase_rad=np.angle(cross),
        pooled=float(weight @ squared / (weight @ product)),
        segments=count,
    )


def _whole_segments(both, length):
    """Half-overlapping segments without a gap (2 x segments x samples)."""
    if not 4 <= length <= both.shape[1]:
        return np.empty((2, 0, max(length, 0)))
    cut = sliding_window_view(both, length, axis=1)[:, :: length - length // 2]
    return cut[:, ~np.isnan(cut).any(axis=(0, 2))]
