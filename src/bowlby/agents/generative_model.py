# ruff: noqa: N815
"""What an agent believes about its world: a discrete generative model.

Symbols, as in the active-inference literature:

    A      likelihood p(o_m | s), one array per modality m
    B      transition p(s' | s, u), one array per block of factors
    C      preferences over outcomes, as log-probabilities up to a constant
    D      prior over the initial state of each factor
    E      habits: prior over policies
    pA, pB, pD, pE   Dirichlet counts of A, B, D and E
    o, s, u      observations, states and controls, as indices
    F, G         variational and expected free energy (nats), both minimised
    gamma, beta  precision of policies and its inverse

A state has factors (who, where, ...), an observation has modalities. A modality may depend on
some of the factors only, and a transition block may move one factor, given some factors and
controls ("factored"), or all of them at once ("dense"). A belief is either the exact joint
posterior, an array with one axis per factor, or its mean-field approximation, a tuple of
marginals.

Source: Parr, Pezzulo & Friston (2022), Active Inference, MIT Press, chapters 4 and 7.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.agents import checks, model_checks
from bowlby.maths import dirichlet
from bowlby.maths._arrays import Array, ArrayLike, Float, Int, Real

Belief = Float[Array, "..."] | tuple[Float[Array, " _"], ...]
"""Exact joint posterior (one axis per factor), or a tuple of marginals (mean field)."""

Policies = tuple[tuple[tuple[int, ...], ...], ...]
"""Policies, each a sequence over time of one control state per control."""


class Block(NamedTuple):
    """Which factors a transition array moves, and what it depends on.

    Its array has the axes: next states of `moves`, states of `given`, `controls`.

    Attributes:
        moves: Factors whose next state it gives.
        given: Factors whose present state it depends on.
        controls: Controls it depends on.
    """

    moves: tuple[int, ...]
    given: tuple[int, ...]
    controls: tuple[int, ...] = ()


class GenerativeModel(eqx.Module):
    """Discrete generative model; built by `define_model`.

    It is checked when it is built: shapes always, values where they are known (not inside
    `jax.jit`, `jax.vmap` or `jax.grad`).

    Attributes:
        A: Likelihood per modality: axes (outcome, then the states of its factors).
        B: Transition per block: see `Block`.
        C: Preference per modality (nats; only differences matter).
        D: Prior over the initial state, per factor.
        E: Prior over policies.
        pA: Counts of A; None for a modality whose likelihood is known.
        pB: Counts of B; None for a block that is known.
        pD: Counts of D; None for a factor whose prior is known.
        pE: Counts of E; None where habits are not learnt.
        A_factors: Factors that each modality depends on.
        blocks: What each array of B moves and depends on.
        policies: Policies considered: as many as E has entries.
    """

    A: tuple[Float[Array, "_ ..."], ...]
    B: tuple[Float[Array, "_ ..."], ...]
    C: tuple[Float[Array, " _"], ...]
    D: tuple[Float[Array, " _"], ...]
    E: Float[Array, " policies"]
    pA: tuple[Float[Array, "_ ..."] | None, ...]
    pB: tuple[Float[Array, "_ ..."] | None, ...]
    pD: tuple[Float[Array, " _"] | None, ...]
    pE: Float[Array, " policies"] | None
    A_factors: tuple[tuple[int, ...], ...] = eqx.field(static=True)
    blocks: tuple[Block, ...] = eqx.field(static=True)
    policies: Policies = eqx.field(static=True)

    @property
    def factors(self) -> tuple[int, ...]:
        """Number of states of each factor."""
        return tuple(d.shape[-1] for d in self.D)

    @property
    def outcomes(self) -> tuple[int, ...]:
        """Number of outcomes of each modality."""
        return tuple(c.shape[-1] for c in self.C)

    @property
    def controls(self) -> tuple[int, ...]:
        """Number of states of each control."""
        return _control_sizes(self.B, self.blocks)

    @property
    def actions(self) -> Int[np.ndarray, "actions controls"]:
        """First steps of the policies, each once, in order of control state."""
        return np.unique([policy[0] for policy in self.policies], axis=0)

    def __check_init__(self) -> None:
        model_checks.require_structure(self)
        model_checks.require_shapes(self)
        model_checks.require_values(self)

    def observed(
        self, observation: ArrayLike, *, ticks: bool = False
    ) -> Int[Array, "*ticks modalities"]:
        """An observation (or one per tick) as integers, checked.

        Raises:
            ValueError: If there is not one outcome per modality, or one is out of range.
            TypeError: If they are no whole numbers.
        """
        return checks.indices(
            "observation", observation, self.outcomes, missing=True, ticks=ticks
        )

    def acted(self, action: ArrayLike, *, ticks: bool = False) -> Int[Array, "*ticks controls"]:
        """An action (or one per tick) as integers, checked as `observed` does."""
        return checks.indices("action", action, self.controls, ticks=ticks)


def enumerate_policies(controls: Sequence[int], depth: int = 1) -> Policies:
    """Every sequence of `depth` actions.

    Args:
        controls: Number of states of each control.
        depth: How many steps to plan ahead (1 to 3; the number of policies is
            the product of `controls`, to the power of `depth`).

    Raises:
        ValueError: If `depth` or a number of states is below 1.
    """
    if depth < 1 or any(n < 1 for n in controls):
        raise ValueError(
            f"depth={depth} and controls={tuple(controls)}: all must be 1 or more."
        )
    actions = tuple(itertools.product(*(range(n) for n in controls)))
    return tuple(itertools.product(actions, repeat=depth))


def define_model(
    A: Sequence[Real[ArrayLike, "_ ..."]],
    B: Sequence[Real[ArrayLike, "_ ..."]],
    C: Sequence[Real[ArrayLike, " _"]],
    D: Sequence[Real[ArrayLike, " _"]],
    *,
    E: Real[ArrayLike, " policies"] | None = None,
    A_factors: Sequence[Sequence[int]] | None = None,
    blocks: Sequence[Block] | None = None,
    policies: Policies | Int[np.ndarray, "policies steps controls"] | None = None,
) -> GenerativeModel:
    """A generative model with what is usual left out.

    Args:
        A: Likelihood per modality: axes (outcome, then the states of its factors).
        B: Transition per block; without `blocks`, one per factor: (next, present, control).
        C: Preference per modality (nats).
        D: Prior over the initial state, per factor.
        E: Prior over policies; uniform when left out.
        A_factors: Factors that each modality depends on; all of them when left out.
        blocks: What each array of B moves and depends on; when left out each factor depends on
            itself and has a control of its own.
        policies: Policies considered; every single action when left out. See
            `enumerate_policies`.

    All arrays are brought to one kind of number: that of the widest of them.

    Raises:
        ValueError: If the shapes do not fit together, or A, B, D or E are no probabilities: not
            from 0 to 1 with a sum of 1 over outcomes (within 2e-4), or C is not finite.
    """
    every = tuple(range(len(D)))
    links = tuple(Block(*map(tuple, b)) for b in blocks or [((f,), (f,), (f,)) for f in every])
    if not blocks:
        checks.require_length("B", len(B), len(D), "factor (array of D), as blocks is left out")
    given = [_arrays(one) for one in (A, B, C, D, [] if E is None else [E])]
    kind = jnp.result_type(*itertools.chain(*given), float)
    likelihoods, transitions, preferences, priors, habits = (
        tuple(jnp.asarray(x, kind) for x in arrays) for arrays in given
    )
    if policies is None:
        chosen = enumerate_policies(_control_sizes(transitions, links))
    else:
        chosen = tuple(tuple(tuple(int(u) for u in a) for a in p) for p in policies)
    if not habits:
        habits = (jnp.full(len(chosen), 1 / max(len(chosen), 1), kind),)
    return GenerativeModel(
        A=likelihoods,
        B=transitions,
        C=preferences,
        D=priors,
        E=habits[0],
        pA=(None,) * len(likelihoods),
        pB=(None,) * len(transitions),
        pD=(None,) * len(D),
        pE=None,
        A_factors=tuple(map(tuple, A_factors)) if A_factors else (every,) * len(likelihoods),
        blocks=links,
        policies=chosen,
    )


def _arrays(one: Sequence[ArrayLike]) -> list[Array | np.ndarray]:
    return [x if isinstance(x, jax.Array) else np.asarray(x) for x in one]


def with_counts(
    model: GenerativeModel,
    *,
    pA: Sequence[Float[ArrayLike, "_ ..."] | None] | None = None,
    pB: Sequence[Float[ArrayLike, "_ ..."] | None] | None = None,
    pD: Sequence[Float[ArrayLike, " _"] | None] | None = None,
    pE: Float[ArrayLike, " policies"] | None = None,
) -> GenerativeModel:
    """The model with Dirichlet counts to learn from; A, B, D and E become what they expect.

    A count of zero is structural: what it counts never happens and is never learnt. Where a
    whole distribution has no counts its expectation is uniform.

    Args:
        model: Model to start from.
        pA: Counts of A per modality (>= 0), with None for those that stay as they are.
        pB: Counts of B per block, likewise.
        pD: Counts of D per factor, likewise.
        pE: Counts of E: habits are then learnt.

    Raises:
        ValueError: If counts are negative, no numbers, too few, or of another shape.
    """
    kind = model.E.dtype
    if pA is not None:
        checks.require_length("pA", len(pA), len(model.A), "modality (array of A)")
        pA = tuple(None if c is None else jnp.asarray(c, kind) for c in pA)
        model = replace(model, A=tuple(map(_expected_or, model.A, pA)), pA=pA)
    if pB is not None:
        checks.require_length("pB", len(pB), len(model.B), "array of B")
        pB = tuple(None if c is None else jnp.asarray(c, kind) for c in pB)
        transitions = tuple(map(_expected_transition_or, model.B, pB, model.blocks))
        model = replace(model, B=transitions, pB=pB)
    if pD is not None:
        checks.require_length("pD", len(pD), len(model.D), "factor (array of D)")
        pD = tuple(None if c is None else jnp.asarray(c, kind) for c in pD)
        model = replace(model, D=tuple(map(_expected_or, model.D, pD)), pD=pD)
    if pE is not None:
        pE = jnp.asarray(pE, kind)
        model = replace(model, E=dirichlet.expected(pE), pE=pE)
    return model


def _expected_or(
    known: Float[Array, "_ ..."], counts: Float[Array, "_ ..."] | None
) -> Float[Array, "_ ..."]:
    return known if counts is None else dirichlet.expected(counts)


def _expected_transition_or(
    known: Float[Array, "_ ..."], counts: Float[Array, "_ ..."] | None, block: Block
) -> Float[Array, "_ ..."]:
    if counts is None:
        return known
    return dirichlet.expected(outcomes_first(counts, block)).reshape(counts.shape)


def outcomes_first(transition: Float[Array, "_ ..."], block: Block) -> Float[Array, "_ ..."]:
    """A block's array with the next states of all that it moves on one leading axis."""
    moved = len(block.moves)
    size = math.prod(transition.shape[:moved])
    return transition.reshape(size, *transition.shape[moved:])


def select_action(
    transition: Float[Array, "_ ..."], block: Block, action: Int[Array, " controls"]
) -> Float[Array, "_ ..."]:
    """A block's array under one action: axes (*next, *present); NaN where there is none."""
    if not block.controls:
        return transition
    chosen = (..., *(action[c] for c in block.controls))
    return transition.at[chosen].get(
        mode="fill", fill_value=jnp.nan, wrap_negative_indices=False
    )


def require_belief(model: GenerativeModel, belief: Belief) -> None:
    """Raise a ValueError unless `belief` is one about this model's states.

    A joint array has one axis per factor, a tuple one marginal per factor.
    """
    if isinstance(belief, tuple):
        checks.require_length("The belief", len(belief), len(model.D), "factor")
        for f, (part, size) in enumerate(zip(belief, model.factors, strict=True)):
            checks.require_shape(f"The belief about factor {f}", part.shape, [size], "states")
            checks.require_probabilities(f"The belief about factor {f}", part)
    else:
        checks.require_shape("The belief", belief.shape, model.factors, "one axis per factor")
        checks.require_probabilities("The belief", belief, belief.ndim)


def initial_belief(model: GenerativeModel, *, mean_field: bool = False) -> Belief:
    """Belief before the first observation: D, as a joint array or as marginals."""
    if mean_field:
        return model.D
    return marginal(model.D, tuple(range(len(model.D))))


def marginal(belief: Belief, factors: Sequence[int]) -> Float[Array, "..."]:
    """Joint probability of the named factors, with axes in the order named."""
    if isinstance(belief, tuple):
        parts = [part for f in factors for part in (belief[f], [f])]
        return jnp.einsum(*parts, list(factors)) if factors else jnp.ones(())
    return jnp.einsum(belief, list(range(belief.ndim)), list(factors))


def predict_states(
    model: GenerativeModel, belief: Belief, action: Int[ArrayLike, " controls"]
) -> Belief:
    """Belief about the next state, before its observation.

    Exact for a joint belief. For marginals each factor's next state is exact given the product
    of the present marginals, and dependence between factors is dropped.

    Args:
        model: Generative model.
        belief: Belief about the present state.
        action: State of each control, from 0. In compiled code one beyond the last gives NaN.

    Raises:
        ValueError: If `belief` is none about this model's states, or a control is out of range.
        TypeError: If the action is no whole numbers.
    """
    require_belief(model, belief)
    action = model.acted(action)
    if isinstance(belief, tuple):
        return _predict_marginals(model, belief, action)
    return predict_joint(model, belief, action)


def predict_joint(
    model: GenerativeModel, belief: Float[Array, "..."], action: Int[Array, " controls"]
) -> Float[Array, "..."]:
    """Joint probability of the next states of all factors: `predict_states`, exactly."""
    n = belief.ndim
    next_states = list(range(n, 2 * n))
    return jnp.einsum(belief, list(range(n)), *transition_operands(model, action), next_states)


def transition_operands(
    model: GenerativeModel, action: Int[Array, " controls"]
) -> list[Array | list[int]]:
    """Operands of `einsum`: every block under an action, with its axes.

    Axis f is the present state of factor f, axis n + f its next state, with n factors.
    """
    n = len(model.D)
    operands: list[Array | list[int]] = []
    for b, block in zip(model.B, model.blocks, strict=True):
        axes = [n + f for f in block.moves] + list(block.given)
        operands += [select_action(b, block, action), axes]
    return operands


def _predict_marginals(
    model: GenerativeModel, belief: tuple[Array, ...], action: Int[Array, " controls"]
) -> tuple[Array, ...]:
    following = dict[int, Array]()
    for b, block in zip(model.B, model.blocks, strict=True):
        moved = jnp.tensordot(
            select_action(b, block, action), marginal(belief, block.given), len(block.given)
        )
        for axis, factor in enumerate(block.moves):
            following[factor] = marginal(moved, [axis])
    return tuple(following[f] for f in range(len(belief)))


def predict_outcomes(model: GenerativeModel, belief: Belief) -> tuple[Float[Array, " _"], ...]:
    """Predicted distribution of each modality under a belief about the state."""
    return tuple(
        jnp.tensordot(a, marginal(belief, factors), len(factors))
        for a, factors in zip(model.A, model.A_factors, strict=True)
    )


def _control_sizes(B: Sequence[Array], blocks: Sequence[Block]) -> tuple[int, ...]:
    """Number of states of each control, which every block that it moves must agree on."""
    sizes = dict[int, int]()
    for g, (b, block) in enumerate(zip(B, blocks, strict=False)):
        offset = len(block.moves) + len(block.given)
        if b.ndim != offset + len(block.controls):
            raise ValueError(
                f"B[{g}] has {b.ndim} axes where {offset + len(block.controls)} are needed: "
                f"next states, present states, and one for each of its {len(block.controls)} "
                "control(s)."
            )
        for axis, c in enumerate(block.controls, offset):
            if sizes.setdefault(c, b.shape[axis]) != b.shape[axis]:
                raise ValueError(
                    f"B[{g}] has {b.shape[axis]} states of control {c}, and an array of B "
                    f"before it {sizes[c]}."
                )
    if sorted(sizes) != list(range(len(sizes))):
        raise ValueError(f"The blocks name controls {sorted(sizes)}; count them from 0.")
    return tuple(sizes[c] for c in range(len(sizes)))
