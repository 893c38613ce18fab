"""The investor of a trust game: what is offered is read as a stance.

A fair offer looks attuned, a mean one dismissive. There are no bodies to be soothed, and
nothing else happens.
"""

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Scalar
from bowlby.maths.random_words import drawn
from bowlby.simulation.dyad import People
from bowlby.simulation.seeker import likelihood
from bowlby.simulation.tick import Figure, Offer, Pair, Scene

OFFENCE = 0.015
"""Arousal that a mean offer makes (1/s): a third of what being dismissed in need makes."""


def _mentalising(pair: Pair, people: People) -> Array:  # noqa: ARG001
    return jnp.zeros_like(pair.trust)


def _lends(pair: Pair, people: People, offered: Scalar) -> float:  # noqa: ARG001
    return 0.0


def _offer(scene: Scene) -> Offer:
    whole, nothing = jnp.ones_like(scene.need), jnp.zeros_like(scene.need)
    u, theory = scene.chance.u, scene.theory
    fair = (u[1] < scene.cue) * 1.0
    stance = jnp.stack([fair, nothing, 1.0 - fair, nothing])
    return Offer(
        contact=whole,
        regulation=nothing,
        kick=OFFENCE * (1.0 - fair),
        event_chance=0.0,
        recovery_s=theory.figure_arousal.recovery_at_home_s,
        seen=drawn(likelihood(scene.turn.cue_accuracy, stance), u[2]),
        is_seen=1.0,
        information=1.0,
        evidence=1.0,
        content=jnp.zeros_like(scene.pair.belief[0]),
        plasticity=1.0,
        thought_about=0.0,
        contingency=1.0,
        held=0.0,
        helps=0.0,
        calm_learning=1.0,
        named=nothing,
        misled=nothing,
        mentalising=nothing,
        stance=stance,
        act=jnp.zeros((len(theory.interventions.names), *scene.need.shape)),
        felt_need=scene.need,
    )


INVESTOR = Figure("investor", _mentalising, _lends, _offer)
"""Its cue is the share that is offered."""
