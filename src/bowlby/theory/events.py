"""Events: what happens to people besides each other.

    P(event) = rate stress dt,    size = least + Exp(mean)
    in a session: P(event) = (rate + asking pressure) dt

Source: ours (docs/explanation/mechanisms.md).
"""

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Events(Mechanism):
    """How often events come, and how large they are."""

    at_home: Scalar = parameter(
        0.012,
        low=0.0,
        high=0.1,
        unit="1/s",
        meaning="rate of events in an ordinary week",
        source="ours: an ordinary child is distressed a fifth of the time with a caregiver",
    )
    in_session: Scalar = parameter(
        0.002,
        low=0.0,
        high=0.1,
        unit="1/s",
        meaning="rate of painful moments in a session",
        source="ours: a room is quieter than life",
    )
    asking: Scalar = parameter(
        0.03,
        low=0.0,
        high=0.5,
        unit="1/s",
        meaning="further rate by what an act asks in full",
        source="ours: what is asked touches what hurts, twice a minute at full pressure",
    )
    least: Scalar = parameter(
        0.4,
        low=0.0,
        high=5.0,
        unit="arousal",
        meaning="smallest event",
        source="ours: what is smaller is noise",
    )
    further: Scalar = parameter(
        1.0,
        low=0.0,
        high=10.0,
        unit="arousal",
        meaning="mean size beyond the smallest",
        source="ours: many small, few overwhelming",
    )

    def in_room(self, pressure: Scalar) -> Float[Array, "*dyads"] | Scalar:
        """Rate of painful moments in a session (1/s), by what an act asks."""
        return self.in_session + self.asking * pressure

    def arousal(self, chance: Scalar, happens: Scalar, size: Scalar) -> Float[Array, "*dyads"]:
        """Arousal that an event makes, 0 where there is none.

        Args:
            chance: Probability of an event in the step.
            happens: Uniform random number: whether it happens.
            size: Uniform random number: how large it is.
        """
        return jnp.where(happens < chance, self.least - self.further * jnp.log(size), 0.0)
