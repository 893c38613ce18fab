"""Clients of a trial: screened for inclusion, grown up once, then treated in their arm.

Candidates are numbered; who they are depends on the trial's seed and their number alone. They
are assessed in order until enough are included, as in a clinic that enrols one after the other.
A treatment starts from the state in which the waiting weeks left a client.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from bowlby._types import FloatArray
from bowlby.courses.course import Figure
from bowlby.courses.protocols import THERAPISTS
from bowlby.simulation import population as people
from bowlby.simulation.adult_life import live
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.dyad import MODELS, new_body, new_experience
from bowlby.simulation.instruments import (
    READOUTS,
    childhood_readouts,
    internalising,
    life_readouts,
)
from bowlby.simulation.lives import Client, Dyads
from bowlby.simulation.simulate import dyads_of, schedule_of
from bowlby.trials.design import Design, course_of, is_treated

TOGETHER = 100
"""People in a job. One size for all jobs and trials, so that they share compiled programs."""

_TREATMENT_STREAM = 2**29 + 101
_WEEKLY_STREAM = 2**29 + 102

WEEKLY = (
    "life_distress", "life_value", "trust", "understanding", "ruptures", "repairs", "present",
    "left",
)  # fmt: skip
"""What is kept of each week of therapy and follow-up."""


class Screening(NamedTuple):
    """A job: candidates to be assessed.

    Attributes:
        design: The trial.
        block: Number of the block of candidates.
    """

    design: Design
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
    """

    design: Design
    repetition: int
    candidate: np.ndarray
    state: list[np.ndarray]
    arm: np.ndarray
    therapist: np.ndarray


def screen(job: Screening) -> dict[str, np.ndarray]:
    """Grow candidates up, let them wait, assess them; keep those who can take part.

    Returns:
        `candidate` and `score` of everyone; of the included their position `included`, readouts
        (`read_...`), weeks of waiting (`weekly_...`, week by client) and state (`state_...`).
    """
    course = course_of(job.design)
    first = job.block * TOGETHER
    numbers = np.arange(first, first + TOGETHER)
    schedule = schedule_of(course)
    waiting = schedule.waiting_weeks
    schedule = replace(schedule, sessions=0, follow_up_weeks=0)
    dyads = dyads_of(course, numbers)
    childhood = grow_up(dyads, schedule)
    weeks = live(childhood.client, dyads, schedule)
    read = childhood_readouts(childhood, dyads) | life_readouts(weeks, dyads, waiting, 0)
    score = read[baseline_of(job.design.outcome.primary)]
    included = np.flatnonzero(score >= job.design.clients.severity)
    kept = ("pattern", "aai", "anxiety", "avoidance", "internalising_before",
            "externalising_before")  # fmt: skip
    found = {"candidate": numbers, "score": score, "included": included}
    found |= {f"read_{name}": read[name][included] for name in kept}
    for name in ("life_distress", "life_value"):
        values = np.stack([row[name] for row in weeks.rows])
        found[f"weekly_{name}"] = values[:, included].astype(np.float32)
    leaves = jax.tree.leaves(weeks.client)
    found |= {
        f"state_{i:02d}": np.asarray(leaf)[..., included] for i, leaf in enumerate(leaves)
    }
    return found


def baseline_of(outcome: str) -> str:
    """The score before therapy that belongs to an outcome."""
    return f"{outcome.split('_')[0]}_before"


def treat(job: Treatment) -> dict[str, np.ndarray]:
    """Treat clients of all arms together; a job with fewer than usual is filled up meanwhile.

    Returns:
        Readouts (`read_...`) and weeks (`weekly_...`, week by client) of each client.
    """
    n = len(job.candidate)
    filled = np.concatenate([np.arange(n), np.zeros(TOGETHER - n, int)])
    course = course_of(job.design)
    base = dyads_of(course, job.candidate[filled])
    schedule = replace(schedule_of(course), waiting_weeks=0)
    # Weeks are numbered from the first session, so a key of its own keeps apart the random
    # numbers of waiting and therapy, and those of one repetition and the next.
    keys = _folded(_folded(base.keys, _TREATMENT_STREAM), job.repetition)
    dyads = _in_arms(job, base, filled)._replace(keys=keys)
    found = live(_client(job.state, filled, dyads), dyads, schedule)
    read = life_readouts(found, dyads, 0, schedule.sessions)
    left_out = {name for name in read if name.endswith("_before")} | {"anxiety", "avoidance"}
    result = {f"read_{k}": np.asarray(v)[:n] for k, v in read.items() if k not in left_out}
    for name in WEEKLY:
        empty = np.full(TOGETHER, np.nan, np.float32)
        values = np.stack([row.get(name, empty) for row in found.rows])
        result[f"weekly_{name}"] = values[:, :n].astype(np.float32)
    return result


def symptoms(distress: FloatArray, value: FloatArray) -> FloatArray:
    """Weekly symptoms without measurement error (SD)."""
    return internalising(distress.astype(float), value.astype(float))


def weekly_errors(design: Design, candidate: np.ndarray, weeks: int) -> FloatArray:
    """Measurement error of the weekly scores (client, week), the size of the readouts' (SD)."""
    keys = _folded(people.dyad_keys(design.seed, candidate), _WEEKLY_STREAM)
    return READOUTS["internalising_after"].noise * people.normals(keys, 0, weeks).T


def _folded(keys, number: int):
    return jax.vmap(lambda key: jax.random.fold_in(key, number))(keys)


def _client(state: list[np.ndarray], at: np.ndarray, dyads: Dyads) -> Client:
    """Grown clients from their arrays."""
    one = jnp.ones(1)
    empty = Client(
        new_experience(dyads.seeker, MODELS, 1), new_body(1), one, one, one, one, one
    )
    leaves = [jnp.asarray(leaf[..., at]) for leaf in state]
    return jax.tree.unflatten(jax.tree.structure(empty), leaves)


def _in_arms(job: Treatment, base: Dyads, filled: np.ndarray) -> Dyads:
    """The clients, each with the therapist and protocol of their arm."""
    design, arm, therapist = job.design, job.arm[filled], job.therapist[filled]
    course = course_of(design)
    traits = [
        people.figures(len(filled), _therapist(design, job.repetition, i, therapist))
        for i in range(len(design.arms))
    ]
    plans = []
    for each in design.arms:
        own = design.protocols.get(each.protocol)
        custom = (own.early, own.late or own.early) if own else None
        switch = course.therapy.switch_session
        plans.append(people.protocols(len(filled), each.protocol, custom, switch))
    here = np.arange(len(filled))

    def of_arm(*leaves):
        return jnp.moveaxis(jnp.stack(leaves)[arm, ..., here], 0, -1)

    return base._replace(
        therapist=jax.tree.map(of_arm, *traits),
        protocol=jax.tree.map(of_arm, *plans),
        treated=jnp.asarray(np.array(is_treated(design))[arm], jnp.float32),
    )


def _therapist(design: Design, repetition: int, arm: int, therapist: np.ndarray) -> Any:
    """Traits of the therapist of each client, if the client were in this arm."""
    chosen = design.arms[arm].therapist
    if isinstance(chosen, Figure):
        return chosen.model_dump()
    if chosen == "population":
        # Each repetition has therapists of its own.
        numbers = np.maximum(therapist, 0) + repetition * 1_000_000
        return people.therapist_population(design.seed, numbers)
    return dict(THERAPISTS[chosen])
