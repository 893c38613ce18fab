import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from bowlby.maths.dirichlet import (
    accumulate,
    expected,
    information_weight,
    leading_information_weight,
    log_beta,
)

count = st.floats(0.05, 50.0)


@pytest.fixture(autouse=True, scope="module")
def _double_precision():
    with jax.enable_x64(True):
        yield


@given(a=count, b=count)
def test_log_beta_of_two_counts_is_the_beta_function(a, b):
    np.testing.assert_allclose(
        log_beta(jnp.array([a, b])), special.betaln(a, b), rtol=1e-9, atol=1e-9
    )


def test_impossible_outcomes_do_not_change_log_beta():
    np.testing.assert_allclose(log_beta(jnp.array([2.0, 0, 3])), special.betaln(2, 3))


def information_by_integration(a: float, b: float) -> float:
    """E over p ~ Beta(a, b) of KL[Bernoulli(p) || Bernoulli(mean)]."""
    mean = a / (a + b)

    def divergence(p):
        return stats.beta.pdf(p, a, b) * (
            special.rel_entr(p, mean) + special.rel_entr(1 - p, 1 - mean)
        )

    return integrate.quad(divergence, 0, 1, epsabs=1e-11)[0]


@settings(max_examples=10)
@given(a=st.floats(1.0, 20.0), b=st.floats(1.0, 20.0))
def test_expected_information_is_the_mutual_information_of_outcome_and_probability(a, b):
    counts = jnp.array([a, b])
    ours = expected(counts) @ information_weight(counts)
    np.testing.assert_allclose(ours, information_by_integration(a, b), atol=1e-8)


def test_leading_order_is_close_for_large_counts():
    counts = jnp.array([30.0, 70.0])
    np.testing.assert_allclose(
        leading_information_weight(counts), information_weight(counts), rtol=0.01
    )


def test_there_is_nothing_to_learn_about_the_impossible():
    np.testing.assert_array_equal(information_weight(jnp.array([2.0, 0.0]))[1], 0.0)


def test_probabilities_without_counts_are_uniform():
    np.testing.assert_allclose(expected(jnp.zeros((4, 2))), 0.25)


def test_with_forgetting_counts_settle_where_loss_equals_gain():
    def step(counts, _):
        observed = jnp.array([0.25, 0.75])
        return accumulate(counts, observed, rate=2.0, forgetting=0.1, base=1.0), None

    settled, _ = jax.lax.scan(step, jnp.array([30.0, 1.0]), None, length=500)
    np.testing.assert_allclose(settled, [1 + 5.0, 1 + 15.0], rtol=1e-9)


def test_structural_zeros_stay():
    np.testing.assert_array_equal(accumulate(jnp.zeros(2), jnp.ones(2), base=1.0), 0.0)
