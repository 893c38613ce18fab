"""Spreads and quality of a population reach the people that are drawn."""

import numpy as np
import pytest

from bowlby.courses.course import build_course
from bowlby.simulation.arms import dyads_of
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
