"""Two latent bodily states, one following the other by a known lag."""

from collections.abc import Callable

import numpy as np

from bowlby._types import FloatArray

Spectrum = Callable[[FloatArray], FloatArray]
"""Power at each frequency (Hz), up to a factor."""


def drifting(timescale_s: float) -> Spectrum:
    """Smooth, slowly drifting state that forgets itself over about `timescale_s` (s)."""
    return lambda frequency_hz: 1.0 / (1.0 + (np.pi * frequency_hz * timescale_s) ** 2) ** 2


def bursting(short_s: float = 0.75, long_s: float = 5.0, share: float = 0.6) -> Spectrum:
    """State with autocorrelation `share` exp(-t/`short_s`) + (1 - `share`) exp(-t/`long_s`).

    The defaults come close to the autocorrelation of motion energy in the 20 real
    psychotherapy sessions of Kleinbub & Ramseyer (2020).
    """

    def power(frequency_hz: FloatArray) -> FloatArray:
        short, long = (
            scale / (1.0 + (2.0 * np.pi * frequency_hz * scale) ** 2)
            for scale in (short_s, long_s)
        )
        return share * short + (1.0 - share) * long

    return power


def breathing(rhythm_hz: float = 0.25, width_hz: float = 0.03) -> Spectrum:
    """Rhythm around `rhythm_hz` (Hz) that wanders by about `width_hz` (Hz)."""
    return lambda frequency_hz: np.exp(-0.5 * ((frequency_hz - rhythm_hz) / width_hz) ** 2)


def latent_state(
    duration_s: float, rate_hz: float, *, spectrum: Spectrum, rng: np.random.Generator
) -> FloatArray:
    """Gaussian series with mean 0, variance 1 and the given power spectrum.

    Args:
        duration_s: Length (s).
        rate_hz: Sampling rate (Hz).
        spectrum: Power at each frequency.
        rng: Random numbers.
    """
    count = round(duration_s * rate_hz)
    return _shaped(_spectral_noise(2 * count, rng), 2 * count, rate_hz, spectrum)[:count]


def coupled_states(
    duration_s: float,
    rate_hz: float,
    *,
    lag_s: float,
    correlation: float,
    rng: np.random.Generator,
    spectrum: Spectrum | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Two states of which the second is the first, `lag_s` later, plus its own part.

        y(t) = c x(t - lag) + sqrt(1 - c^2) e(t)

    with x and e independent and of the same spectrum, so that both states have mean 0 and
    variance 1, their correlation is `correlation` at `lag_s`, and falls off around it as the
    autocorrelation does.

    Args:
        duration_s: Length (s).
        rate_hz: Sampling rate (Hz).
        lag_s: Time by which the second follows (s); positive means that the first leads.
            It need not be a whole number of samples.
        correlation: Correlation c at that lag, -1 to 1.
        rng: Random numbers.
        spectrum: Power of both states at each frequency; None for a drift of 4 s.

    Returns:
        First and second state.

    Raises:
        ValueError: If `correlation` is not within -1 to 1, or the lag exceeds the duration.
    """
    if not -1.0 <= correlation <= 1.0:
        raise ValueError(f"correlation={correlation}; it must lie between -1 and 1.")
    if abs(lag_s) >= duration_s:
        raise ValueError(f"lag_s={lag_s} needs a duration longer than {duration_s} s.")
    spectrum = spectrum or drifting(4.0)
    count = round(duration_s * rate_hz)
    # Fourier series are circular: twice the length keeps the end away from the beginning.
    total = 2 * (count + int(np.ceil(abs(lag_s) * rate_hz)))
    lead, own = _spectral_noise(total, rng), _spectral_noise(total, rng)
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(total, 1.0 / rate_hz) * lag_s)
    follow = correlation * lead * delay + np.sqrt(1.0 - correlation**2) * own
    return (
        _shaped(lead, total, rate_hz, spectrum)[:count],
        _shaped(follow, total, rate_hz, spectrum)[:count],
    )


def _spectral_noise(count: int, rng: np.random.Generator) -> np.ndarray:
    return np.fft.rfft(rng.standard_normal(count))


def _shaped(noise: np.ndarray, count: int, rate_hz: float, spectrum: Spectrum) -> FloatArray:
    """Series of `count` samples from spectral noise, with the spectrum and variance 1."""
    power = spectrum(np.fft.rfftfreq(count, 1.0 / rate_hz).astype(np.float64))
    both_sides = 2.0 * power.sum() - power[0] - (power[-1] if count % 2 == 0 else 0.0)
    return np.fft.irfft(noise * np.sqrt(power * count / both_sides), count)
