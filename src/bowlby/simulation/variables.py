"""What is reported of an encounter."""

import equinox as eqx
import jax.numpy as jnp

from bowlby.agents.relational import expected_stance
from bowlby.maths._arrays import Array
from bowlby.simulation.dyad import Body, Experience
from bowlby.simulation.encounter import Pair, Totals


def session_variables(totals: Totals, pair: Pair) -> dict[str, Array]:
    """Variables of a session, from its sums and the pair at its end."""
    ticks = totals["ticks"]
    body, other = pair.body, pair.figure_body
    return _figure_variables(totals, pair) | {
        "ruptures": totals["began"],
        "repairs": totals["repaired"],
        "ruptured_share": totals["ruptured"] / ticks,
        "ruptured_contact": totals["ruptured_contact"] / (totals["ruptured"] + 1e-6),
        "understanding": totals["understood"] / ticks,
        "intervention_share": totals["act"] / ticks,
        "cortisol": jnp.stack([body.stress.cortisol, other.stress.cortisol]),
        "oxytocin": jnp.stack([body.oxytocin, other.oxytocin]),
        "hyper": totals["hyper"] / ticks,
    }


def person_variables(experience: Experience, body: Body, old: Array) -> dict[str, Array]:
    """What a grown person carries from week to week.

    Args:
        experience: What was learnt.
        body: Own body.
        old: Model of childhood, as a distribution over models.
    """
    weight = experience.memory.weight
    return {
        "adrenal": body.stress.adrenal,
        "self_soothing": experience.self_soothing,
        "interoception": experience.interoception[0] / experience.interoception.sum(0),
        "cue_accuracy": experience.cues[0] / experience.cues.sum(0),
        "insight": experience.insight,
        "model_weight": weight,
        "old_share": (weight * old).sum(0) / weight.sum(0),
    }


def _figure_variables(totals: Totals, pair: Pair) -> dict[str, Array]:
    """What childhood encounters and sessions have in common."""
    ticks = totals["ticks"]
    belief = pair.belief.sum(0)
    counts = pair.experience.memory.counts
    steps = jnp.arange(4.0).reshape(4, 1)
    return {
        "distress": (steps * totals["distress"]).sum(0) / ticks,
        "arousal": jnp.stack([totals["arousal"], totals["figure_arousal"]]) / ticks,
        "trust": totals["trust"] / ticks,
        "mentalising": totals["mentalising"] / ticks,
        "contact": totals["contact"] / ticks,
        "learning_rate": totals["rate"] / ticks * (belief / counts.sum(0).mean(0)).sum(0),
        "model_belief": belief,
        "uncertainty": -(belief * jnp.log(belief + 1e-9)).sum(0),
        "expected_attuned": expected_stance(counts)[0, 0],
        "action_share": totals["action"] / ticks,
        "stance_share": totals["stance"] / ticks,
        "free_energy_self": totals["surprise_self"] / ticks,
        "free_energy_other": totals["surprise_other"] / ticks,
        "misread_self": totals["misread"] / ticks,
        "flips": totals["flips"] / ticks,
        "curiosity": totals["curiosity"] / ticks,
    }


@eqx.filter_jit
def childhood_variables(totals: Totals, pair: Pair) -> dict[str, Array]:
    """Variables of an encounter with the caregiver."""
    return _figure_variables(totals, pair) | {
        "cortisol": jnp.stack([pair.body.stress.cortisol, pair.figure_body.stress.cortisol]),
        "oxytocin": jnp.stack([pair.body.oxytocin, pair.figure_body.oxytocin]),
        "adrenal": pair.body.stress.adrenal,
        "self_soothing": pair.experience.self_soothing,
    }
