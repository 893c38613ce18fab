"""A figure who is there and answers nothing: the still face.

It is seen, reached for and touched as before, and gives neither regulation nor thought; what it
shows looks dismissive.
"""

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Scalar
from bowlby.maths.short_axis import weighted
from bowlby.simulation.company.caregiver import CAREGIVER
from bowlby.simulation.dyad import People
from bowlby.simulation.tick import Figure, Offer, Pair, Scene
from bowlby.theory.vocabulary import DISMISSIVE, STANCES


def _nothing(pair: Pair, people: People) -> Array:  # noqa: ARG001
    return jnp.zeros_like(pair.trust)


def _lends(pair: Pair, people: People, cue: Scalar) -> Scalar:  # noqa: ARG001
    return 0.0


def _offer(scene: Scene) -> Offer:
    theory, need = scene.theory, scene.need
    stance = jnp.zeros((len(STANCES), *need.shape)).at[DISMISSIVE].set(1.0)
    contact = theory.contact.made(scene.turn.action, stance)
    return CAREGIVER.offer(scene)._replace(
        contact=contact,
        regulation=jnp.zeros_like(need),
        kick=weighted(theory.contact.kick, stance) * contact,
        seen=stance,
        named=jnp.zeros_like(need),
        misled=jnp.zeros_like(need),
        mentalising=jnp.zeros_like(need),
        stance=stance,
    )


STILL = Figure("still", _nothing, _lends, _offer)
"""Its cue is that of a caregiver who is never away: 0."""
