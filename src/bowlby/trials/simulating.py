"""Simulate a trial: jobs, kept one by one, put together in the order of enrolment.

A job done twice leaves one result, and an interrupted trial goes on where it stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from bowlby.courses.course import Course, CourseError
from bowlby.courses.trial import OUTCOMES, arm_names, reference_arm, trial_of
from bowlby.runs.kept import Kept
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import Workers
from bowlby.simulation.instruments.symptoms import WEEKS
from bowlby.trials.allocation import Allocation, allocate, clients_of
from bowlby.trials.clients import (
    SYMPTOM_PARTS,
    TOGETHER,
    Screening,
    Treatment,
    screen,
    symptoms,
    treat,
    weekly_errors,
)
from bowlby.trials.missing import is_missing

if TYPE_CHECKING:
    import pandas as pd

Arrays = dict[str, np.ndarray]

SCALES = ("internalising_before", "externalising_before", "on_treatment", *OUTCOMES)
"""What raters score."""

RAREST = 0.01
"""Smallest share of candidates who can take part before a trial is given up."""


FEWEST = 8
"""Clients of an arm of whom it is surprising that nobody or everybody has responded."""


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

    def allocated(self, design: Course, *, repetition: int = 0) -> Allocation:
        """Where each of them goes."""
        before = {
            name.removeprefix("read_"): values
            for name, values in self.arrays.items()
            if name.startswith("read_")
        }
        return allocate(design, before, repetition=repetition)

    def without_state(self) -> "Enrolled":
        """The same without their states."""
        arrays = {k: v for k, v in self.arrays.items() if not k.startswith("state_")}
        return Enrolled(self.candidate, arrays, self.assessed)


def simulate_trial(
    design: Course,
    workers: Workers,
    kept: Kept,
    *,
    on_progress: Progress = silent,
) -> Trial:
    """Screen, randomise and treat.

    Args:
        design: The trial.
        workers: Who does the jobs.
        kept: Where finished jobs are kept.
        on_progress: Called with a stage, the jobs done and their number.

    Raises:
        CourseError: If hardly any candidate can take part.
    """
    enrolled = enrol(design, clients_of(design), workers, kept, on_progress=on_progress)
    allocated = enrolled.allocated(design)
    jobs = treatments(design, enrolled, allocated)
    names = [f"treat-{i:06d}" for i in range(len(jobs))]

    def treated_of(some: list[str]) -> Arrays:
        parts = kept.all(
            treat, some, jobs.__getitem__, workers=workers, stage="Treating",
            on_progress=on_progress,
        )  # fmt: skip
        return side_by_side(list(parts))

    if trial_of(design).second_stage:
        # The first job tells whether the criterion can tell clients apart.
        first = treated_of(names[:1])
        check_response(design, allocated.arm[:TOGETHER], first["read_responded"])
    treated = treated_of(names)
    return Trial(
        clients_table(design, enrolled, treated, allocated),
        _sessions_table(design, enrolled, treated, allocated),
        enrolled.assessed,
    )


def enrol(
    design: Course,
    wanted: int,
    workers: Workers,
    kept: Kept,
    *,
    on_progress: Progress = silent,
) -> Enrolled:
    """The first `wanted` candidates who can take part.

    Raises:
        CourseError: If hardly any candidate can take part.
    """
    parts: list[Arrays] = []
    blocks = -(-wanted // TOGETHER)
    while True:
        names = [f"screen-{b:06d}" for b in range(blocks)]
        parts = list(kept.all(
            screen, names, partial(Screening, design), workers=workers, stage="Screening",
            on_progress=on_progress,
        ))  # fmt: skip
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


def check_response(design: Course, arm: np.ndarray, responded: np.ndarray) -> None:
    """The criterion of a second stage divides the clients of each arm.

    Args:
        design: The trial.
        arm: Number of the arm of each client.
        responded: Whether each had responded.

    Raises:
        CourseError: If nobody or everybody of an arm has responded.
    """
    stage = trial_of(design).second_stage
    assert stage is not None
    for number, name in enumerate(arm_names(design)):
        mine = responded[arm == number]
        if name not in stage.options or len(mine) < FEWEST or 0.0 < mine.mean() < 1.0:
            continue
        who, easier = ("Nobody", True) if not mine.any() else ("Everybody", False)
        lower = easier == (stage.response == "fall")
        raise CourseError(
            f"{who} of the first {len(mine)} clients of {name} meets "
            f"trial.second_stage.criterion = {stage.criterion:g} ({stage.response}) after "
            f"session {stage.session}, so that {'all' if easier else 'none'} would be "
            "randomised again. "
            f"{'Lower' if lower else 'Raise'} it, or choose another session."
        )


def treatments(
    design: Course, enrolled: Enrolled, allocated: Allocation, *, repetition: int = 0
) -> list[Treatment]:
    """Jobs that treat clients, each in the arm that is drawn for them."""
    n = len(allocated.arm)
    return [
        Treatment(
            design, repetition, enrolled.candidate[at], enrolled.state(at),
            allocated.arm[at], allocated.therapist[at], allocated.option[at],
            enrolled.arrays["read_internalising_before"][at],
        )
        for at in np.array_split(np.arange(n), range(TOGETHER, n, TOGETHER))
    ]  # fmt: skip


def side_by_side(parts: Sequence[Arrays]) -> Arrays:
    """Arrays of several groups of clients as those of one."""
    return {name: np.concatenate([part[name] for part in parts], -1) for name in parts[0]}


def clients_table(
    design: Course,
    enrolled: Enrolled,
    treated: Arrays,
    allocated: Allocation,
    *,
    repetition: int = 0,
) -> "pd.DataFrame":
    """A row per client: allocation, scores before, outcomes as they were measured.

    Args:
        design: The trial.
        enrolled: The randomised clients.
        treated: What `treat` found.
        allocated: Where they went.
        repetition: 0 for the trial itself.
    """
    import pandas as pd

    n, trial = len(allocated.arm), trial_of(design)
    names = np.array(arm_names(design))[allocated.arm]
    columns: dict[str, Any] = {
        "client": np.arange(n), "candidate": enrolled.candidate[:n], "arm": names,
        "therapist": allocated.therapist, "site": allocated.site,
        "enrolled_week": allocated.week, "period": allocated.period,
    }  # fmt: skip
    for source in (enrolled.arrays, treated):
        for name in sorted(k for k in source if k.startswith("read_")):
            columns[name.removeprefix("read_")] = source[name][:n]
    columns["sessions_attended"] = np.nansum(treated["weekly_present"], 0).astype(int)
    table = pd.DataFrame(columns)
    if trial.second_stage:
        table["option"] = _gone_on(design, table, allocated)
    table["on_treatment"] = _on_treatment(
        design, enrolled.candidate[:n], treated, table, repetition
    )
    shift = _site_shift(design, repetition)[allocated.site]
    bias = 0.0 if trial.blinded else trial.bias
    for name in SCALES:
        if name in table:
            table[name] = table[name].to_numpy(float) + shift
    seen = [name for name in (*OUTCOMES, "on_treatment") if name in table]
    for name in seen:
        table[name] = table[name].to_numpy(float) - bias * (names != reference_arm(design))
    table["outcome_missing"] = is_missing(design, table, repetition=repetition)
    for name in (name for name in OUTCOMES if name in table):
        table[name] = table[name].where(~table["outcome_missing"])
    return table


def _gone_on(design: Course, table: "pd.DataFrame", allocated: Allocation) -> list[str]:
    """Protocols that clients were randomised to again; empty for all others."""
    stage = trial_of(design).second_stage
    assert stage is not None
    return [
        stage.options[arm][option] if again else ""
        for arm, option, again in zip(
            table["arm"], allocated.option, table["randomised_again"], strict=True
        )
    ]


def _site_shift(design: Course, repetition: int) -> np.ndarray:
    """By how much the raters of each site score higher."""
    trial = trial_of(design)
    rng = np.random.default_rng([design.seed, repetition, 4])
    return trial.site_sd * rng.normal(size=trial.sites)


def _on_treatment(
    design: Course, candidate: np.ndarray, treated: Arrays, table: "pd.DataFrame",
    repetition: int,
) -> np.ndarray:  # fmt: skip
    """Mean of the last four weekly scores before a client left, or before the end."""
    sessions, waiting = design.therapy.sessions, design.life.waiting_weeks
    scores = symptoms({name: treated[f"weekly_{name}"][:sessions] for name in SYMPTOM_PARTS})
    errors = weekly_errors(design, candidate, repetition=repetition).T
    scores = scores + errors[waiting:][:sessions]
    last = np.nan_to_num(table["exit_session"].to_numpy(float), nan=sessions).astype(int)
    week = np.arange(1, sessions + 1)[:, None]
    return np.where((week <= last) & (week > last - WEEKS), scores, 0.0).sum(0) / np.minimum(
        last, WEEKS
    )


def _sessions_table(
    design: Course, enrolled: Enrolled, treated: Arrays, allocated: Allocation
) -> "pd.DataFrame":
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
    latent = symptoms({name: columns.pop(name) for name in SYMPTOM_PARTS})
    week = np.arange(weeks) - waiting
    sessions = design.therapy.sessions
    phase = np.where(week < 0, "waiting", np.where(week < sessions, "therapy", "follow-up"))
    columns |= {
        "symptoms": latent,
        "symptoms_observed": latent + weekly_errors(design, enrolled.candidate[:n]),
    }
    labels = {
        "client": np.repeat(np.arange(n), weeks),
        "arm": np.repeat(np.array(arm_names(design))[allocated.arm], weeks),
        "therapist": np.repeat(allocated.therapist, weeks),
        "week": np.tile(week, n),
        "phase": np.tile(phase, n),
        "session": np.tile(np.where(phase == "therapy", week + 1, 0), n),
    }
    return pd.DataFrame(labels | {name: values.ravel() for name, values in columns.items()})


def chosen_clients(design: Course, pool: int, repetition: int) -> np.ndarray:
    """Which of a pool take part in a repetition, in random order."""
    rng = np.random.default_rng([design.seed, repetition, 3])
    return rng.permutation(pool)[: clients_of(design)]
