"""Derivatives at structural zeros are finite, and those of central differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.agents import (
    Agent,
    Block,
    define_model,
    expected_free_energy,
    infer_states,
    log_likelihood,
    update_precision,
    with_counts,
)
from bowlby.agents.model_reduction import reduce_prior

GO = np.stack([np.array([[1.0, 1], [0, 0]]), np.array([[0.0, 0], [1, 1]])], -1)
OBSERVATIONS = np.array([[0], [1], [1], [0]])
ACTIONS = np.array([[1], [1], [0], [0]])


@pytest.fixture(autouse=True, scope="module")
def _double_precision():
    with jax.enable_x64(True):
        yield


def model(theta, C=(0.0, 1.0), E=None):
    """A, B and D have zeros; so has E if given."""
    return define_model(
        A=[jnp.array([[theta, 0.0], [1 - theta, 1.0]])],
        B=[GO], C=[jnp.array(C)], D=[np.array([1.0, 0.0])], E=E,
    )  # fmt: skip


def fitted(theta):
    return log_likelihood(Agent(model(theta)), OBSERVATIONS, ACTIONS)


def fitted_to_learner(theta):
    counts = 2 * jnp.array([[theta, 0.0], [1 - theta, 1.0]])
    agent = Agent(with_counts(model(theta), pA=[counts], pB=[3 * GO], pE=[1.0, 1.0]))
    return log_likelihood(agent, OBSERVATIONS, ACTIONS)


def fitted_with_a_policy_never_pursued(theta):
    three = define_model(
        A=[jnp.array([[theta, 0.0], [1 - theta, 1.0]])],
        B=[np.concatenate([GO, GO[..., :1]], -1)], C=[np.array([0.0, 1])],
        D=[np.array([1.0, 0.0])], E=[0.5, 0.5, 0.0],
    )  # fmt: skip
    return log_likelihood(Agent(three, theta, theta), OBSERVATIONS, ACTIONS)


def fitted_in_mean_field(theta):
    two = define_model(
        A=[jnp.array([[theta, 0.0], [1 - theta, 1.0]])], B=[GO, np.eye(2)[..., None]],
        C=[np.array([0.0, 1])], D=[np.array([1.0, 0.0])] * 2, A_factors=[(0,)],
        blocks=[Block((0,), (0,), (0,)), Block((1,), (1,), (1,))],
    )  # fmt: skip
    done = np.concatenate([ACTIONS, 0 * ACTIONS], 1)
    return log_likelihood(Agent(two, mean_field=True), OBSERVATIONS, done)


def free_energy_of_what_is_seen(theta):
    return infer_states(model(theta), jnp.array([1.0, 0.0]), [1]).free_energy


def expected_of_two_factors(theta):
    return expected_free_energy(model(theta), jnp.array([1.0, 0.0])).total @ jnp.array([1.0, 2])


def settled_precision(theta):
    G = jnp.array([1.0, 2.0, 3.0]) * theta
    return update_precision(G, jnp.array([0.5, 0.0, jnp.inf]), jnp.array([0.7, 0.3, 0])).gamma


def evidence_of_reduction(theta):
    prior = jnp.array([[theta, 0.0], [1.0, 0.0]])
    return (
        reduce_prior(prior, prior + jnp.array([[2.0, 0], [0, 0]]), prior).posterior.sum()
        + (reduce_prior(prior, prior + 1.0, 2 * prior + 1).free_energy_change[0])
    )


@pytest.mark.parametrize(
    "of",
    [
        fitted, fitted_to_learner, fitted_with_a_policy_never_pursued, fitted_in_mean_field,
        free_energy_of_what_is_seen, expected_of_two_factors, settled_precision,
        evidence_of_reduction,
    ],
)  # fmt: skip
def test_derivative_is_that_of_central_differences(of):
    both = jax.jit(jax.value_and_grad(of))
    step = 1e-5
    expected = (both(0.7 + step)[0] - both(0.7 - step)[0]) / (2 * step)
    np.testing.assert_allclose(both(0.7)[1], expected, rtol=1e-6, atol=1e-8)


def test_an_impossible_observation_does_not_spoil_the_derivative_of_the_rest():
    def surprise(theta):
        seen = infer_states(model(theta), jnp.array([0.0, 1.0]), [0])
        return jnp.where(jnp.isinf(seen.free_energy), 0.0, seen.free_energy)

    assert jax.grad(surprise)(0.7) == 0.0


def test_a_choice_that_is_hardly_possible_keeps_its_logarithm():
    agent = Agent(model(0.7, C=(0.0, 900.0)))
    found = log_likelihood(agent, [[0]], [[0]])
    np.testing.assert_allclose(found, -0.7 * 900, rtol=0.01)


def test_a_choice_that_is_excluded_is_minus_infinity():
    agent = Agent(model(0.7, E=[0.0, 1.0]))
    np.testing.assert_array_equal(log_likelihood(agent, [[0]], [[0]]), -np.inf)
