"""Results as labelled arrays: readouts, encounters and ticks."""

from typing import Any

import numpy as np
import xarray as xr

from bowlby.courses.course import Course, therapists_said
from bowlby.simulation.arms import family_of
from bowlby.simulation.companions import who_is_there
from bowlby.simulation.instruments import READOUTS
from bowlby.simulation.instruments.symptoms import internalising
from bowlby.simulation.lives import Childhood, Dyads, Therapy
from bowlby.simulation.observables import DERIVED, ENCOUNTERS, KEPT, LABELS
from bowlby.simulation.schedule import keeps_ticks

Values = dict[str, Any]

_OF_ENCOUNTER = ("phase", "week", "session", "age_years", "place")

_WITH_TICKS = ("childhood", "youth", "therapy")
"""Phases whose ticks are kept."""


def labelled(
    course: Course,
    dyads: np.ndarray,
    arm: str,
    people: Dyads,
    childhood: Childhood,
    therapy: Therapy | None,
    readouts: Values,
) -> xr.DataTree:
    """What came of some dyads in an arm."""
    coords = {"dyad": dyads, "arm": ("dyad", np.full(len(dyads), arm))}
    values = readouts | _who(course, dyads, people, therapy)
    table = xr.Dataset(
        {name: ("dyad", np.asarray(value), _attrs(name)) for name, value in values.items()},
        coords,
    )
    groups, rows = {"readouts": table}, childhood.rows + (therapy.rows if therapy else [])
    labels = {**LABELS, "intervention": list(people.world.theory.interventions.names)}
    if course.keep != "readouts":
        groups["encounters"] = _encounters(rows, coords, labels)
    if keeps_ticks(course):
        ticks = childhood.ticks + (therapy.ticks if therapy else [])
        at = [i for i, row in enumerate(rows) if row["phase"] in _WITH_TICKS]
        groups["ticks"] = _ticks(ticks, at, coords, labels)
    return xr.DataTree.from_dict(groups)


def _who(course: Course, dyads: np.ndarray, people: Dyads, therapy: Therapy | None) -> Values:
    """Traits of the figures, which an experimenter knows and an observer does not."""
    caregiver = course.childhood.caregiver
    history = caregiver if isinstance(caregiver, str) else "as given"
    found: Values = {
        "history": np.full(len(dyads), history),
        "family": family_of(course, dyads),
        "caregiver_contingency": people.caregiver.contingency,
        "caregiver_mentalising": people.caregiver.mentalising,
        "caregiver_threat": people.caregiver.threat,
    }
    if therapy is not None:
        at_home = who_is_there(therapy.client, people)
        found |= {
            "together": therapy.client.company.together,
            "partner_contingency": at_home.figure.contingency,
            "therapist_mentalising": people.therapist.mentalising,
            "therapist_anxiety": people.therapist.anxiety,
            "therapist_avoidance": people.therapist.avoidance,
        }
    return found


def _attrs(name: str) -> dict[str, str]:
    if name not in READOUTS:
        return {}
    return {"long_name": READOUTS[name].meaning, "units": READOUTS[name].unit}


def _encounters(rows, coords, labels) -> xr.Dataset:
    """Rows as variables (dyad, encounter, ...), missing where an encounter has none."""
    names = sorted({name for row in rows for name in row} - {*_OF_ENCOUNTER})
    variables = {}
    for name in names:
        shape = next(row[name].shape for row in rows if name in row)
        empty = np.full(shape, np.nan, np.float32)
        stacked = np.stack([row.get(name, empty) for row in rows]).astype(np.float32)
        dims = ENCOUNTERS[name].dims if name in ENCOUNTERS else ()
        data = np.moveaxis(stacked, -1, 0)
        variables[name] = (("dyad", "encounter", *dims), data, _meaning(name))
    when = {
        name: ("encounter", np.array([row.get(name, "") for row in rows]))
        for name in _OF_ENCOUNTER
        if any(name in row for row in rows)
    }
    used = {dim for dims, *_ in variables.values() for dim in dims}
    data = xr.Dataset(variables, coords | when | {k: v for k, v in labels.items() if k in used})
    if "life_distress" in data:
        data["symptoms"] = internalising(data.life_distress, data.life_value, data.life_mood)
        data["symptoms"].attrs = _meaning("symptoms")
        data["new_model"] = 1.0 - data.model_belief.sel(model=0)
        data["new_model"].attrs = _meaning("new_model")
    return data


def _meaning(name: str) -> dict[str, str]:
    if name in DERIVED:
        meaning, unit = DERIVED[name]
    else:
        meaning, unit = ENCOUNTERS[name].meaning, ENCOUNTERS[name].unit
    return {"long_name": meaning, "units": unit}


def _ticks(ticks, at, coords, labels) -> xr.Dataset:
    """Kept ticks (dyad, encounter, tick, ...); shorter encounters end in missing values."""
    longest = max(t["contact"].shape[0] for t in ticks)
    data = {}
    for name, row in KEPT.items():
        padded = []
        for t in ticks:
            values = np.full((longest, *t[name].shape[1:]), np.nan, np.float32)
            values[: len(t[name])] = t[name]
            padded.append(np.moveaxis(values, -1, 0))
        data[name] = (("dyad", "encounter", "tick", *row.dims), np.stack(padded, 1))
    used = {dim for dims, _ in data.values() for dim in dims}
    return xr.Dataset(
        data, coords | {"encounter": at} | {k: v for k, v in labels.items() if k in used}
    )


def joined(parts: list[xr.DataTree], course: Course) -> xr.DataTree:
    """Chunks or arms as one tree."""
    groups = {
        name: xr.concat([part[name].to_dataset() for part in parts], "dyad", join="outer")
        if len(parts) > 1
        else parts[0][name].to_dataset()
        for name in parts[0].children
    }
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {
        "title": course.title,
        "seed": course.seed,
        "ablated": [k if v == 1.0 else f"{k}={v:g}" for k, v in course.ablate.items()],
        "arms": [arm.label for arm in course.arms] if course.kind != "couple" else [],
        "therapists": therapists_said(course.arms) if course.kind == "therapy" else [],
        "time_step_s": course.time_step_s,
        **({"met": course.dyads} if course.recruiting.chooses else {}),
    }
    return tree
