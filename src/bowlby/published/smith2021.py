"""Cognitive-behavioural therapy of a phobia as belief updating.

A client meets a spider and approaches or avoids it. An explicit belief says whether it is
dangerous; implicit (affective) expectations say how approaching will feel if it is dangerous
and if it is safe. Approach is painless in truth. Therapy restructures the explicit belief and
then has the client approach 200 times. What is credited with the good outcome decides what is
learnt: a client reassured that spiders are safe credits safety and keeps the fear of danger as
it was; a client made uncertain lets the fear itself be overwritten. The test is whether the
client still approaches when the belief in danger comes back.

Exact inference; the explicit belief does not change within a trial, so that its posterior at
the end of the trial is its posterior at every tick. Expected information about parameters is to
leading order, as in the published program.

Source: Smith, Moutoussis & Bilek (2021), Scientific Reports 11, 10128.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from bowlby.agents.generative_model import (
    Belief,
    Block,
    GenerativeModel,
    define_model,
    initial_belief,
    marginal,
    predict_states,
    with_counts,
)
from bowlby.agents.learning import Learning, learn_initial, learn_likelihood
from bowlby.agents.perception import infer_states
from bowlby.agents.planning import (
    action_probabilities,
    expected_free_energy,
    policy_posterior,
)
from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.dirichlet import leading_information_weight
from bowlby.published.reproduction import Reproduction, Target

START, STIMULUS, APPROACH, INTERACT, AVOID, SAFETY = range(6)
POSITIVE, NEGATIVE, HARM = range(3)
DANGEROUS, SAFE = range(2)
TRIALS = 200
REINSTATED_SAFE = 0.1
GAMMA, ACTION_PRECISION = 1.0, 4.0

INTERACTION = np.array([0.9, 0.9, 0.9, 0.6, 0.5, 0.5])
RESTRUCTURED_SAFE = np.array([0.1, 0.5, 0.9, 0.5, 0.5, 0.9])
EXPECTED = {
    "approach_before": (0.000, 0.001, 0.996, 0.000, 0.000, 0.000),
    "explicit_safe_after": (0.355, 0.885, 0.980, 0.873, 0.864, 0.979),
    "implicit_positive_after": (0.963, 0.483, 0.119, 0.616, 0.678, 0.123),
    "approach_reinstated": (0.929, 0.062, 0.001, 0.209, 0.342, 0.001),
}
_INDEPENDENT = "independent: exact inference written in numpy before this program"

# The four ticks of a trial of exposure: spider, arousal, affect, behaviour.
_EXPOSURE = np.array(
    [
        [1, 0, POSITIVE, START],
        [1, 1, POSITIVE, STIMULUS],
        [1, 0, POSITIVE, APPROACH],
        [1, 0, POSITIVE, INTERACT],
    ]
)


def client_model(interaction: Scalar, safe: Scalar) -> GenerativeModel:
    """A phobic client's model: factors behaviour, spider (absent, present), explicit belief.

    Args:
        interaction: Strength of the interaction of cognition and affect: probability of
            positive affect on approach if the spider is believed safe (0 to 1; .1 if
            dangerous).
        safe: Explicit belief that spiders are safe after cognitive restructuring (0 to 1).
    """
    affect = jnp.zeros((3, 6, 2, 2))
    affect = affect.at[POSITIVE, jnp.array([START, STIMULUS])].set(1.0)
    affect = affect.at[NEGATIVE, jnp.array([AVOID, SAFETY])].set(1.0)
    positive = jnp.stack([jnp.asarray(0.1), jnp.asarray(interaction)])
    affect = (
        affect.at[POSITIVE, APPROACH].set(positive).at[NEGATIVE, APPROACH].set(1 - positive)
    )
    affect = affect.at[POSITIVE, INTERACT].set(positive).at[HARM, INTERACT].set(1 - positive)
    high = jnp.zeros((6, 2)).at[STIMULUS, 1].set(1.0).at[AVOID].set(1.0)
    approach = _path([STIMULUS, APPROACH, INTERACT, INTERACT, SAFETY, SAFETY])
    avoid = _path([STIMULUS, AVOID, INTERACT, INTERACT, SAFETY, SAFETY])
    model = define_model(
        A=[jnp.eye(2), jnp.stack([1 - high, high]), affect, jnp.eye(6)],
        B=[jnp.stack([approach, avoid], -1), jnp.eye(2), jnp.eye(2)],
        C=[
            jnp.zeros(2),
            jax.nn.log_softmax(jnp.array([0.0, -1.0])),
            jax.nn.log_softmax(jnp.array([0.0, -1.0, -12.0])),
            jnp.zeros(6),
        ],
        D=[jnp.eye(6)[START], jnp.full(2, 0.5), jnp.stack([1 - safe, jnp.asarray(safe)])],
        A_factors=[(1,), (0, 1), (0, 1, 2), (0,)],
        blocks=[Block((0,), (0,), (0,)), Block((1,), (1,)), Block((2,), (2,))],
        policies=(((0,),) * 3, ((1,),) * 3),
    )
    return with_counts(
        model, pA=[None, None, 5 * affect, None], pD=[None, None, 50 * model.D[2]]
    )


def _path(following: list[int]) -> Float[Array, "6 6"]:
    return jnp.eye(6)[:, jnp.array(following)]


def approach_policy(model: GenerativeModel, safe: Scalar | None = None) -> Float[Array, ""]:
    """Probability of the policy to approach, at the start of a trial with a spider.

    Args:
        model: The client.
        safe: Explicit belief that spiders are safe; the client's own when left out.
    """
    belief = model.D[2] if safe is None else jnp.stack([1 - safe, jnp.asarray(safe)])
    start = marginal((model.D[0], jnp.array([0.0, 1.0]), belief), (0, 1, 2))
    expected = expected_free_energy(model, start, information=leading_information_weight)
    policy = policy_posterior(expected.total, model.E, GAMMA)
    return action_probabilities(model, policy)[0]


def exposure(model: GenerativeModel) -> GenerativeModel:
    """The client after one trial of approaching a spider, with nothing bad happening."""
    approach = jnp.array([0])
    beliefs: list[Belief] = []
    prediction = initial_belief(model)
    for observation in _EXPOSURE:
        beliefs.append(infer_states(model, prediction, jnp.asarray(observation)).belief)
        prediction = predict_states(model, beliefs[-1], approach)
    explicit = marginal(beliefs[-1], [2])
    learnt = learn_initial(
        model, marginal((*_situation(beliefs[0]), explicit), (0, 1, 2)), Learning()
    )
    for belief, observation in zip(beliefs, _EXPOSURE, strict=True):
        at_the_time = marginal((*_situation(belief), explicit), (0, 1, 2))
        learnt = learn_likelihood(learnt, at_the_time, jnp.asarray(observation), Learning())
    return learnt


def _situation(belief: Belief) -> tuple[Float[Array, "6"], Float[Array, "2"]]:
    """Belief about behaviour and spider: both are seen, so they are independent."""
    return marginal(belief, [0]), marginal(belief, [1])


class Therapy(NamedTuple):
    """One client's course of 200 exposures.

    Attributes:
        approach_before: Probability of approaching when free to choose, before the exposures.
        explicit_safe: Explicit belief that spiders are safe after each trial.
        implicit_positive: Expected positive affect on approaching what is dangerous, likewise.
        approach_reinstated: Probability of the policy to approach when, afterwards, spiders are
            believed dangerous again (probability of safe .1).
    """

    approach_before: Float[Array, ""]
    explicit_safe: Float[Array, " trials"]
    implicit_positive: Float[Array, " trials"]
    approach_reinstated: Float[Array, ""]


@jax.jit
def therapy(interaction: Scalar, restructured_safe: Scalar) -> Therapy:
    """Exposure therapy of a client after cognitive restructuring; see `client_model`."""
    client = client_model(interaction, restructured_safe)
    policy = jnp.stack([approach_policy(client), 1 - approach_policy(client)])
    before = jax.nn.softmax(ACTION_PRECISION * jnp.log(policy))[0]

    def trial(model: GenerativeModel, _: None) -> tuple[GenerativeModel, tuple[Array, Array]]:
        model = exposure(model)
        implicit = model.A[2][POSITIVE, APPROACH, 1, DANGEROUS]
        return model, (model.D[2][SAFE], implicit)

    client, (explicit, implicit) = jax.lax.scan(trial, client, None, length=TRIALS)
    return Therapy(before, explicit, implicit, approach_policy(client, REINSTATED_SAFE))


def run(*, seed: int = 0) -> Reproduction:
    """Six clients' therapies: three strengths of interaction, three restructured beliefs.

    Args:
        seed: Not needed, as nothing is drawn; every preset has it.
    """
    del seed
    courses = jax.vmap(therapy)(jnp.asarray(INTERACTION), jnp.asarray(RESTRUCTURED_SAFE))
    found = {
        "approach_before": np.asarray(courses.approach_before),
        "explicit_safe_after": np.asarray(courses.explicit_safe[:, -1]),
        "implicit_positive_after": np.asarray(courses.implicit_positive[:, -1]),
        "approach_reinstated": np.asarray(courses.approach_reinstated),
    }
    names = [
        f"interaction {i:.1f}, restructured to {s:.1f}"
        for i, s in zip(INTERACTION, RESTRUCTURED_SAFE, strict=True)
    ]
    return Reproduction(
        name="smith2021",
        title="Restructuring to uncertainty lets exposure overwrite fear; reassurance does not",
        citation="Smith, Moutoussis & Bilek (2021), Scientific Reports 11, 10128",
        checks={
            f"{name} ({case})": float(value)
            for name, values in found.items()
            for case, value in zip(names, values, strict=True)
        },
        targets={
            f"{name} ({case})": Target(value, 1e-3, _INDEPENDENT)
            for name, values in EXPECTED.items()
            for case, value in zip(names, values, strict=True)
        },
        curves=_curves(courses, names),
        readouts=_readouts(found),
        second_hand=(
            "The numbers are those of exact inference on the published model; the paper's own "
            "come from SPM's message passing and were compared in kind, not in number."
        ),
    )


def _curves(courses: Therapy, names: list[str]) -> xr.Dataset:
    def curve(values: Array, long_name: str) -> xr.Variable:
        attributes = {"long_name": long_name, "units": "probability"}
        return xr.Variable(("trial", "case"), np.asarray(values).T, attributes)

    trial = xr.Variable("trial", np.arange(1, TRIALS + 1), {"long_name": "Exposure"})
    return xr.Dataset(
        {
            "explicit_safe": curve(courses.explicit_safe, "Explicit belief in safety"),
            "implicit_positive": curve(
                courses.implicit_positive, "Positive affect expected of approaching danger"
            ),
        },
        coords={"trial": trial, "case": names},
    )


def _readouts(found: dict[str, np.ndarray]) -> xr.Dataset:
    columns = {"interaction": INTERACTION, "restructured_safe": RESTRUCTURED_SAFE, **found}
    return xr.Dataset({name: ("dyad", values) for name, values in columns.items()})
