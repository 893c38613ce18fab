"""Choices that were made: their probability, and the agent found from them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr
from scipy.optimize import minimize

from bowlby.agents import (
    Agent,
    Learning,
    define_model,
    learn_habits,
    log_likelihood,
    replay,
    run,
    to_xarray,
    with_counts,
)

GO = np.stack([np.array([[1.0, 1], [0, 0]]), np.array([[0.0, 0], [1, 1]])], -1)
TRUTH = np.array([[0.9, 0.3], [0.1, 0.7]])
RATE, GAMMA = 0.4, 3.0


def gambler(rate=RATE, gamma=GAMMA):
    """Chooses between two machines, and learns how often each pays."""
    model = define_model(
        A=[np.eye(2), np.full((2, 2), 0.5)], B=[GO], C=[[0.0, 0.0], [0.0, 2.0]], D=[[1.0, 0.0]]
    )
    return Agent(with_counts(model, pA=[None, np.ones((2, 2))]), gamma, learning=Learning(rate))


def machines(world, action, key):
    pays = jax.random.bernoulli(key, jnp.asarray(TRUTH)[1, action[0]])
    return world, jnp.array([action[0], pays.astype(int)])


def lived(key, ticks=99):
    return run(gambler(), 0.0, machines, [0, 0], ticks=ticks, key=key)


@pytest.fixture(scope="module")
def life():
    return lived(jax.random.key(5))


def test_replayed_life_is_the_life(life):
    agent, _, record = life
    after, again = replay(gambler(), record.observation, record.action)
    np.testing.assert_allclose(again.policy, record.policy, atol=1e-6)
    np.testing.assert_allclose(after.model.pA[1], agent.model.pA[1], rtol=1e-5)


def test_likelihood_is_the_product_of_the_policies_probabilities(life):
    _, _, record = life
    found = log_likelihood(gambler(), record.observation, record.action)
    chosen = np.take_along_axis(np.asarray(record.policy), np.asarray(record.action), 1)
    np.testing.assert_allclose(found, np.log(chosen).sum(), rtol=1e-5)


def test_choices_of_all_lives_have_probabilities_that_sum_to_one():
    every = jnp.asarray(np.stack(np.meshgrid(*[[0, 1]] * 4), -1).reshape(-1, 4, 1))
    seen = jnp.array([[0, 1], [1, 0], [1, 1], [0, 0]])
    found = jax.vmap(lambda done: log_likelihood(gambler(), seen, done))(every)
    np.testing.assert_allclose(np.exp(found).sum(), 1.0, rtol=1e-5)


def test_a_tick_without_weight_teaches_nothing():
    seen, done = np.array([[0, 1], [1, 0]]), np.array([[1], [1]])
    gate = Learning(rate=1.0, evidence_weight=np.array([0.0, 1.0]))
    after, _ = replay(gambler(), seen, done, learning=gate)
    np.testing.assert_allclose(after.model.pA[1], [[1, 2], [1, 1]])


def test_rate_and_precision_are_recovered_from_choices():
    """512 lives of 40 choices; estimates within three standard errors of the truth."""
    _, _, record = jax.vmap(lambda key: lived(key, 39))(
        jax.random.split(jax.random.key(1), 512)
    )

    def of_one(x, observations, actions):
        return log_likelihood(gambler(*jnp.exp(x)), observations, actions)

    each = jax.jit(jax.vmap(jax.value_and_grad(of_one), (None, 0, 0)))

    def scores(x):
        found = each(jnp.asarray(x, jnp.float32), record.observation, record.action)
        return [np.asarray(part, float) for part in found]

    best = minimize(lambda x: [-p.sum(0) for p in scores(x)], np.zeros(2), jac=True)
    slopes = scores(best.x)[1]
    errors = np.sqrt(np.diag(np.linalg.inv(slopes.T @ slopes)))
    assert (errors < 0.15).all(), errors
    assert (np.abs(best.x - np.log([RATE, GAMMA])) < 3 * errors).all(), (best.x, errors)


def test_what_is_done_often_becomes_a_habit():
    model = with_counts(gambler().model, pE=[1.0, 1.0])
    learnt = learn_habits(model, jnp.array([0.2, 0.8]), [1], Learning(rate=2.0))
    np.testing.assert_allclose(learnt.pE, [1, 3])
    np.testing.assert_allclose(learnt.E, [0.25, 0.75])


def test_policies_that_begin_alike_share_what_was_done():
    model = define_model(
        A=[np.eye(2)], B=[GO], C=[[0.0, 0.0]], D=[[1.0, 0.0]],
        policies=[[[0], [0]], [[0], [1]], [[1], [1]]],
    )  # fmt: skip
    model = with_counts(model, pE=np.ones(3))
    learnt = learn_habits(model, jnp.array([0.1, 0.3, 0.6]), [0], Learning())
    np.testing.assert_allclose(learnt.pE, [1.25, 1.75, 1])


def test_agent_with_counts_of_habits_learns_them():
    agent = Agent(with_counts(gambler().model, pE=[1.0, 1.0]))
    after, _ = replay(agent, np.zeros((5, 2), int), np.zeros((5, 1), int))
    # The last choice is learnt at the tick after it.
    np.testing.assert_allclose(after.model.pE, [5, 1], rtol=1e-5)


NAMES = {
    "factors": {"machine": ["left", "right"]},
    "modalities": {"place": ["left", "right"], "coin": ["none", "one"]},
    "controls": {"hand": ["go left", "go right"]},
}


def test_record_has_names(life):
    agent, _, record = life
    named = to_xarray(agent.model, record, **NAMES)
    assert isinstance(named, xr.Dataset)
    right = named.policy_probability.sel(policy="go right")
    np.testing.assert_allclose(right, record.policy[:, 1])
    np.testing.assert_allclose(named.belief_machine.sel(machine="right"), named.belief[:, 1])
    np.testing.assert_allclose(named.surprise.sum("modality"), named.free_energy, rtol=1e-4)
    assert named.free_energy.attrs["units"] == "nat"


def test_batch_of_records_names_its_axes_too(life):
    agent, _, record = life
    two = jax.tree.map(lambda x: jnp.stack([x, x]), record)
    named = to_xarray(agent.model, two, leading=("agent", "tick"))
    assert named.belief.dims == ("agent", "tick", "factor_0")


def test_names_that_are_too_few_are_refused(life):
    agent, _, record = life
    with pytest.raises(ValueError, match="names of each factor"):
        to_xarray(agent.model, record, factors={"machine": ["left"]})


def test_leading_axes_need_a_name_each(life):
    agent, _, record = life
    with pytest.raises(ValueError, match="the record has 1"):
        to_xarray(agent.model, record, leading=("agent", "tick"))
