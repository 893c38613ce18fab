"""The relational mind against slow references and limit cases."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.theory import relational_models as r
from bowlby.theory.people import RelationalMind
from bowlby.theory.relational_models import RelationalModels
from bowlby.theory.transference import Transference
from bowlby.theory.vocabulary import EXPLORE

MODELS = RelationalModels()


def random_mind(seed, models=3):
    rng = np.random.default_rng(seed)
    counts = jnp.asarray(rng.uniform(0.3, 9.0, (4, 4, models)), jnp.float32)
    memory = r.Memory(counts, jnp.ones(models), jnp.full((4, 4), 0.25))
    belief = jnp.asarray(rng.dirichlet(np.ones(4 * models)).reshape(4, models), jnp.float32)
    B = jnp.asarray(rng.dirichlet(np.ones(4), (4, 4, 4)).transpose(3, 0, 1, 2), jnp.float32)
    return memory, belief, B, rng


def enumerated(belief, B, stance, felt, cue):
    """Joint posterior by looping over every state."""
    k_count = belief.shape[1]
    joint = np.zeros((4, 4, k_count))
    for s2, s, u, k in itertools.product(range(4), range(4), range(4), range(k_count)):
        joint[s2, u, k] += belief[s, k] * B[s2, s, u] * stance[u, k] * felt[s2] * cue[u]
    return joint


@pytest.mark.parametrize("seed", range(5))
def test_untempered_perception_is_exact_bayes(seed):
    memory, belief, B, rng = random_mind(seed)
    stance = r.expected_stance(memory.counts)[:, 2]
    felt, lent, cue = (jnp.asarray(rng.uniform(0.05, 1.0, 4), jnp.float32) for _ in range(3))
    found = MODELS.perceive(
        belief, B[..., 2], stance, felt, lent, cue, jnp.zeros(3), evidence_weight=1.0
    )
    known = [np.asarray(a, float) for a in (belief, B[..., 2], stance, felt, cue)]
    alone = enumerated(*known)
    joint = alone * np.asarray(lent, float)[:, None, None]
    np.testing.assert_allclose(found.belief, joint.sum(1) / joint.sum(), atol=2e-5)
    np.testing.assert_allclose(found.heard, joint.sum((0, 2)) / joint.sum(), atol=2e-5)
    np.testing.assert_allclose(found.free_energy.sum(), -np.log(alone.sum()), rtol=1e-4)


def slow_depth_two(belief, B, counts, mind, gamma, m, accuracy):
    """Expected free energy of each action by loops."""
    q_s, q_k = belief.sum(1), belief.sum(0)
    stance = counts / counts.sum(0)
    cost = np.array(MODELS.distress_cost)

    def one(q, a):
        mean = (stance[:, a] * q_k).sum(1)
        after = sum(B[:, s, u, a] * q[s] * mean[u] for s in range(4) for u in range(4))
        risk = (after * (np.log(after + 1e-6) + cost)).sum()
        return after, risk - MODELS.affiliation * mean[0] - mind.exploration * q[0] * (
            a == EXPLORE
        )

    G = np.zeros(4)
    for a in range(4):
        after, now = one(q_s, a)
        later = np.array([one(after, b)[1] for b in range(4)])
        policy = np.exp(-gamma * later) / np.exp(-gamma * later).sum()
        seen = accuracy * stance[:, a] + (1 - accuracy) / 3 * (1 - stance[:, a])
        mixture = (seen * q_k).sum(1)
        gain = -(mixture * np.log(mixture)).sum() + (q_k * (seen * np.log(seen)).sum(0)).sum()
        total = counts[:, a].sum(0)
        novelty = (q_k * (0.5 * stance[:, a] * (1 / counts[:, a] - 1 / total)).sum(0)).sum()
        G[a] = now + m * (mind.discount * (policy * later).sum() - gain - novelty)
    return G


@pytest.mark.parametrize("seed", range(3))
def test_planning_agrees_with_loops(seed):
    memory, belief, B, _ = random_mind(seed)
    mind = RelationalMind()
    M = r.expected_contact(B, memory, belief)
    found = MODELS.plan(belief, memory, M, mind, gamma=5.0, mentalising=0.7, cue_accuracy=0.7)
    slow = slow_depth_two(
        np.asarray(belief, float), np.asarray(B, float), np.asarray(memory.counts, float),
        mind, 5.0, 0.7, 0.7,
    )  # fmt: skip
    np.testing.assert_allclose(found.G, slow, rtol=2e-3, atol=2e-3)


def test_with_mentalising_shut_the_future_does_not_count():
    memory, belief, B, _ = random_mind(0)
    M = r.expected_contact(B, memory, belief)
    one, three = (
        MODELS.plan(belief, memory, M, RelationalMind(), gamma=5.0, mentalising=0.0,
               cue_accuracy=0.7, depth=depth)
        for depth in (1, 3)
    )  # fmt: skip
    np.testing.assert_allclose(one.policy, three.policy, rtol=1e-5)


def test_a_batch_gives_what_each_dyad_gives_alone():
    memory, belief, B, _ = random_mind(1)
    M = r.expected_contact(B, memory, belief)
    alone = MODELS.plan(belief, memory, M, RelationalMind(), gamma=5.0, mentalising=0.5,
                   cue_accuracy=0.7)  # fmt: skip
    stack = lambda tree: jax.tree.map(lambda a: jnp.stack([a, a], -1), tree)  # noqa: E731
    both = MODELS.plan(
        stack(belief), stack(memory), stack(M), RelationalMind(),
        gamma=jnp.full(2, 5.0), mentalising=jnp.full(2, 0.5), cue_accuracy=0.7,
    )  # fmt: skip
    np.testing.assert_allclose(both.policy[:, 1], alone.policy, rtol=1e-5)


def test_counts_never_exceed_their_cap():
    memory, belief, B, _ = random_mind(2)
    mind = RelationalMind(memory=20.0)
    action = jnp.array([1.0, 0.0, 0.0, 0.0])
    percept = MODELS.perceive(
        belief, B[..., 0], r.expected_stance(memory.counts)[:, 0], jnp.ones(4), jnp.ones(4),
        jnp.array([1.0, 0.1, 0.1, 0.1]), jnp.zeros(3), evidence_weight=0.1,
    )  # fmt: skip

    def again(memory, _):
        return MODELS.learn(memory, percept, action, mind, rate=0.5, dt_s=10.0), None

    memory, _ = jax.lax.scan(again, memory, None, length=800)
    assert float(memory.counts[:, 0].sum(0).max()) <= 20.0 + sum(MODELS.base_counts) + 0.01


def test_only_the_action_taken_is_learnt():
    memory, belief, B, _ = random_mind(3)
    percept = MODELS.perceive(
        belief, B[..., 1], r.expected_stance(memory.counts)[:, 1], jnp.ones(4), jnp.ones(4),
        jnp.ones(4), jnp.zeros(3), evidence_weight=0.1,
    )  # fmt: skip
    after = MODELS.learn(
        memory, percept, jnp.array([0.0, 1.0, 0.0, 0.0]), RelationalMind(), rate=0.1,
        dt_s=10.0,
    )  # fmt: skip
    np.testing.assert_allclose(after.counts[:, 0], memory.counts[:, 0])
    assert not np.allclose(after.counts[:, 1], memory.counts[:, 1])


def test_a_stranger_is_met_with_old_models_by_weight_and_a_new_one_by_openness():
    memory = r.Memory(jnp.ones((4, 4, 3)), jnp.array([6.0, 0.0, 0.0]), jnp.ones((4, 4)))
    np.testing.assert_allclose(
        MODELS.restaurant_prior(memory, 0.6), [6 / 6.6, 0.6 / 6.6, 0], rtol=1e-5
    )


def test_stress_brings_back_the_old_model_and_insight_prevents_it():
    old, stored, weight = jnp.array([1.0, 0.0]), jnp.array([0.0, 1.0]), jnp.array([3.0, 3.0])
    calm, stressed, known = (
        float(
            Transference().belief(
                stored, weight / 6.0, old, weight,
                hazard=0.0, return_hazard=0.7, drive=drive, insight=insight, promise=1.0,
            )[0]
        )
        for drive, insight in ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    )  # fmt: skip
    assert calm == 0.0
    np.testing.assert_allclose(stressed, 0.35, rtol=1e-4)
    assert known == 0.0
