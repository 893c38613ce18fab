"""Placed children, endings, and what an insight does to an old model."""

import jax.numpy as jnp
import numpy as np

from bowlby.courses.course import build_course
from bowlby.simulation.arms import dyads_of
from bowlby.simulation.simulate import simulate
from bowlby.theory import Theory
from bowlby.theory.transference import Transference

OLD = jnp.array([[1.0], [0.0], [0.0]])


def childhood(**section):
    content = {"encounters": 4, "ticks": 50} | section
    return simulate(build_course({"kind": "childhood", "dyads": 40, "childhood": content}))


def test_a_child_placed_late_learnt_from_the_earlier_caregiver():
    early = childhood(caregiver="sensitive", earlier="institution", placed_after=1)
    never = childhood(caregiver="sensitive")
    first = "expected_attuned"
    placed = early["encounters"][first].isel(encounter=0, model=0).mean()
    assert placed < never["encounters"][first].isel(encounter=0, model=0).mean()


def test_every_caregiver_before_a_placement_is_a_stranger_at_first():
    def first_model(placed_after):
        own = childhood(encounters=3, earlier="institution", placed_after=placed_after,
                        caregiver="institution")  # fmt: skip
        return float(own["encounters"].model_belief.isel(encounter=2, model=0).mean())

    assert first_model(3) < first_model(0)


def test_what_observers_see_at_home_is_the_caregiver_of_the_later_years():
    placed = childhood(caregiver="sensitive", earlier="rejecting", placed_after=2)
    given_up = childhood(caregiver="rejecting", earlier="sensitive", placed_after=2)
    seen, other = (
        float(tree["readouts"].sensitivity_observed.mean()) for tree in (placed, given_up)
    )
    assert seen > other + 0.2


def test_the_caregivers_of_an_institution_differ_from_shift_to_shift():
    content = {"encounters": 3, "earlier": "population", "placed_after": 3}
    course = build_course({"kind": "childhood", "dyads": 5, "childhood": content})
    first, second, third = (
        f.contingency for f in dyads_of(course, np.arange(5), Theory()).earlier
    )
    assert (first != second).all()
    assert (second != third).all()


def test_older_children_learn_less_from_the_same_meeting():
    def change(after):
        rows = childhood(encounters=12, ticks=50, caregiver="sensitive")["encounters"]
        return float(rows.learning_rate.isel(encounter=after).mean())

    assert change(11) < 0.6 * change(0)


def test_a_child_who_is_not_placed_has_one_caregiver():
    given = childhood(caregiver="sensitive", earlier="institution")
    plain = childhood(caregiver="sensitive")
    for name in ("trust", "contact", "expected_attuned"):
        np.testing.assert_array_equal(given["encounters"][name], plain["encounters"][name])


def test_an_ending_means_nothing_to_those_on_a_waiting_list():
    def waiting(*, announced):
        content = {
            "dyads": 20, "arms": [{"protocol": "waiting_list"}],
            "childhood": {"encounters": 2, "ticks": 50},
            "life": {"waiting_weeks": 1, "follow_up_weeks": 3, "ticks": 50},
            "therapy": {"sessions": 2, "ticks": 50, "announced": announced},
        }  # fmt: skip
        return simulate(build_course(content))["encounters"].life_model_belief

    np.testing.assert_array_equal(waiting(announced=True), waiting(announced=False))


def _begin(insight, stored):
    weight = jnp.array([[5.0], [2.0], [0.0]])
    return Transference().belief(
        stored, weight / weight.sum(), OLD, weight,
        hazard=0.0, return_hazard=0.7, drive=jnp.zeros(1), insight=jnp.full(1, insight),
        promise=1.0,
    )  # fmt: skip


def test_insight_sets_part_of_the_old_model_aside():
    stored = jnp.array([[0.8], [0.2], [0.0]])
    assert _begin(1.0, stored)[0, 0] < _begin(0.5, stored)[0, 0] < stored[0, 0]


def test_insight_never_brings_the_old_model_back():
    stored = jnp.array([[0.0], [1.0], [0.0]])
    np.testing.assert_allclose(_begin(1.0, stored), stored, atol=1e-6)


def test_beliefs_still_sum_to_one():
    stored = jnp.array([[0.7], [0.2], [0.1]])
    np.testing.assert_allclose(_begin(0.7, stored).sum(0), 1.0, rtol=1e-5)
