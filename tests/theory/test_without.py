"""What an ablation takes away is what its name says, and nothing beside."""

import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.theory import Theory
from bowlby.theory.bond import Relationship
from bowlby.theory.illness import Felt
from bowlby.theory.interventions import built_in
from bowlby.theory.people import AttachmentFigure
from bowlby.theory.perceived_stance import Shown
from bowlby.theory.vocabulary import STANCES

USUAL = Theory()
ACTS = built_in()
STANCE = jnp.full(len(STANCES), 0.25)
PAST = jnp.linspace(1.0, 0.5, 8)


def look(theory, name, need=0.6, *, withdraws=0.0, unthinkable=0.0):
    made = jnp.eye(len(ACTS.names))[ACTS.index(name)]
    answers, pressure = (np.asarray(v)[ACTS.index(name)] for v in (ACTS.answers, ACTS.pressure))
    met = Shown(jnp.asarray(need), withdraws, unthinkable, 1.0)
    return theory.perceived_stance.look(ACTS.look(made), answers, pressure, 0.0, met)


def leaves(theory):
    law = theory.leaving
    return [law.mistrust(0.1, 0.5, 0.8, 0.2), law.by_life(2.0), law.enough(0.1, 20.0)]


def under_load(theory):
    figure = theory.caregiver_load.under(AttachmentFigure(), jnp.asarray(3.0))
    return [figure.contingency, figure.mentalising]


def inherited(theory):
    zero = jnp.zeros(3)
    taken = [theory.transmission.traits(x, x, x, 1.0, zero) for x in (0.2, 0.9)]
    return [taken[1][n] - taken[0][n] for n in ("contingency", "mentalising", "threat")]


def ill(theory, standing=1.0, episodes=0.0):
    return theory.illness.onset(standing, theory.illness.usual + 1.0, episodes)


def acted_out(theory, fright):
    return theory.acting_out.level(1.0, 0.2, fright, 1.0)


def withdrawn(theory, mentalising, withdrawing=0.0):
    return theory.self_soothing.recovery_s(0.5, withdrawing, mentalising, 60.0)


def shut_out(theory):
    felt = jnp.array([0.0, 0.0, 1.0, 0.0])
    return theory.deactivation.felt(felt, 1.0, 0.8) - felt


def stays(theory):
    low, high = (theory.leaving.mistrust(0.2, expects, 0.5, 0.5) for expects in (0.1, 0.9))
    return low - high


def ended(theory):
    e = theory.endings
    return [e.loss_at_ending(0.0), e.loss_after_break(0.0), e.foreboding, e.leaving]


NOTHING = {
    "looming": lambda t: t.failures.looming(0.2, 1.0, 0.5),
    "dismissing": lambda t: t.failures.dismissing(0.2, 1.0, 0.5),
    "failures": lambda t: [t.failures.looming(0.2, 1.0, 0.5), t.failures.dismissing(0.2, 1.0, 0.5)],
    "repair": lambda t: t.rupture.repairs(1.0, 1.0, 1.0),
    "missed_ruptures": lambda t: 1.0 - t.rupture.notices(0.2),
    "keeping_away": lambda t: 1.0 - t.rupture.nearness(1.0),
    "illness": lambda t: [ill(t), t.illness.mood(1.0, 0.0)],
    "kindling": lambda t: ill(t, episodes=3.0) - ill(t),
    "crises": lambda t: [
        t.crises.expected(), t.crises.weighs(0.0) - 1.0, t.crises.begin(jnp.full(2, 0.5)),
        t.crises.after_week(0.0, 1.0, 1e-5),
    ],
    "caregiver_load": lambda t: np.subtract(
        under_load(t), [AttachmentFigure().contingency, AttachmentFigure().mentalising]
    ),
    "life_load": lambda t: t.life_load.loads(jnp.ones((4, 1))) - 1.0,
    "initial_value": lambda t: t.arousal.room(3.0) - 1.0,
    "therapists_style": lambda t: t.therapists.readiness(jnp.ones((2, 1))) - 1.0,
    "expectation": lambda t: [t.expectation.openness(0.9) - 1.0, stays(t)],
    "endings_are_near": lambda t: t.endings.is_about(3.0) - 1.0,
    "adolescence": lambda t: t.sensitive_period.youth(14.0) - t.sensitive_period.childhood(14.0),
    "hope": lambda t: t.hope.level(0.05),
    "frame_of_reference": lambda t: t.rating.rated(0.5, 0.9) - 0.5,
    "stress_buffering": lambda t: 1.0 - t.stress_axis.reaching(t.stress_axis.helps_at(4.0), 1.0),
    "fright": lambda t: t.threat.logit(2.0, 0.5) - t.threat.logit(0.0, 0.0),
    "hair_trigger": lambda t: acted_out(t, 0.9) - acted_out(t, 0.0),
    "deactivation": shut_out,
    "evoked_care": lambda t: t.evoked_care.contingency(0.5, 1.0) - 0.5,
    "heritability": lambda t: t.constitution.inherited(jnp.ones(1), jnp.zeros(1)),
    "transmission": inherited,
    "oxytocin": lambda t: [
        t.oxytocin.step(0.0, 1.0, dt_s=600.0), t.oxytocin.contingency(0.5, 0.9) - 0.5
    ],
    "oxytocin_precision": lambda t: t.policy_precision.value(4.0, 1.0, 0.9, 0.5) - 4.0,
    "latency": lambda t: t.regulation.pull(PAST, 1.0, 0.2, 5.0) + 0.2 * PAST[0],
    "coupling": lambda t: [
        t.regulation.pull(PAST, 1.0, 0.2, 5.0), t.contagion.to_seeker, t.contagion.to_figure
    ],
    "figure_arousal": lambda t: [t.contagion.to_figure, t.figure_arousal.alarm(2.0)],
    "arousal_gate": lambda t: t.mentalising.capacity(2.0, 1.0, 0.7)
    - t.mentalising.capacity(t.mentalising.optimum, 1.0, 0.7),
    "growing_mind": lambda t: t.mentalising.at_best(0.9) - t.mentalising.at_best(0.2),
    "borrowed_brain": lambda t: t.borrowed_brain.borrowed(1.0, 1.0, 1.0),
    "projection": lambda t: t.projection.tilt(STANCE, 1.0, 0.0) - STANCE,
    "kept_in_mind": lambda t: t.social_baseline.held(1.0),
    "reopening": lambda t: t.sensitive_period.reopened(0.15, 1.0, 1.0, 1.0, 1.0) - 0.15,
    "partnership": lambda t: [t.partnership.parting(1.0), t.partnership.lives_alone(1.0, 0.5)],
    "contingency": lambda t: 1.0 - t.contingency.of(
        jnp.eye(3)[:, :1], jnp.eye(3)[:, :1], jnp.ones((3, 1))
    ),
    "perceived_stance": lambda t: look(t, "hold") - look(t, "loom"),
    "asking": lambda t: look(t, "interpret", 0.3, unthinkable=0.4) - look(t, "interpret", 0.3),
    "excess": lambda t: look(t, "validate", withdraws=1.0) - look(t, "validate"),
    "interpretation": lambda t: t.interpretation.content(1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "leaving": leaves,
    "endings": ended,
    "thinking_soothes": lambda t: withdrawn(t, 0.9) - withdrawn(t, 0.1),
    "stress_axis": lambda t: t.stress_axis.after_week(t.stress_axis.rest(1.0), 2.0).adrenal
    - t.stress_axis.rest(1.0).adrenal,
}  # fmt: skip
"""Name of an ablation to what is left of the mechanism: nothing."""

ELSEWHERE = {
    "brought_to_task": "test_task_learning.py::test_who_brings_nothing_expects_what_newborns",
    "psychic_equivalence": "test_task_learning.py::test_who_cannot_think_acts_on_what_comes_to_mind",
    "volatility": "test_task_learning.py::test_turns_teach_that_people_turn",
    "bond": "test_bonds.py::test_without_a_history_of_its_own_every_relationship_is_the_model",
    "constitution": "simulation/test_people.py::test_without_constitution_all_are_alike",
    "entrainment": "test_laws.py::test_entrainment_alone_has_variance_one_and_no_partner",
    "moments": "test_laws.py::test_without_moments_coupling_is_the_same_throughout",
    "plasticity": "test_laws.py::test_the_biological_gate_is_open_in_infancy_and_closed",
    "several_models": "test_every_number_counts.py: a prior and an insight of several parts",
    "epistemic": "test_every_number_counts.py: a term of expected free energy",
    "precision_learning": "test_every_number_counts.py: a rate",
    "self_soothing": "test_every_number_counts.py: a rate",
    "social_baseline": "test_bonds.py::test_safety_reaches_and_shares",
    "reinstatement": "test_every_number_counts.py: a pull",
    "years_between": "test_bonds.py::test_an_adult_is_in_part_its_own_childhood",
}
"""Ablations that are tried elsewhere."""


def sizes(name, theory):
    found = NOTHING[name](theory)
    parts = found if isinstance(found, list | tuple) else [found]
    return [float(jnp.abs(jnp.asarray(part)).max()) for part in parts]


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_nothing_is_left_of_what_is_taken_away(name):
    assert max(sizes(name, USUAL.without(name))) < 1e-5


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_all_of_it_is_there_otherwise(name):
    assert min(sizes(name, USUAL)) > 1e-5


def test_every_ablation_is_tried():
    assert set(NOTHING) | set(ELSEWHERE) == set(USUAL.ablations())
    assert not set(NOTHING) & set(ELSEWHERE)


def test_taking_one_failure_away_leaves_the_other():
    for name, other in (("looming", "dismissing"), ("dismissing", "looming")):
        assert sizes(other, USUAL.without(name)) == sizes(other, USUAL)


def test_a_repaired_rupture_is_remembered_as_good_and_an_open_one_as_bad():
    before = Relationship(*(jnp.asarray(x) for x in (1.0, 1.0, 0.0)))
    repaired, left_open = (
        USUAL.rupture.kept(before, 1.0, 0.0),
        USUAL.rupture.kept(before, 0.0, 1.0),
    )
    assert repaired.good > before.good == left_open.good
    assert left_open.bad > before.bad == repaired.bad


def test_illness_has_no_ordinary_life_of_its_own():
    assert USUAL.illness.healthy(0.0).felt == Felt(USUAL.illness.usual, USUAL.illness.ordinary)
