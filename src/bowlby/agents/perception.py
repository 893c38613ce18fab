"""Perceiving: from a prediction and an observation to a posterior over states.

Exact inference is the default: the posterior over the joint states of all factors, whose free
energy equals the surprise -ln p(o). Mean field gives one marginal per factor and an upper
bound. Symbols are listed in `bowlby.agents.generative_model`.
"""

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.agents.generative_model import Belief, GenerativeModel, marginal, require_belief
from bowlby.maths._arrays import Array, ArrayLike, Float, Int, Scalar
from bowlby.maths.categorical import cross_entropy, divergence, log_floored, log_or_minus_inf


class Perception(eqx.Module):
    """Posterior over states and what it cost (nats; free energy is minimised).

    Attributes:
        belief: Posterior: joint array (exact) or tuple of marginals (mean field).
        free_energy: `complexity` plus the sum of `inaccuracy`; -ln p(o) when exact.
        complexity: KL divergence of the posterior from the prediction.
        inaccuracy: Expected -ln p(o_m | s) of each modality under the posterior.
        surprise: -ln p(o_m | o_1 ... o_m-1), each modality given those listed before it; sums
            to the free energy. None for mean field, where only the bound is known.
    """

    belief: Belief
    free_energy: Float[Array, ""]
    complexity: Float[Array, ""]
    inaccuracy: Float[Array, " modalities"]
    surprise: Float[Array, " modalities"] | None


def infer_states(
    model: GenerativeModel, prediction: Belief, observation: Int[ArrayLike, " modalities"]
) -> Perception:
    """Posterior after an observation, in the kind of belief that the prediction has.

    An observation that the model holds impossible gives an infinite surprise and leaves the
    belief as the modalities before it made it.

    Args:
        model: Generative model.
        prediction: Belief before the observation; a joint array for exact inference, a tuple of
            marginals for mean field.
        observation: Outcome of each modality, from 0; negative where it is missing, which
            carries no evidence. In compiled code an outcome beyond the last gives NaN.

    Raises:
        ValueError: If there is not one outcome per modality, one is out of range, or the
            prediction is no belief about the states of this model.
        TypeError: If the observation is no whole numbers.
    """
    observation = model.observed(observation)
    require_belief(model, prediction)
    return perceive(model, prediction, observation)


def perceive(
    model: GenerativeModel, prediction: Belief, observation: Int[Array, " modalities"]
) -> Perception:
    """`infer_states` without its checks."""
    if isinstance(prediction, tuple):
        return infer_marginals(model, prediction, observation)
    return _infer_joint(model, prediction, observation)


@eqx.filter_jit
def _infer_joint(
    model: GenerativeModel,
    prediction: Float[Array, "..."],
    observation: Int[Array, " modalities"],
) -> Perception:
    likelihoods = _likelihoods(model, observation, joint=True)
    belief, surprise = prediction, []
    for likelihood in likelihoods:
        evidence = (belief * likelihood).sum()
        # Not `evidence > 0`: NaN must stay NaN.
        excluded = evidence == 0
        belief = jnp.where(
            excluded, belief, belief * likelihood / jnp.where(excluded, 1, evidence)
        )
        surprise.append(0 - log_or_minus_inf(evidence))
    surprise = jnp.stack(surprise)
    return Perception(
        belief=belief,
        free_energy=surprise.sum(),
        complexity=divergence(belief, prediction),
        inaccuracy=jnp.stack([cross_entropy(belief, x).sum() for x in likelihoods]),
        surprise=surprise,
    )


@eqx.filter_jit
def infer_marginals(
    model: GenerativeModel,
    prediction: tuple[Float[Array, " _"], ...],
    observation: Int[Array, " modalities"],
    *,
    iterations: int = 16,
) -> Perception:
    """Mean-field posterior by fixed-point iteration from a uniform start.

    All marginals are updated at once from those of the iteration before:
    ln q(s_f) = ln p(s_f) + sum over modalities of E[ln p(o_m | s)] under the other factors.

    Args:
        model: Generative model.
        prediction: Belief about each factor before the observation.
        observation: Outcome of each modality; negative where it is missing.
        iterations: Sweeps over all factors.
    """
    floor = float(jnp.finfo(prediction[0].dtype).eps)
    messages = [log_floored(x, floor) for x in _likelihoods(model, observation, joint=False)]
    log_prior = tuple(log_floored(p, floor) for p in prediction)

    def sweep(_: Scalar, belief: tuple[Array, ...]) -> tuple[Array, ...]:
        total = list(log_prior)
        for message, factors in zip(messages, model.A_factors, strict=True):
            for axis, f in enumerate(factors):
                others = tuple(g for g in factors if g != f)
                total[f] = total[f] + jnp.tensordot(
                    jnp.moveaxis(message, axis, 0), marginal(belief, others), len(others)
                )
        return tuple(jax.nn.softmax(logits) for logits in total)

    uniform = tuple(jnp.full_like(p, 1 / p.size) for p in prediction)
    # One factor has no other to wait for: the first sweep is exact.
    sweeps = iterations if len(prediction) > 1 else 1
    belief = jax.lax.fori_loop(0, sweeps, sweep, uniform)
    complexity = jnp.stack(
        [
            (q * (log_floored(q, floor) - p)).sum()
            for q, p in zip(belief, log_prior, strict=True)
        ]
    ).sum()
    inaccuracy = jnp.stack(
        [
            -(marginal(belief, factors) * message).sum()
            for message, factors in zip(messages, model.A_factors, strict=True)
        ]
    )
    return Perception(belief, complexity + inaccuracy.sum(), complexity, inaccuracy, None)


def _likelihoods(
    model: GenerativeModel, observation: Int[Array, " modalities"], *, joint: bool
) -> list[Array]:
    """Likelihood of each modality's outcome, over its factors or broadcast to all of them."""
    likelihoods = []
    for m, (a, factors) in enumerate(zip(model.A, model.A_factors, strict=True)):
        seen = a.at[observation[m]].get(mode="fill", fill_value=jnp.nan)
        likelihood = jnp.where(observation[m] < 0, 1, seen)
        likelihoods.append(_spread(likelihood, factors, len(model.D)) if joint else likelihood)
    return likelihoods


def _spread(likelihood: Array, factors: tuple[int, ...], n: int) -> Array:
    """Likelihood with an axis for every factor, of length 1 where it does not depend."""
    ordered = jnp.transpose(likelihood, sorted(range(len(factors)), key=factors.__getitem__))
    return jnp.expand_dims(ordered, [f for f in range(n) if f not in factors])
