"""The figure of childhood and of life: caregiver, partner, or somebody not yet known.

Who it is lies in its traits and in what the care-seeker expects, not in another law. Each turn
it takes a stance {attuned, intrusive, dismissive, frightening} (`theory/caregiving.py`,
`theory/threat.py`); intrusion and fright make contact whatever the care-seeker does.
"""

from typing import NamedTuple

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.random_words import drawn
from bowlby.maths.short_axis import softmax, weighted
from bowlby.simulation.company.nobody import without
from bowlby.simulation.dyad import People
from bowlby.simulation.seeker import likelihood
from bowlby.simulation.tick import Figure, Offer, Pair, Scene
from bowlby.theory.vocabulary import FRIGHTENING


class AtHome(NamedTuple):
    """What an encounter at home is like.

    Attributes:
        stress: Rate of events, relative to an ordinary week.
        learning: Factor on all that is learnt: plasticity at this age.
        separation: 1 where an absent figure has left, 0 where nobody was expected.
        held: Safety that is kept in mind of somebody else (0 to 1).
        helps: How far a figure stops the stress axis at this age (0 to 1).
    """

    stress: Scalar
    learning: Scalar
    separation: Scalar
    held: Scalar
    helps: Scalar


def at_home(
    stress: Scalar,
    learning: Scalar,
    *,
    separation: Scalar = 1.0,
    held: Scalar = 0.0,
    helps: Scalar = 0.0,
) -> AtHome:
    """What an encounter is like, as data: one compiled program serves childhood and life."""
    every = jnp.broadcast_arrays(*map(jnp.asarray, (stress, learning, separation, held, helps)))
    return AtHome(*(jnp.asarray(value, jnp.float32) for value in every))


def stance_worth(scene: Scene) -> Float[Array, "u *dyads"]:
    """Log-weights from which the figure's stance is drawn."""
    theory, figure, body = scene.theory, scene.people.figure, scene.pair.figure_body
    alarm = theory.figure_arousal.alarm(body.arousal)
    worth = theory.caregiving.worth(
        theory.caregiving.shown(scene.turn.action, scene.need),
        scene.need,
        theory.oxytocin.contingency(figure.contingency, body.oxytocin),
        scene.mentalising,
        alarm,
    )
    frightening = theory.threat.logit(figure.threat, alarm)
    return jnp.stack([worth.attuned, worth.intrusive, worth.dismissive, frightening])


def _mentalising(pair: Pair, people: People) -> Array:
    body = people.world.theory.figure_arousal
    return body.mentalising(
        people.figure.mentalising, pair.figure_body.arousal, body.window_at_home
    )


def _lends(pair: Pair, people: People, absent: Scalar) -> Array:  # noqa: ARG001
    return people.world.theory.borrowed_brain.at_home * (1.0 - absent)


def stance_taken(scene: Scene) -> Float[Array, "u *dyads"]:
    """The figure's stance in this turn, one-hot."""
    return drawn(softmax(stance_worth(scene), axis=0), scene.chance.u[1])


def _offer(scene: Scene) -> Offer:
    stance = stance_taken(scene)
    return offered(scene, stance, scene.theory.contact.made(scene.turn.action, stance))


def offered(scene: Scene, stance: Float[Array, "u *dyads"], contact: Scalar) -> Offer:
    """What a figure offers by a stance, in such contact, as far as it is there."""
    theory, setting, absent, u = scene.theory, scene.setting, scene.cue, scene.chance.u
    acts = len(theory.interventions.names)
    there = Offer(
        contact=contact,
        regulation=weighted(theory.contact.regulation, stance),
        kick=weighted(theory.contact.kick, stance) * contact,
        event_chance=theory.events.at_home * scene.pace.tick_s * setting.stress,
        recovery_s=theory.figure_arousal.recovery_at_home_s,
        seen=drawn(likelihood(scene.turn.cue_accuracy, stance), u[7]),
        is_seen=1.0,
        information=1.0,
        evidence=1.0,
        content=jnp.zeros_like(scene.pair.experience.memory.weight),
        plasticity=setting.learning,
        thought_about=theory.sensitive_period.unnamed,
        contingency=1.0,
        held=setting.held,
        helps=setting.helps,
        calm_learning=theory.learning.calm_at_home,
        named=theory.sensory_precision.naming
        * contact
        * theory.borrowed_brain.share
        * scene.pair.trust,
        misled=stance[FRIGHTENING],
        mentalising=scene.mentalising,
        stance=stance,
        act=jnp.zeros((acts, *scene.need.shape)),
        felt_need=scene.need,
    )
    return without(there, absent, theory.contact.separation * setting.separation)


CAREGIVER = Figure("caregiver", _mentalising, _lends, _offer)
"""Caregiver, partner or stranger; its cue tells how far it is away (0 to 1)."""
