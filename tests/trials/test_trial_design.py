"""Designs of trials: what is accepted, and what is said of what is not."""

import numpy as np
import pytest

from bowlby.trials.allocation import allocate, is_missing
from bowlby.trials.design import (
    DesignError,
    arm_names,
    build_design,
    design_names,
    read_design,
    reference_arm,
)

ARMS = [{"protocol": "attachment_informed"}, {"protocol": "waiting_list"}]


def design(**changes):
    return build_design({"arms": ARMS} | changes)


def test_two_arms_are_a_trial():
    assert arm_names(design()) == ["attachment_informed", "waiting_list"]


@pytest.mark.parametrize("name", design_names())
def test_designs_that_come_with_bowlby_can_be_read(name):
    assert len(read_design(name).arms) >= 2


def test_the_waiting_list_is_the_reference():
    assert reference_arm(design()) == "waiting_list"


def test_without_a_waiting_list_the_first_arm_is_the_reference():
    assert (
        reference_arm(design(arms=[{"protocol": "cold"}, {"protocol": "supportive"}])) == "cold"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sede": 3}, "sede: no such entry; did you mean 'seed'?"),
        ({"therapy": {"sesions": 3}}, "therapy.sesions: no such entry; did you mean 'sessions'?"),
        ({"arms": [{"protocol": "suportive"}, ARMS[1]]}, "did you mean 'supportive'?"),
        ({"arms": [{"protocol": "cold", "therapist": "skiled"}, ARMS[1]]},
         "arms.1.therapist: 'skiled' is not known; did you mean 'skilled'?"),
        ({"arms": [{"protocol": "cold", "therapist": {"mentalizing": 0.3}}, ARMS[1]]},
         "did you mean 'mentalising'?"),
        ({"arms": ARMS[:1]}, "needs at least two"),
        ({"arms": [ARMS[1], ARMS[1]]}, "arms need different names"),
        ({"clients": {"severity": 9}}, "clients.severity = 9: should be less than or equal to 5"),
        ({"therapists_per_arm": 99}, "some would have nobody to see"),
        ({"outcome": {"primary": "internalizing_after"}}, "did you mean 'internalising_after'?"),
        ({"outcome": {"primary": "internalising_follow_up"}, "therapy": {"follow_up_weeks": 2}},
         "set therapy.follow_up_weeks to 4 or more"),
        ({"analysis": {"reference": "waiting"}}, "no arm 'waiting'; did you mean 'waiting_list'?"),
        ({"ablate": ["oxytocine"]}, "did you mean 'oxytocin'?"),
        ({"therapy": {"breaks": [99]}}, "names session 99"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_to_do(changes, said):
    with pytest.raises(DesignError) as error:
        design(**changes)
    assert said in str(error.value)


def test_a_design_without_arms_says_that_they_are_missing():
    with pytest.raises(DesignError, match="arms: missing"):
        build_design({})


def test_an_unknown_name_names_the_nearest_design():
    with pytest.raises(DesignError, match="did you mean 'four_arms'"):
        read_design("for_arms")


def test_arms_are_of_equal_size():
    plan = design(clients_per_arm=30, therapists_per_arm=4)
    np.testing.assert_array_equal(np.bincount(allocate(plan).arm), [30, 30])


def test_therapists_are_nested_in_arms():
    plan = design(
        arms=[{"protocol": "cold"}, {"protocol": "supportive"}],
        clients_per_arm=30, therapists_per_arm=4,
    )  # fmt: skip
    arm, therapist = allocate(plan)
    assert set(therapist[arm == 0]) == {0, 1, 2, 3}
    assert set(therapist[arm == 1]) == {4, 5, 6, 7}


def test_an_arms_clients_are_divided_among_its_therapists():
    arm, therapist = allocate(design(clients_per_arm=30, therapists_per_arm=4))
    np.testing.assert_array_equal(np.sort(np.bincount(therapist[arm == 0])), [7, 7, 8, 8])


def test_nobody_on_a_waiting_list_has_a_therapist():
    arm, therapist = allocate(design(clients_per_arm=30))
    assert (therapist[arm == 1] == -1).all()


def test_allocation_is_balanced_at_every_moment():
    arm = allocate(design(clients_per_arm=30)).arm
    np.testing.assert_array_equal(arm.reshape(-1, 2).sum(1), 1)


def test_each_repetition_has_its_own_allocation():
    plan = design(clients_per_arm=30)
    assert (allocate(plan, repetition=1).arm != allocate(plan, repetition=2).arm).any()


def test_the_stated_share_of_outcomes_is_lost():
    plan = design(outcome={"missing": 0.25})
    assert is_missing(plan, 200).sum() == 50
