import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from enumeration import OUTCOMES, posterior, predicted, random_case
from hypothesis import given, settings
from hypothesis import strategies as st

from bowlby.agents.generative_model import (
    define_model,
    initial_belief,
    marginal,
    predict_states,
)
from bowlby.agents.perception import infer_marginals, infer_states

seeds = st.integers(0, 2**16)
few = settings(max_examples=10)


perceive = eqx.filter_jit(infer_states)
perceive_each = eqx.filter_jit(jax.vmap(infer_states, (None, None, 0)))
approximate = eqx.filter_jit(infer_marginals)


@pytest.fixture(autouse=True, scope="module")
def _double_precision():
    with jax.enable_x64(True):
        yield


@few
@given(seed=seeds)
def test_exact_posterior_is_that_of_enumeration(seed):
    case = random_case(seed)
    ours = perceive(case.model, jnp.asarray(case.belief), case.observation)
    expected, _ = posterior(case.plain, case.belief, case.observation)
    np.testing.assert_allclose(ours.belief, expected, rtol=1e-10)


@few
@given(seed=seeds)
def test_free_energy_of_exact_inference_is_minus_log_evidence(seed):
    case = random_case(seed)
    ours = perceive(case.model, jnp.asarray(case.belief), case.observation)
    _, evidence = posterior(case.plain, case.belief, case.observation)
    np.testing.assert_allclose(ours.free_energy, -np.log(evidence), rtol=1e-10)


@few
@given(seed=seeds)
def test_free_energy_is_complexity_plus_inaccuracy(seed):
    case = random_case(seed)
    ours = perceive(case.model, jnp.asarray(case.belief), case.observation)
    parts = ours.complexity + ours.inaccuracy.sum()
    np.testing.assert_allclose(ours.free_energy, parts, rtol=1e-10)


def test_first_modality_surprise_is_that_of_the_modality_alone():
    case = random_case(5)
    ours = perceive(case.model, jnp.asarray(case.belief), case.observation)
    alone = perceive(case.model, jnp.asarray(case.belief), case.observation * [1, 0] - [0, 1])
    np.testing.assert_allclose(ours.surprise[0], alone.free_energy, rtol=1e-10)


@few
@given(seed=seeds)
def test_evidence_of_all_possible_observations_sums_to_one(seed):
    case = random_case(seed)
    every = jnp.asarray(list(itertools.product(*map(range, OUTCOMES))))
    surprise = perceive_each(case.model, jnp.asarray(case.belief), every).free_energy
    np.testing.assert_allclose(np.exp(-np.asarray(surprise)).sum(), 1.0, rtol=1e-10)


@few
@given(seed=seeds)
def test_prediction_is_that_of_enumeration(seed):
    case = random_case(seed)
    ours = eqx.filter_jit(predict_states)(case.model, jnp.asarray(case.belief), case.action)
    np.testing.assert_allclose(
        ours, predicted(case.plain, case.belief, case.action), rtol=1e-10
    )


def test_missing_observation_leaves_the_prediction():
    case = random_case(1)
    ours = perceive(case.model, jnp.asarray(case.belief), np.array([-1, -1]))
    np.testing.assert_allclose(ours.belief, case.belief, rtol=1e-12)
    np.testing.assert_allclose(ours.free_energy, 0.0, atol=1e-12)


def test_impossible_observation_is_infinitely_surprising_and_keeps_the_belief():
    certain = define_model(
        A=[jnp.eye(2)], B=[jnp.eye(2)[..., None]], C=[jnp.zeros(2)], D=[jnp.array([1.0, 0.0])]
    )
    ours = perceive(certain, initial_belief(certain), np.array([1]))
    np.testing.assert_array_equal(ours.free_energy, np.inf)
    np.testing.assert_array_equal(ours.belief, [1.0, 0.0])


@few
@given(seed=seeds)
def test_mean_field_free_energy_is_no_less_than_the_surprise(seed):
    case = random_case(seed)
    exact = perceive(case.model, initial_belief(case.model), case.observation)
    bound = approximate(case.model, case.model.D, case.observation)
    assert bound.free_energy >= exact.free_energy - 1e-9


@few
@given(seed=seeds)
def test_mean_field_is_a_fixed_point_of_its_own_equation(seed):
    case = random_case(seed)
    settled = approximate(case.model, case.model.D, case.observation, iterations=400)
    again = approximate(case.model, case.model.D, case.observation, iterations=401)
    np.testing.assert_allclose(settled.belief[0], again.belief[0], atol=1e-8)
    np.testing.assert_allclose(settled.belief[1], again.belief[1], atol=1e-8)


def test_mean_field_is_exact_when_each_modality_sees_one_factor():
    rng = np.random.default_rng(0)
    model = define_model(
        A=[jnp.asarray(rng.dirichlet(np.ones(3), size=n).T) for n in (2, 4)],
        B=[jnp.eye(n)[..., None] for n in (2, 4)],
        C=[jnp.zeros(3), jnp.zeros(3)],
        D=[jnp.asarray(rng.dirichlet(np.ones(n))) for n in (2, 4)],
        A_factors=[(0,), (1,)],
    )
    exact = perceive(model, initial_belief(model), np.array([2, 1]))
    mean_field = perceive(model, initial_belief(model, mean_field=True), np.array([2, 1]))
    np.testing.assert_allclose(marginal(mean_field.belief, [0, 1]), exact.belief, rtol=1e-10)
    np.testing.assert_allclose(mean_field.free_energy, exact.free_energy, rtol=1e-10)


def test_many_beliefs_at_once_are_each_alone():
    case = random_case(3)
    beliefs = jnp.stack([jnp.asarray(random_case(s).belief) for s in range(4)])
    together = eqx.filter_jit(jax.vmap(infer_states, (None, 0, None)))(
        case.model, beliefs, case.observation
    )
    alone = perceive(case.model, beliefs[2], case.observation)
    np.testing.assert_allclose(together.belief[2], alone.belief, rtol=1e-12)
