"""Confidence in one's plans: the precision of policies, updated as dopamine is thought to be.

Symbols, with those of `bowlby.agents.generative_model`:

    beta    prior expectation of 1 / gamma
    F       free energy of what was observed so far, under each policy
    G       expected free energy of each policy

    p(pi) = softmax(ln E - gamma G)          before the observations of this trial
    q(pi) = softmax(ln E - gamma G - F)      after them
    e     = b - beta + (p - q) . G           0 where b has settled
    b    <- b - r e,    gamma = 1 / b,    r = 1/2 to begin with

When the policies that the evidence supports have the lower expected free energy, (p - q) . G is
positive, b falls and precision rises: the plan works better than thought.

The published step (r = 1/2 throughout) can make b negative, or swing around its end for ever,
when strong habits meet clear evidence. Two things keep it from that and change nothing where it
does neither. b falls by no more than half in a step, so that it stays above 0: this acts where
(p - q) . G > beta. And r is halved whenever e changes its sign. Where e is 0 stays what it
was: there is at least one such b between 0 and beta + max G - min G.

Source: Friston et al. (2017), Active inference: a process theory, Neural Computation 29, 1-49
(the precision update and its reading as dopamine). Signs are turned so that both free energies
are minimised; both limits of the step are ours.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.agents import checks
from bowlby.agents.planning import policy_posterior
from bowlby.maths._arrays import Array, Bool, Float, Scalar

SETTLED = 0.01
"""Largest |e| / b at which precision counts as settled."""


class PolicyPrecision(eqx.Module):
    """Precision of policies after its update, and the policies under it.

    Attributes:
        gamma: Precision at the end (> 0).
        trace: Precision after each iteration (> 0); the model's dopamine signal.
        policy: Probability of each policy at the end, after the observations.
        error: What is left of e at the end, as a share of b; 0 where precision has settled.
    """

    gamma: Float[Array, ""]
    trace: Float[Array, " iterations"]
    policy: Float[Array, " policies"]
    error: Float[Array, ""]

    @property
    def settled(self) -> Bool[Array, ""]:
        """Whether the update came to its end: `error` within 1 %. If not, iterate longer."""
        return jnp.abs(self.error) <= SETTLED


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
        G: Expected free energy of each policy (nats, finite).
        F: Free energy of what was observed so far, under each policy (nats); only differences
            matter. A policy that was not pursued may have inf.
        E: Habits: prior over policies.
        beta: Prior expectation of 1 / gamma (> 0).
        gamma: Precision to start from (> 0); 1 / beta when left out.
        iterations: Steps of the update (>= 1).

    Raises:
        ValueError: If the arrays differ in length, G is not finite, E no distribution, beta or
            gamma not above 0, or F leaves no policy that E allows.
    """
    G, F, E = (jnp.asarray(x) for x in (G, F, E))
    kind = jnp.result_type(G, F, E, float)
    G, F, E = (x.astype(kind) for x in (G, F, E))
    for name, x in (("F", F), ("E", E)):
        checks.require_shape(name, x.shape, G.shape, "one per policy, as G")
    checks.require_finite("G", G)
    checks.require_probabilities("E", E)
    checks.require_within("beta", beta, 0, above=True)
    _require_evidence(checks.known(F), checks.known(E))
    if gamma is None:
        start = 1 / jnp.asarray(beta, kind)
    else:
        checks.require_within("gamma", gamma, 0, above=True)
        start = jnp.asarray(gamma, kind)
    if iterations < 1:
        raise ValueError(f"iterations={iterations}; 1 or more are needed.")
    return _settle(G, F, E, jnp.asarray(beta, kind), start, iterations)


def _require_evidence(F: np.ndarray | None, E: np.ndarray | None) -> None:
    if F is None:
        return
    if (np.isnan(F) | np.isneginf(F)).any():
        raise ValueError(
            "F is NaN or -inf for a policy; numbers, or inf to exclude, are needed."
        )
    if E is not None and not (np.isfinite(F) & (E > 0)).any():
        raise ValueError(
            "F is inf for every policy that E allows: no policy is left. Give one that was "
            "pursued a finite F."
        )


@eqx.filter_jit
def _settle(
    G: Array, F: Array, E: Array, beta: Array, gamma: Array, iterations: int
) -> PolicyPrecision:
    def error(b: Array) -> Array:
        before = policy_posterior(G, E, 1 / b)
        after = policy_posterior(G, E, 1 / b, F)
        return b - beta + (before - after) @ G

    def iterate(state: tuple[Array, Array, Array], _: None):
        b, last, rate = state
        now = error(b)
        rate = jnp.where(now * last < 0, rate / 2, rate)
        b = jnp.maximum(b - rate * now, b / 2)
        return (b, now, rate), 1 / b

    start = (1 / gamma, jnp.zeros_like(gamma), jnp.full_like(gamma, 0.5))
    (b, _, _), trace = jax.lax.scan(iterate, start, None, length=iterations)
    return PolicyPrecision(1 / b, trace, policy_posterior(G, E, 1 / b, F), error(b) / b)
