"""When what happens in a course, and how it is run in parts."""

import math

import numpy as np

from bowlby.courses.course import Course
from bowlby.simulation.dyad import Pace
from bowlby.simulation.lives import Schedule

CHUNK = 256
"""Dyads run together: large enough to use the machine, small enough for its caches."""

MET = 6
"""Chunks of people who are met where a study recruits: most are not taken, and those who are
are treated together."""

WIDTHS = (16, 64, 128, CHUNK)
"""Numbers of dyads for which programs are compiled; others are filled up to the next."""


def schedule_of(course: Course) -> Schedule:
    """The course's schedule."""
    childhood, life, therapy = course.childhood, course.life, course.therapy
    return Schedule(
        childhood_encounters=childhood.encounters,
        childhood_ticks=childhood.ticks,
        placed_after=childhood.placed_after,
        assessed_after=childhood.assessed_after,
        second_share=childhood.second_share if childhood.second else 0.0,
        youth_encounters=course.youth.encounters,
        waiting_weeks=life.waiting_weeks,
        sessions=therapy.sessions,
        session_ticks=therapy.ticks,
        life_ticks=life.ticks,
        follow_up_weeks=life.follow_up_weeks,
        stress=dict(life.stress),
        breaks=therapy.breaks,
        announced=therapy.announced,
        falters=therapy.falters,
        pace=Pace(course.time_step_s, therapy.depth),
    )


def chunks(course: Course) -> list[np.ndarray]:
    """Numbers of the dyads that run together."""
    step = CHUNK // people_of(course) * (MET if course.recruiting.chooses else 1)
    return [
        np.arange(start, min(start + step, course.dyads))
        for start in range(0, course.dyads, step)
    ]


def people_of(course: Course) -> int:
    """People with a life of their own in each dyad: one, or the members of a couple."""
    return course.couple.members if course.kind == "couple" else 1


def width_of(course: Course, n: int) -> int:
    """How many people run together where `n` dyads are asked for.

    Few widths share few compiled programs; a single life that is looked at runs alone.
    """
    n = n * people_of(course)
    if course.dyads * people_of(course) > CHUNK:
        return CHUNK
    return ladder(n) if n > 1 else n


def ladder(n: int) -> int:
    """The next number of dyads for which programs are compiled."""
    return next(width for width in WIDTHS if width >= n)


def keeps_ticks(course: Course) -> bool:
    """Whether ticks are kept: asked for, or few enough dyads to be looked at one by one."""
    return course.keep == "ticks" or (
        course.keep == "auto" and course.dyads * len(course.arms) <= 4
    )


def steps_of_chunk(course: Course, dyads: int) -> int:
    """Encounters and weeks that a chunk of so many dyads runs through."""
    s = schedule_of(course)
    grown = (s.childhood_encounters + s.youth_encounters) * course.childhood.generations
    if course.kind != "therapy":
        return grown + course.weeks
    times = math.ceil(dyads / CHUNK) if course.recruiting.chooses else 1
    return times * (grown + s.waiting_weeks) + len(course.arms) * (
        s.sessions + s.follow_up_weeks
    )
