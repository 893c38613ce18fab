import jax.numpy as jnp
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bowlby.maths.categorical import divergence, entropy, log_floored

seeds = st.integers(0, 2**16)


def random_p(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(int(np.prod(shape)))).reshape(shape)


@given(seed=seeds)
def test_entropy_is_that_of_scipy(seed):
    p = random_p(seed, 5)
    np.testing.assert_allclose(entropy(jnp.asarray(p)), stats.entropy(p), rtol=1e-5)


def test_entropy_of_a_certainty_is_zero():
    np.testing.assert_array_equal(entropy(jnp.array([0.0, 1.0])), 0.0)


@given(seed=seeds)
def test_divergence_is_that_of_scipy(seed):
    p, q = random_p(seed, 3, 2), random_p(seed + 1, 3, 2)
    expected = stats.entropy(p.ravel(), q.ravel())
    np.testing.assert_allclose(divergence(jnp.asarray(p), jnp.asarray(q)), expected, atol=1e-5)


def test_divergence_from_what_excludes_it_is_infinite():
    found = divergence(jnp.array([0.5, 0.5]), jnp.array([1.0, 0.0]))
    np.testing.assert_array_equal(found, np.inf)


def test_logarithm_stays_finite_at_zero():
    found = log_floored(jnp.array([0.0, 0.5]), 1e-6)
    np.testing.assert_allclose(found, np.log([1e-6, 0.5]), rtol=1e-6)
