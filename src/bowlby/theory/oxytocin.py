"""Oxytocin: released by attuned contact, cleared in minutes; calms and makes precise.

    do/dt = release trait contact P(attuned) (1 - o) - (ln 2 / half_life) o

Peripheral oxytocin is a poor proxy of this latent, central quantity.

Source: half-life of a few minutes in plasma (docs/explanation/mechanisms.md); the rest is ours.
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter

_LN2 = 0.6931471805599453


class Oxytocin(Mechanism):
    """Oxytocin of one brain, between 0 and 1."""

    release: Scalar = parameter(
        0.02,
        low=0.0,
        high=0.2,
        unit="1/s",
        meaning="release in full attuned contact, by an ordinary trait",
        source="ours: an hour of good contact comes near saturation",
    )
    half_life_s: Scalar = parameter(
        180.0,
        low=5.0,
        high=3600.0,
        unit="s",
        meaning="half-life",
        source="a few minutes in plasma (docs/explanation/mechanisms.md)",
    )
    calming: Scalar = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share by which reactivity falls at oxytocin 1",
        source="ours: buffering is partial",
    )
    trait_gain: Scalar = parameter(
        2.0,
        low=0.0,
        high=10.0,
        unit="1",
        meaning="release of a care-seeker relative to slow oxytocin",
        source="ours: an ordinary trait, near one half, releases as an ordinary figure does",
    )
    trait_rate: Scalar = parameter(
        0.00005,
        low=0.0,
        high=0.01,
        unit="1/s",
        meaning="rate at which slow oxytocin follows attuned care",
        source="ours: set by the care of years (Feldman, in words)",
    )
    newborn: Scalar = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="slow oxytocin of a newborn",
        source="ours: below what good care makes of it",
    )
    reward: Scalar = parameter(
        1.0,
        low=0.0,
        high=10.0,
        unit="nat",
        meaning="rise of a figure's contingency by its own oxytocin",
        source="ours: caring is rewarding (Strathearn et al. 2009, in words)",
    )
    usual: Scalar = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="oxytocin at which a figure's contingency is its own",
        source="ours: the mean of ordinary contact",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "oxytocin": {"release": 0.0, "reward": 0.0}
    }

    def step(
        self, level: Scalar, attuned_contact: Scalar, *, dt_s: Scalar
    ) -> Float[Array, "*dyads"]:
        """Oxytocin after `dt_s` seconds of constant attuned contact (trait times contact).

        Exact for the linear equation; stays between 0 and 1.
        """
        inflow = self.release * attuned_contact
        total = inflow + _LN2 / self.half_life_s
        target = inflow / total
        return target + (level - target) * jnp.exp(-total * dt_s)

    def reactivity(self, level: Scalar) -> Float[Array, "*dyads"]:
        """Factor on reactivity, 1 without oxytocin."""
        return 1.0 - self.calming * level

    def contingency(self, own: Scalar, level: Scalar) -> Float[Array, "*dyads"]:
        """A figure's reward from soothing, raised by its own oxytocin (nat)."""
        return own + self.reward * (level - self.usual)

    def trait(
        self, level: Scalar, attuned: Scalar, contact: Scalar, *, dt_s: Scalar
    ) -> Float[Array, "*dyads"]:
        """Slow oxytocin (0 to 1) after `dt_s` seconds of contact, attuned as perceived."""
        return level + self.trait_rate * dt_s * contact * (attuned - level)
