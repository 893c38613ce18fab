"""The trust game and the two models of the other, against exact or limiting results."""

import numpy as np
import pytest

from bowlby.simulation.published.isomura2019 import Client, Stretch, live
from bowlby.simulation.published.trustgame import (
    INVESTMENTS,
    investor_policy,
    investor_utility,
    payoffs,
    play,
    trustee_policy,
    updated,
    utility,
)


def test_payoffs_share_out_what_there_is():
    investor, trustee = payoffs()
    np.testing.assert_array_equal(
        investor + trustee, np.repeat(20 + 2 * INVESTMENTS, 5).reshape(5, 5)
    )


def test_without_guilt_nobody_minds_having_more():
    np.testing.assert_array_equal(utility(np.array([9.0]), np.array([1.0]), 0), [9.0])


def test_full_guilt_shares_the_lesser_payoff():
    assert utility(np.array([9.0]), np.array([1.0]), 2)[0] == pytest.approx(1.0)


def test_policies_are_probabilities():
    for guilt in range(3):
        np.testing.assert_allclose(trustee_policy(guilt).sum(1), 1.0)
        assert investor_policy(guilt, np.full(3, 1 / 3)).sum() == pytest.approx(1.0)


def test_utility_by_hand_for_the_smallest_investment_kept_whole():
    # All trustees choose nearly alike at 5; returns of 0, 3, 5, 8, 10 leave 15 to 25.
    policy = np.mean([trustee_policy(g)[1] for g in range(3)], axis=0)
    by_hand = policy @ [15, 18, 20, 23, 25]
    assert investor_utility(0, np.full(3, 1 / 3))[1] == pytest.approx(by_hand)


def test_belief_is_bayes_rule():
    found = updated(np.array([0.2, 0.3, 0.5]), 4, 3)
    weight = np.array([0.2, 0.3, 0.5]) * [trustee_policy(g)[4, 3] for g in range(3)]
    np.testing.assert_allclose(found, weight / weight.sum())


def test_an_investment_of_nothing_teaches_nothing():
    before = np.array([0.2, 0.3, 0.5])
    np.testing.assert_allclose(updated(before, 0, 2), before)


def test_an_investor_of_level_0_does_not_learn():
    _, _, known = play(1, 2, level=0, games=20)
    np.testing.assert_allclose(known, 1 / 3)


def test_with_full_mistrust_there_is_one_model():
    course = live(Client(mistrust=1.0), [Stretch(40, 0.9)])
    np.testing.assert_array_equal(course.new, 0.0)


def test_one_model_learns_as_a_count_does():
    course = live(Client(mistrust=1.0), [Stretch(1, 0.9)])
    np.testing.assert_allclose(course.rate, 1 / 41)


def test_equal_seeds_give_equal_courses():
    first, second = (live(Client(), [Stretch(20, 0.7)], seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.new, second.new)


def test_a_hazard_of_one_forgets_whom_one_knows():
    course = live(Client(), [Stretch(60, 0.9), Stretch(1, 0.9, hazard=1.0)])
    assert course.new[59].mean() > 0.95
    # From the prior of .05, one more answer cannot bring back more than a third.
    assert course.new[60].mean() < 0.4
