"""Power: the trial repeated with other clients, therapists and random numbers.

Clients of a repetition are drawn without replacement from one pool of screened candidates, four
times as many as a trial needs and grown up once; allocation, therapists, everything after
inclusion, rating errors and losses are new each time.
"""

from typing import Any, NamedTuple

import numpy as np

from bowlby.courses.course import Course
from bowlby.courses.trial import trial_of
from bowlby.runs.kept import Kept
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import Workers
from bowlby.statistics.intervals import share_interval
from bowlby.trials.allocation import Allocation, clients_of
from bowlby.trials.analysis import plain
from bowlby.trials.clients import Treatment, treat
from bowlby.trials.comparison import compare
from bowlby.trials.monitoring import EFFICACY, monitoring
from bowlby.trials.simulating import (
    Enrolled,
    check_response,
    chosen_clients,
    clients_table,
    enrol,
    side_by_side,
    treatments,
)

POOL = 4
"""Screened clients to draw from, in trials."""


class Repetition(NamedTuple):
    """A job: a whole trial.

    Attributes:
        design: The trial.
        number: Which repetition, from 1.
        enrolled: Its clients.
        allocated: Where they go.
        treatments: What becomes of them.
    """

    design: Course
    number: int
    enrolled: Enrolled
    allocated: Allocation
    treatments: list[Treatment]


def repeat(job: Repetition) -> dict[str, Any]:
    """Treat and compare, as the trial itself does."""
    treated = side_by_side([treat(part) for part in job.treatments])
    if trial_of(job.design).second_stage and job.number == 1:
        check_response(job.design, job.allocated.arm, treated["read_responded"])
    clients = clients_table(
        job.design, job.enrolled, treated, job.allocated, repetition=job.number
    )
    found = compare(job.design, clients, trial_of(job.design).primary)
    looks = monitoring(job.design, clients)
    return plain({"repetition": job.number, "model": found["model"], "icc": found["icc"]["icc"],
                  "contrasts": found["contrasts"], "monitoring": looks})  # fmt: skip


def simulate_power(
    design: Course,
    count: int,
    workers: Workers,
    kept: Kept,
    *,
    on_progress: Progress = silent,
) -> list[dict[str, Any]]:
    """Repeat the trial; each repetition is kept.

    Args:
        design: The trial.
        count: How often.
        workers: Who does the repetitions.
        kept: Where finished jobs are kept.
        on_progress: Called with a stage, the jobs done and their number.

    Raises:
        CourseError: If hardly any candidate can take part.
    """
    pool = POOL * clients_of(design)
    enrolled = enrol(design, pool, workers, kept, on_progress=on_progress)
    names = [f"repetition-{number:06d}" for number in range(1, count + 1)]
    found = kept.all(
        repeat, names, lambda at: _job(design, enrolled, at + 1), workers=workers,
        stage="Repeating", on_progress=on_progress,
    )  # fmt: skip
    return list(found)


def _job(design: Course, enrolled: Enrolled, number: int) -> Repetition:
    few = enrolled.some(chosen_clients(design, len(enrolled.candidate), number))
    allocated = few.allocated(design, repetition=number)
    # The jobs hold the states; the table needs only what was read before.
    return Repetition(
        design, number, few.without_state(), allocated,
        treatments(design, few, allocated, repetition=number),
    )  # fmt: skip


def power_summary(design: Course, repeated: list[dict[str, Any]]) -> dict[str, Any]:
    """Power of every contrast with Wilson's interval, and how estimates spread.

    A repetition counts where p < alpha: after Holm's correction for the contrasts that decide,
    and for the others without. With interim looks it counts where a bound was crossed.
    """
    alpha, count = trial_of(design).alpha, len(repeated)
    rows = []
    for i, first in enumerate(repeated[0]["contrasts"]):
        found = [each["contrasts"][i] for each in repeated]
        p = np.array([f["p"] for f in found])
        decided = np.array([f.get("p_holm", f["p"]) for f in found])
        g = np.array([f["g"] for f in found])
        hit = decided < alpha
        if looks := [each["monitoring"] for each in repeated if each["monitoring"]]:
            hit = np.array([look["is_found"] for look in looks])
        hits, plain_hits = int(hit.sum()), int((p < alpha).sum())
        low, high = share_interval(hits, count)
        rows.append(
            {"first": first["first"], "second": first["second"], "decides": first["decides"],
             "power": hits / count, "low": low, "high": high,
             "power_unadjusted": plain_hits / count, "mean_g": g.mean(), "sd_g": g.std(ddof=1)
             if count > 1 else None,
             "wrong_direction": int((hit & (np.sign(g) != np.sign(g.mean()))).sum())}
        )  # fmt: skip
    kinds = [each["model"]["kind"] for each in repeated]
    reasons = [each["model"]["reason"] for each in repeated if each["model"]["reason"]]
    return plain(
        {
            "repetitions": count, "alpha": alpha, "randomised": clients_of(design),
            "clients": f"drawn from one pool of {POOL * clients_of(design)} screened clients",
            "contrasts": rows,
            "models": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
            "reasons": {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)},
            "monitoring": _stopping([each["monitoring"] for each in repeated]),
        }
    )  # fmt: skip


def _stopping(found: list[dict[str, Any] | None]) -> dict[str, Any] | None:
    """How often a trial stopped early, and how many clients it took on average."""
    looks = [each for each in found if each]
    if not looks:
        return None
    stopped = [each["verdict"] == EFFICACY for each in looks]
    return {
        "stopped_early": float(np.mean(stopped)),
        "mean_clients": float(np.mean([each["clients"] for each in looks])),
    }
