"""Discrete active inference: perceive, plan, act, learn.

Define a model with `define_model`, give it counts to learn from with `with_counts`, and let an
`Agent` `begin`, then `step`, or `run` it in an environment. The steps are there one by one too.
`log_likelihood` and `replay` take what someone did, and `to_xarray` gives a record its names.
"""

from bowlby.agents.agent import Agent, Tick, begin, log_likelihood, replay, run, step
from bowlby.agents.generative_model import (
    Block,
    GenerativeModel,
    define_model,
    enumerate_policies,
    initial_belief,
    predict_states,
    with_counts,
)
from bowlby.agents.learning import (
    Learning,
    learn_habits,
    learn_initial,
    learn_likelihood,
    learn_transition,
)
from bowlby.agents.model_reduction import Reduction, adopt_better, reduce_prior
from bowlby.agents.perception import Perception, infer_states
from bowlby.agents.planning import ExpectedFreeEnergy, expected_free_energy, policy_posterior
from bowlby.agents.policy_precision import PolicyPrecision, update_precision
from bowlby.agents.records import to_xarray

__all__ = [
    "Agent",
    "Block",
    "ExpectedFreeEnergy",
    "GenerativeModel",
    "Learning",
    "Perception",
    "PolicyPrecision",
    "Reduction",
    "Tick",
    "adopt_better",
    "begin",
    "define_model",
    "enumerate_policies",
    "expected_free_energy",
    "infer_states",
    "initial_belief",
    "learn_habits",
    "learn_initial",
    "learn_likelihood",
    "learn_transition",
    "log_likelihood",
    "policy_posterior",
    "predict_states",
    "reduce_prior",
    "replay",
    "run",
    "step",
    "to_xarray",
    "update_precision",
    "with_counts",
]
