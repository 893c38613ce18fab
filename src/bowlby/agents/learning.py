"""Learning: Dirichlet counts of likelihood, transition, initial state and habits.

Each function returns the model with new counts and the expectations they give. What has no
counts is not learnt. Each raises a ValueError for a belief that is none about the model's
states, and for an outcome or control state that is out of range (in compiled code the counts
become NaN; those of habits stay).
Symbols are listed in `bowlby.agents.generative_model`.
"""

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.agents import checks
from bowlby.agents.generative_model import (
    Belief,
    Block,
    GenerativeModel,
    marginal,
    predict_joint,
    require_belief,
    transition_operands,
    with_counts,
)
from bowlby.agents.planning import begins_with
from bowlby.maths import dirichlet
from bowlby.maths._arrays import Array, ArrayLike, Float, Int, Scalar


class Learning(eqx.Module):
    """How much one step teaches; every number may change from step to step.

    Attributes:
        rate: Counts added per occurrence (>= 0); 1 is Bayesian.
        forgetting: Share of the distance to `base` lost in a step (0 to 1). A count that is
            forgotten down to 0 is then structural: it stays there.
        base: Count that forgetting tends to (>= 0).
        evidence_weight: How far the step concerns this model at all, such as the probability
            that this model is the one that applies (0 to 1). It scales both learning and
            forgetting.
    """

    rate: Scalar = eqx.field(converter=jnp.asarray, default=1.0)
    forgetting: Scalar = eqx.field(converter=jnp.asarray, default=0.0)
    base: Scalar = eqx.field(converter=jnp.asarray, default=0.0)
    evidence_weight: Scalar = eqx.field(converter=jnp.asarray, default=1.0)

    def __check_init__(self) -> None:
        checks.require_within("rate", self.rate, 0)
        checks.require_within("forgetting", self.forgetting, 0, 1)
        checks.require_within("base", self.base, 0)
        checks.require_within("evidence_weight", self.evidence_weight, 0, 1)

    def accumulate(
        self, counts: Float[Array, "*shape"], observed: Float[Array, "*shape"]
    ) -> Float[Array, "*shape"]:
        """Counts after one step; see `bowlby.maths.dirichlet.accumulate`."""
        updated = dirichlet.accumulate(
            counts,
            observed,
            rate=self.rate * self.evidence_weight,
            forgetting=self.forgetting * self.evidence_weight,
            base=self.base,
        )
        return updated.astype(counts.dtype)


def learn_likelihood(
    model: GenerativeModel,
    belief: Belief,
    observation: Int[ArrayLike, " modalities"],
    learning: Learning,
) -> GenerativeModel:
    """The model after an observation in a state believed to be `belief`.

    Args:
        model: Model; modalities with counts in `pA` are learnt.
        belief: Posterior belief about the state at the observation.
        observation: Outcome of each modality; a missing one (negative) teaches nothing.
        learning: Rate, forgetting and evidence weight.
    """
    observation = model.observed(observation)
    require_belief(model, belief)
    learnt = []
    for m, (counts, factors) in enumerate(zip(model.pA, model.A_factors, strict=True)):
        if counts is not None:
            seen = _one_hot(observation[m], counts.shape[0], counts.dtype)
            occurred = jnp.tensordot(seen, marginal(belief, factors), 0)
            updated = learning.accumulate(counts, occurred)
            counts = jnp.where(observation[m] < 0, counts, updated)
        learnt.append(counts)
    return with_counts(model, pA=learnt)


def learn_transition(
    model: GenerativeModel,
    before: Belief,
    action: Int[ArrayLike, " controls"],
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
    action = model.acted(action)
    require_belief(model, before)
    require_belief(model, after)
    learnt = []
    for g, (counts, block) in enumerate(zip(model.pB, model.blocks, strict=True)):
        if counts is not None:
            pair = _moved(model, g, before, action, after)
            controls = counts.shape[pair.ndim :]
            taken = _one_hot_action(action, block, controls, counts.dtype)
            updated = learning.accumulate(counts, jnp.tensordot(pair, taken, 0))
            # Only what was done can be forgotten by doing: other actions keep their counts.
            counts = jnp.where(taken == 0, counts, updated)
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
    require_belief(model, belief)
    learnt = [
        None if counts is None else learning.accumulate(counts, marginal(belief, [f]))
        for f, counts in enumerate(model.pD)
    ]
    return with_counts(model, pD=learnt)


def learn_habits(
    model: GenerativeModel,
    policy: Float[Array, " policies"],
    action: Int[ArrayLike, " controls"],
    learning: Learning,
) -> GenerativeModel:
    """The model after it did something: what is done often is done again.

    One occurrence is shared out among the policies that begin with the action, in proportion to
    how probable they were; an action that no policy favours teaches nothing.

    Args:
        model: Model; its habits E are learnt if it has counts in `pE`.
        policy: Probability of each policy when the action was chosen.
        action: State of each control.
        learning: Rate, forgetting and evidence weight.

    Source:
        Counts of policies as in Friston et al. (2016), Active inference and learning,
        Neuroscience & Biobehavioral Reviews 68, 862-879; that only policies which begin with
        what was done are counted is ours.
    """
    action = model.acted(action)
    checks.require_shape("policy", policy.shape, model.E.shape, "one per policy")
    if model.pE is None:
        return model
    taken = jnp.where(begins_with(model, action), policy, 0)
    total = taken.sum()
    taken = jnp.where(total == 0, 0, taken / jnp.where(total == 0, 1, total))
    return with_counts(model, pE=learning.accumulate(model.pE, taken))


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
    message = after / jnp.where(predicted == 0, 1, predicted)
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
        taken = jnp.tensordot(taken, _one_hot(action[control], size, dtype), 0)
    return taken


def _one_hot(index: Int[Array, ""], size: int, dtype: jnp.dtype) -> Float[Array, " size"]:
    """1 at the index, 0 elsewhere; NaN for an index that there is not."""
    # The belief is NaN then, too, but a compiler may take 0 * NaN for 0.
    there = (index >= 0) & (index < size)
    return jnp.where(there, jax.nn.one_hot(index, size, dtype=dtype), jnp.nan)
