"""How long a rhythm that both people have keeps its time.

Two people who breathe at about the same rate stay at one distance of phase until either loses
the beat. Segments no longer than that would be shuffled into distances that the recording as a
whole never had time to visit, and chance would look like coupling. Segments are therefore made
several times as long.

Source:
    Bartlett (1946), Supplement to the Journal of the Royal Statistical Society 8, 27-41: what
    two unrelated series show by chance hangs on the product of their autocorrelations. Taking
    its envelope is ours.
"""

import numpy as np

from bowlby._types import FloatArray
from bowlby.synchrony.stretches import coarsen

_RATE_HZ = 4.0
_LEAST = 0.05
_PERIODS = 2.0


def shared_rhythm_s(x: FloatArray, y: FloatArray, *, rate_hz: float, window_s: float) -> float:
    """Time until the product of both autocorrelations has fallen below .05 (s).

    0 if that is less than two periods of what is strongest in both: then it is no rhythm.
    Rhythms of different rates drift apart sooner, at a quarter of their beat.

    Args:
        x: First person's samples, NaN where missing.
        y: Second person's samples, as many.
        rate_hz: Sampling rate (Hz).
        window_s: Rhythms that are slower than this are left out (s).
    """
    pair = coarsen(x, y, rate_hz=rate_hz, rate_hz_max=_RATE_HZ)
    if not pair.valid.any():
        return 0.0
    n = len(pair.x)
    is_slow = np.fft.rfftfreq(2 * n, 1.0 / pair.rate_hz) < 1.0 / window_s
    powers = [
        np.where(
            is_slow, 0.0, np.abs(np.fft.rfft(np.nan_to_num(v - np.nanmean(v)), 2 * n)) ** 2
        )
        for v in (pair.x, pair.y)
    ]
    # Of positive frequencies alone the transform is the analytic signal.
    first, second = (np.fft.ifft(power, 2 * n)[:n] for power in powers)
    together = (first * second.conj()).real
    if not together[0] > 0.0:
        return 0.0
    has_fallen = together < _LEAST * together[0]
    lasts = int(np.argmax(has_fallen)) if has_fallen.any() else n
    period = 2 * n / max(int(np.argmax(powers[0] * powers[1])), 1)
    return lasts / pair.rate_hz if lasts >= _PERIODS * period else 0.0
