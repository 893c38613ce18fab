import numpy as np
from scipy.stats import ttest_1samp
from statsmodels.stats.proportion import proportion_confint

from bowlby.statistics.intervals import (
    difference_interval,
    mean_half_width,
    number_needed,
    share_interval,
)


def test_the_interval_of_a_mean_is_that_of_a_t_test():
    values = np.random.default_rng(1).normal(size=(7, 2))
    theirs = ttest_1samp(values, 0.0, axis=0).confidence_interval(0.9)
    np.testing.assert_allclose(
        mean_half_width(values, alpha=0.1), (theirs.high - theirs.low) / 2.0
    )


def test_the_interval_of_one_value_is_unknown():
    assert np.isnan(mean_half_width([0.3]))


def test_the_interval_of_a_share_is_wilsons_of_statsmodels():
    theirs = proportion_confint(7, 40, alpha=0.1, method="wilson")
    np.testing.assert_allclose(share_interval(7, 40, alpha=0.1), theirs)


def test_the_interval_of_a_share_is_as_published():
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 15 of 148, score method.
    np.testing.assert_allclose(share_interval(15, 148), (0.0624, 0.1605), atol=5e-5)


def test_the_share_of_nobody_is_unknown():
    assert np.isnan(share_interval(0, 0)).all()


def test_the_interval_of_a_difference_is_as_published():
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
    np.testing.assert_allclose(difference_interval(56, 70, 48, 80), (0.0524, 0.3339), atol=5e-5)
    np.testing.assert_allclose(difference_interval(9, 10, 3, 10), (0.1705, 0.8090), atol=5e-5)


def test_the_number_needed_to_treat_has_the_inverted_interval():
    assert number_needed(0.2, 0.1, 0.5) == (5.0, 2.0, 10.0)


def test_no_number_is_needed_where_there_may_be_no_difference():
    assert number_needed(0.2, -0.05, 0.45) is None
