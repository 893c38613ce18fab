"""Events: what happens to people besides each other.

    P(event) = rate stress dt,    size = least + Exp(mean)

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
        0.006,
        low=0.0,
        high=0.1,
        unit="1/s",
        meaning="rate of painful moments in a session",
        source="ours: half as many as in life",
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

    def arousal(self, chance: Scalar, happens: Scalar, size: Scalar) -> Float[Array, "*dyads"]:
        """Arousal that an event makes, 0 where there is none.

        Args:
            chance: Probability of an event in the step.
            happens: Uniform random number: whether it happens.
            size: Uniform random number: how large it is.
        """
        return jnp.where(happens < chance, self.least - self.further * jnp.log(size), 0.0)
