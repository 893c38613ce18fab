"""Borrowed brain: with trust, the figure's mind serves the seeker.

    m_effective = 1 - (1 - m_seeker) (1 - trust m_figure contact)
    ln p(felt | s) + trust m_figure ln p(figure's reading | s)

The figure's reading of the seeker is a second observation, raised to the trust in it. Without
trust, or with a figure who does not mentalise, nothing is borrowed.

Source: ours (docs/theory/mechanisms.md); "two brains bind energy better than one" is Holmes &
Slade (2019).
"""

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar


class BorrowedBrain(eqx.Module):
    """How much is borrowed.

    Attributes:
        share: 1 in force, 0 ablated.
    """

    share: Scalar = 1.0

    def mentalising(
        self, own: Scalar, trust: Scalar, figure: Scalar, contact: Scalar
    ) -> Float[Array, "*dyads"]:
        """Mentalising of the seeker with the figure's help, between `own` and 1."""
        return 1.0 - (1.0 - own) * (1.0 - self.share * trust * figure * contact)

    def reading(
        self, lent: Float[Array, "s *dyads"], trust: Scalar, figure: Scalar
    ) -> Float[Array, "s *dyads"]:
        """Likelihood of each distress from the figure's reading, raised to the trust in it."""
        return jnp.exp(self.share * trust * figure * jnp.log(lent))


def pooled_variance(prior: Scalar, own: Scalar, other: Scalar, communication: Scalar) -> Scalar:
    """Posterior variance when another's precision reaches one through a channel.

    Precisions add; the other's is limited by the channel: other communication / (other +
    communication).
    """
    return 1.0 / (prior + own + _through(other, communication))


def bound_energy(prior: Scalar, own: Scalar, other: Scalar, communication: Scalar) -> Scalar:
    """Free energy bound by the second brain beyond the first (nats)."""
    return 0.5 * jnp.log1p(_through(other, communication) / (prior + own))


def _through(other, communication):
    return other * communication / (other + communication)
