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
