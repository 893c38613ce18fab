"""Threat: unresolved fear that frightens others, and own fear read into them.

    ln odds(frightening) = resting + sensitivity h (base + alarm max(0, figure's arousal))
    p'(u) proportional to p(u) exp(strength (1 - m) distress [u is not attuned])

Frightening behaviour depends on the figure alone, never on the child's bid: if it did, avoiding
would solve the child's problem, and fear would organise instead of disorganise.

Source: Main & Hesse (1990) in words; the equations are ours (docs/theory/mechanisms.md).
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar


class Threat(eqx.Module):
    """Frightening behaviour of a figure.

    Attributes:
        resting: Log-odds without unresolved fear.
        sensitivity: Rise per unit of unresolved fear.
        alarm: Further rise per unit of own arousal.
    """

    resting: Scalar = -4.0
    sensitivity: Scalar = 2.1
    alarm: Scalar = 1.05

    def logit(self, fear: Scalar, arousal: Scalar) -> Float[Array, "*dyads"]:
        """Log-weight of a frightening turn."""
        return self.resting + fear * (self.sensitivity + self.alarm * jnp.maximum(arousal, 0.0))


class Projection(eqx.Module):
    """Own fear read into the other when mentalising is shut.

    Attributes:
        strength: Log-odds at full distress and shut mentalising.
    """

    strength: Scalar = 0.8

    def tilt(
        self, stance: Float[Array, "u *dyads"], distress: Scalar, mentalising: Scalar
    ) -> Float[Array, "u *dyads"]:
        """Expectation of the other's stance (attuned first) tilted by own distress (0 to 1).

        Not renormalised: it multiplies likelihoods.
        """
        factor = jnp.exp(self.strength * (1.0 - mentalising) * distress)
        return jnp.concatenate([stance[:1], stance[1:] * factor])
