"""One clock for two people: gap-aware means, resampling and the common grid.

Nothing here invents a sample: a missing sample stays missing, and values between two
samples are taken only where both are there.
"""

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.recording import RecordingError, Signal
from bowlby.recordings.stretches import stretches as stretches

_SAME_SAMPLE = 1e-6  # Offsets below a millionth of a sample are rounding of the clock.
_LONG_KERNEL = 64  # Above this many weights the Fourier method is faster.


def odd_count(duration_s: float, rate_hz: float) -> int:
    """Odd number of samples nearest to `duration_s`, at least 1."""
    return max(1, 2 * round((duration_s * rate_hz - 1) / 2) + 1)


def weighted_mean(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Centred moving mean of the samples that are there; missing samples stay missing.

    Args:
        values: Samples, NaN where missing.
        weights: Odd number of non-negative weights, the middle one positive.
    """
    if len(weights) == 1:
        return np.array(values)
    is_there = np.isfinite(values)
    half = len(weights) // 2
    if len(weights) > _LONG_KERNEL:
        from scipy.signal import oaconvolve as convolve
    else:
        convolve = np.convolve
    middle = slice(half, half + len(values))
    # Centred first, so that the Fourier method does not lose digits to a large offset.
    centre = float(np.mean(values[is_there])) if is_there.any() else 0.0
    total = convolve(np.where(is_there, values - centre, 0.0), weights)[middle]
    weight = convolve(is_there.astype(np.float64), weights)[middle]
    mean = np.full(len(values), np.nan)
    np.divide(total, weight, out=mean, where=is_there)
    return mean + centre


def moving_mean(values: FloatArray, *, duration_s: float, rate_hz: float) -> FloatArray:
    """Mean of the samples within `duration_s` around each sample that is there.

    Args:
        values: Samples, NaN where missing.
        duration_s: Length of the window (s); the odd number of samples nearest to it is
            used, so that nothing is shifted in time.
        rate_hz: Sampling rate (Hz).
    """
    return weighted_mean(values, np.ones(odd_count(duration_s, rate_hz)))


def without_fast_parts(values: FloatArray, *, rate_hz: float, new_rate_hz: float) -> FloatArray:
    """Samples smoothed so that they can be taken at the lower `new_rate_hz` without aliasing.

    A Hann-weighted mean over two periods of the new rate: half the amplitude at the new
    Nyquist frequency, none at the new rate. All weights are positive, so motion energy stays
    non-negative and a gap costs no more than itself.
    """
    count = odd_count(2.0 * rate_hz / new_rate_hz, 1.0)
    return weighted_mean(values, np.hanning(count)) if count > 3 else np.array(values)


def at_times(signal: Signal, times_s: FloatArray) -> FloatArray:
    """Values of `signal` at `times_s`, linear between two samples that are both there.

    Args:
        signal: Samples on a regular clock.
        times_s: Times on the recording's clock (s).

    Returns:
        One value a time; NaN outside the signal and beside missing samples.
    """
    position = (times_s - signal.start_s) * signal.rate_hz
    nearest = np.rint(position)
    position = np.where(np.abs(position - nearest) < _SAME_SAMPLE, nearest, position)
    last = len(signal.values) - 1
    is_inside = (position >= 0) & (position <= last)
    position = np.clip(position, 0, max(last, 0))
    before = np.floor(position).astype(np.int64)
    after = np.ceil(position).astype(np.int64)
    share = position - before
    left, right = signal.values[before], signal.values[after]
    values = np.where(share == 0.0, left, (1.0 - share) * left + share * right)
    return np.where(is_inside, values, np.nan)


def overlap_s(
    first: tuple[float, float],
    second: tuple[float, float],
    *,
    roles: tuple[str, str],
    where: str,
    at_least_s: float = 0.0,
) -> tuple[float, float]:
    """Start and end (s) of the time that both people were recorded.

    Args:
        first: Start and end of the first partner's signal (s).
        second: Start and end of the second partner's signal (s).
        roles: What to call the two people in an error.
        where: What to call the recording and signal in an error.
        at_least_s: Shorter overlaps are none (s).

    Raises:
        RecordingError: If they were not recorded at the same time.
    """
    start_s, stop_s = max(first[0], second[0]), min(first[1], second[1])
    if stop_s - start_s <= at_least_s:
        raise RecordingError(
            f"{where}: the partners were not recorded at the same time "
            f"({roles[0]}: {first[0]:.1f} to {first[1]:.1f} s, "
            f"{roles[1]}: {second[0]:.1f} to {second[1]:.1f} s). "
            "Check the start times of the two recorders."
        )
    return start_s, stop_s


def align(
    first: Signal,
    second: Signal,
    *,
    rate_hz: float | None = None,
    roles: tuple[str, str] = ("first", "second"),
    where: str = "recording",
) -> tuple[FloatArray, FloatArray, float, float]:
    """Put two signals on one grid over the time both were recorded.

    The grid starts with the first sample of the later signal, so signals that share their
    clock keep their samples as they are. The common rate is the lowest of both rates and
    `rate_hz`; faster signals are smoothed before they are thinned out.

    Args:
        first: First partner's signal.
        second: Second partner's signal; rate and start may differ.
        rate_hz: Highest common rate wanted (Hz); None for the slower of both.
        roles: What to call the two people in an error.
        where: What to call the recording and signal in an error.

    Returns:
        First and second partner's samples, time of the first sample (s), common rate (Hz).

    Raises:
        RecordingError: If the signals do not overlap in time.
    """
    common_hz = min(first.rate_hz, second.rate_hz, rate_hz or np.inf)
    start_s, stop_s = overlap_s(_span_s(first), _span_s(second), roles=roles, where=where)
    count = int(np.floor((stop_s - start_s) * common_hz + _SAME_SAMPLE)) + 1
    times_s = start_s + np.arange(count) / common_hz
    x, y = (
        at_times(
            Signal(
                signal.kind,
                without_fast_parts(
                    signal.values, rate_hz=signal.rate_hz, new_rate_hz=common_hz
                ),
                signal.rate_hz,
                start_s=signal.start_s,
            ),
            times_s,
        )
        for signal in (first, second)
    )
    return x, y, start_s, common_hz


def _span_s(signal: Signal) -> tuple[float, float]:
    """Times of the first and the last sample (s)."""
    return signal.start_s, signal.start_s + max(len(signal.values) - 1, 0) / signal.rate_hz
