"""Measures of three people and more."""

import numpy as np
import pytest

from bowlby.synchrony.group_measures import GroupSignal, family_wise, measure_group

RATE = 4.0
TIMING = {"window_s": 30.0, "step_s": 15.0, "max_lag_s": 3.0}


def _people(seed, count, shared, seconds=900):
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE)
    kernel = np.hanning(25)

    def slow():
        return np.convolve(rng.normal(size=n + 50), kernel, "same")[25 : n + 25]

    common = slow()
    values = np.stack([shared * common + (1 - shared) * slow() for _ in range(count)])
    people = tuple(f"p{i}" for i in range(count))
    return GroupSignal("g", "eda", people, values, RATE)


def test_a_group_with_a_common_course_is_beyond_chance_in_every_measure():
    found = measure_group(_people(1, 4, 0.5), **TIMING, surrogates=99)
    assert {one.measure: one.comparison.p for one in found} == {
        "mean_of_pairs": 0.01, "cluster_phase": 0.01, "shared_variance": 0.01,
    }  # fmt: skip


def test_shared_variance_is_the_mean_largest_eigenvalue():
    group = _people(2, 3, 0.4)
    found = measure_group(group, **TIMING, surrogates=0)
    starts = range(0, group.values.shape[1] - 120 + 1, 60)
    shares = [
        np.linalg.eigvalsh(np.corrcoef(group.values[:, s : s + 120]))[-1] / 3 for s in starts
    ]
    np.testing.assert_allclose(found[2].comparison.estimate, np.mean(shares), rtol=1e-12)


def test_gaps_are_left_out():
    group = _people(1, 4, 0.5)
    group.values[0, 400:700] = np.nan
    found = measure_group(group, **TIMING, surrogates=19)
    assert all(np.isfinite(one.comparison.estimate) for one in found)


def test_two_people_are_no_group():
    with pytest.raises(ValueError, match="pair, not a group"):
        measure_group(_people(1, 2, 0.5), **TIMING)


def test_a_session_too_short_to_shift_is_refused():
    with pytest.raises(ValueError, match="too short to shift"):
        measure_group(_people(1, 3, 0.5, seconds=40), **TIMING)


def test_p_over_pairs_is_larger_than_p_of_one_pair():
    rng = np.random.default_rng(1)
    null = [rng.normal(size=999) for _ in range(6)]
    corrected = family_wise([2.0, 0.0, 5.0, np.nan, 1.0, 1.0], null)
    assert 0.08 < corrected[0] < 0.2
    assert corrected[2] < 0.01
    assert np.isnan(corrected[3])


@pytest.mark.slow
def test_strangers_are_called_a_group_at_the_level_of_the_test():
    p = np.array([
        [one.comparison.p for one in measure_group(_people(i, 4, 0.0, 400), **TIMING,
                                                   surrogates=99, seed=i)]
        for i in range(200)
    ])  # fmt: skip
    assert ((p <= 0.05).sum(axis=0) <= 20).all()
    assert ((p <= 0.05).sum(axis=0) >= 2).all()
