"""Illness and crises from week to week."""

from typing import NamedTuple

import jax

from bowlby.maths._arrays import Array, PRNGKeyArray
from bowlby.simulation.companions import where
from bowlby.simulation.lives import Client
from bowlby.simulation.observables import Sums, mean_felt
from bowlby.theory import Theory
from bowlby.theory.illness import Felt, IllnessState
from bowlby.theory.people import CareSeeker

_ILLNESS, _CRISIS, _WAS_ILL, _WERE_CRISES = 98, 97, 95, 93
"""Places in a week's stream of random numbers."""


class Health(NamedTuple):
    """What a week does to illness and crises.

    Attributes:
        illness: After it.
        crisis: What is left of crises after it.
        beyond: How it was felt, beyond ordinary times.
        row: Its variables: what constitution and illness added, who was ill.
    """

    illness: IllnessState
    crisis: Array
    beyond: Felt
    row: dict[str, Array]


def health_of_week(
    client: Client,
    sums: Sums,
    theory: Theory,
    seeker: CareSeeker,
    keys: PRNGKeyArray,
    first: Array,
) -> Health:
    """Illness and crises after a week of life.

    Args:
        client: Before it.
        sums: Sums over its ticks.
        theory: The theory that holds.
        seeker: Who the client is.
        keys: One per dyad.
        first: Where the week's random numbers begin.
    """
    illness, crises, affect = theory.illness, theory.crises, seeker.affect
    felt = Felt(mean_felt(sums), sums["value"] / sums["ticks"])
    met = (
        illness.begin(affect, felt, uniforms(keys, first + _WAS_ILL, 2)),
        crises.begin(uniforms(keys, first + _WERE_CRISES, 2)),
    )
    state, crisis = where(client.weeks == 0.0, met, (client.illness, client.crisis))
    beyond = Felt(felt.distress - illness.usual, felt.hopelessness - illness.ordinary)
    ill, struck = (uniforms(keys, first + place)[0] for place in (_ILLNESS, _CRISIS))
    return Health(
        illness.after_week(state, affect, felt, ill),
        crises.after_week(crisis, beyond.distress, struck),
        beyond,
        {"life_mood": illness.mood(affect, state.ill), "ill": state.ill},
    )


def uniforms(keys: PRNGKeyArray, number: Array, count: int = 1) -> Array:
    """Random numbers (count, dyads)."""
    draw = jax.vmap(lambda key: jax.random.uniform(jax.random.fold_in(key, number), (count,)))
    return draw(keys).T
