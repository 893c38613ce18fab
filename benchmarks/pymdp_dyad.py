"""How much faster than pymdp does bowlby run people who act on each other, and what bounds it?

    python benchmarks/pymdp_dyad.py        writes benchmarks/pymdp_dyad.json (under three minutes)

512 dyads, 1,024 agents. Each has a model of its distress (4), of the other's stance (4) and of
which relationship this is (3); the other's action is the stance it meets. Agents learn at every
tick. These programs live in the same world in one process, in turn:

    pymdp               its `Agent`, batch of 1,024, in a hand-written scan over the dyads: fixed
                        point iteration, 16 sweeps (its default), information gain about states
                        and parameters, one action for both factors by `sampling_mode="full"`
    pymdp, one sweep    the same with the fewest sweeps, which are enough here: each modality
                        tells about one factor only
    core, as pymdp      `bowlby.agents` with the same equations: marginals, 16 sweeps, all
                        transitions learnt
    core, stance only   the same, learning the other's stance alone, as the relational mind
                        does; pymdp's `learn_B` is all or none
    core, exact         the latter with the exact joint posterior of 48 states (the default)
    relational mind     `bowlby.theory.relational_models`, the mind that the simulator runs: exact, the
                        same factors and actions. Not the same: it looks ahead by expectation
                        under its own policy instead of listing action sequences, leaves out the
                        information about its own distress, takes the leading term of the novelty,
                        meets the stance within the tick, and learns habits besides

At depth 1 pymdp and "core, as pymdp" draw the same random numbers and must choose alike; the
script stops if they do not.
"""

import argparse
import json
import os
import platform
import time
import warnings
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.agents import (
    Agent,
    Block,
    Learning,
    define_model,
    enumerate_policies,
    expected_free_energy,
    infer_states,
    with_counts,
)
from bowlby.agents.agent import begin, step
from bowlby.agents.generative_model import predict_states
from bowlby.agents.learning import learn_transition
from bowlby.agents.planning import choose_action, policy_posterior
from bowlby.maths.dirichlet import leading_information_weight as leading
from bowlby.maths.random_words import drawn, one_hot
from bowlby.maths.short_axis import summed
from bowlby.theory.people import RelationalMind
from bowlby.theory.relational_models import RelationalModels, expected_contact, expected_stance

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pymdp.agent import Agent as PymdpAgent

DISTRESS, STANCE, MODEL, ACTIONS = 4, 4, 3, 4
MIND = RelationalModels()
A_FACTORS = ((0,), (1,))
BLOCKS = (Block((0,), (0, 1), (0,)), Block((1,), (1, 2), (0,)), Block((2,), (2,)))
GAMMA, RATE = 4.0, 0.1
SENSED = ((4, DISTRESS), (4, STANCE))
"""Outcomes of each sense, and states it tells about."""
MET = (0, 2, 2, 1)
"""Stance that each action of the other is met as: attuned, dismissive, dismissive, intrusive."""


def counts(seed=0):
    """Dirichlet counts of B that the programs begin with."""
    rng = np.random.default_rng(seed)

    def drawn_counts(*shape):
        return jnp.asarray(rng.gamma(1.0, size=shape) + 0.2, jnp.float32)

    return [
        drawn_counts(DISTRESS, DISTRESS, STANCE, ACTIONS),
        drawn_counts(STANCE, STANCE, MODEL, ACTIONS),
        drawn_counts(MODEL, MODEL) + 8.0 * jnp.eye(MODEL),
    ]


SENSES = [0.9 * jnp.eye(4) + 0.1 / 3.0 * (1.0 - jnp.eye(4))] * 2
PREFERENCE = [jnp.array([0.0, -1.2, -2.8, -4.5]), jnp.array([0.4, 0.0, 0.0, 0.0])]
PRIOR = [jnp.full(n, 1.0 / n) for n in (DISTRESS, STANCE, MODEL)]


def world_counts():
    """What contact does to distress in the world, p(s' | s, u, a); nobody is told it."""
    distress = counts(seed=1)[0]
    return distress / distress.sum(0)


WORLD = world_counts()


def moved_by(action):
    """p(s' | s, u) of the world under one-hot actions (action, agents): one matrix product."""
    flat = WORLD.reshape(-1, ACTIONS) @ action
    return flat.reshape(DISTRESS, DISTRESS, STANCE, -1)


def next_observation(distress, action, key):
    """The other's action is the stance met; distress follows; both are seen nine times in ten."""
    other = action.reshape(-1, 2)[:, ::-1].reshape(-1)
    stance = jnp.asarray(MET)[other]
    u = jax.random.uniform(key, (3, distress.size))
    edges = jnp.cumsum(WORLD[:, distress, stance, action], 0)
    distress = jnp.minimum((u[0] > edges).sum(0), DISTRESS - 1)
    felt = jnp.where(u[1] < 0.9, distress, (distress + 1) % DISTRESS)
    seen = jnp.where(u[2] < 0.9, stance, (stance + 1) % STANCE)
    return distress, jnp.stack([felt, seen], 1)


def tick_keys(key, n):
    """Keys of the world and of each agent's choice."""
    keys = jax.random.split(key, n + 1)
    return keys[0], keys[1:]


def pymdp_lives(depth, agents, sweeps):
    """A function from (ticks, key) to the actions of all, by pymdp."""
    transition = counts()
    policies = [
        [(a, a, 0) for (a,) in policy] for policy in enumerate_policies([ACTIONS], depth)
    ]
    transition[2] = transition[2][..., None]
    agent = PymdpAgent(
        A=list(SENSES),
        B=[b / b.sum(0) for b in transition],
        C=list(PREFERENCE),
        D=list(PRIOR),
        pB=list(transition),
        A_dependencies=[[0], [1]], B_dependencies=[[0, 1], [1, 2], [2]],
        num_controls=[ACTIONS, ACTIONS, 1], policies=jnp.asarray(policies), policy_len=depth,
        gamma=GAMMA, alpha=1.0, use_param_info_gain=True, learn_B=True,
        action_selection="stochastic", sampling_mode="full", num_iter=sweeps,
        batch_size=agents,
    )  # fmt: skip

    @jax.jit
    def respond(agent, prior, observation, keys, before, action):
        seen = [observation[:, m] for m in range(2)]
        belief = agent.infer_states(seen, empirical_prior=prior)
        agent = agent.infer_parameters(
            belief, [o[:, None] for o in seen], action,
            [jnp.concatenate(q, 1) for q in zip(before, belief, strict=True)],
            lr_pB=RATE,
        )  # fmt: skip
        policy, _ = agent.infer_policies(belief)
        return agent, belief, agent.sample_action(policy, rng_key=keys)

    @eqx.filter_jit
    def live(agent, ticks, key):
        first_key, key = jax.random.split(key)
        distress = jnp.zeros(agents, jnp.int32)
        _, keys = tick_keys(first_key, agents)
        observation = jnp.zeros((agents, 2), jnp.int32)
        # No action yet: nothing is learnt about transitions.
        nothing = -jnp.ones((agents, 3), jnp.int32)
        before = [d[:, None] for d in agent.D]
        agent, belief, action = respond(agent, agent.D, observation, keys, before, nothing)

        def advance(carry, key):
            agent, belief, action, distress = carry
            world_key, keys = tick_keys(key, agents)
            distress, observation = next_observation(distress, action[:, 0], world_key)
            prior = agent.update_empirical_prior(action, belief)
            agent, belief, action = respond(agent, prior, observation, keys, belief, action)
            return (agent, belief, action, distress), action[:, 0]

        keys = jax.random.split(key, ticks - 1)
        _, actions = jax.lax.scan(advance, (agent, belief, action, distress), keys)
        return actions

    return lambda ticks, key: live(agent, ticks, key)


def core_agents(depth, agents, *, mean_field, learns_all):
    """Agents of bowlby's core, all alike at the start."""
    transition = counts()
    model = define_model(
        A=SENSES, B=[b / b.sum(0) for b in transition], C=PREFERENCE, D=PRIOR,
        A_factors=A_FACTORS, blocks=BLOCKS,
        policies=enumerate_policies([ACTIONS], depth),
    )  # fmt: skip
    model = with_counts(model, pB=transition)
    if not learns_all:
        model = replace(model, pB=(None, transition[1], None))
    model = jax.tree.map(lambda x: jnp.broadcast_to(x, (agents, *x.shape)), model)
    return Agent(model, GAMMA, 1.0, Learning(RATE), mean_field=mean_field)


def core_lives(depth, agents, *, mean_field, learns_all=False):
    """The same by `bowlby.agents`."""
    start = core_agents(depth, agents, mean_field=mean_field, learns_all=learns_all)

    def of_model(model):
        return Agent(model, GAMMA, 1.0, Learning(RATE), mean_field=mean_field)

    @eqx.filter_jit
    def live(model, ticks, key):
        first_key, key = jax.random.split(key)
        distress = jnp.zeros(agents, jnp.int32)
        _, keys = tick_keys(first_key, agents)
        observation = jnp.zeros((agents, 2), jnp.int32)

        def first(model, observation, key):
            agent, tick = begin(of_model(model), observation, key=key)
            return agent.model, tick

        def following(model, last, observation, key):
            agent, tick = step(of_model(model), last, observation, key=key)
            return agent.model, tick

        model, last = jax.vmap(first)(model, observation, keys)

        def advance(carry, key):
            model, last, distress = carry
            world_key, keys = tick_keys(key, agents)
            distress, observation = next_observation(distress, last.action[:, 0], world_key)
            model, last = jax.vmap(following)(model, last, observation, keys)
            return (model, last, distress), last.action[:, 0]

        keys = jax.random.split(key, ticks - 1)
        _, actions = jax.lax.scan(advance, (model, last, distress), keys)
        return actions

    return lambda ticks, key: live(start.model, ticks, key)


def relational_lives(depth, agents):
    """The same factors and actions by the simulator's own mind."""
    mind = RelationalMind()
    table = WORLD[..., None]

    @eqx.filter_jit
    def live(ticks, key):
        memory = MIND.newborn(MODEL, (agents,))
        belief = jnp.full((DISTRESS, MODEL, agents), 1.0 / (DISTRESS * MODEL))
        state = (memory, belief, jnp.zeros(agents, jnp.int32))

        def advance(carry, key):
            memory, belief, distress = carry
            choice_key, world_key = jax.random.split(key)
            chosen = MIND.plan(
                belief, memory, expected_contact(table, memory, belief), mind,
                gamma=mind.gamma, mentalising=1.0, cue_accuracy=0.9, depth=depth,
            )  # fmt: skip
            action = drawn(chosen.policy, jax.random.uniform(choice_key, (agents,)))
            index = jnp.argmax(action, 0)
            distress, observation = next_observation(distress, index, world_key)
            felt, cue = (
                0.9 * one_hot(o, 4) + 0.1 / 3.0 * (1.0 - one_hot(o, 4)) for o in observation.T
            )
            percept = MIND.perceive(
                belief, moved_by(action),
                summed(expected_stance(memory.counts) * action[:, None], 1),
                felt, jnp.ones((4, 1)), cue, jnp.zeros((MODEL, agents)),
                evidence_weight=mind.evidence_weight,
            )  # fmt: skip
            memory = MIND.learn(memory, percept, action, mind, rate=RATE, dt_s=10.0)
            return (memory, percept.belief, distress), index

        _, actions = jax.lax.scan(advance, state, jax.random.split(key, ticks))
        return actions

    return live


def flops_of_core(depth, *, learns_all):
    """Operations that one agent needs per tick of the core with marginals, at the least.

    An addition, a multiplication, a logarithm, an exponential and a digamma function count one
    each; what does not change between policies counts once, what never changes not at all.

        prediction    product of the two marginals, then a matrix times a vector, per factor
        perception    one sweep: log prior + log likelihood, softmax, free energy
        a plan's step prediction; outcomes; expected preference; ambiguity; entropy of the
                      outcomes; novelty
        per tick      novelty weight of every count (6); softmax and the choice
        learning      outer product onto the counts of what was done, and their means
    """
    transitions = (  # next states, pairs they depend on, actions, and whether they are learnt
        (DISTRESS, DISTRESS * STANCE, ACTIONS, learns_all),
        (STANCE, STANCE * MODEL, ACTIONS, True),
        (MODEL, MODEL, 1, learns_all),
    )
    learnt = [(n, given, actions) for n, given, actions, is_learnt in transitions if is_learnt]
    predicting = sum(given + 2 * n * given for n, given, _, _ in transitions)
    perceiving = sum(8 * n for n, _, _, _ in transitions)
    seeing = sum(2 * o * n + 2 * n + 5 * o for o, n in SENSED)
    novelty = sum(2 * n * given + 2 * n for n, given, _ in learnt)
    nodes = sum(ACTIONS**t for t in range(1, depth + 1))
    weights = sum(6 * n * given * actions for n, given, actions in learnt)
    learning = sum(5 * n * given for n, given, _ in learnt)
    planning = nodes * (predicting + seeing + novelty) + weights + 6 * ACTIONS**depth
    return predicting + perceiving + planning + learning


def flops_of_relational(depth):
    """Operations that one agent needs per tick of the relational mind, counted likewise.

    stance        counts to p(u | a, k), and its mean over models
    contact       p(s' | s, a), the stance marginalised
    a look        distress after each path of actions, its risk, and the softmax over them
    curiosity     what the cue would tell about the model, and the novelty of the counts
    perception    joint of next distress, stance and model; evidence; marginals
    learning      counts of the action taken, and habits
    """
    table = STANCE * ACTIONS * MODEL
    stance = 2 * table + 2 * table
    contact = 2 * DISTRESS * DISTRESS * STANCE * ACTIONS
    look = sum(
        ACTIONS**t * (2 * DISTRESS * DISTRESS + 4 * DISTRESS + 9) for t in range(1, depth + 1)
    )
    curiosity = 4 * table + 2 * table + 3 * table + 3 * STANCE * ACTIONS + 6 * table
    habit = 3 * DISTRESS * ACTIONS + 6 * ACTIONS
    joint = DISTRESS * STANCE * MODEL
    perception = 2 * DISTRESS * STANCE * DISTRESS * ACTIONS + 2 * joint * DISTRESS + 7 * joint
    learning = 5 * table + 4 * DISTRESS * ACTIONS
    return stance + contact + look + curiosity + habit + perception + learning


def seconds_of(function, *arguments):
    """Wall seconds of a call, its results ready."""
    started = time.perf_counter()
    jax.block_until_ready(function(*arguments))
    return time.perf_counter() - started


def matrix_rate(rounds=9):
    """Measured float32 multiplication of two 1,024 x 1,024 matrices (GFLOP/s, all cores)."""
    a = jax.random.normal(jax.random.key(0), (1024, 1024), jnp.float32)
    multiply = jax.jit(jnp.matmul)
    seconds = [seconds_of(multiply, a, a) for _ in range(rounds + 1)][1:]
    return 2 * 1024**3 / float(np.median(seconds)) / 1e9


def copy_rate(rounds=9):
    """Measured reading and writing of 256 MB (GB/s)."""
    a = jnp.ones(2**26, jnp.float32)
    add = jax.jit(lambda x: x + 1.0)
    seconds = [seconds_of(add, a) for _ in range(rounds + 1)][1:]
    return 2 * a.nbytes / float(np.median(seconds)) / 1e9


def parts_of_core(depth, agents, rounds):
    """Microseconds per agent of each part of a tick of the mean field core, run alone."""
    start = core_agents(depth, agents, mean_field=True, learns_all=False).model
    observation = jnp.zeros((agents, 2), jnp.int32)
    action = jnp.zeros((agents, 1), jnp.int32)
    learning, key = Learning(RATE), jax.random.key(0)

    def predicting(m, u):
        return predict_states(m, m.D, u)

    def learning_step(m, u, _):
        return learn_transition(m, m.D, u, m.D, learning)

    def acting(m, key):
        policy = policy_posterior(m.E, m.E, GAMMA)
        return choose_action(m, policy, precision=1.0, key=key)

    parts = {
        "predict and perceive": jax.jit(
            jax.vmap(lambda m, u, o: infer_states(m, predicting(m, u), o))
        ),
        "plan": jax.jit(jax.vmap(lambda m, *_: expected_free_energy(m, m.D).total)),
        "plan, leading term of novelty": jax.jit(
            jax.vmap(lambda m, *_: expected_free_energy(m, m.D, information=leading).total)
        ),
        "learn": jax.jit(jax.vmap(learning_step)),
        "draw and choose": jax.jit(
            lambda m, u, o: (
                jax.vmap(acting)(m, tick_keys(key, agents)[1]),
                next_observation(o[:, 0], u[:, 0], key),
            )
        ),
    }
    return {
        name: _microseconds((part, start, action, observation), agents, rounds)
        for name, part in parts.items()
    }


def parts_of_relational(depth, agents, rounds):
    """Microseconds per agent of each part of a tick of the relational mind, run alone."""
    mind, memory, table = RelationalMind(), MIND.newborn(MODEL, (agents,)), WORLD[..., None]
    belief = jnp.full((DISTRESS, MODEL, agents), 1.0 / (DISTRESS * MODEL))
    action = one_hot(jnp.zeros(agents, jnp.int32), ACTIONS)
    felt = cue = jnp.full((4, agents), 0.25)

    def planning(memory, belief, *_):
        contact = expected_contact(table, memory, belief)
        return MIND.plan(
            belief, memory, contact, mind,
            gamma=mind.gamma, mentalising=1.0, cue_accuracy=0.9, depth=depth,
        ).policy  # fmt: skip

    def perceiving(memory, belief, action, felt, cue):
        return MIND.perceive(
            belief, moved_by(action),
            summed(expected_stance(memory.counts) * action[:, None], 1),
            felt, jnp.ones((4, 1)), cue, jnp.zeros((MODEL, agents)),
            evidence_weight=mind.evidence_weight,
        )  # fmt: skip

    percept = jax.jit(perceiving)(memory, belief, action, felt, cue)
    calls = {
        "plan": (jax.jit(planning), memory, belief),
        "perceive": (jax.jit(perceiving), memory, belief, action, felt, cue),
        "learn": (jax.jit(lambda m, p, a: MIND.learn(m, p, a, mind, rate=RATE, dt_s=10.0)), memory, percept, action),
        "draw and choose": (jax.jit(_drawn_life), action, jax.random.key(0)),
    }  # fmt: skip
    return {name: _microseconds(call, agents, rounds) for name, call in calls.items()}


def _drawn_life(policy, key):
    choice_key, world_key = jax.random.split(key)
    index = jnp.argmax(drawn(policy, jax.random.uniform(choice_key, policy.shape[1:])), 0)
    return next_observation(index, index, world_key)


def _microseconds(call, agents, rounds):
    """Median per agent, after a first call."""
    seconds = [seconds_of(*call) for _ in range(rounds + 1)][1:]
    return 1e6 * float(np.median(seconds)) / agents


def compared(depth, agents, ticks, rounds):
    """Agent-steps per second of every program, in turn, and whether they agree."""
    few, many = ticks
    programs = {
        "pymdp": (pymdp_lives(depth, agents, 16), few),
        "pymdp, one sweep": (pymdp_lives(depth, agents, 1), few),
        "core, as pymdp": (core_lives(depth, agents, mean_field=True, learns_all=True), few),
        "core, stance only": (core_lives(depth, agents, mean_field=True), few),
        "core, exact": (core_lives(depth, agents, mean_field=False), few),
        "relational mind": (relational_lives(depth, agents), many),
    }
    key = jax.random.key(1)
    first = {name: seconds_of(live, n, key) for name, (live, n) in programs.items()}
    alike = None
    if depth == 1:
        theirs, ours = (programs[name][0](few, key) for name in ("pymdp", "core, as pymdp"))
        alike = float((theirs == ours).mean())
        if alike < 0.999:
            raise SystemExit(f"pymdp and the core chose alike in {alike:.1%} of ticks only.")
    seconds = {name: [] for name in programs}
    for round_ in range(rounds):
        for name, (live, n) in programs.items():
            seconds[name].append(seconds_of(live, n, jax.random.key(2 + round_)))
    found = {}
    for name, (_, n) in programs.items():
        rates = agents * n / np.array(seconds[name])
        found[name] = {
            "agent_steps_per_second": float(np.median(rates)),
            "range": [float(rates.min()), float(rates.max())],
            "ticks": n,
            "first_call_s": first[name],
        }
    return found, alike


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--agents", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--ticks", type=int, nargs=2, default=(10, 300),
        help="ticks per round: of pymdp and the core, of the relational mind",
    )  # fmt: skip
    asked = parser.parse_args()
    matrices, copying = matrix_rate(), copy_rate()
    found = {
        "cores": os.cpu_count(),
        "versions": {
            name: version(name) for name in ("inferactively-pymdp", "jax", "jaxlib", "numpy")
        } | {"python": platform.python_version()},
        "agents": asked.agents,
        "rounds": asked.rounds,
        "matrix_gflop_per_second": matrices,
        "copy_gb_per_second": copying,
        "depth": {},
    }  # fmt: skip
    print(f"matrices {matrices:.0f} GFLOP/s, copying {copying:.1f} GB/s", flush=True)
    for depth in (1, 2):
        rates, agreement = compared(depth, asked.agents, asked.ticks, asked.rounds)
        for name, row in rates.items():
            row["times_pymdp"] = (
                row["agent_steps_per_second"] / rates["pymdp"]["agent_steps_per_second"]
            )
            if not name.startswith("pymdp") and name != "core, exact":
                row["flops_per_step"] = (
                    flops_of_relational(depth)
                    if name == "relational mind"
                    else flops_of_core(depth, learns_all=name == "core, as pymdp")
                )
                row["share_of_matrix_rate"] = (
                    row["flops_per_step"] * row["agent_steps_per_second"] / matrices / 1e9
                )
            share = row.get("share_of_matrix_rate")
            print(
                f"depth {depth}, {name:<17}{row['agent_steps_per_second']:>12,.0f} agent-steps/s"
                f"{row['times_pymdp']:>8.1f} times pymdp"
                + (f", {share:.1%} of the matrix rate" if share else ""),
                flush=True,
            )
        parts = {
            "core, stance only": parts_of_core(depth, asked.agents, asked.rounds),
            "relational mind": parts_of_relational(depth, asked.agents, asked.rounds),
        }
        for name, each in parts.items():
            listed = ", ".join(f"{part} {us:.2f}" for part, us in each.items())
            print(f"    {name}, us per agent, alone: {listed}", flush=True)
        found["depth"][str(depth)] = {
            "programs": rates, "same_choices_as_pymdp": agreement, "parts_us": parts,
        }  # fmt: skip
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
