"""The concordance index against sums done by hand and plain loops."""

import numpy as np
import pytest

from bowlby.synchrony.concordance import ConcordanceIndex, concordance


def plain_correlations(x, y):
    """1 Hz, slopes of 5 samples by polyfit, correlations of 15 slopes by corrcoef."""
    t = np.arange(5)
    a = [np.polyfit(t, x[i : i + 5], 1)[0] for i in range(len(x) - 4)]
    b = [np.polyfit(t, y[i : i + 5], 1)[0] for i in range(len(y) - 4)]
    return [np.corrcoef(a[i : i + 15], b[i : i + 15])[0, 1] for i in range(len(a) - 14)]


def test_the_correlations_are_those_of_straight_line_fits():
    x, y = np.random.default_rng(1).normal(size=(2, 60)).cumsum(axis=1)
    found = concordance(x, y, rate_hz=1.0)
    np.testing.assert_allclose(found.r, plain_correlations(x, y), atol=1e-10)


def test_the_index_is_the_logarithm_of_positive_over_negative_sums():
    # Slopes of two samples are differences. x's: 1 2 3 4 5; y's: 2 4 6 1 -1. Windows of 3:
    # (1 2 3, 2 4 6): r = 1; (2 3 4, 4 6 1): covariance -3, squares 2 and 38/3: r = -0.5960;
    # (3 4 5, 6 1 -1): covariance -7, squares 2 and 26: r = -0.9707.
    x = np.cumsum([0.0, 1, 2, 3, 4, 5])
    y = np.cumsum([0.0, 2, 4, 6, 1, -1])
    found = concordance(x, y, rate_hz=1.0, slope_s=2.0, correlation_s=3.0)
    by_hand = np.array([1.0, -3 / np.sqrt(2 * 38 / 3), -7 / np.sqrt(2 * 26)])
    np.testing.assert_allclose(found.r, by_hand, atol=1e-12)
    np.testing.assert_allclose(found.index, np.log(1 / (0.5960 + 0.9707)), atol=1e-4)


def test_opposite_partners_turn_the_sign_of_the_index():
    x, e = np.random.default_rng(2).normal(size=(2, 300)).cumsum(axis=1)
    y = x + e
    with_y, against_y = (concordance(x, z, rate_hz=1.0).index for z in (y, -y))
    np.testing.assert_allclose(with_y, -against_y, atol=1e-12)


def test_partners_who_never_disagree_have_the_largest_index():
    x = np.random.default_rng(3).normal(size=300).cumsum()
    np.testing.assert_allclose(concordance(x, x, rate_hz=1.0).index, np.log(1000), rtol=1e-12)


def test_time_is_the_middle_of_what_was_correlated():
    x, y = np.random.default_rng(4).normal(size=(2, 200))
    found = concordance(x, y, rate_hz=4.0)
    # 5 s of samples (20) and 14 steps of 1 s: samples 0 to 75, middle 37.5.
    np.testing.assert_allclose(found.time_s[:2], [37.5 / 4, 41.5 / 4])


def test_no_window_reaches_into_a_gap():
    x, y = np.random.default_rng(5).normal(size=(2, 100))
    x[50] = np.nan
    found = concordance(x, y, rate_hz=1.0)
    touched = np.flatnonzero(np.isnan(found.r))
    np.testing.assert_array_equal(touched, np.arange(50 - 18, 51))


def test_ratings_every_two_seconds_are_measured():
    x, y = np.random.default_rng(6).normal(size=(2, 300)).cumsum(axis=1)
    assert np.isfinite(ConcordanceIndex().estimate(x, y, rate_hz=0.5).value)


def test_a_slope_window_of_nothing_is_refused():
    with pytest.raises(ValueError, match="slope_s=0 must be positive"):
        concordance(np.zeros(9), np.zeros(9), rate_hz=1.0, slope_s=0)
