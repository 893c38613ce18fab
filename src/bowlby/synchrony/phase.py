"""Phase synchrony: whether two people are at the same, or a steady, point of their rhythms.

The analytic signal a(t) = x(t) + i H[x](t), H the Hilbert transform, has the phase arg a(t). A
phase means something for a rhythm; that of a broadband signal follows its strongest slow wave.
The measures therefore look at a band of periods unless a call says otherwise.

Ours: each stretch between gaps is transformed by itself, around its own mean.
"""

from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray
from bowlby.synchrony.estimate import NOTHING, Estimate
from bowlby.synchrony.stretches import Coarse, coarsen

_LONGEST_BROADBAND_S = 5.0


@dataclass(frozen=True)
class PhaseLocking:
    """Steadiness of the phase difference, 0 (any difference) to 1 (always the same).

    Attributes:
        periods_s: Shortest and longest period (s); None takes all, as hypyp does. 4 to 16 s
            holds breaths, gestures and turns of talk, is slow enough for ratings every 2 s
            and, two octaves wide, still has one phase.
        rate_hz_max: Rate to which the series are averaged first (Hz).

    Source:
        Lachaux, Rodriguez, Martinerie & Varela (1999), Human Brain Mapping 8, 194-208,
        over time instead of trials.
    """

    periods_s: tuple[float, float] | None = (4.0, 16.0)
    rate_hz_max: float = 4.0
    name = "phase_locking"
    title = "Phase locking"

    def estimate(self, x: FloatArray, y: FloatArray, *, rate_hz: float) -> Estimate:
        """Length of the mean direction of the phase difference, and the lag it stands for.

        The lag is the mean difference at the mean frequency; broadband it is NaN.
        """
        pair = coarsen(x, y, rate_hz=rate_hz, rate_hz_max=self.rate_hz_max)
        found = _analytic_pair(pair, self.periods_s)
        if not found:
            return NOTHING
        a, b = (np.concatenate(parts) for parts in zip(*found, strict=True))
        mean = np.exp(1j * (np.angle(a) - np.angle(b))).mean()
        lag_s = np.nan
        if self.periods_s is not None:
            turn = sum(np.vdot(part[:-1], part[1:]) for parts in found for part in parts)
            lag_s = np.angle(mean) / np.angle(turn) / pair.rate_hz
        return Estimate(float(abs(mean)), float(lag_s), len(a) / len(pair.x))


@dataclass(frozen=True)
class CircularCorrelation:
    """Correlation of two people's phases, -1 to 1, about 0 for unrelated phases.

    Phases of a rhythm go all round the circle, so that their mean direction is arbitrary. The
    centres are therefore taken from the mean sum and the mean difference of the phases.

    Attributes:
        periods_s: Shortest and longest period (s); see `PhaseLocking`.
        rate_hz_max: Rate to which the series are averaged first (Hz).

    Source:
        Jammalamadaka & SenGupta (2001), Topics in Circular Statistics, chapter 8, circular
        correlation with its form for uniform phases.
    """

    periods_s: tuple[float, float] | None = (4.0, 16.0)
    rate_hz_max: float = 4.0
    name = "circular_correlation"
    title = "Circular correlation"

    def estimate(self, x: FloatArray, y: FloatArray, *, rate_hz: float) -> Estimate:
        """Circular correlation of the phases; it knows no lag."""
        pair = coarsen(x, y, rate_hz=rate_hz, rate_hz_max=self.rate_hz_max)
        found = _analytic_pair(pair, self.periods_s)
        if not found:
            return NOTHING
        a, b = (np.angle(np.concatenate(parts)) for parts in zip(*found, strict=True))
        half_difference = np.angle(np.exp(1j * (a - b)).mean()) / 2
        half_sum = np.angle(np.exp(1j * (a + b)).mean()) / 2
        r = _sine_correlation(a, b, half_sum + half_difference, half_sum - half_difference)
        return Estimate(r, np.nan, len(a) / len(pair.x))


def cluster_phase(phases: FloatArray) -> float:
    """How closely the people of a group keep their usual distance from their common phase.

    Args:
        phases: Phases (person x moment, rad) of two people or more, without gaps.

    Returns:
        Between 0 and 1 (always the same distances); unrelated phases of n people give about
        .89 / sqrt(n), .64 for two.

    Raises:
        ValueError: If there are fewer than two people, or a phase is missing.

    Source:
        Richardson, Garcia, Frank, Gergor & Marsh (2012), Frontiers in Physiology 3, 405:
        group cluster phase.
    """
    phases = np.asarray(phases, float)
    if phases.ndim != 2 or len(phases) < 2:
        raise ValueError(
            f"phases have shape {phases.shape}; a row for each of two people or more is needed."
        )
    if not np.isfinite(phases).all():
        raise ValueError(
            "Phases are missing; cut all people to the moments at which all have one."
        )
    common = np.angle(np.exp(1j * phases).mean(axis=0))
    apart = np.exp(1j * (phases - common))
    usual = np.angle(apart.mean(axis=1, keepdims=True))
    return float(np.abs((apart * np.exp(-1j * usual)).mean(axis=0)).mean())


def _analytic_pair(pair: Coarse, periods_s: tuple[float, float] | None) -> list[tuple]:
    """Analytic signals of both people in every stretch that is long enough, without its ends.

    A transform takes a stretch's end to be followed by its beginning. The jump comes at the
    same moment for both, whose phases it would tie together there.
    """
    if periods_s is None:
        longest_s = _LONGEST_BROADBAND_S
    else:
        shortest_s, longest_s = periods_s
        if not 0 < shortest_s < longest_s:
            raise ValueError(
                f"periods_s={periods_s} must be a shorter and a longer period in seconds, "
                "such as (4.0, 16.0)."
            )
        if longest_s * pair.rate_hz <= 2:
            return []
    edge = round(longest_s / 2 * pair.rate_hz)
    return [
        tuple(
            _analytic(_scaled(values[run]), pair.rate_hz, periods_s)[edge : -edge or None]
            for values in (pair.x, pair.y)
        )
        for run in pair.stretches(min_s=2 * longest_s)
    ]


def _scaled(values: FloatArray) -> FloatArray:
    centred = values - values.mean()
    return centred / centred.std()


def _analytic(values, rate_hz, periods_s):
    """Analytic signal, with only the periods requested."""
    from scipy import fft

    n = len(values)
    spectrum = np.asarray(fft.rfft(values))
    gain = np.full(len(spectrum), 2.0)
    gain[0] = 1.0
    if n % 2 == 0:
        gain[-1] = 1.0
    if periods_s is not None:
        frequency = np.arange(len(spectrum)) * rate_hz / n
        gain[(frequency * periods_s[1] < 1) | (frequency * periods_s[0] > 1)] = 0.0
    whole = np.zeros(n, dtype=np.complex128)
    whole[: len(spectrum)] = spectrum * gain
    return np.asarray(fft.ifft(whole))


def _sine_correlation(a, b, a_centre, b_centre) -> float:
    s, t = np.sin(a - a_centre), np.sin(b - b_centre)
    return float((s @ t) / np.sqrt((s @ s) * (t @ t)))
