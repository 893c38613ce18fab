"""A random model and slow numpy loops over all of its states, outcomes and policies."""

import itertools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import digamma

from bowlby.agents.generative_model import (
    Block,
    GenerativeModel,
    define_model,
    enumerate_policies,
    with_counts,
)

STATES, OUTCOMES, CONTROLS = (2, 3, 2), (3, 2), (2, 3)
# Out of order and partly dense on purpose: the axes must be kept apart.
A_FACTORS = ((1, 0), (2,))
BLOCKS = (Block((0,), (0, 1), (0,)), Block((2, 1), (1, 2, 0), (1, 0)))
EVERY_STATE = tuple(itertools.product(*map(range, STATES)))


class Enumerated(NamedTuple):
    """A model (and its copy in numpy) and a joint belief, with an action and an observation."""

    model: GenerativeModel
    plain: GenerativeModel
    belief: np.ndarray
    action: np.ndarray
    observation: np.ndarray


def random_case(seed: int, depth: int = 1) -> Enumerated:
    rng = np.random.default_rng(seed)

    def counts(*shape: int) -> jnp.ndarray:
        return jnp.asarray(rng.gamma(1.0, size=shape) + 0.1)

    a = [counts(n, *(STATES[f] for f in g)) for n, g in zip(OUTCOMES, A_FACTORS, strict=True)]
    b = [
        counts(
            *(STATES[f] for f in (*block.moves, *block.given)),
            *(CONTROLS[c] for c in block.controls),
        )
        for block in BLOCKS
    ]
    c = [np.log(rng.dirichlet(np.ones(n))) for n in OUTCOMES]
    model = define_model(
        A=[x / x.sum(0) for x in a],
        B=[x / x.sum(tuple(range(len(k.moves)))) for x, k in zip(b, BLOCKS, strict=True)],
        C=[jnp.asarray(x) for x in c],
        D=[jnp.asarray(rng.dirichlet(np.ones(n))) for n in STATES],
        A_factors=A_FACTORS,
        blocks=BLOCKS,
        policies=enumerate_policies(CONTROLS, depth),
    )
    model = with_counts(model, pA=a, pB=b)
    return Enumerated(
        model,
        jax.tree.map(np.asarray, model),
        rng.dirichlet(np.ones(len(EVERY_STATE))).reshape(STATES),
        rng.integers(CONTROLS),
        rng.integers(OUTCOMES),
    )


def outcome_probability(model: GenerativeModel, m: int, outcome: int, state: tuple) -> float:
    return float(model.A[m][(outcome, *(state[f] for f in A_FACTORS[m]))])


def transition_probability(
    model: GenerativeModel, after: tuple, before: tuple, action: np.ndarray
) -> float:
    p = 1.0
    for b, block in zip(model.B, BLOCKS, strict=True):
        p *= float(b[_index(block, after, before, action)])
    return p


def _index(block: Block, after: tuple, before: tuple, action: np.ndarray) -> tuple:
    return (
        *(after[f] for f in block.moves),
        *(before[f] for f in block.given),
        *(action[c] for c in block.controls),
    )


def predicted(model: GenerativeModel, belief: np.ndarray, action: np.ndarray) -> np.ndarray:
    following = np.zeros(STATES)
    for before, after in itertools.product(EVERY_STATE, EVERY_STATE):
        following[after] += belief[before] * transition_probability(
            model, after, before, action
        )
    return following


def posterior(
    model: GenerativeModel, prior: np.ndarray, observation: np.ndarray
) -> tuple[np.ndarray, float]:
    """Posterior over joint states, and the evidence."""
    joint = prior.copy()
    for state in EVERY_STATE:
        for m, outcome in enumerate(observation):
            joint[state] *= outcome_probability(model, m, outcome, state)
    return joint / joint.sum(), joint.sum()


def pair_probability(case: Enumerated, block: Block) -> np.ndarray:
    """p(next of block, present of block | observation): axes as in the block's array."""
    sizes = [STATES[f] for f in (*block.moves, *block.given)]
    pair = np.zeros(sizes)
    for before, after in itertools.product(EVERY_STATE, EVERY_STATE):
        p = case.belief[before] * transition_probability(case.plain, after, before, case.action)
        for m, outcome in enumerate(case.observation):
            p *= outcome_probability(case.plain, m, outcome, after)
        pair[(*(after[f] for f in block.moves), *(before[f] for f in block.given))] += p
    return pair / pair.sum()


class SlowTerms(NamedTuple):
    """Terms of the expected free energy of one policy."""

    utility: float
    ambiguity: float
    state_information: float
    likelihood_information: float
    transition_information: float


def expected_free_energy(case: Enumerated, policy: tuple) -> SlowTerms:
    terms = np.zeros(5)
    belief = case.belief
    for action in policy:
        after = predicted(case.plain, belief, action)
        terms += _step(case.plain, belief, after, action)
        belief = after
    return SlowTerms(*terms)


def _step(
    model: GenerativeModel, before: np.ndarray, after: np.ndarray, action: np.ndarray
) -> list[float]:
    utility = ambiguity = information = 0.0
    for outcome in itertools.product(*map(range, OUTCOMES)):
        revised, evidence = posterior(model, after, outcome)
        information += evidence * (revised * np.log(revised / after)).sum()
        utility += evidence * sum(model.C[m][o] for m, o in enumerate(outcome))
    for state in EVERY_STATE:
        for m, n in enumerate(OUTCOMES):
            p = np.array([outcome_probability(model, m, o, state) for o in range(n)])
            ambiguity -= after[state] * (p * np.log(p)).sum()
    return [
        float(utility),
        ambiguity,
        information,
        _likelihood_information(model, after),
        _transition_information(model, before, after, action),
    ]


def _weight(count: float, total: float) -> float:
    return np.log(total) - np.log(count) + digamma(count + 1) - digamma(total + 1)


def _likelihood_information(model: GenerativeModel, after: np.ndarray) -> float:
    information = 0.0
    for m, counts in enumerate(model.pA):
        for o in range(OUTCOMES[m]):
            p = sum(after[s] * outcome_probability(model, m, o, s) for s in EVERY_STATE)
            for s in EVERY_STATE:
                column = counts[(slice(None), *(s[f] for f in A_FACTORS[m]))]
                information += p * after[s] * _weight(column[o], column.sum())
    return information


def _transition_information(
    model: GenerativeModel, before: np.ndarray, after: np.ndarray, action: np.ndarray
) -> float:
    information = 0.0
    for counts, block in zip(model.pB, BLOCKS, strict=True):
        for s, nxt in itertools.product(EVERY_STATE, EVERY_STATE):
            count = counts[_index(block, nxt, s, action)]
            column = counts[(..., *_index(block, nxt, s, action)[len(block.moves) :])]
            information += before[s] * after[nxt] * _weight(count, column.sum())
    return information
