"""Simulate a trial: jobs, kept one by one in files, put together in the order of enrolment.

A file holds one job's result and is put in place whole, so an interrupted trial goes on where
it stopped, and a job done twice leaves one result.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bowlby.courses.course import Course, CourseError
from bowlby.courses.trial import OUTCOMES, arm_names, reference_arm, trial_of
from bowlby.trials.allocation import allocate, is_missing
from bowlby.trials.clients import (
    TOGETHER,
    Screening,
    Treatment,
    screen,
    symptoms,
    treat,
    weekly_errors,
)
from bowlby.trials.executors import Executor

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str, int, int], None]
Arrays = dict[str, np.ndarray]

RAREST = 0.01
"""Smallest share of candidates who can take part before a trial is given up."""


@dataclass(frozen=True)
class Trial:
    """What a trial observed.

    Attributes:
        clients: A row per randomised client.
        sessions: A row per client and week.
        assessed: Candidates assessed until enough were included.
    """

    clients: "pd.DataFrame"
    sessions: "pd.DataFrame"
    assessed: int


@dataclass(frozen=True)
class Enrolled:
    """Clients who can take part, in the order of enrolment.

    Attributes:
        candidate: Their numbers.
        arrays: What `screen` found, a column per client.
        assessed: Candidates assessed until the last of them.
    """

    candidate: np.ndarray
    arrays: Arrays
    assessed: int

    def state(self, at: np.ndarray) -> list[np.ndarray]:
        """State of some of them."""
        names = sorted(name for name in self.arrays if name.startswith("state_"))
        return [self.arrays[name][..., at] for name in names]

    def some(self, at: np.ndarray) -> "Enrolled":
        """Some of them, in the order given."""
        arrays = {name: values[..., at] for name, values in self.arrays.items()}
        return Enrolled(self.candidate[at], arrays, self.assessed)

    def without_state(self) -> "Enrolled":
        """The same without their states."""
        arrays = {k: v for k, v in self.arrays.items() if not k.startswith("state_")}
        return Enrolled(self.candidate, arrays, self.assessed)


def clients_of(design: Course) -> int:
    """Clients who are randomised."""
    return trial_of(design).clients_per_arm * len(design.arms)


def simulate_trial(
    design: Course,
    executor: Executor,
    folder: Path,
    *,
    on_progress: Progress = lambda *_: None,
) -> Trial:
    """Screen, randomise and treat.

    Args:
        design: The trial.
        executor: Where jobs are done.
        folder: Where finished jobs are kept.
        on_progress: Called with a stage, the jobs done and their number.

    Raises:
        CourseError: If hardly any candidate can take part.
    """
    enrolled = enrol(design, clients_of(design), executor, folder, on_progress=on_progress)
    jobs = treatments(design, enrolled, np.arange(clients_of(design)))
    named = [(f"treat-{i:06d}", job) for i, job in enumerate(jobs)]
    parts = kept_results(treat, named, executor, folder, "Treating", on_progress)
    treated = side_by_side(parts)
    return Trial(
        clients_table(design, enrolled, treated),
        _sessions_table(design, enrolled, treated),
        enrolled.assessed,
    )


def enrol(
    design: Course,
    wanted: int,
    executor: Executor,
    folder: Path,
    *,
    on_progress: Progress = lambda *_: None,
) -> Enrolled:
    """The first `wanted` candidates who can take part.

    Raises:
        CourseError: If hardly any candidate can take part.
    """
    parts: list[Arrays] = []
    blocks = -(-wanted // TOGETHER)
    while True:
        named = [(f"screen-{b:06d}", Screening(design, b)) for b in range(blocks)]
        parts = kept_results(screen, named, executor, folder, "Screening", on_progress)
        included = sum(len(part["included"]) for part in parts)
        if included >= wanted:
            break
        share = included / (blocks * TOGETHER)
        if share < RAREST and blocks * TOGETHER >= 1000:
            raise CourseError(
                f"Only {included} of {blocks * TOGETHER} candidates reach "
                f"trial.severity = {trial_of(design).severity:g}. Lower it, or choose another "
                "childhood.caregiver."
            )
        expected = wanted / max(share, RAREST) / TOGETHER
        blocks = max(blocks + 1, min(int(1.05 * expected) + 1, 4 * blocks))
    scored = [name for name in parts[0] if "_" in name]
    arrays = {name: np.concatenate([p[name] for p in parts], -1)[..., :wanted]
              for name in scored}  # fmt: skip
    candidate = np.concatenate([p["candidate"][p["included"]] for p in parts])[:wanted]
    return Enrolled(candidate, arrays, int(candidate[-1]) + 1)


def treatments(
    design: Course, enrolled: Enrolled, chosen: np.ndarray, *, repetition: int = 0
) -> list[Treatment]:
    """Jobs that treat the chosen clients, each in the arm that is drawn for them."""
    arm, therapist = allocate(design, repetition=repetition)
    places = [
        np.arange(start, min(start + TOGETHER, len(chosen)))
        for start in range(0, len(chosen), TOGETHER)
    ]
    return [
        Treatment(
            design, repetition, enrolled.candidate[chosen[at]], enrolled.state(chosen[at]),
            arm[at], therapist[at],
        )
        for at in places
    ]  # fmt: skip


def kept_results(
    function: Callable[[Any], Arrays],
    named: Sequence[tuple[str, Any]],
    executor: Executor,
    folder: Path,
    stage: str,
    on_progress: Progress,
) -> list[Arrays]:
    """Results of named jobs in their order; those found in the folder are not done again."""
    todo = [(name, job) for name, job in named if not (folder / f"{name}.npz").exists()]
    done = len(named) - len(todo)
    on_progress(stage, done, len(named))
    for number, result in executor.run(function, (job for _, job in todo)):
        keep(folder / f"{todo[number][0]}.npz", result)
        done += 1
        on_progress(stage, done, len(named))
    return [kept(folder / f"{name}.npz") for name, _ in named]


def keep(path: Path, arrays: Arrays) -> None:
    """Write arrays whole or not at all."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    os.replace(partial, path)


def kept(path: Path) -> Arrays:
    """Arrays of a file."""
    with np.load(path) as stored:
        return dict(stored)


def side_by_side(parts: Sequence[Arrays]) -> Arrays:
    """Arrays of several groups of clients as those of one."""
    return {name: np.concatenate([part[name] for part in parts], -1) for name in parts[0]}


def clients_table(
    design: Course, enrolled: Enrolled, treated: Arrays, *, repetition: int = 0
) -> "pd.DataFrame":
    """A row per client: allocation, scores before, outcomes as they were measured.

    Args:
        design: The trial.
        enrolled: The randomised clients.
        treated: What `treat` found.
        repetition: 0 for the trial itself.
    """
    import pandas as pd

    arm, therapist = allocate(design, repetition=repetition)
    n = len(arm)
    names = np.array(arm_names(design))[arm]
    columns: dict[str, Any] = {
        "client": np.arange(n), "candidate": enrolled.candidate[:n], "arm": names,
        "therapist": therapist,
    }  # fmt: skip
    for source in (enrolled.arrays, treated):
        for name in sorted(k for k in source if k.startswith("read_")):
            columns[name.removeprefix("read_")] = source[name][:n]
    present = treated["weekly_present"]
    columns["sessions_attended"] = np.nansum(present, 0).astype(int)
    lost = is_missing(design, n, repetition=repetition)
    columns["outcome_missing"] = lost
    trial = trial_of(design)
    bias = 0.0 if trial.blinded else trial.bias
    table = pd.DataFrame(columns)
    favoured = names != reference_arm(design)
    for name in OUTCOMES:
        if name in table:
            seen = table[name].to_numpy(float) - bias * favoured
            table[name] = np.where(lost, np.nan, seen)
    return table


def _sessions_table(design: Course, enrolled: Enrolled, treated: Arrays) -> "pd.DataFrame":
    """A row per client and week."""
    import pandas as pd

    n, waiting = clients_of(design), design.life.waiting_weeks
    columns = {}
    for name in sorted(k.removeprefix("weekly_") for k in treated if k.startswith("weekly_")):
        after = treated[f"weekly_{name}"]
        empty = np.full((waiting, n), np.nan, np.float32)
        before = enrolled.arrays.get(f"weekly_{name}", empty)[..., :n]
        columns[name] = np.concatenate([before, after]).T.astype(float)
    weeks = columns["left"].shape[1]
    latent = symptoms(columns.pop("life_distress"), columns.pop("life_value"))
    week = np.arange(weeks) - waiting
    sessions = design.therapy.sessions
    phase = np.where(week < 0, "waiting", np.where(week < sessions, "therapy", "follow-up"))
    arm, therapist = allocate(design)
    columns |= {
        "symptoms": latent,
        "symptoms_observed": latent + weekly_errors(design, enrolled.candidate[:n], weeks),
    }
    labels = {
        "client": np.repeat(np.arange(n), weeks),
        "arm": np.repeat(np.array(arm_names(design))[arm], weeks),
        "therapist": np.repeat(therapist, weeks),
        "week": np.tile(week, n),
        "phase": np.tile(phase, n),
        "session": np.tile(np.where(phase == "therapy", week + 1, 0), n),
    }
    return pd.DataFrame(labels | {name: values.ravel() for name, values in columns.items()})


def chosen_clients(design: Course, pool: int, repetition: int) -> np.ndarray:
    """Which of a pool take part in a repetition, in random order."""
    rng = np.random.default_rng([design.seed, repetition, 3])
    return rng.permutation(pool)[: clients_of(design)]
