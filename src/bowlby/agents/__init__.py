"""Discrete active inference: perceive, plan, act, learn.

Define a model with `define_model`, give it counts to learn from with `with_counts`, and let an
`Agent` `begin`, then `step`, or `run` it in an environment. The steps are there one by one too.
"""

from bowlby.agents.agent import Agent, Tick, begin, run, step
from bowlby.agents.generative_model import (
    Block,
    GenerativeModel,
    define_model,
    enumerate_policies,
    with_counts,
)
from bowlby.agents.learning import Learning
from bowlby.agents.model_reduction import adopt_better, reduce_prior
from bowlby.agents.perception import infer_states
from bowlby.agents.planning import expected_free_energy
from bowlby.agents.policy_precision import update_precision

__all__ = [
    "Agent",
    "Block",
    "GenerativeModel",
    "Learning",
    "Tick",
    "adopt_better",
    "begin",
    "define_model",
    "enumerate_policies",
    "expected_free_energy",
    "infer_states",
    "reduce_prior",
    "run",
    "step",
    "update_precision",
    "with_counts",
]
