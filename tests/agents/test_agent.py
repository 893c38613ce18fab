import jax
import jax.numpy as jnp
import numpy as np

from bowlby import agents
from bowlby.agents import Agent, Block, Learning, define_model, with_counts

begin, step, run = agents.begin, agents.step, agents.run

STAY = jnp.eye(2)


def seeker_of_warmth(**preferences) -> Agent:
    """Two places the agent can go to; the second is warm."""
    go = jnp.stack([jnp.array([[1.0, 1], [0, 0]]), jnp.array([[0.0, 0], [1, 1]])], -1)
    model = define_model(
        A=[jnp.eye(2)], B=[go], C=[jnp.array([0.0, 3.0])], D=[jnp.array([1.0, 0.0])]
    )
    return Agent(model, gamma=8.0, action_precision=8.0, **preferences)


def test_agent_goes_where_it_prefers_to_be():
    _, tick = begin(seeker_of_warmth(), jnp.array([0]), key=jax.random.key(0))
    np.testing.assert_array_equal(tick.action, [1])


def curious_agent() -> Agent:
    """Does nothing or looks at a cue; the hidden state is seen only when looking."""
    looking = jnp.stack(
        [jnp.array([[1.0, 1], [0, 0]]), jnp.array([[0.0, 0], [1, 1]])], -1
    )  # factor 1: looks away, looks
    cue = jnp.stack([jnp.full((2, 2), 0.5), jnp.eye(2)], -1)
    model = define_model(
        A=[cue],
        B=[STAY, looking],
        C=[jnp.zeros(2)],
        D=[jnp.array([0.5, 0.5]), jnp.array([1.0, 0.0])],
        blocks=[Block((0,), (0,)), Block((1,), (1,), (0,))],
    )
    return Agent(model, gamma=16.0)


def test_uncertain_agent_looks_though_nothing_is_to_be_gained():
    _, tick = begin(curious_agent(), jnp.array([-1]), key=jax.random.key(0))
    np.testing.assert_array_equal(tick.action, [1])


def test_agent_that_knows_has_no_reason_to_look():
    agent, tick = begin(curious_agent(), jnp.array([-1]), key=jax.random.key(0))
    _, tick = step(agent, tick, jnp.array([1]), key=jax.random.key(1))
    np.testing.assert_allclose(tick.perception.belief.sum(1), [0, 1], atol=1e-6)
    np.testing.assert_allclose(tick.policy, [0.5, 0.5], atol=1e-5)


TRUTH = np.array([[0.85, 0.2], [0.15, 0.8]])


def learner() -> tuple[Agent, jax.Array]:
    """Sees which of two places it is in, and learns what each offers."""
    agent = seeker_of_warmth()
    model = define_model(
        A=[jnp.eye(2), jnp.ones((2, 2)) / 2],
        B=agent.model.B,
        C=[jnp.zeros(2), jnp.zeros(2)],
        D=agent.model.D,
    )
    model = with_counts(model, pA=[None, jnp.ones((2, 2))])
    return Agent(model, gamma=1.0, learning=Learning()), jnp.array([0, 0])


def place(world, action, key):
    """The agent is where it chose to go; what it finds there is random."""
    found = jax.random.bernoulli(key, jnp.asarray(TRUTH)[1, action[0]])
    return world + 1, jnp.array([action[0], found.astype(int)])


def test_learner_comes_to_know_what_its_places_offer():
    agent, first = learner()
    agent, ticks, _ = run(agent, jnp.array(0), place, first, ticks=2000, key=jax.random.key(1))
    np.testing.assert_array_equal(ticks, 2000)
    # About 1,000 visits each: standard error .011 to .013.
    np.testing.assert_allclose(agent.model.A[1], TRUTH, atol=0.04)


def test_surprise_falls_as_the_learner_learns():
    agent, first = learner()
    keys = jax.random.split(jax.random.key(2), 64)

    @jax.jit
    @jax.vmap
    def live(key):
        return agents.run(agent, jnp.array(0), place, first, ticks=200, key=key)

    _, _, record = live(keys)
    surprise = record.perception.surprise[..., 1]
    assert surprise[:, 150:].mean() < surprise[:, :10].mean() - 0.1


def test_run_is_begin_and_step_repeated():
    agent, first = learner()
    key = jax.random.key(3)
    _, _, record = run(agent, jnp.array(0), place, first, ticks=2, key=key)
    begin_key, key = jax.random.split(key)
    agent, tick = begin(agent, first, key=begin_key)
    world_key, choice_key = jax.random.split(jax.random.split(key, 2)[0])
    _, observation = place(jnp.array(0), tick.action, world_key)
    _, tick = step(agent, tick, observation, key=choice_key)
    np.testing.assert_allclose(record.policy[1], tick.policy, rtol=1e-6)
    np.testing.assert_array_equal(record.action[1], tick.action)


def test_record_of_a_run_keeps_the_first_tick():
    agent, first = learner()
    _, _, record = run(agent, jnp.array(0), place, first, ticks=2, key=jax.random.key(3))
    _, tick = begin(agent, first, key=jax.random.split(jax.random.key(3))[0])
    assert len(record.action) == 3
    np.testing.assert_array_equal(record.observation[0], first)
    np.testing.assert_allclose(record.policy[0], tick.policy, rtol=1e-6)
