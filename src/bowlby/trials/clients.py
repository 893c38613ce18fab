"""Clients of a trial: screened for inclusion, grown up once, then treated in their arm.

Candidates are numbered; who they are depends on the trial's seed and their number alone. They
are assessed in order until enough are included, as in a clinic that enrols one after the other.
A treatment starts from the state in which the waiting weeks left a client.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from bowlby._types import FloatArray
from bowlby.courses.course import Course
from bowlby.courses.theories import theory_of
from bowlby.courses.trial import arm_names, treated_arms, trial_of
from bowlby.simulation import population as people
from bowlby.simulation.adult_life import live
from bowlby.simulation.arms import dyads_of, next_generation, protocol_of, therapist_traits
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.companions import who_is_there
from bowlby.simulation.company.therapist import Protocol
from bowlby.simulation.dyad import new_body, new_experience
from bowlby.simulation.instruments import (
    READOUTS,
    childhood_readouts,
    life_readouts,
    optional_readouts,
)
from bowlby.simulation.instruments.symptoms import WEEKS, internalising
from bowlby.simulation.lives import Childhood, Client, Dyads, Schedule, Therapy
from bowlby.simulation.precision import in_single_precision
from bowlby.simulation.schedule import schedule_of
from bowlby.theory.bond import no_history
from bowlby.theory.partnership import first_company
from bowlby.theory.vocabulary import MODELS
from bowlby.trials.baseline import baseline_of

TOGETHER = 100
"""People in a job. One size for all jobs and trials, so that they share compiled programs."""

_TREATMENT_STREAM = 2**29 + 101
_WEEKLY_STREAM = 2**29 + 102

SYMPTOM_PARTS = ("life_distress", "life_value", "life_mood")
"""What weekly symptoms are made of."""

WEEKLY = (
    *SYMPTOM_PARTS, "trust", "understanding", "ruptures", "repairs", "present",
    "left",
)  # fmt: skip
"""What is kept of each week of therapy and follow-up."""


class Screening(NamedTuple):
    """A job: candidates to be assessed.

    Attributes:
        design: The trial.
        block: Number of the block of candidates.
    """

    design: Course
    block: int


class Treatment(NamedTuple):
    """A job: clients to be treated, each in the arm they were allocated to.

    Attributes:
        design: The trial.
        repetition: 0 for the trial itself, then 1, 2, ... for its repetitions.
        candidate: Number of each client.
        state: Arrays of the grown clients, as `screen` gave them.
        arm: Number of each client's arm.
        therapist: Number of each client's therapist, -1 for none.
        option: What each client goes on with without response, -1 in designs of one stage.
        before: Score of internalising symptoms before therapy.
    """

    design: Course
    repetition: int
    candidate: np.ndarray
    state: list[np.ndarray]
    arm: np.ndarray
    therapist: np.ndarray
    option: np.ndarray
    before: np.ndarray


@in_single_precision
def screen(job: Screening) -> dict[str, np.ndarray]:
    """Grow candidates up, let them wait, assess them; keep those who can take part.

    Returns:
        `candidate` and `score` of everyone; of the included their position `included`, readouts
        (`read_...`), weeks of waiting (`weekly_...`, week by client) and state (`state_...`).
    """
    trial, schedule = trial_of(job.design), schedule_of(job.design)
    first = job.block * TOGETHER
    numbers = np.arange(first, first + TOGETHER)
    waiting = schedule.waiting_weeks
    # Breaks and endings belong to therapy, which has not begun.
    schedule = replace(schedule, sessions=0, follow_up_weeks=0)
    dyads, childhood = _grown_up(job.design, numbers)
    weeks = live(childhood.client, dyads, schedule)
    read = childhood_readouts(childhood, dyads) | life_readouts(weeks, dyads, waiting, 0)
    score = read[baseline_of(trial.primary)]
    is_ill = np.asarray(weeks.client.illness.ill) > 0.0
    included = np.flatnonzero(
        (score >= trial.severity) & (is_ill | (not job.design.recruiting.ill))
    )
    kept = ("pattern", "aai", "anxiety", "avoidance", "internalising_before",
            "externalising_before")  # fmt: skip
    found = {"candidate": numbers, "score": score, "included": included}
    found |= {f"read_{name}": read[name][included] for name in kept}
    for name in SYMPTOM_PARTS:
        values = np.stack([row[name] for row in weeks.rows])
        found[f"weekly_{name}"] = values[:, included].astype(np.float32)
    leaves = jax.tree.leaves(weeks.client)
    found |= {
        f"state_{i:02d}": np.asarray(leaf)[..., included] for i, leaf in enumerate(leaves)
    }
    return found


def _grown_up(design: Course, numbers: np.ndarray) -> tuple[Dyads, Childhood]:
    """Candidates after their childhood, of the last generation."""
    schedule = schedule_of(design)
    dyads = dyads_of(design, numbers, theory_of(design))
    childhood = grow_up(dyads, schedule)
    for generation in range(1, design.childhood.generations):
        dyads = next_generation(design, dyads, childhood, generation)
        childhood = grow_up(dyads, schedule)
    return dyads, childhood


@in_single_precision
def treat(job: Treatment) -> dict[str, np.ndarray]:
    """Treat clients of all arms together; a job with fewer than usual is filled up meanwhile.

    Returns:
        Readouts (`read_...`) and weeks (`weekly_...`, week by client) of each client; in a
        sequential design whether a client had `responded` and was `randomised_again`.
    """
    n = len(job.candidate)
    filled = np.concatenate([np.arange(n), np.zeros(TOGETHER - n, int)])
    base = dyads_of(job.design, job.candidate[filled], theory_of(job.design))
    schedule = schedule_of(job.design)
    waited = schedule.waiting_weeks
    base = base._replace(load=None if base.load is None else base.load[waited:])
    schedule = replace(schedule, waiting_weeks=0)
    # Weeks are numbered from the first session, so a key of its own keeps apart the random
    # numbers of waiting and therapy, and those of one repetition and the next.
    keys = _folded(_folded(base.keys, _TREATMENT_STREAM), job.repetition)
    observer = base.observer.again(keys)
    dyads = _in_arms(job, base, filled)._replace(keys=keys, observer=observer)
    found, stage = _in_stages(job, filled, dyads, schedule)
    read = life_readouts(found, dyads, 0, schedule.sessions)
    read |= optional_readouts(
        job.design.instruments,
        found.client,
        dyads,
        who_is_there(found.client, dyads).known,
        schedule.pace,
    )
    left_out = {name for name in read if name.endswith("_before")} | {"anxiety", "avoidance"}
    read = {name: value for name, value in read.items() if name not in left_out} | stage
    result = {f"read_{k}": np.asarray(v)[:n] for k, v in read.items()}
    for name in WEEKLY:
        empty = np.full(TOGETHER, np.nan, np.float32)
        values = np.stack([row.get(name, empty) for row in found.rows])
        result[f"weekly_{name}"] = values[:, :n].astype(np.float32)
    return result


def _in_stages(
    job: Treatment, filled: np.ndarray, dyads: Dyads, schedule: Schedule
) -> tuple[Therapy, dict[str, np.ndarray]]:
    """Therapy to its end; who has not responded half-way goes on by what the lot gave."""
    client, stage = _client(job.state, filled, dyads), trial_of(job.design).second_stage
    if stage is None:
        return live(client, dyads, schedule), {}
    first = live(client, dyads, schedule, weeks=range(stage.session))
    scores = symptoms({name: np.stack([row[name] for row in first.rows])
                       for name in SYMPTOM_PARTS})  # fmt: skip
    waited, last = job.design.life.waiting_weeks, slice(stage.session - WEEKS, stage.session)
    errors = weekly_errors(job.design, job.candidate[filled], repetition=job.repetition).T
    # The very scores that the table of sessions shows.
    score = (scores + errors[waited:][: stage.session])[last].mean(0)
    responded = (
        score <= stage.criterion
        if stage.response == "score"
        else job.before[filled] - score >= stage.criterion
    )
    stays = np.asarray(first.client.stays) > 0.5
    again = stays & ~responded & (job.option[filled] >= 0)
    later = dyads._replace(protocol=_going_on(job, filled, dyads, again))
    weeks = range(stage.session, schedule.sessions + schedule.follow_up_weeks)
    rest = live(first.client, later, schedule, weeks=weeks, named=first.named)
    rows = [*first.rows, *rest.rows]
    told = {"second_stage_score": score, "responded": responded, "randomised_again": again}
    return rest._replace(rows=rows), told


def _going_on(job: Treatment, filled: np.ndarray, dyads: Dyads, again: np.ndarray) -> Protocol:
    """Protocols of the second stage; session numbers, and so the switch, go on."""
    stage, numbers = trial_of(job.design).second_stage, _therapists(job, filled)
    assert stage is not None
    protocol = dyads.protocol
    for number, arm in enumerate(arm_names(job.design)):
        for option, name in enumerate(stage.options.get(arm, ())):
            mine = again & (job.arm[filled] == number) & (job.option[filled] == option)
            going_on = job.design.arms[number].model_copy(update={"protocol": name})
            other = protocol_of(job.design, going_on, numbers, dyads.world.theory)
            protocol = jax.tree.map(partial(jnp.where, jnp.asarray(mine)), other, protocol)
    return protocol


def symptoms(weekly: Mapping[str, FloatArray]) -> FloatArray:
    """Weekly symptoms without measurement error (SD), from `SYMPTOM_PARTS`."""
    return internalising(*(weekly[name].astype(float) for name in SYMPTOM_PARTS))


def weekly_errors(design: Course, candidate: np.ndarray, *, repetition: int = 0) -> FloatArray:
    """Measurement error of the weekly scores (client, week), the size of the readouts' (SD).

    Weeks are all those of adult life, since how many are drawn decides the numbers.
    """
    keys = _folded(people.dyad_keys(design.seed, candidate), _WEEKLY_STREAM)
    keys = _folded(keys, repetition) if repetition else keys
    return READOUTS["internalising_after"].noise * people.normals(keys, 0, design.weeks).T


def _folded(keys, number: int):
    return jax.vmap(lambda key: jax.random.fold_in(key, number))(keys)


def _client(state: list[np.ndarray], at: np.ndarray, dyads: Dyads) -> Client:
    """Grown clients from their arrays."""
    one, theory = jnp.ones(1), dyads.world.theory
    experience = new_experience(theory, dyads.seeker, MODELS, 1)
    unmet = no_history(1)
    empty = Client(
        experience, new_body(theory, 1), one, one, one, one, one, unmet, unmet, one,
        theory.illness.healthy(one), one, first_company(one[None]), one, one, one,
    )  # fmt: skip
    leaves = [jnp.asarray(leaf[..., at]) for leaf in state]
    return jax.tree.unflatten(jax.tree.structure(empty), leaves)


def _therapists(job: Treatment, filled: np.ndarray) -> np.ndarray:
    """Numbers of the clients' therapists; each repetition has therapists of its own."""
    return np.maximum(job.therapist[filled], 0) + job.repetition * 1_000_000


def _in_arms(job: Treatment, base: Dyads, filled: np.ndarray) -> Dyads:
    """The clients, each with the therapist and protocol of their arm."""
    design, arm, theory = job.design, job.arm[filled], base.world.theory
    numbers = _therapists(job, filled)
    n, here = len(filled), np.arange(len(filled))
    traits = [
        people.figures(n, therapist_traits(design, each, numbers, theory))
        for each in design.arms
    ]
    plans = [protocol_of(design, each, numbers, theory) for each in design.arms]

    def of_arm(*leaves):
        return jnp.moveaxis(jnp.stack(leaves)[arm, ..., here], 0, -1)

    return base._replace(
        therapist=jax.tree.map(of_arm, *traits),
        protocol=jax.tree.map(of_arm, *plans),
        treated=jnp.asarray(np.array(treated_arms(design))[arm], jnp.float32),
    )
