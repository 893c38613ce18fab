"""One agent, one tick: perceive, learn, plan, act.

The agent is written for one; batch it with `jax.vmap`, and let time be `run` (in an
environment), `replay` (what someone did) or `jax.lax.scan`. Symbols are listed in
`bowlby.agents.generative_model`.

Observations are checked where they are known. In compiled code (`jax.jit`, `jax.vmap`) an
outcome beyond the last of its modality makes the belief, and all after it, NaN.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.agents import checks
from bowlby.agents.generative_model import (
    GenerativeModel,
    initial_belief,
    predict_states,
)
from bowlby.agents.learning import Learning, learn_habits, learn_likelihood, learn_transition
from bowlby.agents.perception import Perception, perceive
from bowlby.agents.planning import (
    ExpectedFreeEnergy,
    choice_log_probabilities,
    draw,
    look_ahead,
    policy_logits,
)
from bowlby.maths._arrays import Array, ArrayLike, Float, Int, PRNGKeyArray, Scalar

World = TypeVar("World")
Choice = Callable[[GenerativeModel, Float[Array, " actions"]], Int[Array, " controls"]]
"""From a model and the log-probability of each of its actions to the action done."""


class Agent(eqx.Module):
    """A generative model and the manner of using it.

    Attributes:
        model: What the agent believes about its world.
        gamma: Policy precision (> 0).
        action_precision: Consistency of choice, `alpha` in the literature (> 0).
        learning: How much each tick teaches what has counts.
        mean_field: Approximate beliefs by marginals instead of the exact joint.

    Raises:
        ValueError: If a precision is not above 0.
    """

    model: GenerativeModel
    gamma: Scalar = eqx.field(converter=jnp.asarray, default=1.0)
    action_precision: Scalar = eqx.field(converter=jnp.asarray, default=1.0)
    learning: Learning = eqx.field(default_factory=Learning)
    mean_field: bool = eqx.field(static=True, default=False)

    def __check_init__(self) -> None:
        checks.require_within("gamma", self.gamma, 0, above=True)
        checks.require_within("action_precision", self.action_precision, 0, above=True)


class Tick(eqx.Module):
    """What happened in an agent during one tick; `to_xarray` gives its parts their names.

    Attributes:
        observation: Outcome of each modality.
        perception: Posterior over states and its free energy.
        expected_free_energy: That of each policy, split.
        policy: Probability of each policy.
        log_probability: Log-probability with which each of `model.actions` was chosen.
        action: State of each control.
    """

    observation: Int[Array, " modalities"]
    perception: Perception
    expected_free_energy: ExpectedFreeEnergy
    policy: Float[Array, " policies"]
    log_probability: Float[Array, " actions"]
    action: Int[Array, " controls"]


def begin(
    agent: Agent, observation: Int[ArrayLike, " modalities"], *, key: PRNGKeyArray
) -> tuple[Agent, Tick]:
    """The first tick: perceive from the prior D, learn the likelihood, plan and act.

    Args:
        agent: The agent.
        observation: Outcome of each modality, from 0; negative where missing.
        key: Random key of the choice.

    Raises:
        ValueError: If there is not one outcome per modality, or one is out of range.
        TypeError: If the observation is no whole numbers.
    """
    return _begin(agent, agent.model.observed(observation), key)


def step(
    agent: Agent, last: Tick, observation: Int[ArrayLike, " modalities"], *, key: PRNGKeyArray
) -> tuple[Agent, Tick]:
    """The tick after `last`: predict, perceive, learn, plan and act.

    What the agent did may have been decided elsewhere: replace `last.action`.

    Args:
        agent: The agent as it was after `last`.
        last: The tick before.
        observation: Outcome of each modality, from 0; negative where missing.
        key: Random key of the choice.

    Raises:
        ValueError: If there is not one outcome per modality or one state per control, or one
            is out of range.
        TypeError: If the observation is no whole numbers.
    """
    last = replace(last, action=agent.model.acted(last.action))
    return _step(agent, last, agent.model.observed(observation), key)


@eqx.filter_jit
def _begin(
    agent: Agent, observation: Int[Array, " modalities"], key: PRNGKeyArray
) -> tuple[Agent, Tick]:
    return _first(agent, observation, lambda model, p: draw(model, p, key))


@eqx.filter_jit
def _step(
    agent: Agent, last: Tick, observation: Int[Array, " modalities"], key: PRNGKeyArray
) -> tuple[Agent, Tick]:
    return _next(agent, last, observation, lambda model, p: draw(model, p, key))


def _first(
    agent: Agent, observation: Int[Array, " modalities"], choose: Choice
) -> tuple[Agent, Tick]:
    prediction = initial_belief(agent.model, mean_field=agent.mean_field)
    perception = perceive(agent.model, prediction, observation)
    return _respond(agent, perception, observation, choose)


def _next(
    agent: Agent, last: Tick, observation: Int[Array, " modalities"], choose: Choice
) -> tuple[Agent, Tick]:
    before = last.perception.belief
    prediction = predict_states(agent.model, before, last.action)
    perception = perceive(agent.model, prediction, observation)
    model = learn_transition(
        agent.model, before, last.action, perception.belief, agent.learning
    )
    model = learn_habits(model, last.policy, last.action, agent.learning)
    return _respond(replace(agent, model=model), perception, observation, choose)


def _respond(
    agent: Agent,
    perception: Perception,
    observation: Int[Array, " modalities"],
    choose: Choice,
) -> tuple[Agent, Tick]:
    model = learn_likelihood(agent.model, perception.belief, observation, agent.learning)
    expected = look_ahead(model, perception.belief)
    log_policy = jax.nn.log_softmax(policy_logits(expected.total, model.E, agent.gamma))
    choices = choice_log_probabilities(model, log_policy, agent.action_precision)
    tick = Tick(
        observation, perception, expected, jnp.exp(log_policy), choices, choose(model, choices)
    )
    return replace(agent, model=model), tick


def run(
    agent: Agent,
    world: World,
    environment: Callable[[World, Array, PRNGKeyArray], tuple[World, Array]],
    observation: Int[ArrayLike, " modalities"],
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
        ticks: How many ticks follow the first (>= 0).
        key: Random key.

    Returns:
        The agent and the world at the end, and the record: all ticks, the first among them,
        along a leading axis of length `ticks` + 1.

    Raises:
        ValueError: If an observation has not one outcome per modality or (unless in compiled
            code) one is out of range; the message names the tick.
        TypeError: If an observation is no whole numbers.
    """
    if ticks < 0:
        raise ValueError(f"ticks={ticks}; at least 0 ticks can follow the first.")
    agent, world, record = _run(
        agent, world, environment, agent.model.observed(observation), ticks, key
    )
    agent.model.observed(record.observation, ticks=True)
    return agent, world, record


@eqx.filter_jit
def _run(agent, world, environment, observation, ticks, key):
    first_key, key = jax.random.split(key)
    agent, first = _begin(agent, observation, first_key)

    def advance(
        carry: tuple[Agent, World, Tick], tick_key: PRNGKeyArray
    ) -> tuple[tuple[Agent, World, Tick], Tick]:
        agent, world, last = carry
        world_key, choice_key = jax.random.split(tick_key)
        world, seen = environment(world, last.action, world_key)
        agent, now = step(agent, last, seen, key=choice_key)
        return (agent, world, now), now

    keys = jax.random.split(key, ticks)
    (agent, world, _), rest = jax.lax.scan(advance, (agent, world, first), keys)
    return agent, world, _joined(first, rest)


def replay(
    agent: Agent,
    observations: Int[ArrayLike, "ticks modalities"],
    actions: Int[ArrayLike, "ticks controls"],
    *,
    learning: Learning | None = None,
) -> tuple[Agent, Tick]:
    """The agent as it would have been, had it seen and done what someone saw and did.

    Args:
        agent: The agent at the start.
        observations: Outcome of each modality at each tick, from 0; negative where missing.
        actions: State of each control chosen at each tick, after that tick's observation.
        learning: How much each tick teaches: each of its numbers may be one per tick (gated
            learning). The agent's own when left out.

    Returns:
        The agent at the end, and the record of all ticks along a leading axis, with the actions
        given.

    Raises:
        ValueError: If there are not as many actions as observations (and at least one), not one
            outcome per modality and one state per control, or one is out of range.
        TypeError: If they are no whole numbers.
    """
    seen = agent.model.observed(observations, ticks=True)
    done = agent.model.acted(actions, ticks=True)
    if not len(seen) == len(done) > 0:
        raise ValueError(
            f"There are {len(seen)} observations and {len(done)} actions; each tick needs one "
            "of each, and there must be at least one tick."
        )
    learning = agent.learning if learning is None else learning
    return _replay(agent, seen, done, _per_tick(learning, len(seen)))


def _per_tick(learning: Learning, ticks: int) -> Learning:
    for name, x in vars(learning).items():
        if jnp.shape(x) not in ((), (ticks,)):
            raise ValueError(
                f"learning.{name} has shape {jnp.shape(x)}; one number, or one for each of the "
                f"{ticks} ticks, is needed."
            )
    return jax.tree.map(lambda x: jnp.broadcast_to(x, ticks), learning)


@eqx.filter_jit
def _replay(agent, observations, actions, rates):
    taught = replace(agent, learning=jax.tree.map(lambda x: x[0], rates))
    taught, first = _first(taught, observations[0], lambda *_: actions[0])
    rest = (jax.tree.map(lambda x: x[1:], rates), observations[1:], actions[1:])

    def advance(carry, tick):
        model, last = carry
        learning, seen, done = tick
        taught = replace(agent, model=model, learning=learning)
        taught, now = _next(taught, last, seen, lambda *_: done)
        return (taught.model, now), now

    (model, _), record = jax.lax.scan(advance, (taught.model, first), rest)
    return replace(agent, model=model), _joined(first, record)


def _joined(first: Tick, rest: Tick) -> Tick:
    return jax.tree.map(lambda one, more: jnp.concatenate([one[None], more]), first, rest)


def log_likelihood(
    agent: Agent,
    observations: Int[ArrayLike, "ticks modalities"],
    actions: Int[ArrayLike, "ticks controls"],
    *,
    learning: Learning | None = None,
) -> Float[Array, ""]:
    """Log-probability (nats) that the agent does what someone did, seeing what they saw.

    ln p(actions | observations, agent) = sum over ticks of ln p(action | all before). It can be
    differentiated with respect to any number in the agent or its model, at structural zeros
    too: `jax.value_and_grad(lambda x: log_likelihood(agent_of(x), observations, actions))`.
    An action that the agent would never do gives -inf.

    Args:
        agent: The agent at the start.
        observations: Outcome of each modality at each tick, from 0; negative where missing.
        actions: State of each control chosen at each tick, after that tick's observation.
        learning: As in `replay`.

    Raises:
        ValueError: As `replay`, and if an action begins none of the model's policies.
        TypeError: If observations or actions are no whole numbers.
    """
    _, record = replay(agent, observations, actions, learning=learning)
    options = agent.model.actions
    chosen = (record.action[:, None] == jnp.asarray(options)).all(-1)
    values = checks.known(chosen)
    if values is not None and not values.any(-1).all():
        tick = int(values.any(-1).argmin())
        raise ValueError(
            f"The action {record.action[tick].tolist()} at tick {tick} begins none of the "
            f"model's policies, which begin with {options.tolist()}. Add policies, or leave "
            "the tick out."
        )
    per_tick = jnp.where(chosen, record.log_probability, 0).sum(-1)
    return jnp.where(chosen.any(-1), per_tick, jnp.nan).sum()
