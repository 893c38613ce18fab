import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowlby.agents.policy_precision import update_precision


@pytest.fixture(autouse=True, scope="module")
def _double_precision():
    with jax.enable_x64(True):
        yield


def softmax(x):
    weights = np.exp(x - x.max())
    return weights / weights.sum()


def precision_with_signs_as_published(Q, F, E, beta, start, iterations):
    """Q is value and F negative free energy: both maximised, as in the process theory."""
    qb, w, trace = start, 1 / start, []
    for _ in range(iterations):
        qu = softmax(np.log(E) + w * Q + F)
        pu = softmax(np.log(E) + w * Q)
        eg = (qu - pu) @ Q
        qb = qb - (qb - beta + eg) / 2
        w = 1 / qb
        trace.append(w)
    return np.array(trace), softmax(np.log(E) + w * Q + F)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**16), beta=st.floats(0.5, 3.0), gamma=st.floats(0.3, 3.0))
def test_precision_follows_the_published_equations(seed, beta, gamma):
    rng = np.random.default_rng(seed)
    G, F = rng.uniform(0, 0.4, size=(2, 5))
    E = rng.dirichlet(np.ones(5))
    ours = update_precision(*map(jnp.asarray, (G, F, E)), beta=beta, gamma=gamma)
    trace, policy = precision_with_signs_as_published(-G, -F, E, beta, 1 / gamma, 16)
    np.testing.assert_allclose(ours.trace, trace, rtol=1e-10)
    np.testing.assert_allclose(ours.policy, policy, rtol=1e-10)


G = np.array([1.0, 2.0])
E = np.array([0.5, 0.5])


def test_without_evidence_precision_tends_to_its_prior():
    ours = update_precision(
        jnp.asarray(G), jnp.zeros(2), jnp.asarray(E), beta=2.0, gamma=4.0, iterations=60
    )
    np.testing.assert_allclose(ours.gamma, 0.5, rtol=1e-12)


def test_evidence_for_the_plan_raises_precision():
    ours = update_precision(jnp.asarray(G), jnp.array([0.0, 3.0]), jnp.asarray(E))
    assert ours.gamma > 1.0


def test_evidence_against_the_plan_lowers_precision():
    ours = update_precision(jnp.asarray(G), jnp.array([3.0, 0.0]), jnp.asarray(E))
    assert ours.gamma < 1.0


HABIT = np.array([1e-6, 1 - 1e-6])


def test_precision_stays_above_zero_where_the_published_step_turns_it_negative():
    evidence = (np.array([-5.0, 5.0]), np.array([0.0, 20.0]))
    published, _ = precision_with_signs_as_published(*[-x for x in evidence], HABIT, 1, 1, 16)
    ours = update_precision(*map(jnp.asarray, (*evidence, HABIT)))
    assert published.min() < 0
    assert ours.trace.min() > 0
    assert ours.settled


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**16), scale=st.floats(0.1, 30.0))
def test_precision_is_above_zero_and_solves_its_equation_where_it_says_so(seed, scale):
    rng = np.random.default_rng(seed)
    G, F = rng.normal(0, scale, (2, 5))
    E = rng.dirichlet(np.full(5, 0.2)) + 1e-12
    ours = update_precision(*map(jnp.asarray, (G, F, E / E.sum())), iterations=64)
    b = 1 / float(ours.gamma)
    before, after = (softmax(np.log(E) - G / b - f) for f in (0.0, F))
    assert ours.trace.min() > 0
    assert 0 < b <= 1 + np.ptp(G) + 1e-6
    error = abs(b - 1 + (before - after) @ G) / b
    np.testing.assert_allclose(error, abs(float(ours.error)), rtol=1e-3, atol=1e-6)
    assert bool(ours.settled) == (error <= 0.01)


def test_update_that_was_cut_short_says_so():
    ours = update_precision(
        jnp.asarray(G), jnp.zeros(2), jnp.asarray(E), beta=1.0, gamma=0.01, iterations=2
    )
    assert not ours.settled
