"""Agreement with pymdp 1.0.x on random models, in float32, as users run both."""

import warnings

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.agents.generative_model import (
    Block,
    GenerativeModel,
    define_model,
    enumerate_policies,
    predict_states,
    with_counts,
)
from bowlby.agents.learning import Learning, learn_likelihood, learn_transition
from bowlby.agents.perception import infer_marginals
from bowlby.agents.planning import expected_free_energy, policy_posterior

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("pymdp")
    from pymdp.agent import Agent as PymdpAgent

pytestmark = pytest.mark.filterwarnings("ignore")

STATES, OUTCOMES, CONTROLS = (3, 2), (3, 4), (3, 2)
A_FACTORS = ((0, 1), (1,))
B_FACTORS = ((0,), (1, 0))
GAMMA = 4.0
RATE = 0.7
STEPS = 200


def random_model(seed: int, depth: int) -> GenerativeModel:
    rng = np.random.default_rng(seed)
    blocks = tuple(Block((f,), given, (f,)) for f, given in enumerate(B_FACTORS))
    policies = enumerate_policies(CONTROLS, depth)

    def counts(*shape: int) -> jax.Array:
        return jnp.asarray(rng.gamma(1.0, size=shape) + 0.2, jnp.float32)

    likelihood_counts = [
        counts(o, *(STATES[f] for f in g)) for o, g in zip(OUTCOMES, A_FACTORS, strict=True)
    ]
    transition_counts = [
        counts(s, *(STATES[f] for f in g), u)
        for s, g, u in zip(STATES, B_FACTORS, CONTROLS, strict=True)
    ]
    model = define_model(
        A=[x / x.sum(0) for x in likelihood_counts],
        B=[x / x.sum(0) for x in transition_counts],
        C=[jnp.asarray(rng.normal(size=o), jnp.float32) for o in OUTCOMES],
        D=[jnp.asarray(rng.dirichlet(np.ones(s)), jnp.float32) for s in STATES],
        E=jnp.asarray(rng.dirichlet(np.ones(len(policies))), jnp.float32),
        A_factors=A_FACTORS,
        blocks=blocks,
        policies=policies,
    )
    return with_counts(model, pA=likelihood_counts, pB=transition_counts)


def random_life(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Observations and actions that both programs are given."""
    rng = np.random.default_rng(seed + 1000)
    observations = np.stack([rng.integers(o, size=STEPS) for o in OUTCOMES], 1)
    actions = np.stack([rng.integers(u, size=STEPS) for u in CONTROLS], 1)
    return observations, actions


@eqx.filter_jit
def our_step(model, belief, action, observation):
    prediction = predict_states(model, belief, action)
    perception = infer_marginals(model, prediction, observation, iterations=16)
    learning = Learning(rate=RATE)
    model = learn_transition(model, belief, action, perception.belief, learning)
    model = learn_likelihood(model, perception.belief, observation, learning)
    G = expected_free_energy(model, perception.belief).total
    return model, perception, G, policy_posterior(G, model.E, GAMMA)


def pymdp_agent(model: GenerativeModel, depth: int) -> PymdpAgent:
    def batch(arrays):
        return [a[None] for a in arrays]

    return PymdpAgent(
        A=batch(model.A),
        B=batch(model.B),
        C=batch(model.C),
        D=batch(model.D),
        E=model.E[None],
        pA=batch(model.pA),
        pB=batch(model.pB),
        A_dependencies=[list(f) for f in A_FACTORS],
        B_dependencies=[list(f) for f in B_FACTORS],
        num_controls=list(CONTROLS),
        policy_len=depth,
        gamma=GAMMA,
        use_param_info_gain=True,
        learn_A=True,
        learn_B=True,
        num_iter=16,
    )


@eqx.filter_jit
def pymdp_step(agent, belief, action, observation):
    prior = agent.update_empirical_prior(action[None], belief)
    now, info = agent.infer_states(
        [o[None] for o in observation], empirical_prior=prior, return_info=True
    )
    agent = agent.infer_parameters(
        now,
        [o[None, None] for o in observation],
        action[None],
        [jnp.concatenate([b, n], 1) for b, n in zip(belief, now, strict=True)],
        lr_pA=RATE,
        lr_pB=RATE,
    )
    policy, negative_efe = agent.infer_policies(now)
    return agent, now, info["vfe"], negative_efe[0], policy[0]


def both_lives(seed: int, depth: int) -> list[tuple[list, list]]:
    """What each program believes, wants and has learnt at every step: (ours, theirs)."""
    model = random_model(seed, depth)
    agent = pymdp_agent(model, depth)
    observations, actions = random_life(seed)
    belief, theirs = model.D, [d[None, None] for d in model.D]
    record = []
    for t in range(STEPS):
        seen, action = jnp.asarray(observations[t]), jnp.asarray(actions[t])
        model, perception, G, policy = our_step(model, belief, action, seen)
        agent, theirs, vfe, negative_efe, their_policy = pymdp_step(agent, theirs, action, seen)
        belief = perception.belief
        record.append(
            (
                [*belief, perception.free_energy, -G, policy, *model.A, *model.B],
                [
                    *(q[0, -1] for q in theirs),
                    jnp.squeeze(vfe),
                    negative_efe,
                    their_policy,
                    *(a[0] for a in agent.A),
                    *(b[0] for b in agent.B),
                ],
            )
        )
    return record


@pytest.mark.parametrize(("seed", "depth"), [(0, 1), (1, 1), (2, 1), (3, 2)])
def test_learning_agents_agree_with_pymdp_for_200_steps(seed, depth):
    for ours, theirs in both_lives(seed, depth):
        for mine, yours in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine, yours, atol=1e-4, rtol=0)
