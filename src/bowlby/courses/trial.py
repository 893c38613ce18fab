"""The `[trial]` section: a course whose arms are randomised and compared."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from bowlby.courses.messages import nearest
from bowlby.courses.sections import Section, number, whole

if TYPE_CHECKING:
    from bowlby.courses.course import Course

OUTCOMES = (
    "internalising_after", "internalising_follow_up", "externalising_after",
    "externalising_follow_up",
)  # fmt: skip
"""What a trial can be decided by; the first is the default."""

OBSERVER_BIAS = 0.23
"""Exaggeration by unblinded raters (SD).

Source:
    Hróbjartsson et al. (2013), CMAJ 185(4), E201-E211: difference in standardised mean
    differences between unblinded and blinded assessors of the same trials.
"""

_LEAST_WEEKS = 4
"""Weeks that a score is the mean of: before therapy, and of follow-up."""


class TrialSection(Section):
    """How many are randomised, who can take part, how it is decided."""

    clients_per_arm: Annotated[int, whole(4, 100_000)] = 50
    therapists_per_arm: Annotated[int, whole(1, 10_000)] = 5
    severity: float = number(0.5, -10.0, 5.0, "SD", "lowest observed score before therapy")
    primary: Literal[
        "internalising_after",
        "internalising_follow_up",
        "externalising_after",
        "externalising_follow_up",
    ] = "internalising_after"
    blinded: Annotated[bool, Field(strict=True)] = True
    bias: float = number(
        OBSERVER_BIAS,
        0.0,
        2.0,
        "SD",
        "by how much raters who know favour other arms",
    )
    missing: float = number(0.0, 0.0, 0.8, "share", "outcomes lost at random")
    alpha: float = number(0.05, 0.0001, 0.5, "probability", "level of the tests")
    reference: str = ""
    """The arm that others are compared with; by default the first waiting list, else the
    first arm."""


def trial_of(course: "Course") -> TrialSection:
    """The `[trial]` section of a course.

    Raises:
        ValueError: If it has none.
    """
    if course.trial is None:
        raise ValueError(
            "the course has no [trial] section; add one, e.g. with clients_per_arm = 50"
        )
    return course.trial


def arm_names(course: "Course") -> list[str]:
    """Names of the arms: their own, or their protocols'."""
    return [arm.name or arm.protocol for arm in course.arms]


def treated_arms(course: "Course") -> list[bool]:
    """Which arms have sessions."""
    return [arm.protocol != "waiting_list" for arm in course.arms]


def reference_arm(course: "Course") -> str:
    """The arm that the others are compared with."""
    if course.trial and course.trial.reference:
        return course.trial.reference
    pairs = zip(arm_names(course), treated_arms(course), strict=True)
    return next((name for name, treated in pairs if not treated), arm_names(course)[0])


def with_trial_defaults(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """In a trial, therapists are drawn from their population unless an arm says otherwise."""
    arms = content.get("arms")
    if not isinstance(content.get("trial"), Mapping) or not isinstance(arms, list | tuple):
        return content
    told = [
        {"therapist": "population"} | dict(arm) if isinstance(arm, Mapping) else arm
        for arm in arms
    ]
    return {**content, "arms": told}


def check_trial(course: "Course") -> None:
    """The trial of a course can be run.

    Raises:
        ValueError: If it cannot; the message says why and what to do.
    """
    trial = course.trial
    if trial is None:
        return
    names = arm_names(course)
    if len(names) < 2:
        raise ValueError("a trial needs at least two [[arms]]")
    if trial.reference and trial.reference not in names:
        raise ValueError(
            f"trial.reference: no arm {trial.reference!r}{nearest(trial.reference, names)}"
        )
    if trial.therapists_per_arm > trial.clients_per_arm:
        raise ValueError(
            f"trial.therapists_per_arm = {trial.therapists_per_arm} is more than "
            f"clients_per_arm = {trial.clients_per_arm}; some would have nobody to see"
        )
    _check_lengths(course, trial)


def _check_lengths(course: "Course", trial: TrialSection) -> None:
    if course.kind != "therapy":
        raise ValueError('a trial is about therapy; leave kind = "childhood" out')
    if course.synchrony is not None:
        raise ValueError(
            "a trial measures no synchrony; leave [synchrony] out, or run the course without "
            "[trial] by `bowlby simulate`"
        )
    lengths = {
        "therapy.sessions": course.therapy.sessions,
        "life.waiting_weeks": course.life.waiting_weeks,
    }
    for name, length in lengths.items():
        if length < _LEAST_WEEKS:
            raise ValueError(f"{name} = {length}: a trial needs {_LEAST_WEEKS} or more")
    weeks = course.life.follow_up_weeks
    if trial.primary.endswith("follow_up") and weeks < _LEAST_WEEKS:
        raise ValueError(
            f"trial.primary = {trial.primary!r} is the mean of the last four weeks of "
            "follow-up; set life.follow_up_weeks to 4 or more"
        )
