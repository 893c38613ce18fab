import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from enumeration import expected_free_energy as slow
from enumeration import random_case

from bowlby.agents.generative_model import (
    define_model,
    enumerate_policies,
    initial_belief,
    predict_outcomes,
    predict_states,
)
from bowlby.agents.planning import (
    action_probabilities,
    choose_action,
    expected_free_energy,
    policy_posterior,
)


@pytest.fixture(autouse=True, scope="module")
def _double_precision():
    with jax.enable_x64(True):
        yield


plan = eqx.filter_jit(expected_free_energy)


@functools.cache
def fast(seed: int, depth: int):
    case = random_case(seed, depth)
    return plan(case.model, jnp.asarray(case.belief))


TERMS = (
    "utility",
    "ambiguity",
    "state_information",
    "likelihood_information",
    "transition_information",
)


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize(("seed", "depth", "policy"), [(1, 2, 7), (1, 2, 33)])
def test_expected_free_energy_is_that_of_slow_loops(term, seed, depth, policy):
    ours = fast(seed, depth)
    case = random_case(seed, depth)
    expected = slow(case, case.model.policies[policy])
    np.testing.assert_allclose(
        getattr(ours, term)[policy], getattr(expected, term), rtol=1e-8, atol=1e-10
    )


def test_plans_of_three_steps_are_as_many_as_policies():
    case = random_case(0, 3)
    ours = fast(0, 3)
    np.testing.assert_allclose(
        ours.total[100], _total(slow(case, case.model.policies[100])), rtol=1e-8
    )
    assert ours.total.shape == (216,)


def _total(terms):
    return -terms.utility - sum(terms[2:])


def test_risk_is_the_divergence_from_preferences_of_a_single_modality():
    model = define_model(
        A=[jnp.array([[0.8, 0.3], [0.2, 0.7]])],
        B=[jnp.eye(2)[..., None]],
        C=[jnp.log(jnp.array([0.9, 0.1]))],
        D=[jnp.array([0.4, 0.6])],
    )
    (outcome,) = predict_outcomes(model, initial_belief(model))
    divergence = (outcome * (jnp.log(outcome) - model.C[0])).sum()
    risk = plan(model, initial_belief(model)).risk[0]
    np.testing.assert_allclose(risk, divergence, rtol=1e-10)


def twice_the_same_cue():
    likelihood = jnp.eye(2)
    return define_model(
        A=[likelihood, likelihood],
        B=[jnp.eye(2)[..., None]],
        C=[jnp.zeros(2), jnp.zeros(2)],
        D=[jnp.array([0.5, 0.5])],
    )


def test_exact_information_counts_what_two_modalities_share_once():
    model = twice_the_same_cue()
    ours = plan(model, initial_belief(model))
    np.testing.assert_allclose(ours.state_information, [np.log(2)], rtol=1e-10)


def test_mean_field_information_counts_it_twice():
    model = twice_the_same_cue()
    ours = plan(model, initial_belief(model, mean_field=True))
    np.testing.assert_allclose(ours.state_information, [2 * np.log(2)], rtol=1e-10)


def test_no_precision_leaves_habits():
    habits = jnp.array([0.7, 0.2, 0.1])
    np.testing.assert_allclose(policy_posterior(jnp.array([3.0, 0, 1]), habits, 0.0), habits)


def test_high_precision_takes_the_least_expected_free_energy():
    policy = policy_posterior(jnp.array([3.0, 0.0, 1.0]), jnp.full(3, 1 / 3), 50.0)
    np.testing.assert_allclose(policy, [0, 1, 0], atol=1e-12)


def test_policy_with_less_past_free_energy_is_likelier_by_its_odds():
    policy = policy_posterior(jnp.zeros(2), jnp.full(2, 0.5), 1.0, F=jnp.array([0.0, 1.0]))
    np.testing.assert_allclose(policy[0] / policy[1], np.e, rtol=1e-10)


def test_probability_of_an_action_is_that_of_the_policies_it_begins():
    case = random_case(0, 2)
    policy = np.random.default_rng(0).dirichlet(np.ones(36))
    expected = policy.reshape(6, 6).sum(1)
    np.testing.assert_allclose(
        action_probabilities(case.model, jnp.asarray(policy)), expected, rtol=1e-10
    )


def test_actions_are_drawn_in_proportion_to_probability_to_the_power_of_precision():
    model = define_model(
        A=[jnp.eye(2)],
        B=[jnp.stack([jnp.eye(2)] * 2, -1)],
        C=[jnp.zeros(2)],
        D=[jnp.array([0.5, 0.5])],
    )
    policy = jnp.array([0.6, 0.4])
    keys = jax.random.split(jax.random.key(0), 20_000)
    drawn = jax.vmap(lambda key: choose_action(model, policy, precision=2.0, key=key))(keys)
    # Binomial standard error .0033; four of them.
    np.testing.assert_allclose((drawn == 0).mean(), 0.36 / 0.52, atol=0.0133)


def test_policies_are_all_sequences_of_actions():
    policies = enumerate_policies([2, 3], depth=2)
    assert len(set(policies)) == 36
    assert policies[7] == ((0, 1), (0, 1))


def test_prediction_of_marginals_is_that_of_their_product():
    case = random_case(2)
    ours = predict_states(case.model, case.model.D, jnp.asarray(case.action))
    joint = predict_states(case.model, initial_belief(case.model), jnp.asarray(case.action))
    np.testing.assert_allclose(ours[1], joint.sum((0, 2)), rtol=1e-10)


def test_shape_that_does_not_fit_says_what_is_needed():
    with pytest.raises(ValueError, match=r"A\[0\] has shape \(3,\) where \(2,\) is needed"):
        define_model(
            A=[jnp.ones((2, 3)) / 2],
            B=[jnp.eye(2)[..., None]],
            C=[jnp.zeros(2)],
            D=[jnp.array([0.5, 0.5])],
        )
