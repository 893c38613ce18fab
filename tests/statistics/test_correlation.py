import numpy as np
import pytest

from bowlby.statistics.correlation import correlation, residual


def pairs(n=40, seed=3):
    x, y = np.random.default_rng(seed).normal(size=(2, n))
    return x, x + y


def test_r_is_numpys():
    x, y = pairs()
    np.testing.assert_allclose(correlation(x, y).r, np.corrcoef(x, y)[0, 1])


def test_the_interval_is_symmetrical_on_fishers_scale():
    found = correlation(*pairs())
    half = 1.959964 / np.sqrt(40 - 3)
    expected = np.arctanh(found.r) + np.array([-half, half])
    np.testing.assert_allclose(np.arctanh([found.low, found.high]), expected, rtol=1e-6)


def test_pairs_with_a_missing_value_are_left_out():
    x, y = pairs()
    assert correlation(np.append(x, np.nan), np.append(y, 1.0)) == correlation(x, y)


@pytest.mark.parametrize("x", [[1.0, 2.0], [1.0, 1.0, 1.0, 1.0]])
def test_the_correlation_of_too_few_or_of_a_constant_is_unknown(x):
    assert np.isnan(correlation(x, np.arange(float(len(x)))).r)


def test_a_residual_is_uncorrelated_with_what_was_removed():
    x, y = pairs(500)
    assert abs(correlation(residual(y, x), x).r) < 1e-9
