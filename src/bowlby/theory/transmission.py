"""Transmission: the child, grown up, as a caregiver.

Contingency comes from slow oxytocin, contagion from reactivity, mentalising from having been
mentalised, threat from the share of fright in the working model, each with noise.

    r = .6 + 19.6 (trait - .326) + .6 z
    logit m = .7 + 6.2 (mentalised - .315) + .6 z
    ln h = -2.22 + 8.4 fright + .6 z

Source: ours (docs/explanation/mechanisms.md): slopes and intercepts keep the distribution of
caregivers the same from one generation to the next.
"""

from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter

_KEPT = "ours: keeps the distribution of caregivers over generations"


class Transmission(Mechanism):
    """What a childhood leaves for the next."""

    contingency: Scalar = parameter(
        0.6, low=-4.0, high=4.0, unit="nat", meaning="mean reward from soothing", source=_KEPT
    )
    contingency_slope: Scalar = parameter(
        19.6,
        low=0.0,
        high=100.0,
        unit="nat",
        meaning="its rise by slow oxytocin",
        source=_KEPT,
    )
    contingency_at: Scalar = parameter(
        0.326,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="slow oxytocin at which it is the mean",
        source=_KEPT,
    )
    mentalising: Scalar = parameter(
        0.7, low=-4.0, high=4.0, unit="logit", meaning="mean mentalising", source=_KEPT
    )
    mentalising_slope: Scalar = parameter(
        6.2,
        low=0.0,
        high=100.0,
        unit="logit",
        meaning="its rise by having been mentalised",
        source=_KEPT,
    )
    mentalising_at: Scalar = parameter(
        0.315,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="having been mentalised at which it is the mean",
        source=_KEPT,
    )
    threat: Scalar = parameter(
        -2.22,
        low=-10.0,
        high=2.0,
        unit="ln",
        meaning="unresolved fear without fright",
        source=_KEPT,
    )
    threat_slope: Scalar = parameter(
        8.4,
        low=0.0,
        high=100.0,
        unit="ln",
        meaning="its rise by fright in the working model",
        source=_KEPT,
    )
    noise: Scalar = parameter(
        0.6,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="what else makes a caregiver",
        source=_KEPT,
    )
    contagion: Scalar = parameter(
        0.03,
        low=0.0,
        high=0.3,
        unit="1/s",
        meaning="contagion of a caregiver of ordinary reactivity",
        source=_KEPT,
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "transmission": {
            "contingency_slope": 0.0, "mentalising_slope": 0.0, "threat_slope": 0.0,
        }
    }  # fmt: skip

    def traits(
        self,
        oxytocin_trait: Scalar,
        mentalised: Scalar,
        fright: Scalar,
        reactivity: Scalar,
        noise: Float[Array | np.ndarray, "3 *dyads"],
    ) -> dict[str, Array]:
        """Traits of the child as a caregiver (see `AttachmentFigure`).

        Args:
            oxytocin_trait: Slow oxytocin (0 to 1).
            mentalised: How far it was mentalised (0 to 1).
            fright: Share of fright in its model of childhood.
            reactivity: Its reactivity.
            noise: Standard normal numbers.
        """
        r = self.contingency_slope * (oxytocin_trait - self.contingency_at)
        m = self.mentalising_slope * (mentalised - self.mentalising_at)
        return {
            "contingency": self.contingency + r + self.noise * noise[0],
            "mentalising": jax.nn.sigmoid(self.mentalising + m + self.noise * noise[1]),
            "threat": jnp.exp(self.threat + self.threat_slope * fright + self.noise * noise[2]),
            "contagion": self.contagion * reactivity,
        }
