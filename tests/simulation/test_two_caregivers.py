"""Two caregivers at home: one mind, two relationships."""

from itertools import pairwise

import numpy as np
import pytest

from bowlby.courses.course import CourseError, build_course
from bowlby.simulation.lives import Schedule
from bowlby.simulation.simulate import simulate

FRIGHTENING = {"contingency": 0.3, "mentalising": 0.4, "threat": 4.0}
SENSITIVE = {"contingency": 1.5, "mentalising": 0.9}


def grown(**childhood):
    course = {
        "kind": "childhood", "dyads": 32, "seed": 5,
        "childhood": {"encounters": 6, "ticks": 100, "caregiver": SENSITIVE} | childhood,
    }  # fmt: skip
    return simulate(build_course(course))


def scored(tree, which=""):
    read = tree["readouts"].to_dataset()
    return float(read[f"disorganisation_scored{which}"].mean())


@pytest.fixture(scope="module")
def alone():
    return grown()


@pytest.fixture(scope="module")
def both():
    return grown(second=FRIGHTENING, second_share=0.5)


def test_each_caregiver_has_a_pattern_of_its_own(both):
    assert set(np.unique(both["readouts"].pattern_second)) <= set("ABCD")
    assert scored(both, "_second") > scored(both) + 0.05


def test_a_frightening_second_caregiver_is_felt_with_the_first_too(alone, both):
    assert scored(both) > scored(alone)


def test_a_frightening_second_caregiver_leaves_fear(alone, both):
    """With the first the child is calmer than with the second, and tells of fear later on."""
    told = [tree["readouts"].to_dataset().unresolved_scored for tree in (both, alone)]
    more = (told[0] - told[1]).to_numpy()
    assert more.mean() > 2.0 * more.std(ddof=1) / np.sqrt(len(more))


def test_with_one_caregiver_there_is_one_pattern(alone):
    assert "pattern_second" not in alone["readouts"]


def test_a_second_one_who_is_hardly_there_hardly_matters(alone):
    first = grown(second=SENSITIVE, second_share=0.05)
    assert "pattern_second" not in first["readouts"]
    assert scored(first) == pytest.approx(scored(alone), abs=1e-6)


def test_encounters_with_the_second_are_evenly_spread():
    share = Schedule(second_share=0.3)
    turns = [share.with_second(count) for count in range(10)]
    assert sum(turns) == 3
    assert not turns[0]
    assert not any(a and b for a, b in pairwise(turns))


def test_a_second_caregiver_and_a_placement_are_refused_together():
    with pytest.raises(CourseError, match="leave out placed_after"):
        build_course(
            {"childhood": {"second": "population", "placed_after": 2, "encounters": 6}}
        )
