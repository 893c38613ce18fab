"""Learning: Dirichlet counts of likelihood, transition and initial state.

Each function returns the model with new counts and the expectations they give. What has no
counts is not learnt. Symbols are listed in `bowlby.agents.generative_model`.
"""

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.agents.generative_model import (
    Belief,
    Block,
    GenerativeModel,
    marginal,
    predict_joint,
    transition_operands,
    with_counts,
)
from bowlby.maths import dirichlet
from bowlby.maths._arrays import Array, Float, Int, Scalar


class Learning(eqx.Module):
    """How much one step teaches; every number may change from step to step.

    Attributes:
        rate: Counts added per occurrence (>= 0); 1 is Bayesian.
        forgetting: Share of the distance to `base` lost in a step (0 to 1).
        base: Count that forgetting tends to.
        evidence_weight: How far the step concerns this model at all, such as the probability
            that this model is the one that applies (0 to 1). It scales both learning and
            forgetting.
    """

    rate: Scalar = 1.0
    forgetting: Scalar = 0.0
    base: Scalar = 0.0
    evidence_weight: Scalar = 1.0

    def accumulate(
        self, counts: Float[Array, "*shape"], observed: Float[Array, "*shape"]
    ) -> Float[Array, "*shape"]:
        """Counts after one step; see `bowlby.maths.dirichlet.accumulate`."""
        return dirichlet.accumulate(
            counts,
            observed,
            rate=self.rate * self.evidence_weight,
            forgetting=self.forgetting * self.evidence_weight,
            base=self.base,
        )


def learn_likelihood(
    model: GenerativeModel,
    belief: Belief,
    observation: Int[Array, " modalities"],
    learning: Learning,
) -> GenerativeModel:
    """The model after an observation in a state believed to be `belief`.

    Args:
        model: Model; modalities with counts in `pA` are learnt.
        belief: Posterior belief about the state at the observation.
        observation: Outcome of each modality; a missing one (negative) teaches nothing.
        learning: Rate, forgetting and evidence weight.
    """
    learnt = []
    for m, (counts, factors) in enumerate(zip(model.pA, model.A_factors, strict=True)):
        if counts is not None:
            seen = jax.nn.one_hot(observation[m], counts.shape[0], dtype=counts.dtype)
            occurred = jnp.tensordot(seen, marginal(belief, factors), 0)
            updated = learning.accumulate(counts, occurred)
            counts = jnp.where(observation[m] < 0, counts, updated)
        learnt.append(counts)
    return with_counts(model, pA=learnt)


def learn_transition(
    model: GenerativeModel,
    before: Belief,
    action: Int[Array, " controls"],
    after: Belief,
    learning: Learning,
) -> GenerativeModel:
    """The model after a step from `before` to `after` under `action`.

    Joint beliefs give the exact probability of each pair of states; marginals give their
    product.

    Args:
        model: Model that made the prediction; blocks with counts in `pB` are learnt.
        before: Belief before the step.
        action: State of each control during the step.
        after: Posterior belief after the step and its observation.
        learning: Rate, forgetting and evidence weight.
    """
    learnt = []
    for g, (counts, block) in enumerate(zip(model.pB, model.blocks, strict=True)):
        if counts is not None:
            pair = _moved(model, g, before, action, after)
            controls = counts.shape[pair.ndim :]
            taken = _one_hot_action(action, block, controls, counts.dtype)
            updated = learning.accumulate(counts, jnp.tensordot(pair, taken, 0))
            # Only what was done can be forgotten by doing: other actions keep their counts.
            counts = jnp.where(taken > 0, updated, counts)
        learnt.append(counts)
    return with_counts(model, pB=learnt)


def learn_initial(
    model: GenerativeModel, belief: Belief, learning: Learning
) -> GenerativeModel:
    """The model after an episode believed to have begun in `belief`.

    Args:
        model: Model; factors with counts in `pD` are learnt.
        belief: Posterior belief about the first state.
        learning: Rate, forgetting and evidence weight.
    """
    learnt = [
        None if counts is None else learning.accumulate(counts, marginal(belief, [f]))
        for f, counts in enumerate(model.pD)
    ]
    return with_counts(model, pD=learnt)


def _moved(
    model: GenerativeModel,
    g: int,
    before: Belief,
    action: Int[Array, " controls"],
    after: Belief,
) -> Float[Array, "..."]:
    """Probability of each (next, present) pair of states of block `g`."""
    block = model.blocks[g]
    if isinstance(before, tuple) or isinstance(after, tuple):
        return jnp.tensordot(marginal(after, block.moves), marginal(before, block.given), 0)
    n = before.ndim
    predicted = predict_joint(model, before, action)
    # Posterior over prediction is the message from the observation to each next state.
    message = after / jnp.where(predicted > 0, predicted, 1)
    return jnp.einsum(
        before,
        list(range(n)),
        message,
        list(range(n, 2 * n)),
        *transition_operands(model, action),
        [n + f for f in block.moves] + list(block.given),
    )


def _one_hot_action(
    action: Int[Array, " controls"], block: Block, sizes: tuple[int, ...], dtype: jnp.dtype
) -> Float[Array, "..."]:
    taken = jnp.ones((), dtype)
    for control, size in zip(block.controls, sizes, strict=True):
        taken = jnp.tensordot(taken, jax.nn.one_hot(action[control], size, dtype=dtype), 0)
    return taken
