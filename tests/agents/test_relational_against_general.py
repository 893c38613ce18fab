"""The simulator's mind, written as a model of the general core, is the same mind.

With its extensions off (evidence weight 1, nothing lent, no content) perception is exact Bayes in
a model with three factors: distress s, the other's stance u and the relational model k. The core
then has the same posterior q(s, k) and the same surprise, however s and k are correlated.

A plan is the same, given two things that the relational mind takes for granted and the core does
not: distress and model are held independent, q(s) q(k); and what is scored is distress itself,
not what is felt of it. With them,

    risk of distress     an outcome that shows distress without error, preferred by -DISTRESS_COST
    I(k; cue)            an outcome: the cue, given the model and the action just done
    company, exploring   preferred outcomes that carry next to no information (`FAINT`)
    novelty              counts of the stance's transition, to leading order in 1 / counts
    habits               E, made anew from q(s) at each tick

What the core has no model for, and what stands here instead:
- m between 0 and 1: the core's curiosity is there or not. G is affine in m, so that a mind of
  m = .3 has .7 of the core's G without curiosity and .3 of that with it.
- Novelty with several models: the core weighs the product of the predicted stance and q(k), as
  pymdp and SPM do, the relational mind their joint. The latter is the mean over k of what the
  core finds for a mind that is sure of k.
- Two actions: the core scores every sequence and takes the softmax over them; the relational
  mind expects its own choice, the softmax over the second action after each first one, has no
  curiosity in the second and discounts it. Its G follows from the core's G of all sequences.
"""

import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import softmax

from bowlby.agents import (
    Block,
    define_model,
    expected_free_energy,
    infer_states,
    policy_posterior,
    predict_states,
    with_counts,
)
from bowlby.maths.dirichlet import leading_information_weight
from bowlby.theory.people import RelationalMind
from bowlby.theory.relational_models import Memory, RelationalModels, expected_contact
from bowlby.theory.vocabulary import ATTUNED, EXPLORE

FAINT = 1e-3
GAMMA, ACCURACY = 5.0, 0.7
MIND = RelationalMind()
MODELS = RelationalModels()

perceive = eqx.filter_jit(MODELS.perceive)
plan = eqx.filter_jit(MODELS.plan)
contact = eqx.filter_jit(expected_contact)


@pytest.fixture(autouse=True, scope="module")
def _double_precision():
    with jax.enable_x64(True):
        yield


class Case:
    """A random mind that has met others, and what happens to it."""

    def __init__(self, seed: int, models: int):
        rng = np.random.default_rng(seed)
        self.models, self.action = models, int(rng.integers(4))
        self.counts = rng.uniform(0.3, 9.0, (4, 4, models))
        self.habits = rng.dirichlet(np.ones(4), 4)
        self.belief = rng.dirichlet(np.ones(4 * models)).reshape(4, models)
        self.B = rng.dirichlet(np.ones(4), (4, 4, 4)).transpose(3, 0, 1, 2)  # s' s u a
        self.felt, self.seen = rng.dirichlet(np.ones(4), (2, 4)).transpose(0, 2, 1)
        self.observation = rng.integers(4, size=2)  # of the cue, of what is felt
        self.memory = Memory(
            jnp.asarray(self.counts), jnp.ones(models), jnp.asarray(self.habits)
        )
        self.stance = self.counts / self.counts.sum(0)  # u a k
        self.q_s, self.q_k = self.belief.sum(1), self.belief.sum(0)


def perceived(case: Case):
    """A tick understood by the relational mind."""
    cue, felt = case.observation
    return perceive(
        jnp.asarray(case.belief),
        jnp.asarray(case.B[..., case.action]),
        jnp.asarray(case.stance[:, case.action]),
        jnp.asarray(case.felt[felt]),
        jnp.ones(4),
        jnp.asarray(case.seen[cue]),
        jnp.zeros(case.models),
        evidence_weight=1.0,
    )


def planned(case: Case, *, mentalising: float, depth: int = 1):
    """The relational mind's plan."""
    belief = jnp.asarray(case.belief)
    return plan(
        belief,
        case.memory,
        contact(jnp.asarray(case.B), case.memory, belief),
        MIND,
        gamma=GAMMA,
        mentalising=mentalising,
        cue_accuracy=ACCURACY,
        depth=depth,
    )


def model_of_perception(case: Case):
    """Factors s, u, k: the stance is drawn, then distress moves with it, within a tick."""
    moved = np.einsum("uak,tsua->tuska", case.stance, case.B)
    return define_model(
        A=[case.seen, case.felt],
        B=[moved, np.eye(case.models)],
        C=[np.zeros(4), np.zeros(4)],
        D=[np.full(4, 0.25), np.full(4, 0.25), case.q_k],
        A_factors=[(1,), (0,)],
        blocks=[Block((0, 1), (0, 2), (0,)), Block((2,), (2,))],
    )


def understood(case: Case):
    """The same tick, by the core."""
    model = model_of_perception(case)
    belief = jnp.asarray(case.belief)[:, None] * jnp.full((1, 4, 1), 0.25)
    prediction = predict_states(model, belief, [case.action])
    return infer_states(model, prediction, case.observation)


@pytest.mark.parametrize(("seed", "models"), [*itertools.product(range(8), (1, 2, 3))])
def test_perception_of_the_relational_mind_is_that_of_the_core(seed, models):
    case = Case(seed, models)
    ours, core = perceived(case), understood(case)
    np.testing.assert_allclose(ours.belief, core.belief.sum(1), atol=1e-5)
    np.testing.assert_allclose(ours.heard, core.belief.sum((0, 2)), atol=1e-5)
    # The mind lists what is felt first; the core met the cue first.
    np.testing.assert_allclose(ours.free_energy[::-1], core.surprise, atol=1e-5)
    np.testing.assert_allclose(ours.free_energy.sum(), core.free_energy, atol=1e-5)


def model_of_planning(case: Case, q_k: np.ndarray, *, curious: bool, depth: int):
    """Factors: distress, distress before, action just done, model, stance.

    Outcomes: distress; the cue; whether one has just explored when calm, and been with someone
    attuned, both so faint that they tell next to nothing.
    """
    after = np.einsum("tsua,uak,k->tsa", case.B, case.stance, q_k)
    cue = ACCURACY * case.stance + (1 - ACCURACY) / 3 * (1 - case.stance)  # u a k
    explored = np.zeros((4, 4))
    explored[0, EXPLORE] = 1.0  # calm before; explore
    remembered = np.broadcast_to(np.eye(4)[:, :, None], (4, 4, 4))  # whatever is done
    return define_model(
        A=[
            np.eye(4),
            cue if curious else np.full_like(cue, 0.25),
            _faint(explored),
            _faint(case.stance[ATTUNED]),
        ],
        B=[
            after,
            remembered[..., 0],
            np.eye(4),
            np.eye(case.models),
            case.stance.transpose(0, 2, 1),
        ],
        C=[
            -np.array(MODELS.distress_cost),
            np.zeros(4),
            np.array([0.0, MIND.exploration / FAINT]),
            np.array([0.0, MODELS.affiliation / FAINT]),
        ],
        D=[case.q_s, case.q_s, np.full(4, 0.25), q_k, np.full(4, 0.25)],
        A_factors=[(0,), (2, 3), (1, 2), (2, 3)],
        blocks=[
            Block((0,), (0,), (0,)),
            Block((1,), (0,)),
            Block((2,), (), (0,)),
            Block((3,), (3,)),
            Block((4,), (3,), (0,)),
        ],
        policies=[*itertools.product(itertools.product(range(4)), repeat=depth)],
    )


def _faint(p: np.ndarray) -> np.ndarray:
    """An outcome that follows `p` so weakly that its information is of the order FAINT^2."""
    return np.stack([0.5 - FAINT * p, 0.5 + FAINT * p])


def core_free_energy(case: Case, *, curious: bool, depth: int = 1) -> np.ndarray:
    """Expected free energy of the core, for independent q(s) q(k), without novelty."""
    model = model_of_planning(case, case.q_k, curious=curious, depth=depth)
    belief = tuple(map(jnp.asarray, model.D))
    joint = jnp.einsum("a,b,c,d,e->abcde", *belief)
    return np.asarray(expected_free_energy(model, joint).total)


def core_novelty(case: Case) -> np.ndarray:
    """What each action is expected to tell about the counts: mean over what k may be."""
    model = model_of_planning(case, case.q_k, curious=False, depth=1)
    model = with_counts(model, pB=[None] * 4 + [case.counts.transpose(0, 2, 1)])
    found = [
        expected_free_energy(model, (*model.D[:3], jnp.eye(case.models)[k], model.D[4]),
            information=leading_information_weight).transition_information
        for k in range(case.models)
    ]  # fmt: skip
    return case.q_k @ np.stack(found)


def centred(x):
    return np.asarray(x) - np.mean(x)


SEVERAL = [*itertools.product(range(4), (1, 2))]


@pytest.mark.parametrize(("seed", "models"), SEVERAL)
def test_plan_without_mentalising_is_that_of_a_core_without_curiosity(seed, models):
    case = Case(seed, models)
    ours = planned(case, mentalising=0.0)
    np.testing.assert_allclose(
        centred(ours.G), centred(core_free_energy(case, curious=False)), atol=1e-4
    )


@pytest.mark.parametrize(("seed", "models"), SEVERAL)
def test_curiosity_is_the_information_the_core_expects(seed, models):
    case = Case(seed, models)
    ours = planned(case, mentalising=1.0)
    core = core_free_energy(case, curious=True) - core_novelty(case)
    np.testing.assert_allclose(centred(ours.G), centred(core), atol=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_half_a_mentalising_mind_is_half_of_either_core(seed):
    case = Case(seed, 2)
    curious = core_free_energy(case, curious=True) - core_novelty(case)
    core = 0.3 * curious + 0.7 * core_free_energy(case, curious=False)
    ours = planned(case, mentalising=0.3)
    np.testing.assert_allclose(centred(ours.G), centred(core), atol=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_policy_is_that_of_the_core_with_habits_as_its_prior(seed):
    case = Case(seed, 2)
    habit = case.q_s @ np.log(case.habits + 0.02)
    E = np.exp(0.4 * habit) / np.exp(0.4 * habit).sum()
    curious = core_free_energy(case, curious=True) - core_novelty(case)
    G = 0.6 * curious + 0.4 * core_free_energy(case, curious=False)
    core = policy_posterior(jnp.asarray(G), jnp.asarray(E), GAMMA)
    np.testing.assert_allclose(planned(case, mentalising=0.6).policy, core, atol=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_two_actions_are_those_of_the_core_chosen_as_the_mind_chooses(seed):
    case = Case(seed, 2)
    first = core_free_energy(case, curious=False)
    second = core_free_energy(case, curious=False, depth=2).reshape(4, 4) - first[:, None]
    ahead = MIND.discount * (softmax(-GAMMA * second, axis=1) * second).sum(1)
    curiosity = first - core_free_energy(case, curious=True) + core_novelty(case)
    ours = planned(case, mentalising=1.0, depth=2)
    np.testing.assert_allclose(centred(ours.G), centred(first + ahead - curiosity), atol=2e-4)
