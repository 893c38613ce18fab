"""Spreads and quality of a population reach the people that are drawn."""

import numpy as np
import pytest

from bowlby.courses.course import build_course
from bowlby.simulation.arms import dyads_of, in_arm
from bowlby.simulation.population import therapist_population
from bowlby.theory import Theory

DYADS = np.arange(2000)


def drawn(theory=None, **changes):
    named = {name.replace("__", "."): value for name, value in changes.items()}
    course = build_course({"dyads": 2000}, changes=named)
    return dyads_of(course, DYADS, theory or Theory())


def test_caregivers_differ_as_much_as_asked():
    alone = Theory().without("evoked_care")
    people = drawn(alone, childhood__population__contingency_sd=0.5).caregiver
    assert np.std(people.contingency) == pytest.approx(0.5, rel=0.05)


def test_without_spread_all_caregivers_are_the_mean_one():
    people = drawn(childhood__population__threat_sd=0.0).caregiver
    np.testing.assert_allclose(people.threat, np.exp(-1.0), rtol=1e-5)


def test_reactivity_differs_as_much_as_asked():
    people = drawn(client__reactivity_sd=0.5).seeker
    assert np.log(np.asarray(people.reactivity)).std() == pytest.approx(0.5, rel=0.05)


def test_better_partners_are_more_contingent_and_less_frightening():
    ordinary, better = (drawn(life__partner_quality=q).partner for q in (0.0, 1.0))
    np.testing.assert_allclose(better.contingency - ordinary.contingency, 0.525, atol=1e-5)
    assert np.all(np.asarray(better.threat) < np.asarray(ordinary.threat))
    assert np.all(np.asarray(better.mentalising) > np.asarray(ordinary.mentalising))


def test_therapists_of_equal_skill_answer_equally_fast():
    found = therapist_population(1, DYADS, Theory(), skill_sd=0.0)
    assert np.ptp(found["latency_s"]) == 0.0
    assert np.ptp(therapist_population(1, DYADS, Theory())["latency_s"]) > 2.0


def plans(therapist, theory=None, **changes):
    """Propensities of every dyad in a treated and a supportive arm."""
    arms = [
        {"name": "treated", "protocol": "attachment_informed", "therapist": therapist},
        {"name": "supportive", "protocol": "supportive", "therapist": therapist},
    ]
    course = build_course({"dyads": 64, "caseload": 4, "arms": arms}, changes=changes)
    base = dyads_of(course, np.arange(64), theory or Theory())
    return [in_arm(course, arm, base, np.arange(64)).protocol for arm in course.arms]


def test_therapists_who_are_drawn_carry_out_a_protocol_in_their_own_way():
    treated, supportive = plans("population")
    early = np.asarray(treated.early)
    same = early.reshape(*early.shape[:-1], 16, 4)
    np.testing.assert_array_equal(same, np.broadcast_to(same[..., :1], same.shape))
    validates = early[Theory().interventions.index("validate"), 1, 0]
    assert 0.3 < np.log(validates[::4]).std() < 0.7
    # What one is readier for, one is readier for in whatever one does.
    with np.errstate(invalid="ignore"):
        ratio = np.asarray(supportive.early)[:, 0, 0] / np.asarray(treated.early)[:, 0, 0]
    for name in ("hold", "validate", "mirror"):
        np.testing.assert_allclose(
            np.ptp(ratio[Theory().interventions.index(name)]), 0.0, atol=1e-4
        )


def test_therapists_of_one_kind_and_those_without_a_style_do_all_the_same():
    for protocol in (
        *plans("average"),
        *plans("population", Theory().without("therapists_style")),
    ):
        assert np.ptp(np.asarray(protocol.early), axis=-1).max() < 1e-6


def test_the_skilled_calm_down_sooner():
    found = therapist_population(1, DYADS, Theory())
    assert np.log(found["recovery"]).std() == pytest.approx(0.4, rel=0.1)
    assert np.corrcoef(found["recovery"], found["mentalising"])[0, 1] < -0.3
