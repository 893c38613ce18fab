"""Arousal to heartbeats, and heartbeats to an electrocardiogram."""

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.emit.states import breathing, latent_state
from bowlby.recordings.recording import Beats, Signal

# Time after the R peak (s), height (mV) and width (s) of each wave, for a beat of 0.85 s.
# Heights and order as in McSharry et al. (2003), IEEE Trans. Biomed. Eng. 50(3), 289-294,
# where the waves are Gaussians as well; the widths here are of an ordinary adult ECG.
_WAVES = {
    "P": (-0.170, 0.12, 0.025),
    "Q": (-0.028, -0.12, 0.009),
    "R": (0.000, 1.00, 0.010),
    "S": (0.028, -0.22, 0.009),
    "T": (0.260, 0.28, 0.050),
}


def inter_beat_intervals(
    arousal: FloatArray,
    *,
    rate_hz: float,
    rng: np.random.Generator,
    breath: FloatArray | None = None,
    mean_ms: float = 850.0,
    arousal_ms: float = 50.0,
    rsa_ms: float = 20.0,
    jitter_ms: float = 4.0,
) -> Beats:
    """Beats of a heart that arousal quickens and breathing modulates.

    Integral pulse frequency modulation: a beat occurs whenever the integral of 1/IBI(t)
    reaches the next whole number, with

        IBI(t) = mean - arousal_ms * arousal(t) + rsa_ms * breath(t)

    Args:
        arousal: Arousal of variance 1 around 0; higher shortens the interval.
        rate_hz: Sampling rate of `arousal` and `breath` (Hz).
        rng: Random numbers.
        breath: Breathing of variance 1, as long as `arousal`; None lets the person breathe
            at 0.25 Hz.
        mean_ms: Mean interval (ms).
        arousal_ms: Shortening by one unit of arousal (ms).
        rsa_ms: Lengthening by one unit of breath: respiratory sinus arrhythmia (ms).
        jitter_ms: Standard deviation of the error of each beat's time (ms).

    Source:
        Mateo & Laguna (2000), IEEE Trans. Biomed. Eng. 47(8), 985-996, for the model.
    """
    count = len(arousal)
    if breath is None:
        breath = latent_state(count / rate_hz, rate_hz, spectrum=breathing(), rng=rng)
    ibi_ms = mean_ms - arousal_ms * arousal + rsa_ms * breath
    # No heart beats faster than 200 a minute or slower than 30 here, whatever the state.
    ibi_s = np.clip(ibi_ms, 300.0, 2000.0) / 1000.0
    phase = np.concatenate(([0.0], np.cumsum(1.0 / (ibi_s * rate_hz))))
    clock_s = np.arange(count + 1) / rate_hz
    crossings = np.arange(rng.uniform(), phase[-1])
    at_s = np.interp(crossings, phase, clock_s)
    at_s = at_s + np.clip(rng.normal(0.0, jitter_ms / 1000.0, len(at_s)), -0.05, 0.05)
    return Beats(at_s[1:], np.diff(at_s) * 1000.0)


def beat_times(beats: Beats) -> FloatArray:
    """Times of all beats (s), including those that only begin an interval."""
    begins = beats.times_s - beats.ibi_ms / 1000.0
    every = np.sort(np.concatenate((begins[np.isfinite(begins)], beats.times_s)))
    is_new = (
        np.concatenate(([True], np.diff(every) > 0.1)) if len(every) else np.array([], bool)
    )
    return every[is_new]


def ecg(
    beats: Beats,
    *,
    duration_s: float,
    rate_hz: float,
    rng: np.random.Generator,
    noise_mv: float = 0.02,
    wander_mv: float = 0.1,
) -> Signal:
    """Electrocardiogram (mV) with one P, Q, R, S and T wave a beat.

    Each wave is a Gaussian around the beat; the T wave follows later after long intervals.
    A slow wander of the baseline and white noise are added.

    Args:
        beats: When the heart beats; the R peak stands at the beat.
        duration_s: Length (s).
        rate_hz: Sampling rate (Hz), at least 100 for the R peak to keep its shape.
        rng: Random numbers.
        noise_mv: Standard deviation of white noise (mV).
        wander_mv: Amplitude of the baseline wander (mV).
    """
    count = round(duration_s * rate_hz)
    at_s = beat_times(beats)
    interval_s = np.clip(np.diff(at_s, append=at_s[-1:] + 0.85), 0.3, 1.5)
    values = rng.normal(0.0, noise_mv, count)
    clock_s = np.arange(count) / rate_hz
    phase = rng.uniform(0.0, 2.0 * np.pi)
    values += wander_mv * np.sin(2.0 * np.pi * 0.2 * clock_s + phase)
    for name, (delay_s, height_mv, width_s) in _WAVES.items():
        # The QT interval grows with the square root of the beat interval (Bazett 1920).
        stretch = np.sqrt(interval_s / 0.85) if name == "T" else np.ones(len(at_s))
        reach = int(np.ceil(4.0 * width_s * rate_hz))
        centre_s = at_s + delay_s * stretch
        near = np.rint(centre_s * rate_hz).astype(np.int64)
        at = near[:, None] + np.arange(-reach, reach + 1)
        wave = height_mv * np.exp(-0.5 * ((at / rate_hz - centre_s[:, None]) / width_s) ** 2)
        is_inside = (at >= 0) & (at < count)
        np.add.at(values, at[is_inside], wave[is_inside])
    return Signal("ecg", values, rate_hz, "mV")
