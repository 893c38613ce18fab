# ruff: noqa: N815
"""What an agent believes about its world: a discrete generative model.

Symbols, as in the active-inference literature:

    A      likelihood p(o_m | s), one array per modality m
    B      transition p(s' | s, u), one array per block of factors
    C      preferences over outcomes, as log-probabilities up to a constant
    D      prior over the initial state of each factor
    E      habits: prior over policies
    pA, pB, pD   Dirichlet counts of A, B and D
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
import jax.numpy as jnp
import numpy as np

from bowlby.maths import dirichlet
from bowlby.maths._arrays import Array, Float, Int

Belief = Float[Array, "..."] | tuple[Float[Array, " _"], ...]
"""Exact joint posterior (one axis per factor), or a tuple of marginals (mean field)."""

Policies = tuple[tuple[tuple[int, ...], ...], ...]
"""Policies, each a sequence over time of one control state per control."""


class Block(NamedTuple):
    """Which factors a transition array moves, and what it depends on.

    Its array has the axes (*next states of `moves`, *states of `given`, *controls).

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

    Attributes:
        A: Likelihood per modality: axes (outcome, *states of its factors).
        B: Transition per block: see `Block`.
        C: Preference per modality (nats; only differences matter).
        D: Prior over the initial state, per factor.
        E: Prior over policies.
        pA: Counts of A; None for a modality whose likelihood is known.
        pB: Counts of B; None for a block that is known.
        pD: Counts of D; None for a factor whose prior is known.
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
    A_factors: tuple[tuple[int, ...], ...] = eqx.field(static=True)
    blocks: tuple[Block, ...] = eqx.field(static=True)
    policies: Policies = eqx.field(static=True)

    @property
    def factors(self) -> tuple[int, ...]:
        """Number of states of each factor."""
        return tuple(d.size for d in self.D)

    @property
    def actions(self) -> Int[np.ndarray, "actions controls"]:
        """First steps of the policies, each once, in order of control state."""
        return np.unique([policy[0] for policy in self.policies], axis=0)

    def __check_init__(self) -> None:
        sizes = self.factors
        for m, (a, given) in enumerate(zip(self.A, self.A_factors, strict=True)):
            _require_shape(f"A[{m}]", a.shape[1:], [sizes[f] for f in given], "after outcomes")
        for m, (a, c) in enumerate(zip(self.A, self.C, strict=True)):
            _require_shape(f"C[{m}]", c.shape, [a.shape[0]], "one per outcome")
        for g, (b, block) in enumerate(zip(self.B, self.blocks, strict=True)):
            wanted = [sizes[f] for f in (*block.moves, *block.given)]
            _require_shape(f"B[{g}]", b.shape[: len(wanted)], wanted, "next, present")
        _require_shape("E", self.E.shape, [len(self.policies)], "one per policy")
        moved = sorted(f for block in self.blocks for f in block.moves)
        if moved != list(range(len(sizes))):
            raise ValueError(
                f"The blocks of B move factors {moved}; each factor from 0 to "
                f"{len(sizes) - 1} must be moved exactly once."
            )


def _require_shape(name: str, shape: Sequence[int], wanted: Sequence[int], axes: str) -> None:
    if tuple(shape) != tuple(wanted):
        raise ValueError(
            f"{name} has shape {tuple(shape)} where {tuple(wanted)} is needed ({axes}). Check "
            "the array, D (which sets the number of states) and A_factors or blocks."
        )


def enumerate_policies(controls: Sequence[int], depth: int = 1) -> Policies:
    """Every sequence of `depth` actions.

    Args:
        controls: Number of states of each control.
        depth: How many steps to plan ahead (1 to 3; the number of policies is
            the product of `controls`, to the power of `depth`).
    """
    actions = tuple(itertools.product(*(range(n) for n in controls)))
    return tuple(itertools.product(actions, repeat=depth))


def define_model(
    A: Sequence[Float[Array, "_ ..."]],
    B: Sequence[Float[Array, "_ ..."]],
    C: Sequence[Float[Array, " _"]],
    D: Sequence[Float[Array, " _"]],
    *,
    E: Float[Array, " policies"] | None = None,
    A_factors: Sequence[Sequence[int]] | None = None,
    blocks: Sequence[Block] | None = None,
    policies: Policies | None = None,
) -> GenerativeModel:
    """A generative model with what is usual left out.

    Args:
        A: Likelihood per modality: axes (outcome, *states of its factors).
        B: Transition per block; without `blocks`, one per factor: (next, present, control).
        C: Preference per modality (nats).
        D: Prior over the initial state, per factor.
        E: Prior over policies; uniform when left out.
        A_factors: Factors that each modality depends on; all of them when left out.
        blocks: What each array of B moves and depends on; when left out each factor depends on
            itself and has a control of its own.
        policies: Policies considered; every single action when left out. See
            `enumerate_policies`.

    Raises:
        ValueError: If the shapes do not fit together.
    """
    every = tuple(range(len(D)))
    links = tuple(blocks) if blocks else tuple(Block((f,), (f,), (f,)) for f in every)
    chosen = policies or enumerate_policies(_control_sizes(B, links))
    likelihoods = tuple(jnp.asarray(a) for a in A)
    transitions = tuple(jnp.asarray(b) for b in B)
    return GenerativeModel(
        A=likelihoods,
        B=transitions,
        C=tuple(jnp.asarray(c) for c in C),
        D=tuple(jnp.asarray(d) for d in D),
        E=jnp.full(len(chosen), 1 / len(chosen)) if E is None else jnp.asarray(E),
        pA=(None,) * len(likelihoods),
        pB=(None,) * len(transitions),
        pD=(None,) * len(D),
        A_factors=tuple(map(tuple, A_factors)) if A_factors else (every,) * len(likelihoods),
        blocks=links,
        policies=chosen,
    )


def with_counts(
    model: GenerativeModel,
    *,
    pA: Sequence[Float[Array, "_ ..."] | None] | None = None,
    pB: Sequence[Float[Array, "_ ..."] | None] | None = None,
    pD: Sequence[Float[Array, " _"] | None] | None = None,
) -> GenerativeModel:
    """The model with Dirichlet counts to learn from, and A, B and D set to what they expect.

    Args:
        model: Model to start from.
        pA: Counts of A per modality, with None for those that stay as they are.
        pB: Counts of B per block, likewise.
        pD: Counts of D per factor, likewise.
    """
    if pA is not None:
        likelihoods = tuple(map(_expected_or, model.A, pA))
        model = replace(model, A=likelihoods, pA=tuple(pA))
    if pB is not None:
        transitions = tuple(map(_expected_transition_or, model.B, pB, model.blocks))
        model = replace(model, B=transitions, pB=tuple(pB))
    if pD is not None:
        model = replace(model, D=tuple(map(_expected_or, model.D, pD)), pD=tuple(pD))
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
    """A block's array under one action: axes (*next, *present)."""
    return transition[(..., *(action[c] for c in block.controls))]


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
    model: GenerativeModel, belief: Belief, action: Int[Array, " controls"]
) -> Belief:
    """Belief about the next state, before its observation.

    Exact for a joint belief. For marginals each factor's next state is exact given the product
    of the present marginals, and dependence between factors is dropped.

    Args:
        model: Generative model.
        belief: Belief about the present state.
        action: State of each control.
    """
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


def _control_sizes(B: Sequence[Array], blocks: Sequence[Block]) -> list[int]:
    sizes = dict[int, int]()
    for b, block in zip(B, blocks, strict=True):
        offset = len(block.moves) + len(block.given)
        sizes |= {c: b.shape[offset + i] for i, c in enumerate(block.controls)}
    return [sizes[c] for c in range(len(sizes))]
