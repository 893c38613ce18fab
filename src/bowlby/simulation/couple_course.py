"""Courses of couples and groups: childhoods, life with each other, labelled arrays.

Everybody of several households is simulated side by side, as many as there are compiled
programs for; those who fill up the width are alone and left out.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from bowlby.courses.course import Course
from bowlby.simulation.arms import as_caregiver, dyads_of
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.couple import Lived, Meeting, live_together, meetings
from bowlby.simulation.instruments import READOUTS, childhood_readouts
from bowlby.simulation.instruments import couple as instrument
from bowlby.simulation.instruments.symptoms import internalising
from bowlby.simulation.lives import Rows
from bowlby.simulation.observables import DERIVED, ENCOUNTERS, LABELS
from bowlby.simulation.population import figures
from bowlby.simulation.precision import in_single_precision
from bowlby.simulation.schedule import keeps_ticks, schedule_of, width_of
from bowlby.theory import Theory

_WHEN = ("phase", "week", "session", "age_years")
_OF_OTHERS = ("trust_in", "safety_with")


@in_single_precision
def couples(
    course: Course, households: np.ndarray, theory: Theory, on_step: Callable[[], None]
) -> xr.DataTree:
    """Some couples or groups of a course.

    Args:
        course: What to run.
        households: Their numbers.
        theory: The theory that holds.
        on_step: Called after each encounter of childhood and each week.
    """
    members, schedule = course.couple.members, schedule_of(course)
    numbers = (households[:, None] * members + np.arange(members)).ravel()
    width = width_of(course, len(households))
    everybody = np.concatenate([numbers, numbers[-1] + 1 + np.arange(width - len(numbers))])
    week_of = meetings(members, len(households), width)
    people = dyads_of(course, everybody, theory)
    childhood = grow_up(people, schedule, on_step=on_step)
    as_figure = figures(width, as_caregiver(childhood.client, people))
    lived = live_together(
        childhood.client, people, as_figure, week_of, course.couple, schedule, on_step=on_step
    )
    scores = childhood_readouts(childhood, people)
    scores |= instrument.score(lived.rows, people.observer)
    for name in ("contingency", "mentalising", "threat"):
        scores[f"couple_{name}"] = np.asarray(getattr(as_figure, name))
        scores[f"caregiver_{name}"] = np.asarray(getattr(people.caregiver, name))
    return _labelled(course, households, scores, lived, week_of)


def _labelled(
    course: Course,
    households: np.ndarray,
    scores: dict[str, Any],
    lived: Lived,
    week_of: list[Meeting],
) -> xr.DataTree:
    shape = len(households), course.couple.members
    coords = {
        "dyad": households, "arm": ("dyad", np.full(len(households), "")),
        "member": np.arange(shape[1]),
    }  # fmt: skip
    table = xr.Dataset(
        {
            name: (("dyad", "member"), _of_members(np.asarray(value), shape), _told(name))
            for name, value in scores.items()
        },
        coords,
    )
    groups = {"readouts": table}
    if course.keep != "readouts":
        groups["encounters"] = _weeks(lived.rows, shape, coords, week_of)
    if keeps_ticks(course):
        groups["ticks"] = _ticks(lived.ticks, shape, coords)
    return xr.DataTree.from_dict(groups)


def _of_members(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Values of everybody (..., people) by household and member (dyad, member, ...)."""
    there = values[..., : shape[0] * shape[1]]
    split = there.reshape(*there.shape[:-1], *shape)
    return np.moveaxis(split, (-2, -1), (0, 1))


def _weeks(
    rows: list[Rows], shape: tuple[int, int], coords: dict, week_of: list[Meeting]
) -> xr.Dataset:
    variables: dict[str, Any] = {}
    for name in sorted(set(rows[0]) - {*_WHEN}):
        stacked = _of_members(np.stack([row[name] for row in rows]), shape)  # dyad member week
        stacked = np.moveaxis(stacked, 1, 2).astype(np.float32)  # dyad week member
        if name in _OF_OTHERS:
            stacked = _by_other(np.stack([row[name] for row in rows]), shape, week_of)
            variables[name] = (("dyad", "encounter", "member", "other"), stacked, _told(name))
        elif name == "action_share":
            dims = ("dyad", "encounter", "member", "action")
            variables[name] = (dims, np.moveaxis(stacked, -1, 3), _told(name))
        else:
            variables[name] = (("dyad", "encounter", "member"), stacked, _told(name))
    when = {name: ("encounter", np.array([row[name] for row in rows])) for name in _WHEN}
    labels = {"other": np.arange(shape[1]), "action": LABELS["action"]}
    data = xr.Dataset(variables, coords | when | labels)
    data["symptoms"] = internalising(data.life_distress, data.life_value, data.life_mood)
    data["symptoms"].attrs = _told("symptoms")
    return data


def _by_other(values: np.ndarray, shape: tuple[int, int], week_of: list[Meeting]) -> np.ndarray:
    """What each one has with each other (dyad, week, member, other).

    Args:
        values: Week by week, of each encounter (week, encounter, people).
        shape: Households and members.
        week_of: The encounters.
    """
    households, members = shape
    found = np.full((households, len(values), members, members), np.nan, np.float32)
    for number, meeting in enumerate(week_of):
        for member in range(members):
            other = int(meeting.other[member])
            if other != member:
                place = np.arange(households) * members + member
                found[:, :, member, other] = values[:, number, place].T
    return found


def _ticks(ticks: list[Rows], shape: tuple[int, int], coords: dict) -> xr.Dataset:
    """Kept ticks of everybody (dyad, encounter, tick, ..., member)."""
    data = {}
    for name in instrument.KEPT:
        values = _of_members(np.stack([week[name] for week in ticks]), shape)
        dims = ("dyad", "encounter", "tick", *(("second",) if name == "arousal" else ()))
        data[name] = ((*dims, "member"), np.moveaxis(values, 1, -1).astype(np.float32))
    return xr.Dataset(data, coords | {"encounter": np.arange(len(ticks))})


def _told(name: str) -> dict[str, str]:
    """Meaning and unit."""
    if name in READOUTS:
        row = READOUTS[name]
        return {"long_name": row.meaning, "units": row.unit}
    if name in ENCOUNTERS and name not in instrument.OF_WEEK:
        return {"long_name": ENCOUNTERS[name].meaning, "units": ENCOUNTERS[name].unit}
    told = {**DERIVED, **instrument.OF_WEEK}.get(name)
    return dict(zip(("long_name", "units"), told, strict=True)) if told else {}
