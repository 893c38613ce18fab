"""One agent, one tick: perceive, learn, plan, act.

The agent is written for one; batch it with `jax.vmap`, and let time be `run` or `jax.lax.scan`.
Symbols are listed in `bowlby.agents.generative_model`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import equinox as eqx
import jax

from bowlby.agents.generative_model import (
    GenerativeModel,
    initial_belief,
    predict_states,
)
from bowlby.agents.learning import Learning, learn_likelihood, learn_transition
from bowlby.agents.perception import Perception, infer_states
from bowlby.agents.planning import (
    ExpectedFreeEnergy,
    choose_action,
    expected_free_energy,
    policy_posterior,
)
from bowlby.maths._arrays import Array, Float, Int, PRNGKeyArray, Scalar

World = TypeVar("World")


class Agent(eqx.Module):
    """A generative model and the manner of using it.

    Attributes:
        model: What the agent believes about its world.
        gamma: Policy precision (> 0).
        action_precision: Consistency of choice, `alpha` in the literature (> 0).
        learning: How much each tick teaches what has counts.
        mean_field: Approximate beliefs by marginals instead of the exact joint.
    """

    model: GenerativeModel
    gamma: Scalar = 1.0
    action_precision: Scalar = 1.0
    learning: Learning = Learning()
    mean_field: bool = eqx.field(static=True, default=False)


class Tick(eqx.Module):
    """What happened in an agent during one tick.

    Attributes:
        observation: Outcome of each modality.
        perception: Posterior over states and its free energy.
        expected_free_energy: That of each policy, split.
        policy: Probability of each policy.
        action: State of each control.
    """

    observation: Int[Array, " modalities"]
    perception: Perception
    expected_free_energy: ExpectedFreeEnergy
    policy: Float[Array, " policies"]
    action: Int[Array, " controls"]


def begin(
    agent: Agent, observation: Int[Array, " modalities"], *, key: PRNGKeyArray
) -> tuple[Agent, Tick]:
    """The first tick: perceive from the prior D, learn the likelihood, plan and act."""
    prediction = initial_belief(agent.model, mean_field=agent.mean_field)
    perception = infer_states(agent.model, prediction, observation)
    return _respond(agent, perception, observation, key)


def step(
    agent: Agent, last: Tick, observation: Int[Array, " modalities"], *, key: PRNGKeyArray
) -> tuple[Agent, Tick]:
    """The tick after `last`: predict, perceive, learn, plan and act.

    Args:
        agent: The agent as it was after `last`.
        last: The tick before.
        observation: Outcome of each modality, from 0; negative where missing.
        key: Random key of the choice.
    """
    before = last.perception.belief
    prediction = predict_states(agent.model, before, last.action)
    perception = infer_states(agent.model, prediction, observation)
    model = learn_transition(
        agent.model, before, last.action, perception.belief, agent.learning
    )
    return _respond(replace(agent, model=model), perception, observation, key)


def _respond(
    agent: Agent,
    perception: Perception,
    observation: Int[Array, " modalities"],
    key: PRNGKeyArray,
) -> tuple[Agent, Tick]:
    model = learn_likelihood(agent.model, perception.belief, observation, agent.learning)
    expected = expected_free_energy(model, perception.belief)
    policy = policy_posterior(expected.total, model.E, agent.gamma)
    action = choose_action(model, policy, precision=agent.action_precision, key=key)
    return replace(agent, model=model), Tick(observation, perception, expected, policy, action)


def run(
    agent: Agent,
    world: World,
    environment: Callable[[World, Array, PRNGKeyArray], tuple[World, Array]],
    observation: Int[Array, " modalities"],
    *,
    ticks: int,
    key: PRNGKeyArray,
) -> tuple[Agent, World, Tick]:
    """An agent in its environment, from its first observation on.

    Args:
        agent: The agent at the start.
        world: State of the environment at the start.
        environment: From (world, action, key) to the next world and the observation it gives.
        observation: First observation.
        ticks: How many ticks follow the first (>= 1).
        key: Random key.

    Returns:
        The agent and the world at the end, and all ticks but the first along leading axes.
    """
    first_key, key = jax.random.split(key)
    agent, first = begin(agent, observation, key=first_key)

    def advance(
        carry: tuple[Agent, World, Tick], tick_key: PRNGKeyArray
    ) -> tuple[tuple[Agent, World, Tick], Tick]:
        agent, world, last = carry
        world_key, choice_key = jax.random.split(tick_key)
        world, observation = environment(world, last.action, world_key)
        agent, now = step(agent, last, observation, key=choice_key)
        return (agent, world, now), now

    keys = jax.random.split(key, ticks)
    (agent, world, _), record = jax.lax.scan(advance, (agent, world, first), keys)
    return agent, world, record
