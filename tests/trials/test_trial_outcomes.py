"""Reliable change, sudden gains."""

import numpy as np
import pytest

from bowlby.trials.outcomes import clinical_cutoff, reliable_change, sudden_gains

FLAT = np.array([2.0, 2.1, 1.9, 2.0, 2.1, 1.9])


def test_two_scores_of_an_unchanged_person_rarely_differ_reliably():
    scores = np.random.default_rng(1).normal(scale=0.4, size=(2, 200_000))
    share = np.mean(np.abs(scores[0] - scores[1]) > reliable_change(0.4))
    assert abs(share - 0.05) < 0.002


def test_jacobson_and_truaxs_criterion_is_between_the_two_means():
    before = np.array([1.0, 3.0])  # Mean 2, SD 1.414; c = (0 * 1.414 + 2 * 1) / 2.414.
    np.testing.assert_allclose(clinical_cutoff(before), 2.0 / (1.0 + np.sqrt(2.0)))


def test_a_lasting_fall_is_a_sudden_gain():
    assert sudden_gains(np.concatenate([FLAT, FLAT - 1.5]), error=0.4) == [6]


@pytest.mark.parametrize(
    "scores",
    [
        np.concatenate([FLAT, FLAT - 1.0]),
        np.concatenate([FLAT, [0.5], FLAT]),
        np.concatenate([FLAT + 4.0, FLAT + 2.8]),
        np.concatenate([FLAT - 2.5, FLAT - 4.0]),
    ],
    ids=["smaller than reliable", "not lasting", "less than a quarter", "below the population"],
)
def test_other_falls_are_not(scores):
    assert sudden_gains(scores, error=0.4) == []
