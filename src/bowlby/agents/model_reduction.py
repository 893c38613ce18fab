"""Bayesian model reduction: what simpler prior would have explained the same experience better?

For Dirichlet counts the evidence of a model with another prior follows from the posterior
already held, without the data. With prior counts a, posterior a', and reduced prior r, the
reduced posterior is r' = a' + r - a, and

    ln p(o | r) - ln p(o | a) = ln B(r') - ln B(r) - ln B(a') + ln B(a)

where B is the multivariate beta function of each column. The change in free energy is minus
that.

Source: Friston & Penny (2011), Post hoc Bayesian model selection, NeuroImage 56, 2089-2099;
Dirichlet form: Friston et al. (2017), Active inference, curiosity and insight, Neural
Computation 29, 2633-2683.
"""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from bowlby.agents import checks
from bowlby.maths._arrays import Array, Float
from bowlby.maths.dirichlet import log_beta


class Reduction(eqx.Module):
    """A reduced prior against the prior held, per column (distribution).

    Attributes:
        free_energy_change: Free energy of the reduced model less that of the full one (nats);
            negative favours the reduced.
        posterior: Posterior counts under the reduced prior.
    """

    free_energy_change: Float[Array, "..."]
    posterior: Float[Array, "outcomes ..."]


def reduce_prior(
    prior: Float[Array, "outcomes ..."],
    posterior: Float[Array, "outcomes ..."],
    reduced: Float[Array, "outcomes ..."],
) -> Reduction:
    """Evidence and posterior of a reduced prior.

    Args:
        prior: Counts before the experience.
        posterior: Counts after it (`prior` plus what was seen).
        reduced: Prior counts to compare. A count of zero says that the outcome cannot occur: if
            it did occur, the change in free energy is inf.

    Raises:
        ValueError: If a count is negative or no number, shapes do not go together, or
            `posterior` holds less than `prior`: what was forgotten cannot be compared.
    """
    prior, posterior, reduced = (jnp.asarray(x) for x in (prior, posterior, reduced))
    _require_experience(prior, posterior, reduced)
    seen = posterior - prior
    impossible = (reduced <= 0) & (seen > 0)
    after = jnp.where(reduced > 0, reduced + seen, 0)
    gain = log_beta(after) - log_beta(reduced) - log_beta(posterior) + log_beta(prior)
    change = jnp.where(impossible.any(0), jnp.inf, -gain)
    return Reduction(free_energy_change=change, posterior=after)


def _require_experience(prior: Array, posterior: Array, reduced: Array) -> None:
    checks.require_shape("posterior", posterior.shape, prior.shape, "as prior")
    if jnp.broadcast_shapes(reduced.shape, prior.shape) != prior.shape:
        raise ValueError(f"reduced has shape {reduced.shape}, and prior {prior.shape}.")
    for name, counts in (("prior", prior), ("posterior", posterior), ("reduced", reduced)):
        checks.require_counts(name, counts)
    seen = checks.known(posterior - prior)
    if seen is not None and (seen < -1e-5 * (1 + np.asarray(prior))).any():
        raise ValueError(
            "posterior holds fewer counts than prior somewhere, as after forgetting. Reduction "
            "compares priors of experience that was kept: give the prior plus what was seen."
        )


def adopt_better(
    posterior: Float[Array, "outcomes ..."], reduction: Reduction, *, margin: float = 0.0
) -> Float[Array, "outcomes ..."]:
    """Posterior counts with the reduced ones wherever they explain better.

    Args:
        posterior: Counts of the full model.
        reduction: From `reduce_prior`.
        margin: How much lower the free energy must be (nats); 3 is odds of about 20 to 1.
    """
    better = reduction.free_energy_change < -margin
    return jnp.where(better, reduction.posterior, posterior)
