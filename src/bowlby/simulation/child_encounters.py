"""What encounters of childhood and youth share: who is known, what lies between, their row."""

from typing import NamedTuple

import equinox as eqx
import numpy as np

from bowlby.maths._arrays import Array, Float
from bowlby.simulation.dyad import World, new_body, rested
from bowlby.simulation.lives import Rows
from bowlby.simulation.observables import Ended, Sums, variables
from bowlby.simulation.tick import Pair, meet
from bowlby.theory.bond import Relationship, no_history
from bowlby.theory.people import CareSeeker


class Met(NamedTuple):
    """A figure as the child knows it.

    Attributes:
        belief: Over relational models.
        bond: What it has shown.
        reading: Trust as it reads it.
    """

    belief: Float[Array, "k *dyads"]
    bond: Relationship
    reading: Float[Array, "*dyads"]


def as_known(pair: Pair) -> Met:
    """The figure of an encounter, as it is kept in mind."""
    return Met(pair.belief.sum(0), pair.bond, pair.reading)


@eqx.filter_jit
def met_again(pair: Pair, met: Met, world: World) -> Pair:
    """The child with a figure that it knows; each keeps a relationship of its own."""
    theory = world.theory
    own, other = rested(pair.body, theory), new_body(theory, pair.trust.shape[0])
    return meet(met.belief, pair.experience, own, other, met.reading, met.bond, theory)


@eqx.filter_jit
def with_stranger(pair: Pair, seeker: CareSeeker, world: World) -> Pair:
    """A child who meets a new figure: whom it meets is not yet known."""
    theory = world.theory
    prior = theory.relational_models.restaurant_prior(
        pair.experience.memory, seeker.mind.openness
    )
    n = pair.trust.shape[0]
    own, other = rested(pair.body, theory), new_body(theory, n)
    return meet(prior, pair.experience, own, other, pair.reading, no_history(n), theory)


@eqx.filter_jit
def between_encounters(pair: Pair, world: World) -> Pair:
    """The two after the months between encounters."""
    between, axis = world.theory.between_encounters, world.theory.stress_axis
    memory = between.credited(
        pair.experience.memory, pair.belief.sum(0), between.childhood_credit
    )
    stress = axis.after_childhood_encounter(pair.body.stress, pair.body.arousal)
    return eqx.tree_at(lambda p: (p.experience.memory, p.body.stress), pair, (memory, stress))


def row(sums: Sums, pair: Pair, phase: str, *, age_years: float) -> Rows:
    """Variables of an encounter, and when it was."""
    values: Rows = {name: np.asarray(value) for name, value in _variables(sums, pair).items()}
    return values | {"phase": phase, "week": np.nan, "age_years": age_years, "session": 0}


@eqx.filter_jit
def _variables(sums: Sums, pair: Pair) -> dict:
    return variables("childhood", Ended(sums, pair))
