import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from enumeration import BLOCKS, pair_probability, posterior, predicted, random_case

from bowlby.agents.generative_model import define_model, with_counts
from bowlby.agents.learning import (
    Learning,
    learn_initial,
)
from bowlby.agents.learning import learn_likelihood as _learn_likelihood
from bowlby.agents.learning import learn_transition as _learn_transition

learn_likelihood = eqx.filter_jit(_learn_likelihood)
learn_transition = eqx.filter_jit(_learn_transition)


@pytest.fixture(autouse=True, scope="module")
def _double_precision():
    with jax.enable_x64(True):
        yield


SURE = jnp.array([0.0, 1.0])
COUNTS = jnp.array([[2.0, 1.0], [0.0, 3.0], [1.0, 0.5]])
MOVES = jnp.arange(1.0, 9.0).reshape(2, 2, 2)


def watcher():
    model = define_model(
        A=[jnp.ones((3, 2)) / 3],
        B=[jnp.ones((2, 2, 2)) / 2],
        C=[jnp.zeros(3)],
        D=[jnp.array([0.5, 0.5])],
    )
    return with_counts(model, pA=[COUNTS], pB=[MOVES], pD=[jnp.array([1.0, 3.0])])


def test_certain_state_adds_one_count_where_it_was_seen():
    learnt = learn_likelihood(watcher(), SURE, np.array([2]), Learning())
    np.testing.assert_allclose(learnt.pA[0] - COUNTS, [[0, 0], [0, 0], [0, 1]])


def test_likelihood_becomes_the_expectation_of_its_counts():
    learnt = learn_likelihood(watcher(), SURE, np.array([2]), Learning())
    np.testing.assert_allclose(learnt.A[0][:, 1], np.array([1, 3, 1.5]) / 5.5)


def test_what_cannot_happen_is_not_learnt():
    learnt = learn_likelihood(watcher(), jnp.array([1.0, 0.0]), np.array([1]), Learning())
    np.testing.assert_array_equal(learnt.pA[0], COUNTS)


def test_missing_observation_teaches_nothing():
    learnt = learn_likelihood(watcher(), SURE, np.array([-1]), Learning(forgetting=0.5))
    np.testing.assert_array_equal(learnt.pA[0], COUNTS)


def test_experience_of_no_weight_neither_teaches_nor_forgets():
    learning = Learning(rate=2.0, forgetting=0.3, evidence_weight=0.0)
    learnt = learn_likelihood(watcher(), SURE, np.array([0]), learning)
    np.testing.assert_array_equal(learnt.pA[0], COUNTS)


def test_weight_scales_what_is_added():
    learning = Learning(rate=2.0, evidence_weight=0.25)
    learnt = learn_likelihood(watcher(), SURE, np.array([0]), learning)
    np.testing.assert_allclose(learnt.pA[0][0, 1] - COUNTS[0, 1], 0.5)


def test_only_the_action_taken_is_learnt_and_forgotten():
    learning = Learning(forgetting=0.5)
    learnt = learn_transition(watcher(), (SURE,), np.array([1]), (SURE,), learning)
    np.testing.assert_array_equal(learnt.pB[0][..., 0], MOVES[..., 0])
    np.testing.assert_allclose(learnt.pB[0][..., 1], MOVES[..., 1] / 2 + np.diag([0, 1]))


def test_first_state_is_learnt():
    learnt = learn_initial(watcher(), jnp.array([0.25, 0.75]), Learning(rate=2.0))
    np.testing.assert_allclose(learnt.pD[0], [1.5, 4.5])
    np.testing.assert_allclose(learnt.D[0], [0.25, 0.75])


@pytest.mark.parametrize("g", [0, 1])
def test_joint_beliefs_teach_the_exact_pairs_of_states(g):
    case = random_case(4)
    before = jnp.asarray(case.belief)
    after, _ = posterior(
        case.plain, predicted(case.plain, case.belief, case.action), case.observation
    )
    learnt = learn_transition(case.model, before, case.action, jnp.asarray(after), Learning())
    added = (learnt.pB[g] - case.model.pB[g])[
        (..., *(case.action[c] for c in BLOCKS[g].controls))
    ]
    np.testing.assert_allclose(added, pair_probability(case, BLOCKS[g]), atol=1e-12)


def test_jointly_moved_factors_keep_a_transition_that_sums_to_one():
    case = random_case(4)
    belief = jnp.asarray(case.belief)
    learnt = learn_transition(case.model, belief, case.action, belief, Learning())
    np.testing.assert_allclose(learnt.B[1].sum((0, 1)), 1.0, rtol=1e-12)


def test_model_without_counts_stays_as_it_is():
    model = with_counts(watcher(), pA=[None])
    learnt = learn_likelihood(model, SURE, np.array([0]), Learning())
    np.testing.assert_array_equal(learnt.A[0], model.A[0])
