"""Latent states to skin conductance, breathing, motion energy and affect ratings."""

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.emit.states import bursting, drifting, latent_state
from bowlby.recordings.recording import Signal


def bateman(rate_hz: float, *, rise_s: float = 0.75, decay_s: float = 2.0) -> FloatArray:
    """Shape of one skin conductance response, with peak 1.

        exp(-t / decay) - exp(-t / rise)

    Args:
        rate_hz: Sampling rate (Hz).
        rise_s: Time constant of the rise (s).
        decay_s: Time constant of the decay (s), longer than the rise.

    Source:
        Benedek & Kaernbach (2010), J. Neuroscience Methods 190(1), 80-91: Bateman function,
        0.75 s and 2 s.
    """
    time_s = np.arange(round(10.0 * decay_s * rate_hz)) / rate_hz
    shape = np.exp(-time_s / decay_s) - np.exp(-time_s / rise_s)
    return shape / shape.max()


def skin_conductance(
    arousal: FloatArray,
    *,
    rate_hz: float,
    rng: np.random.Generator,
    level_us: float = 5.0,
    drift_us: float = 0.3,
    response_us: float = 0.5,
    noise_us: float = 0.005,
) -> Signal:
    """Skin conductance (uS): a drifting level, responses driven by arousal, and noise.

    The sweat glands fire with max(0, arousal)^1.5; each impulse adds one Bateman response.

    Args:
        arousal: Arousal of variance 1 around 0.
        rate_hz: Sampling rate (Hz).
        rng: Random numbers.
        level_us: Mean level (uS).
        drift_us: Standard deviation of the level's own slow drift (uS).
        response_us: Response to one second of arousal 1 (uS).
        noise_us: Standard deviation of the sensor's noise (uS).
    """
    count = len(arousal)
    impulses = np.maximum(arousal, 0.0) ** 1.5 / rate_hz
    responses = response_us * np.convolve(impulses, bateman(rate_hz))[:count]
    level = level_us + drift_us * latent_state(
        count / rate_hz, rate_hz, spectrum=drifting(120.0), rng=rng
    )
    values = level + responses + rng.normal(0.0, noise_us, count)
    return Signal("eda", np.maximum(values, 0.0), rate_hz, "uS")


def respiration(
    breath: FloatArray,
    *,
    rate_hz: float,
    rng: np.random.Generator,
    drift: float = 0.5,
    noise: float = 0.05,
) -> Signal:
    """Breathing belt (arbitrary units): the breath, a slow drift of the belt and noise.

    Args:
        breath: Breathing of variance 1 around 0.
        rate_hz: Sampling rate (Hz).
        rng: Random numbers.
        drift: Standard deviation of the belt's drift.
        noise: Standard deviation of white noise.
    """
    count = len(breath)
    slip = latent_state(count / rate_hz, rate_hz, spectrum=drifting(200.0), rng=rng)
    values = breath + drift * slip + rng.normal(0.0, noise, count)
    return Signal("respiration", values, rate_hz)


def motion_energy(
    activation: FloatArray,
    *,
    rate_hz: float,
    rng: np.random.Generator,
    still: float = 1.04,
    scale: float = 230.0,
    flicker: float = 0.01,
) -> Signal:
    """Motion energy (changed pixels): whole numbers, often 0, with rare large bursts.

        scale * max(0, activation + still)^2.5

    Power and defaults reproduce the quantiles of the busier half of the 20 real
    psychotherapy sessions of Kleinbub & Ramseyer (2020): about 15 % zeros, median 250,
    99th percentile 5000.

    Args:
        activation: Activation of variance 1 around 0.
        rate_hz: Sampling rate (Hz).
        rng: Random numbers.
        still: Height of the threshold below the mean under which nothing moves.
        scale: Pixels changed one unit above that threshold.
        flicker: Share of the variance that is the video's and the body's own flicker.
    """
    count = len(activation)
    own = latent_state(count / rate_hz, rate_hz, spectrum=bursting(0.1, 0.5), rng=rng)
    state = np.sqrt(1.0 - flicker) * activation + np.sqrt(flicker) * own
    return Signal("motion", np.rint(scale * np.maximum(state + still, 0.0) ** 2.5), rate_hz)


def affect_dial(
    feeling: FloatArray,
    *,
    rate_hz: float,
    rng: np.random.Generator,
    middle: float = 50.0,
    spread: float = 15.0,
    tremor: float = 1.0,
) -> Signal:
    """Rating dial in whole numbers from 0 (very bad) to 100 (very good).

    Args:
        feeling: Felt affect of variance 1 around 0.
        rate_hz: Sampling rate (Hz).
        rng: Random numbers.
        middle: Mean rating.
        spread: Rating steps for one unit of feeling.
        tremor: Standard deviation of the hand's tremor.
    """
    ratings = middle + spread * feeling + rng.normal(0.0, tremor, len(feeling))
    return Signal("dial", np.clip(np.rint(ratings), 0.0, 100.0), rate_hz)
