"""Entrainment: a fast channel between two bodies, ten times a second.

    df_i = (-f_i / forgetting + pull (f_j(t - latency) - f_i)) dt + noise dW
    db_i = ((-1 / forgetting + i omega_i) b_i + pull (b_j(t - latency) - b_i)) dt + noise dW

    ln m = hours z - hours^2 / 2 + moments x - moments^2 / 2

with pull = strength m contact attention_i, for fast arousal f and breath b (a complex rhythm).
Each is pulled as far as it attends: the care-seeker as far as it thinks and feels met, the
figure as far as it has the other in mind, so that who attends more follows. Movement is a third
such process, of the same law and of attention 1: whoever is there is mimicked.

Synchrony is a state with moments: m has mean 1 and differs from hour to hour (z) and from
minute to minute (x, of unit variance and memory `moment_s`), whoever the two are. Faces and
voices carry arousal within half a second; this fast part rides on slow arousal and is why
hearts lag each other by less than a second in contact. Nothing else in the engine needs it, so
it is computed from finished sessions, in numpy.

Source: ours (docs/explanation/mechanisms.md); synchrony as a state that comes and goes: Mayo &
Gordon (2020), Psychophysiology 57, e13574, in words; bodies coupled by attention and feeling
that are shared: Palumbo et al. (2017), Personality and Social Psychology Review 21, 99-141, in
words; movement of strangers mimicked unawares: Chartrand & Bargh (1999), Journal of Personality
and Social Psychology 76, 893-910, in words; lags below one second: Feldman, Magori-Cohen,
Galili, Singer & Louzoun (2011), Infant Behavior and Development 34, 569-577.
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp
import numba
import numpy as np
from numpy.typing import NDArray

from bowlby._types import FloatArray
from bowlby.maths._arrays import Array, Scalar
from bowlby.theory.declared import Mechanism, parameter

FAST_HZ = 10.0
"""Rate at which the fast part is integrated (Hz)."""

ComplexArray = NDArray[np.complexfloating]


class Entrainment(Mechanism):
    """Fast coupling of two bodies."""

    forgetting_s: Scalar = parameter(
        3.0,
        low=0.2,
        high=60.0,
        unit="s",
        meaning="time constant of fast arousal",
        source="ours: expressions last seconds",
    )
    strength: Scalar = parameter(
        1.0,
        low=0.0,
        high=10.0,
        unit="1/s",
        meaning="pull per unit of difference in contact with full attention",
        source="ours: hearts then lag by less than a second (Feldman et al. 2011)",
    )
    latency_s: Scalar = parameter(
        0.4,
        low=0.0,
        high=5.0,
        unit="s",
        meaning="time a face or voice needs to carry arousal",
        source="ours: reaction times of expressions",
    )
    breath_forgetting_s: Scalar = parameter(
        6.0,
        low=1.0,
        high=120.0,
        unit="s",
        meaning="time over which breathing keeps its rhythm",
        source="ours: one or two breaths",
    )
    breath_share: Scalar = parameter(
        0.1,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="pull on the breath, relative to that on fast arousal",
        source="ours: breathing is held by its own rhythm",
    )
    hours: Scalar = parameter(
        0.6,
        low=0.0,
        high=3.0,
        unit="ln",
        meaning="standard deviation of coupling between hours",
        source="ours: in some hours thrice as strong as in others",
    )
    moments: Scalar = parameter(
        0.6,
        low=0.0,
        high=3.0,
        unit="ln",
        meaning="standard deviation of coupling within an hour",
        source="ours: as between hours",
    )
    moment_s: Scalar = parameter(
        60.0,
        low=1.0,
        high=3600.0,
        unit="s",
        meaning="time over which coupling stays as it is",
        source="ours: a topic, a posture",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "entrainment": {"strength": 0.0},
        "moments": {"hours": 0.0, "moments": 0.0},
    }

    def moments_of(self, normals: FloatArray) -> FloatArray:
        """Factor on coupling in each second of an hour, of mean 1.

        Args:
            normals: Standard normal numbers (1 + seconds): the hour's, then each second's.
        """
        from scipy.signal import lfilter

        kept = np.exp(-1.0 / float(self.moment_s))
        fresh = np.sqrt(1.0 - kept**2) * normals[1:]
        fresh[0] = normals[1]
        course = np.asarray(lfilter([1.0], [1.0, -kept], fresh))
        hours, moments = float(self.hours), float(self.moments)
        return np.exp(hours * normals[0] - hours**2 / 2.0 + moments * course - moments**2 / 2.0)

    def pulls(self, contact: FloatArray, attention: FloatArray | float) -> FloatArray:
        """Pull towards the other (1/s), from contact and attention (0 to 1)."""
        return float(self.strength) * contact * attention

    def fast_arousal(self, pulls: FloatArray, noise: FloatArray) -> FloatArray:
        """Fast arousal, or movement, of both at 10 Hz, of variance 1 when alone.

        Args:
            pulls: Pull of each person towards the other, each second, (seconds, 2) (1/s).
            noise: Random numbers of variance 1, (10 seconds + 1, 2).
        """
        forgetting_s = float(self.forgetting_s)
        return self._entrained(pulls, 1.0 / forgetting_s + 0j * pulls, forgetting_s, noise + 0j)

    def breaths(
        self, pulls: FloatArray, rhythm_hz: FloatArray, noise: ComplexArray
    ) -> FloatArray:
        """Breathing of both at 10 Hz, of variance 1 when alone.

        Args:
            pulls: Pull of each person on fast arousal, each second, (seconds, 2) (1/s).
            rhythm_hz: Rate of breathing each second, (seconds, 2).
            noise: Complex random numbers, each part of variance 1, (10 seconds + 1, 2).
        """
        forgetting_s = float(self.breath_forgetting_s)
        decay = 1.0 / forgetting_s - 2j * np.pi * rhythm_hz
        return self._entrained(float(self.breath_share) * pulls, decay, forgetting_s, noise)

    def _entrained(
        self, pulls: FloatArray, decay: ComplexArray, forgetting_s: float, noise: ComplexArray
    ) -> FloatArray:
        """Real part of two entrained processes at 10 Hz, from what holds in each second."""
        rate = decay + pulls
        kept = np.exp(-rate / FAST_HZ)
        taken = pulls / rate * (1.0 - kept)
        spread = np.sqrt((1.0 - np.abs(kept) ** 2) / (rate.real * forgetting_s))
        late = round(float(self.latency_s) * FAST_HZ)
        states = _steps(kept, taken, spread, noise, round(FAST_HZ), late)
        return np.ascontiguousarray(states.real)


def attention(attuned: Array, mentalising: Array, figures_mentalising: Array) -> Array:
    """How far each of the two attends to the other: the care-seeker, then the figure (0 to 1).

    Args:
        attuned: How far the figure is perceived as attuned (0 to 1).
        mentalising: The care-seeker's (0 to 1).
        figures_mentalising: The figure's (0 to 1).
    """
    return jnp.stack([attuned * mentalising, figures_mentalising])


@numba.njit(cache=True, nogil=True)
def _steps(kept, taken, spread, noise, per_second, latency):
    """Exact steps; the first row of noise is the start, before which nobody moved."""
    states = np.empty_like(noise)
    states[0] = noise[0]
    for t in range(len(noise) - 1):
        second = t // per_second
        before = max(t - latency, 0)
        for i in range(2):
            states[t + 1, i] = (
                kept[second, i] * states[t, i]
                + taken[second, i] * states[before, 1 - i]
                + spread[second, i] * noise[t + 1, i]
            )
    return states[:-1]
