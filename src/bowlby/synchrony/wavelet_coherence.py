"""Wavelet coherence: at which rhythm, and when, two series are synchronised.

With the Morlet wavelet transforms Wx and Wy and a smoothing S in time and scale s,

    R^2 = |S(Wx conj(Wy) / s)|^2 / (S(|Wx|^2 / s) S(|Wy|^2 / s)),

and the angle of S(Wx conj(Wy) / s) is the phase of the first series ahead of the second.

Source: Torrence & Compo (1998), Bulletin of the American Meteorological Society 79, 61-78, for
the transform and the cone of influence; Torrence & Webster (1999), Journal of Climate 12,
2679-2690, and Grinsted, Moore & Jevrejeva (2004), Nonlinear Processes in Geophysics 11,
561-566, for the smoothing: a Gaussian exp(-t^2 / (2 s^2)) in time and 0.6 octaves in scale.
Ours: each stretch between gaps is transformed by itself, and has its own cone.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bowlby._types import BoolArray, FloatArray
from bowlby.synchrony.estimate import NOTHING, Estimate
from bowlby.synchrony.stretches import coarsen

_OMEGA = 6.0
_PERIOD_PER_SCALE = 4 * np.pi / (_OMEGA + np.sqrt(2 + _OMEGA**2))
_CONE_PER_SCALE = np.sqrt(2)
_SMOOTHED_OCTAVES = 0.6
# The wavelet's spectrum reaches half a frequency further (3 SD): 3 samples a period.
_SAMPLES_PER_PERIOD = 3.0
_CYCLES_FOR_A_PHASE = 20.0
# Power of series of unit variance that is rounding error only.
_NO_POWER = 1e-12


@dataclass(frozen=True, eq=False)
class WaveletCoherenceMap:
    """Coherence over time and period.

    Attributes:
        time_s: Times (s).
        period_s: Periods, rising (s).
        coherence: Squared coherence (periods x times), 0 to 1, NaN in gaps and
            where a series stands still.
        phase_rad: Phase of the first series ahead of the second (rad, periods x times).
        cone_s: Longest period at each time that no gap and no end touches (s), 0 in gaps.
        coverage: Share of the samples in stretches long enough, 0 to 1.
    """

    time_s: FloatArray
    period_s: FloatArray
    coherence: FloatArray
    phase_rad: FloatArray
    cone_s: FloatArray
    coverage: float

    @property
    def is_trusted(self) -> BoolArray:
        """Cells outside the cone of influence (periods x times)."""
        return (self.period_s[:, None] <= self.cone_s) & np.isfinite(self.coherence)


@dataclass(frozen=True)
class WaveletCoherence:
    """Mean coherence over a band of periods, outside the cone of influence.

    Attributes:
        periods_s: Shortest and longest period (s). 2 s is about one gesture, nod or breath,
            64 s the slow waves of arousal in a conversation.
        voices: Periods per octave; 12 is the usual choice.
        rate_hz_max: Rate to which the series are averaged first (Hz); 4 Hz puts 8 samples
            into the shortest default period.
    """

    periods_s: tuple[float, float] = (2.0, 64.0)
    voices: int = 12
    rate_hz_max: float = 4.0
    name = "wavelet_coherence"
    title = "Wavelet coherence"

    def estimate(self, x: FloatArray, y: FloatArray, *, rate_hz: float) -> Estimate:
        """Mean coherence, and the lag at the period whose phase is the steadiest.

        That period has the largest mean of coherence times direction of phase, among those
        of which 20 cycles are trusted, or half as many as of any: in a few long waves every
        phase looks steady. A phase tells a lag only within half a period each way.
        """
        found = wavelet_coherence(
            x, y, rate_hz=rate_hz, periods_s=self.periods_s, voices=self.voices,
            rate_hz_max=self.rate_hz_max,
        )  # fmt: skip
        trusted = found.is_trusted
        count = trusted.sum(axis=1)
        if not count.any():
            return NOTHING
        coherence = np.where(trusted, found.coherence, 0.0)
        turns = (coherence * np.exp(1j * np.where(trusted, found.phase_rad, 0.0))).sum(axis=1)
        cell_s = found.time_s[1] - found.time_s[0]
        cycles = count * cell_s / found.period_s
        is_seen = cycles >= min(_CYCLES_FOR_A_PHASE, cycles.max() / 2)
        steady = np.where(is_seen, np.abs(turns) / np.maximum(count, 1), -1.0)
        at = int(np.argmax(steady))
        lag_s = np.angle(turns[at]) / (2 * np.pi) * found.period_s[at]
        value = float(coherence.sum() / count.sum())
        # Rounded: a phase of 1e-17 is no lead.
        return Estimate(value, round(float(lag_s), 9), found.coverage)


def wavelet_coherence(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    periods_s: tuple[float, float] = (2.0, 64.0),
    voices: int = 12,
    rate_hz_max: float = 4.0,
) -> WaveletCoherenceMap:
    """Squared coherence and phase of two series at every time and period.

    Times are half the shortest period apart: smoothing leaves nothing faster.

    Args:
        x: First person's series, NaN where missing.
        y: Second person's series, on the same clock.
        rate_hz: Sampling rate of both (Hz).
        periods_s: Shortest and longest period (s). Periods of fewer than 3 samples and
            periods that no stretch is long enough for are left out.
        voices: Periods per octave.
        rate_hz_max: Rate to which the series are averaged first (Hz).

    Raises:
        ValueError: If the periods are not positive and rising, or the lengths differ.
    """
    shortest_s, longest_s = periods_s
    if not 0 < shortest_s < longest_s:
        raise ValueError(
            f"periods_s={periods_s} must be a shorter and a longer period in seconds, "
            "such as (2.0, 64.0)."
        )
    pair = coarsen(x, y, rate_hz=rate_hz, rate_hz_max=rate_hz_max)
    shortest_s = max(shortest_s, _SAMPLES_PER_PERIOD / pair.rate_hz)
    per_cone = 2 * _CONE_PER_SCALE / _PERIOD_PER_SCALE
    stretches = pair.stretches(min_s=shortest_s * per_cone)
    widest_s = max((run.stop - run.start for run in stretches), default=0) / pair.rate_hz
    octaves = np.log2(max(min(longest_s, widest_s / per_cone) / shortest_s, 1.0))
    period_s = shortest_s * 2 ** (np.arange(int(octaves * voices + 1e-9) + 1) / voices)
    step = max(1, int(pair.rate_hz * shortest_s / 2))

    time_s = pair.time_s[::step]
    cross = np.full((len(period_s), len(time_s)), np.nan, dtype=np.complex128)
    cone_s = np.zeros(len(time_s))
    for run in stretches:
        first = -(-run.start // step)
        part = slice(first * step, run.stop)
        columns = slice(first, first + -(-(part.stop - part.start) // step))
        cross[:, columns] = _coherency(pair.x[part], pair.y[part], pair.rate_hz, step, period_s)
        at = np.arange(first * step, run.stop, step)
        to_end = np.minimum(at - run.start, run.stop - 1 - at) / pair.rate_hz
        cone_s[columns] = to_end * _PERIOD_PER_SCALE / _CONE_PER_SCALE
    used = sum(run.stop - run.start for run in stretches)
    return WaveletCoherenceMap(
        time_s=time_s,
        period_s=period_s,
        coherence=np.minimum(cross.real**2 + cross.imag**2, 1.0),
        phase_rad=np.angle(cross),
        cone_s=cone_s,
        coverage=used / max(len(pair.x), 1),
    )


def _coherency(x, y, rate_hz, step, period_s):
    """Complex coherency of one stretch at every `step`-th sample (periods x times)."""
    from scipy import fft
    from scipy.ndimage import convolve1d

    n = -(-len(x) // step)
    scale_s = period_s / _PERIOD_PER_SCALE
    # What wraps round then reaches only cells inside the cone.
    padding = int(2 * _CONE_PER_SCALE * scale_s[-1] * rate_hz / step) + 1
    length = fft.next_fast_len(n + padding)
    wavelets, smoother = _filters(length, rate_hz / step, tuple(scale_s))
    x_wave = _transform(x, wavelets, step)[:, :n]
    y_wave = _transform(y, wavelets, step)[:, :n]
    # Real smoothing of two real series at once: one is the real, one the imaginary part.
    powers = _abs2(x_wave) + 1j * _abs2(y_wave)
    fields = np.stack([powers, x_wave * y_wave.conj()])
    smooth = np.asarray(fft.ifft(np.asarray(fft.fft(fields, n=length)) * smoother))[..., :n]
    power, cross = convolve1d(smooth, _scale_weights(period_s), axis=1, mode="constant")
    is_moving = (power.real > _NO_POWER) & (power.imag > _NO_POWER)
    size = np.sqrt(np.where(is_moving, power.real * power.imag, 1.0))
    return np.where(is_moving, cross / size, np.nan)


def _transform(values, wavelets, step):
    """Wavelet transform at every `step`-th sample.

    No wavelet holds frequencies above the coarse grid's rate, so leaving them out of the
    spectrum gives exact samples on that grid.
    """
    from scipy import fft

    length = wavelets.shape[1]
    # Unit variance keeps the products of powers away from the smallest numbers.
    scaled = (values - values.mean()) / values.std()
    spectrum = np.zeros(length, dtype=np.complex128)
    found = np.asarray(fft.rfft(scaled, n=length * step))[:length]
    spectrum[: len(found)] = found
    return np.asarray(fft.ifft(spectrum * wavelets))


def _abs2(values):
    return values.real**2 + values.imag**2


@lru_cache(maxsize=16)
def _filters(length, rate_hz, scales_s):
    """Spectra of the wavelets, divided by sqrt(s), and of the smoothing in time."""
    scale_s = np.array(scales_s)[:, None]
    omega = 2 * np.pi * np.arange(length) * rate_hz / length
    wavelets = np.exp(-((scale_s * omega - _OMEGA) ** 2) / 2) * (omega > 0)
    around = 2 * np.pi * np.fft.fftfreq(length, 1 / rate_hz)
    return wavelets, np.exp(-((scale_s * around) ** 2) / 2)


def _scale_weights(period_s):
    """Share of each neighbouring period's cell within the smoothed octaves."""
    if len(period_s) == 1:
        return np.ones(1)
    width = np.log2(period_s[1] / period_s[0])
    reach = _SMOOTHED_OCTAVES / width
    apart = np.arange(-int(reach), int(reach) + 1)
    return np.clip((reach + 1) / 2 - np.abs(apart), 0.0, 1.0)
