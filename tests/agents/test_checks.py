"""What does not fit is refused with its name, where it enters."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.agents import (
    Agent,
    Block,
    Learning,
    begin,
    define_model,
    enumerate_policies,
    expected_free_energy,
    infer_states,
    learn_habits,
    learn_likelihood,
    learn_transition,
    log_likelihood,
    policy_posterior,
    predict_states,
    reduce_prior,
    replay,
    run,
    step,
    update_precision,
    with_counts,
)

GO = np.stack([np.eye(2), 1 - np.eye(2)], -1)
PARTS = {
    "A": [np.array([[0.9, 0.2], [0.1, 0.8]])],
    "B": [GO],
    "C": [np.array([0.0, 1.0])],
    "D": [np.array([0.5, 0.5])],
}
KEY = jax.random.key(0)


def model(**other):
    return define_model(**(PARTS | other))


WRONG_MODELS = {
    "counts for probabilities": ({"A": [np.array([[8.0, 2], [2, 8]])]}, r"A\[0\] sums to 10"),
    "a negative probability": ({"A": [np.array([[1.2, 0.2], [-0.2, 0.8]])]}, r"A\[0\] is -0.2"),
    "rows instead of columns": ({"A": [PARTS["A"][0].T]}, r"A\[0\] sums to 1.1 in column \(0,\)"),
    "NaN in A": ({"A": [np.array([[np.nan, 0.2], [0.1, 0.8]])]}, r"A\[0\] is nan"),
    "B that does not sum to 1": ({"B": [GO / 2]}, r"B\[0\] sums to 0.5"),
    "B without an axis for its control": ({"B": [np.eye(2)]}, r"B\[0\] has 2 axes where 3"),
    "B for more states": ({"B": [np.stack([np.eye(3)] * 2, -1)]}, r"B\[0\] has shape \(3, 3\)"),
    "NaN in C": ({"C": [np.array([0.0, np.nan])]}, r"C\[0\] is nan"),
    "infinite cost": ({"C": [np.array([0.0, -np.inf])]}, r"C\[0\] is -inf .*-20 nats"),
    "C of another length": ({"C": [np.zeros(3)]}, r"C\[0\] has shape \(3,\)"),
    "C of too few modalities": ({"C": []}, "C has 0 entries where 1"),
    "D of another length": ({"D": [np.full(3, 1 / 3)]}, r"has shape .* where"),
    "D as counts": ({"D": [np.array([5.0, 5.0])]}, r"D\[0\] sums to 10"),
    "no factor": ({"D": [], "B": []}, "D is empty"),
    "habits that are all 0": ({"E": np.zeros(2)}, "E sums to 0"),
    "habits of too many policies": ({"E": np.full(3, 1 / 3)}, r"E has shape \(3,\)"),
    "a factor that is not there": ({"A_factors": [(1,)]}, r"A_factors\[0\] is \(1,\)"),
    "a factor twice": ({"A_factors": [(0, 0)]}, r"A_factors\[0\] is \(0, 0\)"),
    "a policy that cannot be": ({"policies": [[[2]]]}, "Policy 0 does \\(2,\\)"),
    "policies of two lengths": ({"policies": [[[0]], [[0], [1]]]}, "Policy 1 has 2 steps"),
    "a factor moved twice": (
        {"B": [GO, GO], "blocks": [Block((0,), (0,), (0,))] * 2}, "must be moved exactly once"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_MODELS)
def test_model_that_is_wrong_is_refused_with_the_name_of_its_array(wrong):
    other, message = WRONG_MODELS[wrong]
    with pytest.raises(ValueError, match=message):
        model(**other)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"pA": [np.ones((2, 3))]}, r"pA\[0\] has shape \(2, 3\)|A\[0\] has shape \(3,\)"),
        ({"pA": [-np.ones((2, 2))]}, r"pA\[0\] is -1|A\[0\]"),
        ({"pA": [np.ones((2, 2))] * 2}, "pA has 2 entries where 1"),
        ({"pB": []}, "pB has 0 entries where 1"),
        ({"pD": [np.array([1.0, np.nan])]}, r"D\[0\] is nan"),
        ({"pE": np.ones(3)}, r"has shape \(3,\)"),
    ],
)
def test_counts_that_do_not_fit_are_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        with_counts(model(), **counts)


@pytest.mark.parametrize(
    "settings", [{"gamma": 0.0}, {"gamma": np.nan}, {"action_precision": -1}]
)
def test_precision_of_an_agent_is_above_zero(settings):
    with pytest.raises(ValueError, match="must be above 0"):
        Agent(model(), **settings)


@pytest.mark.parametrize("settings", [{"rate": -1.0}, {"forgetting": 1.5}, {"base": np.inf}])
def test_learning_out_of_its_range_is_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        Learning(**settings)


WRONG_OBSERVATIONS = [
    ([2], ValueError, "outcome 2 for modality 0, whose outcomes are 0 to 1"),
    ([0, 1], ValueError, "the model has 1 modality"),
    ([], ValueError, "the model has 1 modality"),
    (0, ValueError, "the model has 1 modality"),
    ([0.5], TypeError, "whole numbers"),
    ([np.nan], TypeError, "-1 where one is missing"),
    ([[0]], ValueError, "shape"),
]


@pytest.mark.parametrize(("observation", "error", "message"), WRONG_OBSERVATIONS)
def test_observation_that_does_not_fit_is_refused(observation, error, message):
    with pytest.raises(error, match=message):
        begin(Agent(model()), observation, key=KEY)


@pytest.fixture(scope="module")
def begun():
    return begin(Agent(model()), [0], key=KEY)


def test_every_step_checks_its_observation(begun):
    with pytest.raises(ValueError, match="outcome 3"):
        step(*begun, np.array([3]), key=KEY)


def test_every_function_checks_observation_belief_and_action():
    belief = jnp.array([0.5, 0.5])
    with pytest.raises(ValueError, match="outcome 2"):
        infer_states(model(), belief, [2])
    with pytest.raises(ValueError, match="The belief sums to 2"):
        infer_states(model(), jnp.ones(2), [0])
    with pytest.raises(ValueError, match="The belief has shape"):
        expected_free_energy(model(), jnp.full(3, 1 / 3))
    with pytest.raises(ValueError, match="state 2 for control 0"):
        predict_states(model(), belief, [2])
    with pytest.raises(ValueError, match="state -1 for control 0"):
        learn_transition(model(), belief, [-1], belief, Learning())
    with pytest.raises(ValueError, match="outcome 7"):
        learn_likelihood(model(), belief, [7], Learning())
    with pytest.raises(ValueError, match="state 5"):
        learn_habits(model(), belief, [5], Learning())


def test_missing_is_no_error(begun):
    agent, tick = begun
    _, tick = step(agent, tick, [-1], key=KEY)
    np.testing.assert_allclose(tick.perception.free_energy, 0.0, atol=1e-6)


def test_in_compiled_code_an_outcome_out_of_range_is_nan_in_all_that_follows():
    agent = Agent(with_counts(model(), pA=[np.ones((2, 2))]))
    after, tick = jax.jit(lambda o: begin(agent, o, key=KEY))(jnp.array([2]))
    assert np.isnan(tick.perception.belief).all()
    assert np.isnan(tick.perception.free_energy)
    assert np.isnan(tick.policy).all()
    assert np.isnan(after.model.pA[0]).all()


def test_in_a_batch_only_the_outcome_out_of_range_is_nan():
    belief = jax.vmap(lambda o: infer_states(model(), jnp.array([0.5, 0.5]), o).belief)(
        jnp.array([[1], [2], [-1]])
    )
    np.testing.assert_array_equal(np.isnan(belief).all(1), [False, True, False])


def test_in_compiled_code_an_action_out_of_range_is_not_learnt_in_silence():
    learner, belief = with_counts(model(), pB=[1 + GO]), jnp.array([0.5, 0.5])
    learn = jax.jit(lambda u: learn_transition(learner, belief, u, belief, Learning()).pB[0])
    assert np.isnan(learn(jnp.array([2]))).all()


@pytest.mark.parametrize("action", [-1, 2])
def test_in_compiled_code_an_action_out_of_range_is_nan(action):
    belief = jnp.array([0.5, 0.5])
    after = jax.jit(lambda u: predict_states(model(), belief, u))(jnp.array([action]))
    assert np.isnan(after).all()


def test_run_names_the_tick_at_which_the_world_gave_what_cannot_be_seen():
    def world(tick, action, key):
        del action, key
        return tick + 1, jnp.where(tick == 2, jnp.array([4]), jnp.array([0]))

    with pytest.raises(ValueError, match="at tick 3 has outcome 4"):
        run(Agent(model()), jnp.array(0), world, [0], ticks=5, key=KEY)


@pytest.mark.parametrize(
    ("observations", "actions", "message"),
    [
        ([[0], [1]], [[0]], "2 observations and 1 actions"),
        (np.zeros((0, 1), int), np.zeros((0, 1), int), "at least one tick"),
        ([[0], [2]], [[0], [1]], "at tick 1 has outcome 2"),
        ([[0], [1]], [[0], [-1]], "at tick 1 has state -1"),
        ([0, 1], [0, 1], r"needed: the model has 1 modality"),
    ],
)
def test_data_that_do_not_fit_are_refused_with_their_tick(observations, actions, message):
    with pytest.raises(ValueError, match=message):
        replay(Agent(model()), observations, actions)


def test_rates_that_are_not_one_per_tick_are_refused():
    with pytest.raises(ValueError, match=r"learning.rate has shape \(3,\)"):
        replay(Agent(model()), [[0], [1]], [[0], [1]], learning=Learning(rate=np.ones(3)))


def test_action_that_begins_no_policy_is_refused():
    agent = Agent(model(policies=[[[0]]]))
    with pytest.raises(ValueError, match=r"action \[1\] at tick 1 begins none"):
        log_likelihood(agent, [[0], [0]], [[0], [1]])


@pytest.mark.parametrize(
    ("G", "F", "E", "other", "message"),
    [
        ([1.0, 2], [0.0], [0.5, 0.5], {}, "F has shape"),
        ([1.0, np.inf], [0.0, 0], [0.5, 0.5], {}, "G is inf"),
        ([1.0, 2], [0.0, 0], [5.0, 5], {}, "E sums to 10"),
        ([1.0, 2], [0.0, 0], [0.5, 0.5], {"beta": -1.0}, "beta is -1"),
        ([1.0, 2], [0.0, 0], [0.5, 0.5], {"gamma": 0.0}, "gamma is 0"),
        ([1.0, 2], [0.0, np.inf], [0.0, 1.0], {}, "no policy is left"),
        ([1.0, 2], [0.0, np.nan], [0.5, 0.5], {}, "F is NaN"),
        ([1.0, 2], [0.0, 0], [0.5, 0.5], {"iterations": 0}, "iterations=0"),
    ],
)
def test_update_of_precision_refuses_what_has_no_answer(G, F, E, other, message):
    with pytest.raises(ValueError, match=message):
        update_precision(*map(jnp.array, (G, F, E)), **other)


def test_habits_that_are_no_probabilities_have_no_policy():
    with pytest.raises(ValueError, match="E sums to 2"):
        policy_posterior(jnp.zeros(2), jnp.ones(2), 1.0)


def test_forgotten_experience_cannot_be_reduced():
    with pytest.raises(ValueError, match="fewer counts than prior"):
        reduce_prior(jnp.array([2.0, 2]), jnp.array([1.0, 3]), jnp.ones(2))


def test_plans_have_at_least_one_step():
    with pytest.raises(ValueError, match="depth=0"):
        enumerate_policies([2], depth=0)


def test_whole_numbers_and_lists_make_a_model():
    made = define_model(
        A=[np.eye(2, dtype=int)], B=[[[[1], [0]], [[0], [1]]]], C=[[0, 1]], D=[[1, 0]]
    )
    assert made.A[0].dtype == made.C[0].dtype == jnp.asarray(1.0).dtype


def test_single_precision_model_runs_where_double_is_the_default():
    with jax.enable_x64(True):
        single = {k: [np.asarray(x, np.float32) for x in v] for k, v in PARTS.items()}
        agent = Agent(with_counts(model(**single), pA=[np.ones((2, 2))]))
        learning = Learning(rate=np.float64(0.3))
        after, record = replay(agent, [[0], [1]], [[0], [1]], learning=learning)
        assert after.model.pA[0].dtype == record.policy.dtype == jnp.float32
