"""Sums written out term by term are the sums that numpy and JAX give."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.maths.short_axis import computed_once, cumulated, softmax, summed

X = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_sum_is_numpys(axis):
    np.testing.assert_allclose(summed(X, axis), X.sum(axis), rtol=1e-5, atol=1e-6)


def test_truth_values_are_counted():
    np.testing.assert_array_equal(summed(X > 0, 1), (X > 0).sum(1))


def test_cumulative_sums_are_numpys():
    np.testing.assert_allclose(cumulated(jnp.asarray(X)), X.cumsum(0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_softmax_is_that_of_jax(axis):
    np.testing.assert_allclose(softmax(X, axis), jax.nn.softmax(X, axis), rtol=1e-5)


def test_a_softmax_of_large_numbers_stays_finite():
    assert np.isfinite(softmax(jnp.array([1000.0, -1000.0]), 0)).all()


def test_what_is_computed_once_is_unchanged_to_the_bit():
    np.testing.assert_array_equal(jax.jit(computed_once)(X), X)
