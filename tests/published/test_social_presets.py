"""The trust game and the two models of the other, against exact or limiting results."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bowlby.published import isomura2019, trustgame
from bowlby.published.isomura2019 import Client, Stretch, live
from bowlby.published.trustgame import (
    INVESTMENTS,
    investor_policy,
    investor_utility,
    payoffs,
    play,
    trustee_policy,
    updated,
    utility,
)

_FOLDER = Path(__file__).parents[1] / "reference"
TRUSTGAME, ISOMURA = (
    pd.read_csv(_FOLDER / f"{name}.csv", comment="#", index_col="name")
    for name in ("trustgame", "isomura2019")
)


@pytest.fixture(scope="module")
def trust_game():
    return trustgame.run()


@pytest.mark.parametrize("name", TRUSTGAME.index)
def test_number_of_the_trust_game_is_met(trust_game, name):
    expected = TRUSTGAME.loc[name]
    np.testing.assert_allclose(
        trust_game.checks[name], expected["value"], rtol=0, atol=expected["tolerance"]
    )


@pytest.mark.parametrize(
    ("preset", "reference"), [(trustgame, TRUSTGAME), (isomura2019, ISOMURA)]
)
def test_targets_are_the_noted_numbers(preset, reference):
    targets = preset.run().targets
    assert {name: (t.value, t.tolerance) for name, t in targets.items()} == {
        name: (row["value"], row["tolerance"]) for name, row in reference.iterrows()
    }


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


def test_returns_are_sixths_of_the_tripled_sum_rounded_up():
    # 15, 30, 45 and 60 in sixths; the odd sums (7.5, 22.5) go up, never down.
    np.testing.assert_array_equal(
        trustgame.returns(),
        [
            [0] * 5,
            [0, 3, 5, 8, 10],
            [0, 5, 10, 15, 20],
            [0, 8, 15, 23, 30],
            [0, 10, 20, 30, 40],
        ],
    )


@pytest.mark.parametrize("investment", range(5))
def test_belief_is_expected_to_stay_what_it_was(investment):
    before = np.array([0.2, 0.3, 0.5])
    chance = before @ [trustee_policy(g)[investment] for g in range(3)]
    after = [updated(before, investment, sixths) for sixths in range(5)]
    np.testing.assert_allclose(chance @ after, before)


def test_an_investor_of_level_1_learns_whom_it_plays_with():
    _, _, known = play(1, 2, games=200)
    assert np.all(np.diff(known.mean(0)[[0, 4, 9]]) > 0.05)


def test_one_answer_is_credited_by_bayes_rule():
    # Prior .95 on q = .12 and .05 on q = .5: a client sees the answer or keeps the prior.
    course = live(Client(), [Stretch(1, 1.0)])
    np.testing.assert_allclose(
        np.unique(course.new.round(12)), [0.05, 0.025 / 0.139], atol=1e-9
    )


def test_each_model_learns_as_much_as_is_credited_to_it():
    course = live(Client(), [Stretch(2, 1.0)])
    new = 0.025 / 0.139
    old = 1 - new
    seen = course.new[0] > 0.1
    expected = old * (4.8 + old) / (40 + old) + new * (1 + new) / (2 + new)
    np.testing.assert_allclose(course.expected[1, seen], expected)
    np.testing.assert_allclose(course.expected[1, ~seen], 0.95 * 0.12 + 0.05 * 0.5)


def test_a_therapist_who_repeats_the_past_opens_no_window():
    # A therapist who answers makes the rate rise 2.7-fold; chance answers, by a hundredth.
    rate = live(Client(), [Stretch(100, 0.2)]).rate.mean(1)
    assert rate.max() < 1.05 * rate[0]


def test_an_ending_without_doubt_leaves_no_avoidance():
    course = live(Client(), [Stretch(80, 0.9), Stretch(10, 0.5), Stretch(5, 0.8)])
    assert course.avoids[80:].mean() < 0.005


# As noted of the independent program. That its peak includes the first meeting with the next person
# is inferred from its numbers. Six seeds, since one alone errs by .015.
@pytest.mark.parametrize(
    ("hazard", "q", "peak"),
    [(0.2, 0.9, 0.034), (0.2, 0.5, 0.570), (0.05, 0.9, 0.009), (0.05, 0.5, 0.451)],
)
def test_avoidance_peaks_as_noted_by_the_first_meeting_after_an_ending(hazard, q, peak):
    care = [Stretch(80, 0.9), Stretch(10, q, hazard), Stretch(1, 0.8)]
    peaks = [live(Client(), care, seed=s).avoids[80:].mean(1).max() for s in range(6)]
    np.testing.assert_allclose(np.mean(peaks), peak, atol=0.03)


def test_a_faltering_ending_brings_the_old_model_back():
    course = live(Client(), [Stretch(80, 0.9), Stretch(10, 0.5, 0.2)])
    assert course.new[79].mean() > 0.99
    np.testing.assert_allclose(course.new[-1].mean(), 0.152, atol=0.03)
