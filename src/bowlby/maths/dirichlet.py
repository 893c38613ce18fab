"""Dirichlet counts: expectations, information and evidence (nats).

The first axis runs over outcomes; every other axis holds one distribution per entry. A count of
zero is structural: the outcome is impossible, is never learnt and adds nothing.
"""

import jax.numpy as jnp
from jax.scipy.special import digamma, gammaln

from bowlby.maths._arrays import Array, Float, Scalar


def expected(counts: Float[Array, "outcomes ..."]) -> Float[Array, "outcomes ..."]:
    """Expected probabilities; uniform where a distribution has no counts at all."""
    total = counts.sum(0, keepdims=True)
    return jnp.where(total > 0, counts / jnp.where(total > 0, total, 1), 1 / counts.shape[0])


def log_beta(counts: Float[Array, "outcomes ..."]) -> Float[Array, "..."]:
    """Logarithm of the multivariate beta function of the positive counts; 0 without any."""
    possible = counts > 0
    terms = jnp.where(possible, gammaln(jnp.where(possible, counts, 1)), 0).sum(0)
    total = counts.sum(0)
    # gammaln(1) is 0: no counts add nothing, and have a derivative.
    return terms - gammaln(jnp.where(total > 0, total, 1))


def information_weight(counts: Float[Array, "outcomes ..."]) -> Float[Array, "outcomes ..."]:
    """Information about its distribution that seeing each outcome once would bring (nats).

    Weighted by the expected probabilities it is the mutual information between the next outcome
    and the distribution: ln a0 - ln a + digamma(a + 1) - digamma(a0 + 1), with a0 the sum.

    Source:
        Da Costa et al. (2020), Journal of Mathematical Psychology 99, 102447, appendix D.
    """
    total = counts.sum(0, keepdims=True)
    possible = counts > 0
    count = jnp.where(possible, counts, 1)
    total = jnp.where(total > 0, total, 1)
    weight = jnp.log(total) - jnp.log(count) + digamma(count + 1) - digamma(total + 1)
    return jnp.where(possible, weight, 0)


def leading_information_weight(
    counts: Float[Array, "outcomes ..."],
) -> Float[Array, "outcomes ..."]:
    """`information_weight` to leading order in 1 / counts: (1 / a - 1 / a0) / 2.

    The form that most published simulations used. It is close for counts above about 5.
    """
    total = counts.sum(0, keepdims=True)
    possible = counts > 0
    weight = (1 / jnp.where(possible, counts, 1) - 1 / jnp.where(total > 0, total, 1)) / 2
    return jnp.where(possible, weight, 0)


def accumulate(
    counts: Float[Array, "*shape"],
    observed: Float[Array, "*shape"],
    *,
    rate: Scalar = 1.0,
    forgetting: Scalar = 0.0,
    base: Scalar = 0.0,
) -> Float[Array, "*shape"]:
    """Counts after forgetting some of what they hold and adding what was observed.

        counts + rate * observed - forgetting * (counts - base)

    With rate 1 and no forgetting this is the conjugate (exact Bayesian) update. With constant
    observations the counts settle at base + rate * observed / forgetting, so a constant
    learning rate of about `forgetting` remains.

    Args:
        counts: Counts so far; structural zeros stay zero.
        observed: Expected occurrences of each outcome in this sample (0 to 1).
        rate: Counts added per occurrence (>= 0).
        forgetting: Share of the distance to `base` lost (0 to 1).
        base: Count that forgetting tends to.
    """
    updated = counts + rate * observed - forgetting * (counts - base)
    return jnp.where(counts > 0, updated, counts)
