import numpy as np
import pytest
from scipy.stats import kstest

from bowlby.synchrony.significance import (
    block_bootstrap_se,
    compare,
    lag_bands,
    rank_p,
    synchronous_episodes,
)


def test_p_counts_the_recording_among_the_surrogates():
    assert rank_p(3.0, np.array([1.0, 2.0, 3.0, 4.0])) == (1 + 2) / 5


def test_p_is_never_zero():
    assert rank_p(10.0, np.zeros(99)) == 0.01


def test_p_of_exchangeable_values_is_uniform():
    rng = np.random.default_rng(1)
    p = [rank_p(v[0], v[1:]) for v in rng.normal(size=(2000, 100))]
    assert kstest(p, "uniform").pvalue > 0.01


def test_the_effect_is_the_distance_in_surrogate_sds():
    found = compare(5.0, np.array([1.0, 2.0, 3.0]))
    assert (found.null_mean, found.null_sd, found.z) == (2.0, 1.0, 3.0)


def test_two_sided_counts_distance_either_way():
    null = np.array([-2.0, -1.0, 1.0, 2.0])
    assert compare(-2.0, null, is_two_sided=True).p == 3 / 5


def test_without_surrogates_there_is_no_test():
    assert np.isnan(compare(1.0, np.empty(0)).p)


def test_family_wise_p_is_at_least_the_pointwise_p():
    rng = np.random.default_rng(2)
    bands = lag_bands(rng.random(50), rng.random((200, 50)), is_absolute=True)
    assert np.all(bands.p_family >= bands.p)


def test_family_wise_p_rejects_a_noise_profile_in_five_per_cent():
    rng = np.random.default_rng(3)
    smooth = np.apply_along_axis(
        lambda v: np.convolve(v, np.ones(5), "valid"), 2, rng.normal(size=(400, 100, 44))
    )
    rejected = [
        lag_bands(s[0], s[1:], is_absolute=False).p_family.min() <= 0.05 for s in smooth
    ]
    # 400 tests at .05: 20 expected, 10 to 31 within the exact 98.5 % interval.
    assert 10 <= sum(rejected) <= 31


def test_a_synchronous_episode_is_found_where_it_was_put():
    rng = np.random.default_rng(4)
    window, null = rng.normal(size=60), rng.normal(size=(500, 60))
    window[20:28] += 3
    found = synchronous_episodes(window, null)
    assert found.p[24] <= 0.01
    assert found.cluster[24] == found.cluster[22]


def test_no_episode_is_found_in_noise_in_most_recordings():
    rng = np.random.default_rng(5)
    found = [
        np.nanmin(np.append(synchronous_episodes(v[0], v[1:]).p, 1.0)) <= 0.05
        for v in rng.normal(size=(200, 200, 40))
    ]
    # 10 expected of 200; the exact 99 % interval ends at 19.
    assert sum(found) <= 19


def test_the_block_bootstrap_matches_the_error_of_an_independent_mean():
    rng = np.random.default_rng(6)
    values = rng.normal(size=400)
    found = block_bootstrap_se(values, block=1, rng=rng, draws=4000)
    np.testing.assert_allclose(found, values.std() / 20, rtol=0.05)


def test_the_block_bootstrap_knows_that_overlapping_windows_repeat_themselves():
    rng = np.random.default_rng(7)
    values = np.repeat(rng.normal(size=200), 2)
    single = block_bootstrap_se(values, block=1, rng=rng)
    double = block_bootstrap_se(values, block=8, rng=rng)
    assert double == pytest.approx(single * np.sqrt(2), rel=0.2)
