"""What is observed of an encounter: a row a thing.

`TICKS` are summed over the ticks of an encounter; `KEPT` are kept tick by tick when a course
asks for it; `ENCOUNTERS` are reported of encounters and weeks, from the sums and from the two
people at the end. Dims, labels, units and docs follow from the rows.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import Array, Float
from bowlby.maths.short_axis import summed
from bowlby.simulation.dyad import Body, Experience
from bowlby.simulation.tick import Pair, Ticked
from bowlby.theory import Theory
from bowlby.theory.entrainment import attention
from bowlby.theory.relational_models import expected_stance
from bowlby.theory.vocabulary import (
    ACTIONS,
    APPROACH,
    ATTUNED,
    DISTRESS,
    MODELS,
    PROTEST,
    STANCES,
    WITHDRAW,
)

Sums = dict[str, Array]
Trace = dict[str, Array]

LABELS: Mapping[str, list[Any]] = {
    "partner": ["seeker", "figure"],
    "model": list(range(MODELS)),
    "action": list(ACTIONS),
    "stance": list(STANCES),
    "felt": list(DISTRESS),
}
"""Labels of the dims; interventions have those of the theory."""

_NOT_ZERO = 1e-9


class Tick(NamedTuple):
    """A thing summed over ticks.

    Attributes:
        of: Its value in a tick.
        dims: Dims before the dyads.
    """

    of: Callable[[Ticked], Array]
    dims: tuple[str, ...] = ()


def _distressed(t: Ticked) -> Array:
    return t.distress[2] + t.distress[3]


TICKS: Mapping[str, Tick] = {
    "ticks": Tick(lambda t: jnp.ones_like(t.after.trust)),
    "policy": Tick(lambda t: t.distress[:, None] * t.turn.plan.policy, ("felt", "action")),
    "distress": Tick(lambda t: t.distress, ("felt",)),
    "felt": Tick(lambda t: summed(t.percept.belief, 1), ("felt",)),
    "stance": Tick(lambda t: t.stance, ("stance",)),
    "stance_distressed": Tick(lambda t: _distressed(t) * t.stance, ("stance",)),
    "action": Tick(lambda t: t.turn.action, ("action",)),
    "act": Tick(lambda t: t.offer.act, ("intervention",)),
    "act_perceived": Tick(lambda t: t.offer.act * t.percept.heard[ATTUNED], ("intervention",)),
    "model": Tick(lambda t: summed(t.percept.belief, 0), ("model",)),
    "arousal": Tick(lambda t: jnp.abs(t.after.body.arousal)),
    "hyper": Tick(lambda t: jnp.maximum(t.after.body.arousal, 0.0)),
    "figure_arousal": Tick(lambda t: jnp.abs(t.after.figure_body.arousal)),
    "value": Tick(lambda t: t.turn.plan.value),
    "trust": Tick(lambda t: t.after.trust),
    "safety": Tick(lambda t: t.safety),
    "plasticity": Tick(lambda t: t.plasticity),
    "mentalising": Tick(lambda t: t.turn.mentalising),
    "contact": Tick(lambda t: t.offer.contact),
    "rate": Tick(lambda t: t.rate),
    "surprise_self": Tick(lambda t: t.percept.free_energy[0]),
    "surprise_other": Tick(lambda t: t.percept.free_energy[1]),
    "began": Tick(lambda t: t.began),
    "repaired": Tick(lambda t: t.repaired),
    "ruptured": Tick(lambda t: t.after.course.ruptured),
    "ruptured_contact": Tick(lambda t: t.after.course.ruptured * t.offer.contact),
    "understood": Tick(lambda t: t.understood),
    "fit": Tick(lambda t: t.fit),
    "felt_understood": Tick(lambda t: t.fit * t.percept.heard[ATTUNED]),
    "flips": Tick(
        lambda t: summed(jnp.abs(summed(t.percept.belief, 0) - summed(t.before.belief, 0)), 0)
    ),
    "misread": Tick(lambda t: 1.0 - summed(summed(t.percept.belief, 1) * t.distress_after, 0)),
    "acted_out": Tick(lambda t: t.acted_out),
    "curiosity": Tick(lambda t: summed(t.turn.plan.policy * t.turn.plan.curiosity, 0)),
}
"""What is summed over the ticks of every encounter."""

KEPT: Mapping[str, Tick] = {
    "arousal": Tick(lambda t: t.each, ("second", "partner")),
    "distress": Tick(lambda t: jnp.argmax(t.distress, axis=0)),
    "action": Tick(lambda t: jnp.argmax(t.turn.action, axis=0)),
    "intervention": Tick(
        lambda t: jnp.where(summed(t.offer.act, 0) > 0.0, jnp.argmax(t.offer.act, axis=0), -1)
    ),
    "perceived_stance": Tick(lambda t: t.percept.heard, ("stance",)),
    "policy": Tick(lambda t: t.turn.plan.policy, ("choice",)),
    "model_belief": Tick(lambda t: summed(t.percept.belief, 0), ("model",)),
    "mentalising": Tick(lambda t: t.turn.mentalising),
    "contact": Tick(lambda t: t.offer.contact),
    "attention": Tick(
        lambda t: attention(t.percept.heard[ATTUNED], t.turn.mentalising, t.offer.mentalising),
        ("partner",),
    ),
    "trust": Tick(lambda t: t.after.trust),
    "free_energy_self": Tick(lambda t: t.percept.free_energy[0]),
    "free_energy_other": Tick(lambda t: t.percept.free_energy[1]),
    "ruptured": Tick(lambda t: t.after.course.ruptured),
    "repaired": Tick(lambda t: t.repaired),
    "oxytocin": Tick(
        lambda t: jnp.stack([t.after.body.oxytocin, t.after.figure_body.oxytocin]), ("partner",)
    ),
    "cortisol": Tick(
        lambda t: jnp.stack(
            [t.after.body.stress.cortisol, t.after.figure_body.stress.cortisol]
        ),
        ("partner",),
    ),
    "learning_rate": Tick(lambda t: t.rate),
}
"""What is kept of a tick when ticks are kept."""


def zero_sums(n: int, theory: Theory) -> Sums:
    """Sums before the first tick."""
    return _zeros(n, len(theory.interventions.names))


@partial(jax.jit, static_argnums=(0, 1))
def _zeros(n: int, acts: int) -> Sums:
    sizes = {dim: len(labels) for dim, labels in LABELS.items()} | {"intervention": acts}
    return {
        name: jnp.zeros((*(sizes[dim] for dim in row.dims), n)) for name, row in TICKS.items()
    }


def added(sums: Sums, ticked: Ticked) -> Sums:
    """Sums with one more tick."""
    return {name: sums[name] + row.of(ticked) for name, row in TICKS.items()}


def kept(ticked: Ticked) -> Trace:
    """What is kept of a tick."""
    return {name: row.of(ticked) for name, row in KEPT.items()}


class Ended(NamedTuple):
    """An encounter that is over.

    Attributes:
        sums: Sums over its ticks.
        pair: The two at its end.
        would: In life, what one would do there, distressed: probabilities of actions.
    """

    sums: Sums
    pair: Pair
    would: Any = None

    def mean(self, name: str) -> Array:
        """Mean over its ticks."""
        return self.sums[name] / self.sums["ticks"]

    @property
    def belief(self) -> Float[Array, "k *dyads"]:
        """Belief about which model applies to this other."""
        return self.pair.belief.sum(0)


class Variable(NamedTuple):
    """A thing reported of encounters.

    Attributes:
        of: Its value.
        phases: Where it is reported: `childhood`, `session`, `life` or `person`.
        meaning: What it is.
        unit: Its unit or range.
        dims: Dims besides dyad and encounter.
    """

    of: Callable[[Any], Array]
    phases: str
    meaning: str = ""
    unit: str = ""
    dims: tuple[str, ...] = ()


def _both(of: Callable[[Body], Array]) -> Callable[[Ended], Array]:
    return lambda e: jnp.stack([of(e.pair.body), of(e.pair.figure_body)])


def _shares(name: str) -> Callable[[Ended], Array]:
    return lambda e: e.sums[name] / e.sums["ticks"]


def _mean_distress(e: Ended) -> Array:
    return (jnp.arange(4.0).reshape(4, 1) * e.sums["distress"]).sum(0) / e.sums["ticks"]


def mean_felt(sums: Sums) -> Array:
    """Mean distress as it is felt (0 calm to 3 overwhelmed)."""
    return (jnp.arange(4.0).reshape(4, 1) * sums["felt"]).sum(0) / sums["ticks"]


_MET = "childhood session"

ENCOUNTERS: Mapping[str, Variable] = {
    "distress": Variable(
        _mean_distress, _MET, "distress with the figure", "0 calm to 3 overwhelmed"
    ),
    "arousal": Variable(
        lambda e: jnp.stack([e.sums["arousal"], e.sums["figure_arousal"]]) / e.sums["ticks"],
        _MET, "mean distance of arousal from its set point", "arousal", ("partner",),
    ),
    "trust": Variable(lambda e: e.mean("trust"), _MET, "trust: P(attuned)", "0 to 1"),
    "safety": Variable(lambda e: e.mean("safety"), _MET, "safety with this figure", "0 to 1"),
    "plasticity": Variable(
        lambda e: e.mean("plasticity"), _MET, "factor on all that is learnt", "0 to 1"
    ),
    "mentalising": Variable(lambda e: e.mean("mentalising"), _MET, "mentalising", "0 to 1"),
    "contact": Variable(lambda e: e.mean("contact"), _MET, "proximity", "0 to 1"),
    "learning_rate": Variable(
        lambda e: e.mean("rate")
        * (e.belief / e.pair.experience.memory.counts.sum(0).mean(0)).sum(0),
        _MET, "effective learning rate", "1/tick",
    ),
    "model_belief": Variable(
        lambda e: e.belief, _MET, "belief about which model applies", "probability", ("model",)
    ),
    "uncertainty": Variable(
        lambda e: -(e.belief * jnp.log(e.belief + _NOT_ZERO)).sum(0),
        _MET, "uncertainty about who the other is", "nat",
    ),
    "expected_attuned": Variable(
        lambda e: expected_stance(e.pair.experience.memory.counts)[ATTUNED, 0],
        _MET, "attuned answers to approach that each model expects", "probability", ("model",),
    ),
    "action_share": Variable(
        _shares("action"), _MET, "what the care-seeker does", "share", ("action",)
    ),
    "stance_share": Variable(
        _shares("stance"), _MET, "stance taken at home, perceived in a session", "share",
        ("stance",),
    ),
    "free_energy_self": Variable(
        lambda e: e.mean("surprise_self"), _MET, "surprise at one's own body", "nat per tick"
    ),
    "free_energy_other": Variable(
        lambda e: e.mean("surprise_other"), _MET, "surprise at the other", "nat per tick"
    ),
    "interoceptive_error": Variable(
        lambda e: e.mean("misread"), _MET, "belief in distress one does not have", "0 to 1"
    ),
    "flips": Variable(
        lambda e: e.mean("flips"), _MET, "change of belief about the model", "1/tick"
    ),
    "curiosity": Variable(
        lambda e: e.mean("curiosity"), _MET, "information expected of one's acts", "nat"
    ),
    "cortisol": Variable(
        _both(lambda body: body.stress.cortisol), _MET, "cortisol at the end", "rest = 1",
        ("partner",),
    ),
    "oxytocin": Variable(
        _both(lambda body: body.oxytocin), _MET, "oxytocin at the end", "0 to 1", ("partner",)
    ),
    "ruptures": Variable(lambda e: e.sums["began"], "session", "ruptures", "number"),
    "repairs": Variable(lambda e: e.sums["repaired"], "session", "ruptures repaired", "number"),
    "ruptured_share": Variable(
        lambda e: e.mean("ruptured"), "session", "time spent ruptured", "share"
    ),
    "ruptured_contact": Variable(
        lambda e: e.sums["ruptured_contact"] / (e.sums["ruptured"] + 1e-6),
        "session", "proximity while ruptured", "0 to 1",
    ),
    "understanding": Variable(
        lambda e: e.mean("understood"), "session", "how well need is read", "0 to 1"
    ),
    "fit": Variable(
        lambda e: e.mean("fit"),
        "session", "how far what is done is what the client needs and can use", "0 to 1",
    ),
    "felt_understood": Variable(
        lambda e: e.mean("felt_understood"),
        "session", "how far that comes from somebody who is felt to be attuned", "0 to 1",
    ),
    "intervention_share": Variable(
        _shares("act"), "session", "interventions made", "share", ("intervention",)
    ),
    "hyper": Variable(lambda e: e.mean("hyper"), "session", "hyper-arousal", "arousal"),
    "life_distress": Variable(
        lambda e: mean_felt(e.sums), "life", "distress in life, as it is felt",
        "0 calm to 3 overwhelmed",
    ),
    "life_body": Variable(
        _mean_distress, "life", "distress in life, in the body", "0 calm to 3 overwhelmed"
    ),
    "life_trust": Variable(
        lambda e: e.mean("trust"), "life", "trust in who is at home: P(attuned)", "0 to 1"
    ),
    "life_safety": Variable(
        lambda e: e.mean("safety"), "life", "safety with who is at home", "0 to 1"
    ),
    "life_value": Variable(
        lambda e: e.mean("value"), "life", "expected free energy of life (hopelessness)", "nat"
    ),
    "life_protest_rate": Variable(
        lambda e: e.sums["policy"][2:, PROTEST].sum(0) / e.sums["ticks"],
        "life", "protest in distress, of all time", "share",
    ),
    "life_protest": Variable(
        lambda e: e.would[PROTEST],
        "life", "protest if distressed with who is at home", "probability",
    ),
    "life_approach": Variable(
        lambda e: e.would[APPROACH],
        "life", "approach if distressed with who is at home", "probability",
    ),
    "life_withdrawal": Variable(
        lambda e: e.would[WITHDRAW],
        "life", "withdrawal if distressed with who is at home", "probability",
    ),
    "life_model_belief": Variable(
        lambda e: e.belief, "life", "belief about the partner", "probability", ("model",)
    ),
    "life_arousal": Variable(
        lambda e: e.mean("hyper"), "life", "hyper-arousal in life", "arousal"
    ),
    "life_acting_out": Variable(
        lambda e: e.mean("acted_out"), "life", "arousal that is acted out in life", "arousal"
    ),
    "adrenal": Variable(
        lambda p: p.body.stress.adrenal, "person childhood", "mass of the adrenal cortex",
        "rest = 0.985",
    ),
    "self_soothing": Variable(
        lambda p: p.experience.self_soothing,
        "person childhood", "self-soothing by withdrawing", "0 to 1",
    ),
    "interoception": Variable(
        lambda p: p.experience.interoception[0] / p.experience.interoception.sum(0),
        "person", "accuracy of feeling oneself", "share",
    ),
    "cue_accuracy": Variable(
        lambda p: p.experience.cues[0] / p.experience.cues.sum(0),
        "person", "accuracy of seeing others", "share",
    ),
    "insight": Variable(
        lambda p: p.experience.insight, "person", "how far the old model is known as old",
        "0 to 1",
    ),
    "model_weight": Variable(
        lambda p: p.experience.memory.weight, "person", "relationships credited to each model",
        "relationships", ("model",),
    ),
    "old_share": Variable(
        lambda p: (p.experience.memory.weight * p.old).sum(0)
        / p.experience.memory.weight.sum(0),
        "person", "share of the childhood model in all relationships", "share",
    ),
}  # fmt: skip
"""What is reported of encounters, weeks and people."""

DERIVED = {
    "symptoms": ("symptoms", "SD"),
    "new_model": ("belief that this other is not like the figure of childhood", "0 to 1"),
    "present": ("the session took place", "0 or 1"),
    "left": ("the client left after it", "0 or 1"),
    "trust_before": ("trust with which the client comes to it: P(attuned)", "0 to 1"),
    "expects": ("expectation of help after the session", "0 to 1"),
    "enough": ("both agreed after it that it is enough", "0 or 1"),
    "life_load": ("what life brought in the week", "ordinary week = 1"),
    "life_mood": ("what constitution and illness add to symptoms", "SD"),
    "ill": ("an episode of illness in the week", "0 or 1"),
    "together": ("the week was lived with a partner", "0 or 1"),
}
"""What is added to the variables when they are put together."""


class Person(NamedTuple):
    """A grown person, as far as variables of phase `person` need.

    Attributes:
        experience: What was learnt.
        body: Own body.
        old: Model of childhood, as a distribution over models.
    """

    experience: Experience
    body: Body
    old: Float[Array, "k *dyads"]


class _Child(NamedTuple):
    experience: Experience
    body: Body


def variables(phase: str, ended: Ended) -> dict[str, Array]:
    """Variables of an encounter: `childhood`, `session` or `life`."""
    found = {}
    for name, row in ENCOUNTERS.items():
        if phase in row.phases.split():
            of_person = row.phases.startswith("person")
            child = _Child(ended.pair.experience, ended.pair.body)
            found[name] = row.of(child if of_person else ended)
    return found


def person_variables(person: Person) -> dict[str, Array]:
    """What a grown person carries from week to week."""
    rows = ENCOUNTERS.items()
    return {name: row.of(person) for name, row in rows if row.phases.startswith("person")}


def joined_ticks(kept: list[Trace | None]) -> dict[str, np.ndarray]:
    """Ticks of several blocks as arrays (tick, ...); empty where none were kept."""
    there = [trace for trace in kept if trace is not None]
    if not there:
        return {}
    return {name: np.concatenate([np.asarray(t[name]) for t in there]) for name in there[0]}
