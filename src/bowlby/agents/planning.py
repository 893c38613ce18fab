"""Planning: expected free energy of policies, and the choice among them.

Symbols are listed in `bowlby.agents.generative_model`. Free energies are minimised.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.agents import checks
from bowlby.agents.generative_model import (
    Belief,
    GenerativeModel,
    Policies,
    marginal,
    outcomes_first,
    predict_outcomes,
    predict_states,
    require_belief,
    select_action,
)
from bowlby.maths import dirichlet
from bowlby.maths._arrays import Array, Bool, Float, Int, PRNGKeyArray, Scalar
from bowlby.maths.categorical import entropy, log_or_minus_inf

InformationWeight = Callable[[Float[Array, "_ ..."]], Float[Array, "_ ..."]]


class ExpectedFreeEnergy(eqx.Module):
    """Expected free energy of each policy, split by what it is for (nats, summed over steps).

    Attributes:
        utility: Expected preference of the outcomes, E[C]; larger is better.
        ambiguity: Expected entropy of the outcomes given the state.
        state_information: Information the outcomes will bring about the state.
        likelihood_information: Information they will bring about A (novelty); 0 without pA.
        transition_information: Information they will bring about B (novelty); 0 without pB.
    """

    utility: Float[Array, "*policies"]
    ambiguity: Float[Array, "*policies"]
    state_information: Float[Array, "*policies"]
    likelihood_information: Float[Array, "*policies"]
    transition_information: Float[Array, "*policies"]

    @property
    def risk(self) -> Float[Array, "*policies"]:
        """Divergence of the predicted from the preferred outcomes, when C is normalised."""
        return -self.utility - self.state_information - self.ambiguity

    @property
    def total(self) -> Float[Array, "*policies"]:
        """Expected free energy G: risk plus ambiguity, less both kinds of novelty."""
        novelty = self.likelihood_information + self.transition_information
        return self.risk + self.ambiguity - novelty


def expected_free_energy(
    model: GenerativeModel,
    belief: Belief,
    *,
    information: InformationWeight = dirichlet.information_weight,
) -> ExpectedFreeEnergy:
    """Expected free energy of each of the model's policies.

    With a joint belief the information about the state is exact: outcomes that tell the same
    are counted once. Its cost grows with the product of the numbers of outcomes. With marginals
    it is the sum over modalities, an upper bound.

    Policies that begin alike share the computation of what they share.

    Args:
        model: Generative model with its policies.
        belief: Belief about the present state.
        information: What seeing each outcome would tell about its distribution, given counts:
            exact, or `dirichlet.leading_information_weight` as in older simulations.

    Raises:
        ValueError: If `belief` is no belief about the states of this model.

    Source:
        Da Costa et al. (2020), Journal of Mathematical Psychology 99, 102447, section 6 and
        appendix D for the information about parameters.
    """
    require_belief(model, belief)
    return look_ahead(model, belief, information)


@eqx.filter_jit
def look_ahead(
    model: GenerativeModel,
    belief: Belief,
    information: InformationWeight = dirichlet.information_weight,
) -> ExpectedFreeEnergy:
    """`expected_free_energy` without its checks."""
    states = jax.tree.map(lambda x: x[None], belief)
    totals = ExpectedFreeEnergy(*(jnp.zeros(1, model.E.dtype),) * 5)
    for parents, controls in _branches(model.policies):
        actions = jnp.asarray(controls)
        present = jax.tree.map(lambda x, at=parents: x[at], states)
        states = jax.vmap(predict_states, (None, 0, 0))(model, present, actions)
        terms = partial(_step_terms, information)
        step = jax.vmap(terms, (None, 0, 0, 0))(model, present, states, actions)
        totals = jax.tree.map(lambda old, new, at=parents: old[at] + new, totals, step)
    return totals


class _Branches(NamedTuple):
    parents: Int[np.ndarray, " nodes"]
    actions: Int[np.ndarray, "nodes controls"]


def _branches(policies: Policies) -> list[_Branches]:
    """The tree of policies, step by step; its last nodes are the policies in their order."""
    depth = len(policies[0])
    parent_of: dict[tuple[tuple[int, ...], ...], int] = {(): 0}
    steps = []
    for t in range(1, depth + 1):
        prefixes = [p[:t] for p in policies]
        nodes = prefixes if t == depth else list(dict.fromkeys(prefixes))
        steps.append(
            _Branches(
                np.array([parent_of[node[:-1]] for node in nodes]),
                np.array([node[-1] for node in nodes]),
            )
        )
        parent_of = {node: i for i, node in enumerate(nodes)}
    return steps


def _step_terms(
    information: InformationWeight,
    model: GenerativeModel,
    before: Belief,
    after: Belief,
    action: Int[Array, " controls"],
) -> ExpectedFreeEnergy:
    outcomes = predict_outcomes(model, after)
    ambiguity = jnp.stack(
        [
            (entropy(a) * marginal(after, factors)).sum()
            for a, factors in zip(model.A, model.A_factors, strict=True)
        ]
    ).sum()
    if isinstance(after, tuple):
        uncertainty = jnp.stack([entropy(o) for o in outcomes]).sum()
    else:
        joint = _joint_outcomes(model, after)
        uncertainty = entropy(joint, joint.ndim)
    return ExpectedFreeEnergy(
        utility=jnp.stack([o @ c for o, c in zip(outcomes, model.C, strict=True)]).sum(),
        ambiguity=ambiguity,
        state_information=uncertainty - ambiguity,
        likelihood_information=_likelihood_information(information, model, outcomes, after),
        transition_information=_transition_information(
            information, model, before, after, action
        ),
    )


def _joint_outcomes(model: GenerativeModel, belief: Float[Array, "..."]) -> Float[Array, "..."]:
    """Predicted joint distribution of all modalities."""
    n = belief.ndim
    operands: list[Array | list[int]] = [belief, list(range(n))]
    for m, (a, factors) in enumerate(zip(model.A, model.A_factors, strict=True)):
        operands += [a, [n + m, *factors]]
    return jnp.einsum(*operands, [n + m for m in range(len(model.A))])


def _likelihood_information(
    information: InformationWeight,
    model: GenerativeModel,
    outcomes: tuple[Array, ...],
    belief: Belief,
) -> Float[Array, ""]:
    gained = jnp.zeros((), model.E.dtype)
    for counts, o, factors in zip(model.pA, outcomes, model.A_factors, strict=True):
        if counts is not None:
            weight = information(counts)
            expected = jnp.tensordot(weight, marginal(belief, factors), len(factors))
            gained = gained + o @ expected
    return gained


def _transition_information(
    information: InformationWeight,
    model: GenerativeModel,
    before: Belief,
    after: Belief,
    action: Int[Array, " controls"],
) -> Float[Array, ""]:
    gained = jnp.zeros((), model.E.dtype)
    for counts, block in zip(model.pB, model.blocks, strict=True):
        if counts is not None:
            weight = information(outcomes_first(counts, block))
            now = select_action(weight, block, action)
            expected = jnp.tensordot(now, marginal(before, block.given), len(block.given))
            gained = gained + marginal(after, block.moves).ravel() @ expected
    return gained


def policy_posterior(
    G: Float[Array, " policies"],
    E: Float[Array, " policies"],
    gamma: Scalar,
    F: Float[Array, " policies"] | float = 0.0,
) -> Float[Array, " policies"]:
    """Probability of each policy: softmax(ln E - gamma G - F).

    Args:
        G: Expected free energy (nats).
        E: Habits: prior over policies; a policy of probability 0 is never pursued.
        gamma: Policy precision (>= 0).
        F: Free energy of what was observed so far, under each policy (nats); inf excludes it.

    Raises:
        ValueError: If E is no distribution of as many policies as G, or gamma below 0.
    """
    checks.require_shape("E", jnp.shape(E), jnp.shape(G), "one per policy, as G")
    checks.require_probabilities("E", E)
    checks.require_within("gamma", gamma, 0)
    return jax.nn.softmax(policy_logits(G, E, gamma, F))


def policy_logits(
    G: Float[Array, " policies"],
    E: Float[Array, " policies"],
    gamma: Scalar,
    F: Float[Array, " policies"] | float = 0.0,
) -> Float[Array, " policies"]:
    """Logarithm of `policy_posterior`, up to a constant."""
    return log_or_minus_inf(E) - gamma * G - F


def begins_with(
    model: GenerativeModel, action: Int[Array, "... controls"]
) -> Bool[Array, "... policies"]:
    """Which of the model's policies begin with an action."""
    first = jnp.asarray([policy[0] for policy in model.policies])
    return (action[..., None, :] == first).all(-1)


def action_probabilities(
    model: GenerativeModel, policy: Float[Array, " policies"]
) -> Float[Array, " actions"]:
    """Probability of each of `model.actions`: the policies that begin with it, summed."""
    return begins_with(model, jnp.asarray(model.actions)).astype(policy.dtype) @ policy


def choice_log_probabilities(
    model: GenerativeModel, log_policy: Float[Array, " policies"], precision: Scalar
) -> Float[Array, " actions"]:
    """Log-probability that each of `model.actions` is chosen.

    In proportion to the probability of the action raised to `precision`. Logarithms all the
    way, so that a choice of e^-150 does not become one of 0.

    Args:
        model: Generative model with its policies.
        log_policy: Logarithm of the probability of each policy, up to a constant.
        precision: Consistency of choice, `alpha` in the literature (> 0).
    """
    begins = begins_with(model, jnp.asarray(model.actions))
    pursued = begins & (log_policy != -jnp.inf)
    possible = pursued.any(-1)
    # An action with no policy left has a row of zeros in place of -inf, whose sum has no
    # derivative; the row is not used.
    rows = jnp.where(pursued, log_policy, jnp.where(possible[:, None], -jnp.inf, 0))
    logits = precision * jax.nn.logsumexp(rows, axis=-1)
    return jax.nn.log_softmax(jnp.where(possible, logits, -jnp.inf))


def choose_action(
    model: GenerativeModel,
    policy: Float[Array, " policies"],
    *,
    precision: Scalar,
    key: PRNGKeyArray,
) -> Int[Array, " controls"]:
    """An action, drawn in proportion to its probability raised to `precision`.

    Args:
        model: Generative model with its policies.
        policy: Probability of each policy.
        precision: Consistency of choice, `alpha` in the literature (> 0; 1 matches
            probabilities, large values pick the most probable).
        key: Random key.
    """
    return draw(
        model, choice_log_probabilities(model, log_or_minus_inf(policy), precision), key
    )


def draw(
    model: GenerativeModel, log_probability: Float[Array, " actions"], key: PRNGKeyArray
) -> Int[Array, " controls"]:
    """One of `model.actions`, drawn with the given log-probabilities."""
    return jnp.asarray(model.actions)[jax.random.categorical(key, log_probability)]
