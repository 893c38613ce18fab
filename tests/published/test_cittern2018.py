from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from bowlby.published import cittern2018
from bowlby.published.cittern2018 import AVOID, GUARDED, SEEK, Care, Infant, Payoffs

REFERENCE = pd.read_csv(
    Path(__file__).parents[1] / "reference" / "cittern2018.csv", comment="#", index_col="name"
)
probability = st.floats(0.001, 0.999)


@pytest.fixture(scope="module")
def reproduction():
    return cittern2018.run()


@pytest.mark.parametrize("name", REFERENCE.index)
def test_number_is_met(reproduction, name):
    expected = REFERENCE.loc[name]
    np.testing.assert_allclose(
        reproduction.checks[name], expected["value"], rtol=0, atol=expected["tolerance"]
    )


def test_targets_are_the_reference_numbers(reproduction):
    assert set(reproduction.targets) == set(REFERENCE.index)
    assert reproduction.missed == ()


def test_seed_decides_the_learning_run():
    first, again, other = (
        cittern2018.grow(Infant(), [Care(0.3, 20)], seed=s) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.policy, again.policy)
    assert np.any(first.policy != other.policy)


@pytest.mark.parametrize(
    ("q", "best"), [(0.15, AVOID), (0.3, GUARDED), (0.4, GUARDED), (0.85, SEEK)]
)
def test_published_precision_makes_the_reported_pattern_nearly_certain(q, best):
    values = cittern2018.negative_expected_free_energy(q, Payoffs())
    probabilities = cittern2018.policy_probabilities(values, cittern2018.PUBLISHED_PRECISION)
    assert probabilities[best] > 0.999


@given(q=probability)
def test_guarded_seeking_is_never_best_by_payoff_alone(q):
    values = cittern2018.negative_expected_free_energy(q, Payoffs(), epistemic_weight=0)
    assert values[GUARDED] <= max(values[SEEK], values[AVOID])


@given(q=probability, information=st.floats(0, 5))
def test_cues_never_make_seeking_beat_guarded_seeking_below_the_threshold(q, information):
    plain = cittern2018.negative_expected_free_energy(q, Payoffs())
    cued = cittern2018.negative_expected_free_energy(q, Payoffs(), information=information)
    np.testing.assert_allclose(cued[SEEK] - cued[GUARDED], plain[SEEK] - plain[GUARDED])


@pytest.mark.parametrize("q", [0.05, 0.10, 0.15, 0.22])
def test_one_ambiguous_binary_cue_can_make_guarded_seeking_tie_with_avoiding(q):
    values = cittern2018.negative_expected_free_energy(q, Payoffs(), information=np.log(2))
    assert values[GUARDED] > values[AVOID]


@given(attended=st.floats(0.5, 50), ignored=st.floats(0.5, 50))
def test_count_information_is_the_mutual_information_by_quadrature(attended, ignored):
    # Equal-probability nodes: the mean over quantiles is the expectation under the belief.
    q = beta.ppf((np.arange(20000) + 0.5) / 20000, attended, ignored)
    mean = attended / (attended + ignored)
    expected = cittern2018.answer_entropy(mean) - cittern2018.answer_entropy(q).mean()
    found = cittern2018.count_information(np.array(attended), np.array(ignored))
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_forgetting_everything_leaves_the_last_answer():
    course = cittern2018.grow(Infant(), [Care(1.0, 5, forgetting=1.0, unsolicited=1.0)])
    np.testing.assert_allclose(course.expected, 2 / 3)


def test_avoidance_shows_nothing():
    shy = Infant(payoffs=Payoffs(-100, -100, -100, -100))
    course = cittern2018.grow(shy, [Care(1.0, 5)])
    np.testing.assert_allclose(course.expected, 0.5)


def test_curves_say_their_units(reproduction):
    assert all({"long_name", "units"} <= set(v.attrs) for v in reproduction.curves.values())
