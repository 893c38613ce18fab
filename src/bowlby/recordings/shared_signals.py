"""Two devices on one clock by a signal that both recorded and nobody wants to compare.

Acceleration of one handshake or one car, the sound of one room: where the two are most alike
tells how the clocks lie, and where parts of the session are, how fast they run.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bowlby._types import FloatArray, IntArray
from bowlby.recordings.formats import Reading
from bowlby.recordings.preparation.clock import at_times, moving_mean, without_fast_parts
from bowlby.recordings.recording import RecordingError, Signal

_FINEST_HZ = 20.0
# What is slower than this is each device's own (s).
_SLOW_S = 60.0
_SHORTEST_S = 30.0
_MOST_PARTS, _PART_S = 8, 60.0
# Clocks that run apart may move a part so far from the whole (s).
_NEAR_S = 2.0
_LEAST_R = 0.5
# By how much the best lag must beat all that are not beside it, and what is beside (s).
_SHARPNESS, _BESIDE_S = 0.1, 2.0


def shared_signal(readings: Sequence[Reading], name: str) -> str | None:
    """The name under which both people have sampled that signal, in any case of letters."""
    for own in readings[0].partners[0].signals:
        is_asked = own.casefold() == name.strip().casefold()
        both = [reading.partners[0].signals.get(own) for reading in readings]
        if is_asked and all(isinstance(signal, Signal) for signal in both):
            return own
    return None


def marks_of_signal(
    readings: tuple[Reading, Reading], name: str
) -> tuple[FloatArray, FloatArray]:
    """Middles of parts of the session on the first clock and on the second (s).

    The whole is laid where it correlates most; then each part is, near to that.

    Raises:
        RecordingError: If the two are nowhere alike, or in several places.
    """
    signals = [reading.partners[0].signals[name] for reading in readings]
    first, second = (s for s in signals if isinstance(s, Signal))
    rate_hz = min(_FINEST_HZ, first.rate_hz, second.rate_hz)
    x, y = (_prepared(signal, rate_hz) for signal in (first, second))
    lags, r = _correlations(x, y, least=round(_SHORTEST_S * rate_hz))
    best = int(np.argmax(r))
    others = r[np.abs(lags - lags[best]) > _BESIDE_S * rate_hz]
    second_best = float(others.max()) if len(others) else 0.0
    if r[best] < max(_LEAST_R, second_best + _SHARPNESS):
        raise RecordingError(
            f"{name!r} of both is not one signal: they correlate {r[best]:.2f} at best and "
            f"{second_best:.2f} elsewhere. Use events (--sync clap), pairs of times (--sync "
            "12.3=8.1) or --offset."
        )
    lag = int(lags[best])
    begin, end = max(0, -lag), min(len(x), len(y) - lag)
    length = max(round(_PART_S * rate_hz), -(-(end - begin) // _MOST_PARTS))
    moments = []
    for a in range(begin, max(end - length, begin) + 1, length):
        found = _lag_of_part(x[a : a + length], y, a + lag, round(_NEAR_S * rate_hz))
        if found is not None:
            middle = a + min(length, end - a) / 2
            moments.append((middle, middle + lag + found))
    if not moments:
        peak = _summit(r, best)
        moments = [((begin + end) / 2, (begin + end) / 2 + lag + peak)]
    one, two = np.array(moments).T / rate_hz
    return first.start_s + one, second.start_s + two


def without_signal(reading: Reading, name: str) -> Reading:
    """The reading without the signal that laid its clock: it would find what it was laid by.

    Raises:
        RecordingError: If nothing is left.
    """
    (partner,) = reading.partners
    signals = {own: signal for own, signal in partner.signals.items() if own != name}
    if not signals:
        raise RecordingError(
            f"{name!r} is the only signal: clocks that are laid by it cannot tell how alike "
            "the two are. Record another beside it, or use events, pairs of times or --offset."
        )
    return replace(reading, partners=(replace(partner, signals=signals),))


def _prepared(signal: Signal, rate_hz: float) -> FloatArray:
    """The signal at the common rate without what is slow; 0 where missing, spread 1."""
    fine = without_fast_parts(signal.values, rate_hz=signal.rate_hz, new_rate_hz=rate_hz)
    times = signal.start_s + np.arange(int(signal.duration_s * rate_hz)) / rate_hz
    values = at_times(replace(signal, values=fine), times)
    values = values - moving_mean(values, duration_s=_SLOW_S, rate_hz=rate_hz)
    spread = float(np.nanstd(values)) if np.isfinite(values).any() else 0.0
    return np.nan_to_num(values / spread) if spread else np.zeros(len(values))


def _correlations(x: FloatArray, y: FloatArray, *, least: int) -> tuple[IntArray, FloatArray]:
    """Correlation of x[i] with y[i + lag] at every lag with enough overlap."""
    from scipy.signal import correlate

    products = correlate(y, x, method="fft")
    lags = np.arange(-len(x) + 1, len(y))
    energy = [np.concatenate(([0.0], np.cumsum(v**2))) for v in (x, y)]
    begin, end = np.maximum(0, -lags), np.minimum(len(x), len(y) - lags)
    own = energy[0][end] - energy[0][begin]
    other = energy[1][end + lags] - energy[1][begin + lags]
    scale = np.sqrt(own * other)
    is_enough = (end - begin >= least) & (scale > 0.1 * (end - begin))
    r = np.divide(products, scale, out=np.zeros(len(lags)), where=scale > 0)
    if not is_enough.any():
        return np.zeros(1, np.int64), np.zeros(1)
    return lags[is_enough], r[is_enough]


def _lag_of_part(part: FloatArray, y: FloatArray, at: int, near: int) -> float | None:
    """How much later than `at` the part lies in `y` (samples); None if it is not alike."""
    shifts = [k for k in range(-near, near + 1) if at + k >= 0 and at + k + len(part) <= len(y)]
    r = np.array([_r(part, y[at + k : at + k + len(part)]) for k in shifts])
    if not len(r) or r.max() < _LEAST_R or not 0 < int(np.argmax(r)) < len(r) - 1:
        return None
    best = int(np.argmax(r))
    return shifts[best] + _summit(r, best)


def _r(x: FloatArray, y: FloatArray) -> float:
    scale = float(np.sqrt(np.sum(x**2) * np.sum(y**2)))
    return float(np.dot(x, y)) / scale if scale else 0.0


def _summit(r: FloatArray, at: int) -> float:
    """Where a parabola through a peak and its neighbours is highest, from the peak."""
    if not 0 < at < len(r) - 1:
        return 0.0
    left, top, right = r[at - 1 : at + 2]
    bend = left - 2 * top + right
    return float((left - right) / (2 * bend)) if bend < 0 else 0.0
