"""Laws of answers: each goes the right way in each of its arguments, and is of the right size."""

import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.maths.short_axis import softmax
from bowlby.theory.arousal import Arousal
from bowlby.theory.caregiving import Caregiving
from bowlby.theory.endings import Endings
from bowlby.theory.expectation import Expectation
from bowlby.theory.failures import Failures
from bowlby.theory.figure_arousal import FigureArousal
from bowlby.theory.interpretation import Interpretation
from bowlby.theory.interventions import built_in
from bowlby.theory.learning import Learning
from bowlby.theory.leaving import Leaving
from bowlby.theory.oxytocin import Oxytocin
from bowlby.theory.perceived_stance import PerceivedStance, Shown
from bowlby.theory.populations import Therapists
from bowlby.theory.relational_models import RelationalModels
from bowlby.theory.rupture import Rupture
from bowlby.theory.stress_axis import StressAxis
from bowlby.theory.therapist_choice import TherapistChoice
from bowlby.theory.therapist_reading import TherapistReading
from bowlby.theory.threat import Threat
from bowlby.theory.transference import Transference
from bowlby.theory.transmission import Transmission
from bowlby.theory.trust import Trust
from bowlby.theory.vocabulary import PROTEST, WITHDRAW

GRID = np.linspace(0.0, 1.0, 6)
ACTS = built_in()


def rises(values):
    return bool((np.diff(np.asarray(values, float)) > 0.0).all())


def falls(values):
    return rises(-np.asarray(values, float))


def shares(*, contingency=0.6, mentalising=0.65, alarm=0.0, need=1.0, threat=0.0, shown=None):
    """Shares of attuned, intrusive, dismissive and frightening answers to protest."""
    law = Caregiving()
    if shown is None:
        shown = law.shown(jnp.eye(4)[PROTEST], need)
    worth = law.worth(shown, jnp.asarray(need), contingency, mentalising, alarm)
    frightening = Threat().logit(threat, alarm)
    logits = jnp.stack([worth.attuned, worth.intrusive, worth.dismissive, frightening])
    return np.asarray(softmax(logits, axis=0))


# Caregivers


def test_caregivers_who_mentalise_more_are_attuned_more():
    assert rises([shares(mentalising=m)[0] for m in GRID])


def test_caregivers_who_are_rewarded_more_are_attuned_more():
    assert rises([shares(contingency=r)[0] for r in np.linspace(-3.0, 3.0, 7)])


def test_caregivers_who_are_rewarded_less_dismiss_more():
    assert falls([shares(contingency=r)[2] for r in np.linspace(-3.0, 3.0, 7)])


def test_caregivers_who_do_not_mentalise_intrude():
    assert falls([shares(mentalising=m)[1] for m in GRID])


def test_alarmed_caregivers_are_attuned_less_and_intrude_more():
    found = np.array([shares(alarm=a) for a in 2.0 * GRID])
    assert falls(found[:, 0])
    assert rises(found[:, 1])


def test_alarm_frightens_where_fear_is_unresolved():
    assert rises([shares(alarm=a, threat=2.0)[3] for a in 2.0 * GRID])


def test_need_that_is_shown_is_answered():
    assert rises([shares(shown=s)[0] for s in GRID])


def test_a_sensitive_caregiver_answers_protest_nearly_always():
    assert shares(contingency=1.5, mentalising=0.9)[0] > 0.96


def test_a_rejecting_caregiver_dismisses_protest_nearly_always():
    assert shares(contingency=-1.5, mentalising=0.7)[2] > 0.9


def test_need_goes_unnoticed_by_those_who_neither_see_nor_mentalise():
    law = Caregiving()
    assert law.noticed(0.0, 0.0) < 0.05
    assert law.noticed(1.0, 0.0) > 0.75


def test_a_figure_mentalises_less_the_more_it_is_aroused():
    law = FigureArousal()
    assert falls([law.mentalising(0.8, a, 1.3) for a in np.linspace(0.5, 3.0, 5)])


# Therapists


def test_looming_falls_with_mentalising():
    assert falls([Failures().looming(m, 0.5, 0.2) for m in GRID])


def test_looming_rises_with_own_alarm_and_anxiety():
    assert rises([Failures().looming(0.6, a, 0.2) for a in 2.0 * GRID])
    assert rises([Failures().looming(0.6, 0.5, x) for x in GRID])


def test_dismissing_rises_with_own_avoidance():
    assert rises([Failures().dismissing(0.6, 0.5, x) for x in GRID])


def test_a_calm_and_able_therapist_hardly_fails():
    assert Failures().looming(0.9, 0.0, 0.1) < 0.02


def test_ruptures_are_taken_up_by_those_who_notice_and_are_ready():
    assert rises([Rupture().repairs(1.0, 0.9, m) for m in GRID])
    assert rises([Rupture().repairs(1.0, x, 0.9) for x in GRID])
    assert Rupture().repairs(0.0, 0.9, 0.9) == 0.0


def test_who_protests_is_seldom_missed_and_who_withdraws_often():
    read, shown = TherapistReading(), Caregiving().visibility
    protests, withdraws = (
        Rupture().notices(read.accuracy(shown[action], 0.55)) for action in (PROTEST, WITHDRAW)
    )
    assert protests > 0.9
    assert withdraws < 0.5
    assert Rupture(missed=0.0).notices(0.2) == 1.0


def met(name, need, *, withdraws=0.0, unthinkable=0.0, unasked=0.0, reactance=1.0):
    answers, pressure = (np.asarray(v)[ACTS.index(name)] for v in (ACTS.answers, ACTS.pressure))
    shown = Shown(jnp.asarray(need), withdraws, unthinkable, reactance)
    return answers, pressure, unasked, shown


def look(name, need, **client):
    made = jnp.eye(len(ACTS.names))[ACTS.index(name)]
    return PerceivedStance().look(ACTS.look(made), *met(name, need, **client))


def fit(name, need, **client):
    return PerceivedStance().fit(*met(name, need, **client))


@pytest.mark.parametrize("name", ["hold", "mirror", "interpret", "challenge"])
def test_what_misses_need_looks_less_attuned_the_more_need_there_is(name):
    assert falls([look(name, need)[0] for need in (0.4, 0.6, 0.8, 1.0)])


@pytest.mark.parametrize("name", ["interpret", "challenge"])
def test_at_full_need_what_misses_it_looks_more_dismissive_than_attuned(name):
    shown = look(name, 1.0)
    assert shown[2] > shown[0]
    calm = look(name, 0.0)
    assert calm[0] > calm[2]


def test_asking_for_what_cannot_be_thought_looks_intrusive():
    assert rises([look("interpret", 0.3, unthinkable=0.1 * x)[1] for x in GRID])
    assert look("hold", 0.3, unthinkable=1.0)[1] == look("hold", 0.3)[1]


def test_the_reactant_feel_pushed_by_what_is_asked_and_by_too_much_and_by_nothing_else():
    asked = [look("challenge", 0.3, unthinkable=0.01, reactance=x)[1] for x in (0.5, 1.0, 2.0)]
    assert rises(asked)
    too_much = [look("repair", 0.1, unasked=1.0, reactance=x)[1] for x in (0.5, 1.0, 2.0)]
    assert rises(too_much)
    calm = [look("hold", 0.9, reactance=x) for x in (0.5, 2.0)]
    np.testing.assert_array_equal(*calm)


def test_a_challenge_to_a_person_who_cannot_think_hardly_looks_attuned():
    assert look("challenge", 0.6, unthinkable=0.5)[0] < 0.05


def test_more_than_is_wanted_looms():
    assert falls([look("validate", need)[1] for need in (0.0, 0.1, 0.2, 0.3)])
    assert look("validate", 0.5, withdraws=1.0)[1] > look("validate", 0.5)[1]


def test_a_repair_of_nothing_broken_is_too_much():
    assert look("repair", 0.2, unasked=1.0)[0] < look("repair", 0.2)[0]


def test_need_that_is_shown_and_minds_that_read_are_read_rightly():
    law = TherapistReading()
    assert rises([law.accuracy(v, 0.5) for v in GRID])
    assert rises([law.accuracy(0.5, m) for m in GRID])


def chosen(need, reading):
    law, acts = TherapistChoice(), ACTS
    G = law.expected_free_energy(
        need, reading, acts.answers, acts.pressure, acts.information, acts.content
    )
    return acts.names[int(np.argmin(G))]


def test_the_active_inference_therapist_answers_need_first_and_interprets_in_calm_trust():
    assert chosen(1.0, 0.2) in ("validate", "repair")
    assert chosen(0.0, 0.9) == "interpret"


def test_interpretation_reaches_only_those_who_hope_feel_met_and_can_think():
    law = Interpretation()
    for at in range(1, 6):
        values = [[1.0, 0.8, 0.8, 0.8, 0.8, 0.8] for _ in GRID]
        for row, x in zip(values, GRID, strict=True):
            row[at] = x
        assert rises([law.content(*row) for row in values])


def test_insight_grows_by_what_reaches_and_stays_at_most_whole():
    law = Interpretation()
    insight = jnp.asarray(0.0)
    for _ in range(100):  # A twentieth reaches, for a quarter of an hour.
        insight = law.insight_after(insight, 0.005, dt_s=10.0)
    assert 0.4 < insight < 0.6
    assert law.insight_after(insight, 1.0, dt_s=1000.0) == pytest.approx(1.0)


def test_an_old_assumption_goes_for_a_better_one_not_for_none():
    law, old = Interpretation(), jnp.array([1.0, 0.0, 0.0])
    weights = jnp.array([5.0, 1.0, 0.0])

    def promised(other):
        return law.promised(old, weights, jnp.array([0.4, other, 0.4]))

    assert rises([promised(x) for x in (0.45, 0.55, 0.65)])
    assert promised(0.3) == 0.0
    assert promised(0.9) == 1.0


# Bodies, learning, leaving


def test_long_stress_sensitises():
    assert rises([StressAxis().reactivity(mass) for mass in (1.0, 1.5, 2.0)])
    assert StressAxis().reactivity(0.9853) == pytest.approx(1.0)


def test_the_resting_mass_is_the_fixed_point_of_the_equations():
    axis = StressAxis()
    assert axis.rest(jnp.asarray(1.0)).adrenal == pytest.approx(axis.resting_mass, rel=1e-4)


def test_slow_oxytocin_is_made_by_a_childhood_not_by_an_afternoon():
    law, trait = Oxytocin(), 0.0
    for _ in range(3000):  # ten encounters of fifty minutes
        trait = law.trait(trait, 1.0, 1.0, dt_s=10.0)
    assert 0.6 < trait < 0.9


def test_oxytocin_rewards_caring():
    assert rises([Oxytocin().contingency(0.6, o) for o in GRID])


def test_attachment_is_learnt_in_need_and_in_contact():
    law = Learning()
    assert rises([law.attention(1.0, 1.0, need, law.calm_at_home) for need in GRID])
    assert rises([law.attention(1.0, contact, 1.0, law.calm_at_home) for contact in GRID])


def test_trust_follows_what_is_perceived_in_minutes():
    trust = 0.2
    for _ in range(10):
        trust = Trust().step(trust, 1.0, 1.0, dt_s=10.0)
    assert trust == pytest.approx(1.0 - 0.8 * 0.9**10, rel=1e-3)


def test_nobody_is_trusted_more_or_less_for_being_away():
    assert Trust().step(0.4, 1.0, 0.0, dt_s=10.0) == pytest.approx(0.4)


def test_those_who_trust_less_or_are_upset_more_leave_more():
    assert falls([Leaving().mistrust(trust, 0.5, 0.5, 0.5) for trust in GRID])
    assert rises([Leaving().mistrust(0.3, 0.5, upset, 0.0) for upset in GRID])


def test_those_who_expect_help_stay():
    assert falls([Leaving().mistrust(0.3, expects, 0.5, 0.5) for expects in GRID])


def test_what_is_expected_of_help_is_a_belief_that_weeks_confirm_or_not():
    law = Expectation()
    assert law.level(0.3, 0.0, 0.0) == pytest.approx(0.3)
    assert law.level(0.3, law.weight, law.weight) == pytest.approx(0.65)
    assert rises([law.better(1.0, felt) for felt in 2.0 - 2.0 * GRID])
    assert law.better(0.7, 0.7) == pytest.approx(0.5)


def test_who_expects_nothing_of_help_sees_nobody_new():
    assert Expectation().openness(0.0) == pytest.approx(0.0)
    assert Expectation().openness(0.5) == pytest.approx(1.0)


def test_an_act_fits_that_answers_need_and_asks_nothing_that_cannot_be_thought():
    assert fit("validate", 1.0) > fit("mirror", 1.0) > fit("hold", 1.0) > fit("dismiss", 1.0)
    assert fit("interpret", 0.2, unthinkable=0.5) < 0.1 < fit("interpret", 0.2)
    assert fit("repair", 0.2, unasked=1.0) < fit("repair", 0.2)


def test_what_arouses_arouses_less_where_there_is_arousal_and_not_in_numbness():
    law = Arousal()
    assert falls([law.room(a) for a in law.highest * GRID])
    assert law.room(law.highest) == pytest.approx(0.0)
    assert law.room(-2.0) == pytest.approx(1.0)


def test_fright_is_as_great_whatever_arousal_there_is():
    assert Arousal().room(3.0, 1.0) == pytest.approx(1.0)
    assert rises([Arousal().room(3.0, fright) for fright in GRID])


def test_ways_of_working_are_of_mean_one():
    own = np.random.default_rng(0).normal(size=(11, 20000))
    np.testing.assert_allclose(Therapists().readiness(own).mean(1), 1.0, atol=0.02)
    assert np.log(np.asarray(Therapists().readiness(own))).std() == pytest.approx(0.5, abs=0.01)


def test_a_client_in_full_mistrust_stays_for_ten_sessions_or_more_on_average():
    assert 0.04 < Leaving().mistrust(0.0, 0.5, 0.5, 0.5) < 0.1


def test_an_absence_that_was_spoken_of_brings_back_less():
    law = Endings()
    assert falls([law.loss_at_ending(law.worked_through(10.0 * x)) for x in GRID])
    assert falls([law.loss_after_break(law.worked_through(10.0 * x)) for x in GRID])


def test_an_absence_is_there_to_be_named_as_it_comes_near():
    law = Endings()
    assert law.is_about(0.0) == 1.0
    assert law.is_about(3.0) == pytest.approx(law.earlier**3)


def test_a_stressful_week_strains_and_an_ordinary_one_hardly():
    assert Transference().strain(3.0) > 0.9
    assert Transference().strain(1.0) < 0.05


def returned(drive, insight, promise=1.0):
    weight = jnp.array([4.0, 1.0, 0.0])
    belief = Transference().belief(
        jnp.array([0.1, 0.9, 0.0]), weight / 5.0, jnp.array([1.0, 0.0, 0.0]), weight,
        hazard=0.0, return_hazard=0.7, drive=drive, insight=insight, promise=promise,
    )  # fmt: skip
    return belief[0]


def test_stress_brings_the_old_model_back_and_insight_weakens_its_pull():
    assert rises([returned(drive, 0.0) for drive in GRID])
    assert falls([returned(1.0, insight) for insight in GRID])
    assert falls([returned(0.0, 0.8, promise) for promise in GRID])


def test_a_new_model_opens_by_openness():
    models = RelationalModels()
    memory = models.newborn(3)
    memory = type(memory)(memory.counts, jnp.array([4.0, 0.0, 0.0]), memory.habits)
    assert rises([models.restaurant_prior(memory, x)[1] for x in (0.05, 0.2, 1.0, 3.0)])


@pytest.mark.parametrize(
    ("at", "trait"), [(0, "contingency"), (1, "mentalising"), (2, "threat"), (3, "contagion")]
)
def test_what_a_childhood_left_is_passed_on(at, trait):
    usual = [0.33, 0.32, 0.1, 1.0]
    found = []
    for x in (0.2, 0.5, 0.9):
        usual[at] = x
        found.append(Transmission().traits(*usual, jnp.zeros(3))[trait])
    assert rises(found)
