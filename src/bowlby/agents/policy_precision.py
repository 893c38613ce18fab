"""Confidence in one's plans: the precision of policies, updated as dopamine is thought to be.

Symbols, with those of `bowlby.agents.generative_model`:

    beta    prior expectation of 1 / gamma
    F       free energy of what was observed so far, under each policy
    G       expected free energy of each policy

    p(pi) = softmax(ln E - gamma G)          before the observations of this trial
    q(pi) = softmax(ln E - gamma G - F)      after them
    b    <- b - (b - beta + (p - q) . G) / 2,    gamma = 1 / b

When the policies that the evidence supports have the lower expected free energy, (p - q) . G is
positive, b falls and precision rises: the plan works better than thought.

Source: Friston et al. (2017), Active inference: a process theory, Neural Computation 29, 1-49
(the precision update and its reading as dopamine). Signs are turned so that both free energies
are minimised.
"""

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.agents.planning import policy_posterior
from bowlby.maths._arrays import Array, Float, Scalar


class PolicyPrecision(eqx.Module):
    """Precision of policies after it has settled, and the policies under it.

    Attributes:
        gamma: Precision at the end (> 0).
        trace: Precision after each iteration; the model's dopamine signal.
        policy: Probability of each policy at the end, after the observations.
    """

    gamma: Float[Array, ""]
    trace: Float[Array, " iterations"]
    policy: Float[Array, " policies"]


def update_precision(
    G: Float[Array, " policies"],
    F: Float[Array, " policies"],
    E: Float[Array, " policies"],
    *,
    beta: Scalar = 1.0,
    gamma: Scalar | None = None,
    iterations: int = 16,
) -> PolicyPrecision:
    """Precision of policies after an observation.

    Args:
        G: Expected free energy of each policy (nats).
        F: Free energy of what was observed so far, under each policy (nats); only differences
            matter. A policy that was not pursued may have inf.
        E: Habits: prior over policies.
        beta: Prior expectation of 1 / gamma (> 0).
        gamma: Precision to start from; 1 / beta when left out.
        iterations: Steps of the update.
    """
    start = jnp.asarray(beta if gamma is None else 1 / gamma, G.dtype)

    def iterate(b: Array, _: None) -> tuple[Array, Array]:
        before = policy_posterior(G, E, 1 / b)
        after = policy_posterior(G, E, 1 / b, F)
        b = b - (b - beta + (before - after) @ G) / 2
        return b, 1 / b

    b, trace = jax.lax.scan(iterate, start, None, length=iterations)
    return PolicyPrecision(1 / b, trace, policy_posterior(G, E, 1 / b, F))
