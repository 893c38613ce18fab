"""A grown mind: agency and complexity of its models."""

import equinox as eqx
import numpy as np

from bowlby.maths._arrays import Array
from bowlby.simulation.companions import who_is_there
from bowlby.simulation.dyad import ContactTable
from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores
from bowlby.simulation.lives import Client, Dyads
from bowlby.simulation.measuring import Observer
from bowlby.simulation.seeker import expected_change
from bowlby.theory.relational_models import expected_stance

CODEBOOK: Codebook = {
    "controllability": Readout(
        "controllability (agency): mutual information of own acts and own distress to come",
        "nat",
    ),
    "complexity": Readout(
        "relational models in use: exp of the entropy of their weights", "number"
    ),
}

DISTRESSED = (2, 3)
"""States in which agency is asked for: distressed, overwhelmed."""

_TINY = 1e-12


def score(client: Client, dyads: Dyads, observer: Observer) -> Scores:
    """Scores of the mind at the end.

    Agency is what one's own acts in distress are expected to do about it, under the model in
    use in life: I(act; distress to come), with the acts that are habits.
    """
    memory = client.experience.memory
    belief = who_is_there(client, dyads).belief
    change = _change(dyads.world.table, memory.counts, belief, client.experience.self_soothing)
    weight = np.asarray(memory.weight)
    share = weight / weight.sum(0)
    used = np.exp(-(share * np.log(share + _TINY)).sum(0))
    gained = [_gained(change, memory.habits, state) for state in DISTRESSED]
    agency = observer.score("controllability", np.mean(gained, axis=0), occasion="last")
    return {"controllability": agency, "complexity": used}


@eqx.filter_jit
def _change(table: ContactTable, counts: Array, belief: Array, efficacy: Array) -> Array:
    """p(s' | s, a) under the relational model in use."""
    stance = (expected_stance(counts) * belief).sum(2)  # u a
    return expected_change(table, stance, efficacy)


def _gained(change: Array, habits: Array, state: int) -> np.ndarray:
    """Information of an act about distress to come, in a state of distress (nat)."""
    after, policy = np.asarray(change)[:, state], np.asarray(habits)[state]
    policy = policy / policy.sum(0)
    mean = (after * policy).sum(1, keepdims=True)
    ratio = np.log((after + _TINY) / (mean + _TINY))
    return (policy * (after * ratio).sum(0)).sum(0)
