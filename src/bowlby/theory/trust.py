"""Trust: P(attuned) over the last minutes with this other.

    dT = (heard attuned - T) dt / memory

Source: ours (docs/explanation/mechanisms.md).
"""

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Trust(Mechanism):
    """Trust within an encounter."""

    memory_s: Scalar = parameter(
        94.91,
        low=5.0,
        high=3600.0,
        unit="s",
        meaning="time over which trust is formed",
        source="ours: a tenth in ten seconds",
    )

    def step(
        self, trust: Scalar, attuned: Scalar, seen: Scalar, *, dt_s: Scalar
    ) -> Float[Array, "*dyads"]:
        """Trust after `dt_s` seconds.

        Args:
            trust: Before (0 to 1).
            attuned: How far the other is perceived as attuned (0 to 1).
            seen: 1 where the other is there to be seen.
            dt_s: Length of the step (s).
        """
        return trust + (1.0 - jnp.exp(-dt_s / self.memory_s)) * (attuned - trust) * seen
