import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowlby.agents.model_reduction import adopt_better, reduce_prior


@pytest.fixture(autouse=True, scope="module")
def _double_precision():
    with jax.enable_x64(True):
        yield


def log_evidence_one_by_one(prior: np.ndarray, outcomes: np.ndarray) -> float:
    """Each outcome predicted from those before it; no beta function."""
    counts, total = prior.copy(), 0.0
    for outcome in outcomes:
        total += np.log(counts[outcome] / counts.sum())
        counts[outcome] += 1
    return total


@settings(max_examples=20)
@given(seed=st.integers(0, 2**16), n=st.integers(0, 30))
def test_change_in_free_energy_is_that_of_the_evidence_of_the_data(seed, n):
    rng = np.random.default_rng(seed)
    prior, reduced = rng.gamma(2.0, size=(2, 4)) + 0.1
    outcomes = rng.integers(4, size=n)
    posterior = prior + np.bincount(outcomes, minlength=4)
    ours = reduce_prior(*map(jnp.asarray, (prior, posterior, reduced)))
    expected = log_evidence_one_by_one(prior, outcomes) - log_evidence_one_by_one(
        reduced, outcomes
    )
    np.testing.assert_allclose(ours.free_energy_change, expected, atol=1e-9)


def test_reduced_posterior_holds_the_reduced_prior_and_what_was_seen():
    ours = reduce_prior(jnp.ones(3), jnp.array([4.0, 1, 1]), jnp.array([8.0, 1, 0]))
    np.testing.assert_allclose(ours.posterior, [11, 1, 0])


def test_prior_that_excludes_what_happened_is_impossible():
    ours = reduce_prior(jnp.ones(2), jnp.array([2.0, 1.0]), jnp.array([0.0, 1.0]))
    np.testing.assert_array_equal(ours.free_energy_change, np.inf)


def test_pruning_what_never_happened_is_favoured_the_more_the_longer_it_did_not():
    prior = jnp.ones((2, 2))
    posterior = prior + jnp.array([[5.0, 50.0], [0.0, 0.0]])
    change = reduce_prior(prior, posterior, jnp.array([[1.0], [0.0]])).free_energy_change
    # Polya's urn: n of the same in a row have probability 1 / (n + 1).
    np.testing.assert_allclose(change, [-np.log(6), -np.log(51)], rtol=1e-10)


def test_only_columns_that_explain_better_are_adopted():
    prior = jnp.ones((2, 2))
    posterior = prior + jnp.array([[5.0, 50.0], [0.0, 0.0]])
    reduction = reduce_prior(prior, posterior, jnp.array([[1.0], [0.0]]) * jnp.ones((2, 2)))
    adopted = adopt_better(posterior, reduction, margin=3.0)
    np.testing.assert_allclose(adopted, [[6, 51], [1, 0]])
