"""Whether a signal holds the band of periods that a measure looks at.

A phase is defined for any series, also where a filter finds next to nothing: then it follows
the rounding, the seams or the filter itself, and two people's look alike. A past of seconds
foretells all of a signal that was filtered to be slower; what it leaves is the filter's too.
"""

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.recording import SignalPair
from bowlby.synchrony.estimate import Measure
from bowlby.synchrony.stretches import coarsen

LEAST_SHARE = 0.01
"""Share of a signal's variance that a band must hold for a measure of it to mean something."""


def refused(measure: Measure, pair: SignalPair) -> str:
    """Why a measure is not taken of a pair; empty if it is.

    Args:
        measure: The measure; those without `periods_s` look at no band.
        pair: Both partners' signals.
    """
    periods_s = getattr(measure, "periods_s", None)
    if periods_s is None:
        return ""
    coarse = coarsen(pair.x, pair.y, rate_hz=pair.rate_hz, rate_hz_max=4.0)
    if getattr(measure, "ignores_level", False):
        coarse = coarse.without_level()
    runs = coarse.stretches(min_s=2 * periods_s[1])
    if not runs:
        return ""
    longest = max(runs, key=lambda run: run.stop - run.start)
    least = min(
        share_in_band(series[longest], rate_hz=coarse.rate_hz, periods_s=periods_s)
        for series in (coarse.x, coarse.y)
    )
    if least >= LEAST_SHARE:
        return ""
    return (
        f"{measure.name} is left out: periods of {periods_s[0]:g} to {periods_s[1]:g} s hold "
        f"{100 * least:.2g} % of the variance of {pair.signal}, so what it finds there means "
        "nothing."
    )


def share_in_band(
    values: FloatArray, *, rate_hz: float, periods_s: tuple[float, float]
) -> float:
    """Share of the variance around a straight line that lies in a band of periods.

    Args:
        values: Samples without gaps.
        rate_hz: Sampling rate (Hz).
        periods_s: Shortest and longest period (s).
    """
    from scipy.signal import detrend

    # Ends that do not meet would spread a slow signal's variance over all periods.
    power = np.abs(np.fft.rfft(detrend(values) * np.hanning(len(values)))) ** 2
    frequency = np.fft.rfftfreq(len(values), 1.0 / rate_hz)
    inside = (frequency * periods_s[1] >= 1) & (frequency * periods_s[0] <= 1)
    total = power[1:].sum()
    return float(power[inside].sum() / total) if total > 0 else 0.0
