"""A Strange Situation in the midst of a childhood, and care that changes after it."""

import numpy as np
import pytest

from bowlby.courses.course import CourseError, build_course
from bowlby.simulation import population as people
from bowlby.simulation.arms import dyads_of
from bowlby.simulation.simulate import simulate
from bowlby.theory import Theory
from bowlby.theory.populations import CaregiverPopulation


def childhood(dyads=40, **section):
    content = {"encounters": 4, "ticks": 100} | section
    return simulate(build_course({"kind": "childhood", "dyads": dyads, "childhood": content}))


def test_an_earlier_assessment_changes_nothing():
    twice, once = childhood(assessed_after=2), childhood()
    for name in once["readouts"].data_vars:
        np.testing.assert_array_equal(twice["readouts"][name], once["readouts"][name])
    assert set(twice["readouts"].data_vars) - set(once["readouts"].data_vars) == {
        "pattern_first", "avoidance_scored_first", "resistance_scored_first",
        "disorganisation_scored_first",
    }  # fmt: skip


def test_the_two_assessments_agree_more_than_chance_and_less_than_always():
    table = childhood(300, encounters=10, assessed_after=5, ticks=300)["readouts"]
    first, second = table.pattern_first == "B", table.pattern == "B"
    assert 0.15 < np.corrcoef(first, second)[0, 1] < 0.95


def test_changed_caregivers_are_told_by_the_second_assessment_only():
    stable = childhood(assessed_after=2)
    changed = childhood(assessed_after=2, stability=0.0)
    np.testing.assert_array_equal(
        stable["readouts"].pattern_first, changed["readouts"].pattern_first
    )
    trust = changed["encounters"].trust - stable["encounters"].trust
    assert (trust.isel(encounter=slice(0, 2)) == 0.0).all()
    assert (trust.isel(encounter=2) != 0.0).all()


@pytest.mark.parametrize("stability", [0.0, 0.7])
def test_caregivers_change_within_their_distribution(stability):
    keys = people.dyad_keys(1, np.arange(4000))
    drawn = CaregiverPopulation()
    before = np.asarray(people.caregivers(keys, drawn)["contingency"])
    after = np.asarray(people.caregivers(keys, drawn, stability=stability)["contingency"])
    assert after.mean() == pytest.approx(drawn.contingency, abs=0.06)
    assert after.std() == pytest.approx(drawn.contingency_sd, abs=0.05)
    assert np.corrcoef(before, after)[0, 1] == pytest.approx(stability, abs=0.05)


def test_only_a_caregiver_between_two_assessments_changes():
    assert dyads_of(build_course({"dyads": 2}), np.arange(2), Theory()).changed is None
    with pytest.raises(CourseError, match="needs assessed_after"):
        build_course({"childhood": {"stability": 0.5}})
    with pytest.raises(CourseError, match="leaves no encounter"):
        build_course({"childhood": {"assessed_after": 10}})
