"""Simulate a course: chunks of dyads through childhood and therapy, as labelled arrays."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import numpy as np
import xarray as xr

from bowlby.courses.course import Arm, Course
from bowlby.courses.theories import theory_of
from bowlby.simulation.adult_life import live
from bowlby.simulation.arms import dyads_of, in_arm, next_generation
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.companions import Known, who_is_there
from bowlby.simulation.couple_course import couples
from bowlby.simulation.instruments import (
    childhood_readouts,
    life_readouts,
    optional_readouts,
)
from bowlby.simulation.instruments.synchrony import (
    Batch,
    batches,
    chosen_encounters,
    joined_synchrony,
    measured,
    with_synchrony,
)
from bowlby.simulation.lives import Childhood, Dyads
from bowlby.simulation.precision import in_single_precision
from bowlby.simulation.recruiting import Met, check_taken, only, together, who_is_taken
from bowlby.simulation.results import joined, labelled
from bowlby.simulation.schedule import (
    CHUNK,
    chunks,
    keeps_ticks,
    ladder,
    schedule_of,
    steps_of_chunk,
    width_of,
)
from bowlby.theory import Theory
from bowlby.theory.growing_up import EIGHTEEN, FOUR

__all__ = [
    "chunks",
    "simulate",
    "simulate_chunk",
    "simulate_synchrony",
    "steps_of",
    "steps_of_batch",
    "steps_of_chunk",
]

Progress = Callable[[str, int, int], None]
Step = Callable[[], None]


def simulate(
    course: Course,
    *,
    theory: Theory | None = None,
    seed: int | None = None,
    on_progress: Progress = lambda *_: None,
) -> xr.DataTree:
    """Run a course and return it whole.

    Args:
        course: What to run (`bowlby.courses.course.read_course` reads one from TOML).
        theory: The theory that holds; the course's own (its section, ablations) otherwise.
        seed: Seed, if not the course's own.
        on_progress: Called with a stage, the steps done and their number.

    Returns:
        Groups `readouts` (dyad), `encounters` (dyad, encounter, ...) and, where ticks were
        kept, `ticks` (dyad, encounter, tick, ...). The same dyads take part in every arm.
    """
    course = course if seed is None else course.model_copy(update={"seed": seed})
    steps, done = steps_of(course), count(1)
    parts = simulate_parts(
        course,
        theory=theory,
        on_step=lambda: on_progress("Simulating", next(done), steps),
    )
    tree = joined(parts, course)
    check_taken(course, tree["readouts"].sizes["dyad"])
    return tree


def simulate_parts(
    course: Course, *, theory: Theory | None = None, on_step: Step = lambda: None
) -> list[xr.DataTree]:
    """Every chunk of a course, as many at a time as there are cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(
            pool.map(
                lambda c: simulate_chunk(course, c, theory=theory, on_step=on_step),
                chunks(course),
            )
        )
        found = list(
            pool.map(
                lambda b: simulate_synchrony(b, theory=theory, on_step=on_step),
                batches(course),
            )
        )
    if not found:
        return parts
    synchrony = joined_synchrony(found)
    return [
        part.map_over_datasets(lambda group: with_synchrony(group, synchrony)) for part in parts
    ]


def simulate_synchrony(
    batch: Batch, *, theory: Theory | None = None, on_step: Step = lambda: None
) -> xr.Dataset:
    """Simulate some dyads once more, every tick kept, and measure what they emit."""
    theory = theory or theory_of(batch.course)
    tree = _filled(batch.course, batch.dyads, batch.width, theory, on_step)
    return measured(tree, batch.course, theory, on_step=on_step)


def steps_of(course: Course) -> int:
    """Steps of a whole course: encounters and weeks of its chunks, and what is recorded."""
    recorded = sum(steps_of_batch(batch) for batch in batches(course))
    in_chunks = sum(steps_of_chunk(course, len(dyads)) for dyads in chunks(course))
    return in_chunks + recorded


def steps_of_batch(batch: Batch) -> int:
    """Encounters, weeks and measured sessions of a batch of the subsample."""
    sessions = len(batch.dyads) * len(chosen_encounters(batch.course))
    return steps_of_chunk(batch.course, len(batch.dyads)) + sessions


def simulate_chunk(
    course: Course,
    dyads: np.ndarray,
    *,
    theory: Theory | None = None,
    on_step: Step = lambda: None,
) -> xr.DataTree:
    """Run some dyads of a course, all arms.

    A chunk is filled up with dyads that are then left out, so that few sizes share few compiled
    programs.
    """
    theory = theory or theory_of(course)
    if course.kind == "couple":
        return couples(course, dyads, theory, on_step)
    if course.recruiting.chooses:
        return _together(course, dyads, theory, on_step)
    return _filled(course, dyads, width_of(course, len(dyads)), theory, on_step)


def _filled(
    course: Course, dyads: np.ndarray, width: int, theory: Theory, on_step: Step
) -> xr.DataTree:
    """Some dyads, run with as many others as make up the width."""
    if len(dyads) == width:
        return _together(course, dyads, theory, on_step)
    tree = _together(course, _filled_up(dyads, width), theory, on_step)
    return tree.map_over_datasets(
        lambda data: data.isel(dyad=data.dyad.isin(dyads)) if "dyad" in data.dims else data
    )


def _filled_up(dyads: np.ndarray, width: int) -> np.ndarray:
    """Numbers of the dyads, and of as many after them as make up the width."""
    return np.concatenate([dyads, dyads[-1] + 1 + np.arange(width - len(dyads))])


@in_single_precision
def _together(course: Course, dyads: np.ndarray, theory: Theory, on_step: Step) -> xr.DataTree:
    if course.kind == "childhood":
        return _children(course, dyads, theory, on_step)
    if course.recruiting.chooses:
        return _recruited(course, dyads, theory, on_step)
    met = _met(course, dyads, theory, on_step)
    return joined([_treated(course, arm, met, on_step) for arm in course.arms], course)


def _grown_up(
    course: Course, dyads: np.ndarray, theory: Theory, on_step: Step
) -> tuple[Dyads, Childhood]:
    """The last generation, and what its childhood left."""
    schedule, keeps = schedule_of(course), keeps_ticks(course)
    base = dyads_of(course, dyads, theory)
    childhood = grow_up(base, schedule, keeps_ticks=keeps, on_step=on_step)
    for generation in range(1, course.childhood.generations):
        base = next_generation(course, base, childhood, generation)
        childhood = grow_up(base, schedule, keeps_ticks=keeps, on_step=on_step)
    return base, childhood


def _children(course: Course, dyads: np.ndarray, theory: Theory, on_step: Step) -> xr.DataTree:
    """Some dyads of a course that ends with childhood."""
    schedule = schedule_of(course)
    base, childhood = _grown_up(course, dyads, theory, on_step)
    child, figure = childhood.child, base.changed or base.caregiver
    age = EIGHTEEN if schedule.youth_encounters else FOUR
    known = Known(figure, child.old, childhood.bond, theory.stress_axis.helps_at(age))
    tried = optional_readouts(course.instruments, child, base, known, schedule.pace)
    read = childhood_readouts(childhood, base) | tried
    return labelled(course, dyads, "", base, childhood, None, read)


def _met(course: Course, dyads: np.ndarray, theory: Theory, on_step: Step) -> Met:
    """People up to their first session."""
    schedule = schedule_of(course)
    base, childhood = _grown_up(course, dyads, theory, on_step)
    waited = live(
        childhood.client, base, schedule, schedule.weeks[: schedule.waiting_weeks],
        keeps_ticks=keeps_ticks(course), on_step=on_step,
    )  # fmt: skip
    return Met(dyads, dyads, base, childhood, waited, childhood_readouts(childhood, base))


def _recruited(course: Course, dyads: np.ndarray, theory: Theory, on_step: Step) -> xr.DataTree:
    """Many are met, and those who are taken are treated together."""
    weeks, found, n = schedule_of(course).waiting_weeks, [], 0
    for start in range(0, len(dyads), CHUNK):
        part = dyads[start : start + CHUNK]
        met = _met(course, _filled_up(part, ladder(len(part))), theory, on_step)
        scores = life_readouts(met.waited, met.dyads, weeks, 0)
        taken = who_is_taken(course.recruiting, met, scores)
        taken = taken[taken < len(part)]
        n += len(taken)
        if not len(taken) and not found and start + CHUNK >= len(dyads):
            # Where nobody is taken somebody is treated, and then left out.
            taken = np.zeros(1, int)
        if len(taken):
            found.append(only(met, taken))
    met = together(found, place=dyads[0])
    trees, step = [], on_step
    for start in range(0, max(n, 1), CHUNK):
        count = min(n - start, CHUNK)
        # Filled up with the first of them, who is then left out.
        filled = np.full(ladder(max(count, 1)), start)
        filled[:count] = start + np.arange(count)
        people = only(met, filled)
        trees += [_first(_treated(course, arm, people, step), count) for arm in course.arms]
        # Only the first batch is foreseen, by the steps of the chunk.
        step = _in_silence
    return joined(trees, course)


def _first(tree: xr.DataTree, count: int) -> xr.DataTree:
    return tree.map_over_datasets(
        lambda data: data.isel(dyad=slice(count)) if "dyad" in data.dims else data
    )


def _in_silence() -> None:
    pass


def _treated(course: Course, arm: Arm, met: Met, on_step: Step) -> xr.DataTree:
    """People from their first session on, in an arm."""
    schedule, waited = schedule_of(course), met.waited
    people = in_arm(course, arm, met.dyads, met.places)
    treated = live(
        waited.client, people, schedule, schedule.weeks[schedule.waiting_weeks :],
        keeps_ticks=keeps_ticks(course), on_step=on_step,
    )  # fmt: skip
    therapy = treated._replace(
        rows=waited.rows + treated.rows, ticks=waited.ticks + treated.ticks
    )
    client = therapy.client
    lived = life_readouts(therapy, people, schedule.waiting_weeks, schedule.sessions)
    known = who_is_there(client, people).known
    tried = optional_readouts(course.instruments, client, people, known, schedule.pace)
    values = met.read | tried | lived | {"therapist": met.places // course.caseload}
    return labelled(course, met.numbers, arm.label, people, met.childhood, therapy, values)
