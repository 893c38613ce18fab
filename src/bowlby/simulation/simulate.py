"""Simulate a course: chunks of dyads through childhood and therapy, as labelled arrays."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from bowlby.agents.relational import ACTIONS, STANCES
from bowlby.simulation import population as people
from bowlby.simulation.adult_life import live
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.course import Childhood, Client, Dyads, Schedule, Therapy
from bowlby.simulation.dyad import Figure as FigureValues
from bowlby.simulation.laboratory import laboratory
from bowlby.simulation.protocols import CAREGIVERS, THERAPISTS
from bowlby.simulation.readouts import (
    READOUTS,
    childhood_readouts,
    internalising,
    life_readouts,
)
from bowlby.simulation.specification import Arm, Course, Figure, arm_name
from bowlby.simulation.synchrony_readouts import (
    Batch,
    batches,
    chosen_encounters,
    joined_synchrony,
    measured,
    with_synchrony,
)
from bowlby.simulation.therapy import INTERVENTIONS
from bowlby.simulation.trust_game import play

CHUNK = 512
"""Dyads run together: large enough to use the machine, small enough for memory to stay flat."""

Progress = Callable[[str, int, int], None]
Values = dict[str, np.ndarray]

_DIMS = {
    "arousal": ("partner",), "cortisol": ("partner",), "oxytocin": ("partner",),
    "model_belief": ("model",), "life_model_belief": ("model",), "model_weight": ("model",),
    "expected_attuned": ("model",), "action_share": ("action",), "stance_share": ("stance",),
    "intervention_share": ("intervention",),
}  # fmt: skip
_LABELS = {
    "partner": ["seeker", "figure"], "model": [0, 1, 2], "action": list(ACTIONS),
    "stance": list(STANCES), "intervention": list(INTERVENTIONS),
}  # fmt: skip
_NAMES = {
    "distress": ("distress with the figure", "0 calm to 3 overwhelmed"),
    "life_distress": ("distress in life", "0 calm to 3 overwhelmed"),
    "life_value": ("expected free energy of life (hopelessness)", "nat"),
    "life_protest": ("protest when distressed in life", "share"),
    "life_withdrawal": ("withdrawal when distressed in life", "share"),
    "symptoms": ("symptoms", "SD"),
    "trust": ("trust: P(attuned)", "0 to 1"),
    "learning_rate": ("plasticity: effective learning rate", "1/tick"),
    "uncertainty": ("uncertainty about who the other is", "nat"),
    "arousal": ("mean distance of arousal from its set point", "arousal"),
    "cortisol": ("cortisol at the end", "rest = 1"),
    "adrenal": ("mass of the adrenal cortex", "rest = 0.985"),
    "free_energy_self": ("surprise at one's own body", "nat per tick"),
    "free_energy_other": ("surprise at the other", "nat per tick"),
    "misread_self": ("belief in distress one does not have", "0 to 1"),
}


def simulate(
    course: Course, *, seed: int | None = None, on_progress: Progress = lambda *_: None
) -> xr.DataTree:
    """Run a course and return it whole.

    Args:
        course: What to run (`bowlby.simulation.read_course` reads one from TOML).
        seed: Seed, if not the course's own.
        on_progress: Called with a stage, the steps done and their number.

    Returns:
        Groups `readouts` (dyad), `encounters` (dyad, encounter, ...) and, where ticks were
        kept, `ticks` (dyad, encounter, tick, ...). The same dyads take part in every arm.
    """
    course = course if seed is None else course.model_copy(update={"seed": seed})
    steps, done = steps_of(course), count(1)
    parts = simulate_parts(course, on_step=lambda: on_progress("Simulating", next(done), steps))
    return joined(parts, course)


def simulate_parts(
    course: Course, *, on_step: Callable[[], None] = lambda: None
) -> list[xr.DataTree]:
    """Every chunk of a course, as many at a time as there are cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(
            pool.map(lambda c: simulate_chunk(course, c, on_step=on_step), chunks(course))
        )
        found = list(
            pool.map(lambda b: simulate_synchrony(b, on_step=on_step), batches(course))
        )
    if not found:
        return parts
    synchrony = joined_synchrony(found)
    return [
        part.map_over_datasets(lambda group: with_synchrony(group, synchrony)) for part in parts
    ]


def simulate_synchrony(
    batch: Batch, *, on_step: Callable[[], None] = lambda: None
) -> xr.Dataset:
    """Simulate some dyads once more, every tick kept, and measure what they emit."""
    tree = _filled(batch.course, batch.dyads, batch.width, on_step=on_step)
    return measured(tree, batch.course, on_step=on_step)


def chunks(course: Course) -> list[np.ndarray]:
    """Numbers of the dyads that run together."""
    return [
        np.arange(start, min(start + CHUNK, course.dyads))
        for start in range(0, course.dyads, CHUNK)
    ]


def keeps_ticks(course: Course) -> bool:
    """Whether ticks are kept: asked for, or few enough dyads to be looked at one by one."""
    return course.keep == "ticks" or (
        course.keep == "auto" and course.dyads * len(course.arms) <= 4
    )


def schedule_of(course: Course) -> Schedule:
    """The course's schedule."""
    childhood, life, therapy = course.childhood, course.life, course.therapy
    return Schedule(
        childhood_encounters=childhood.encounters, childhood_ticks=childhood.ticks,
        placed_after=childhood.placed_after, assessed_after=childhood.assessed_after,
        waiting_weeks=life.waiting_weeks, sessions=therapy.sessions,
        session_ticks=therapy.ticks, life_ticks=life.ticks,
        follow_up_weeks=life.follow_up_weeks,
        stress=dict(life.stress), breaks=therapy.breaks, announced=therapy.announced,
        falters=therapy.falters, depth=therapy.depth,
    )  # fmt: skip


def steps_of(course: Course) -> int:
    """Steps of a whole course: encounters and weeks of its chunks, and what is recorded."""
    recorded = sum(steps_of_batch(batch) for batch in batches(course))
    return len(chunks(course)) * steps_of_chunk(course) + recorded


def steps_of_batch(batch: Batch) -> int:
    """Encounters, weeks and measured sessions of a batch of the subsample."""
    sessions = len(batch.dyads) * len(chosen_encounters(batch.course))
    return steps_of_chunk(batch.course) + sessions


def steps_of_chunk(course: Course) -> int:
    """Encounters and weeks that a chunk runs through."""
    s = schedule_of(course)
    weeks = s.waiting_weeks + s.sessions + s.follow_up_weeks
    lives = len(course.arms) * weeks if course.kind == "therapy" else 0
    return s.childhood_encounters * course.childhood.generations + lives


def simulate_chunk(
    course: Course, dyads: np.ndarray, *, on_step: Callable[[], None] = lambda: None
) -> xr.DataTree:
    """Run some dyads of a course, all arms.

    In a run of several chunks the last is filled up with dyads that are then left out, so that
    every chunk uses the same compiled program.
    """
    width = CHUNK if course.dyads > CHUNK else len(dyads)
    return _filled(course, dyads, width, on_step=on_step)


def _filled(
    course: Course, dyads: np.ndarray, width: int, *, on_step: Callable[[], None]
) -> xr.DataTree:
    """Some dyads, run with as many others as make up the width."""
    if len(dyads) == width:
        return _together(course, dyads, on_step)
    others = dyads[-1] + 1 + np.arange(width - len(dyads))
    tree = _together(course, np.concatenate([dyads, others]), on_step)
    return tree.map_over_datasets(
        lambda data: data.isel(dyad=data.dyad.isin(dyads)) if "dyad" in data.dims else data
    )


def _together(course: Course, dyads: np.ndarray, on_step: Callable[[], None]) -> xr.DataTree:
    schedule, keeps = schedule_of(course), keeps_ticks(course)
    base = dyads_of(course, dyads)
    childhood = grow_up(base, schedule, keeps_ticks=keeps, on_step=on_step)
    for generation in range(1, course.childhood.generations):
        keys = jax.vmap(lambda k, g=generation: jax.random.fold_in(k, 2**29 + g))(base.keys)
        base = base._replace(caregiver=inherited(childhood, base), keys=keys)
        childhood = grow_up(base, schedule, keeps_ticks=keeps, on_step=on_step)
    if course.kind == "childhood":
        caregiver = base.changed or base.caregiver
        client = childhood.client
        tried = _experiments(course, client, base, caregiver, client.old)
        return _tree(course, dyads, "", base, childhood, None, tried)
    trees = []
    for arm in course.arms:
        in_arm = _in_arm(course, arm, base, dyads)
        therapy = live(childhood.client, in_arm, schedule, keeps_ticks=keeps, on_step=on_step)
        client = therapy.client
        tried = _experiments(course, client, in_arm, in_arm.partner, client.life_model)
        trees.append(_tree(course, dyads, arm_name(arm), in_arm, childhood, therapy, tried))
    return joined(trees, course)


def _experiments(
    course: Course, client: Client, dyads: Dyads, figure: FigureValues, belief: jax.Array
) -> Values:
    """What the laboratory and the trust game at the end find, if the course has them."""
    depth, found = course.therapy.depth, {}
    if course.laboratory:
        found |= laboratory(client, dyads, figure, belief, depth=depth)
    if course.trust_game:
        found |= play(client, dyads, depth=depth)
    return found


def inherited(childhood: Childhood, dyads: Dyads) -> FigureValues:
    """The child as a caregiver: traits from the body and mind that its own care left.

    Contingency comes from slow oxytocin, contagion from reactivity, mentalising from having
    been mentalised, threat from the share of fright in the working model, each with noise.
    """
    experience = childhood.client.experience
    z = people.normals(dyads.keys, 2**29, 3)
    fear = np.asarray(experience.memory.counts / experience.memory.counts.sum(0))
    fear = (fear[3].mean(0) * np.asarray(childhood.client.old)).sum(0)
    mentalised = np.asarray(experience.mentalised)
    traits = {
        "contingency": 0.6
        + 14.7 * (np.asarray(experience.oxytocin_trait) - 0.357)
        + 0.6 * z[0],
        "mentalising": 1.0 / (1.0 + np.exp(-(0.7 + 8.2 * (mentalised - 0.63) + 0.6 * z[1]))),
        "threat": np.exp(-1.52 + 6.6 * fear + 0.6 * z[2]),
        "contagion": 0.03 * np.asarray(dyads.seeker.reactivity),
    }
    return people.figures(len(dyads.keys), traits)


def dyads_of(course: Course, dyads: np.ndarray) -> Dyads:
    """Everybody who takes part in a course, without an arm: as on a waiting list."""
    n = len(dyads)
    keys = people.dyad_keys(course.seed, dyads)
    caregiver = _traits(course.childhood.caregiver, course, keys)
    return Dyads(
        keys=keys,
        seeker=people.seekers(keys, course.client.model_dump()),
        caregiver=people.figures(n, caregiver),
        partner=people.figures(n, people.partners(keys, course.life.partner_quality)),
        therapist=people.figures(n, dict(THERAPISTS["average"])),
        protocol=people.protocols(n, "supportive", None, 1),
        treated=jnp.zeros(n),
        may_leave=jnp.full(n, float(course.therapy.may_leave)),
        switches=people.switches(course.ablate),
        earlier=tuple(
            people.figures(n, _traits(course.childhood.earlier, course, on_shift))
            for on_shift in people.shifts(keys, course.childhood.placed_after)
        ),
        changed=_changed(course, keys),
    )


def _traits(caregiver: str | Figure, course: Course, keys) -> dict[str, Any]:
    """Traits of a caregiver as given, by name, or one drawn for each dyad."""
    if isinstance(caregiver, Figure):
        return caregiver.model_dump()
    if caregiver == "population":
        means = course.childhood.population
        return people.caregivers(keys, people.Caregivers(**means.model_dump()))
    return dict(CAREGIVERS[caregiver])


def _changed(course: Course, keys) -> people.Figure | None:
    """Caregivers after the first of two assessments, if they do not stay as they were."""
    childhood = course.childhood
    if childhood.stability == 1.0:
        return None
    means = people.Caregivers(**childhood.population.model_dump())
    traits = people.caregivers(keys, means, stability=childhood.stability)
    return people.figures(len(keys), traits)


def _in_arm(course: Course, arm: Arm, base: Dyads, dyads: np.ndarray) -> Dyads:
    n = len(dyads)
    if isinstance(arm.therapist, Figure):
        traits = arm.therapist.model_dump()
    elif arm.therapist == "population":
        traits = people.therapist_population(
            course.seed, dyads // course.caseload, skill_sd=course.therapy.skill_sd
        )
    else:
        traits = dict(THERAPISTS[arm.therapist])
    own = course.protocols.get(arm.protocol)
    custom = (own.early, own.late or own.early) if own else None
    return base._replace(
        therapist=people.figures(n, traits),
        protocol=people.protocols(n, arm.protocol, custom, course.therapy.switch_session),
        treated=jnp.full(n, float(arm.protocol != "waiting_list")),
    )


def _tree(
    course: Course,
    dyads: np.ndarray,
    arm: str,
    people_: Dyads,
    childhood: Childhood,
    therapy: Therapy | None,
    tried: Values,
) -> xr.DataTree:
    schedule = schedule_of(course)
    values = childhood_readouts(childhood, people_) | tried
    rows = list(childhood.rows)
    if therapy is not None:
        values |= life_readouts(therapy, people_, schedule.waiting_weeks, schedule.sessions)
        rows += therapy.rows
    caregiver = course.childhood.caregiver
    history = caregiver if isinstance(caregiver, str) else "as given"
    n = len(dyads)
    values |= {
        "history": np.full(n, history),
        "caregiver_contingency": people_.caregiver.contingency,
        "caregiver_mentalising": people_.caregiver.mentalising,
        "caregiver_threat": people_.caregiver.threat,
    }
    if therapy is not None:
        values |= {"partner_contingency": people_.partner.contingency,
                   "therapist_mentalising": people_.therapist.mentalising,
                   "therapist": dyads // course.caseload}  # fmt: skip
    coords = {"dyad": dyads, "arm": ("dyad", np.full(n, arm))}
    readouts = xr.Dataset(
        {name: ("dyad", np.asarray(value), _attrs(name)) for name, value in values.items()},
        coords,
    )
    groups = {"readouts": readouts}
    if course.keep != "readouts":
        groups["encounters"] = _encounters(rows, coords)
    if keeps_ticks(course):
        ticks = childhood.ticks + (therapy.ticks if therapy else [])
        at = [i for i, row in enumerate(rows) if row["phase"] in ("childhood", "therapy")]
        groups["ticks"] = _ticks(ticks, at, coords)
    return xr.DataTree.from_dict(groups)


def _attrs(name: str) -> dict[str, str]:
    if name not in READOUTS:
        return {}
    readout = READOUTS[name]
    return {"long_name": readout.meaning, "units": readout.unit}


def _encounters(rows, coords) -> xr.Dataset:
    """Rows as variables (dyad, encounter, ...), missing where an encounter has none."""
    labels = ("phase", "week", "session", "age_years")
    names = sorted({name for row in rows for name in row} - {*labels})
    variables = {}
    for name in names:
        shape = next(row[name].shape for row in rows if name in row)
        empty = np.full(shape, np.nan, np.float32)
        stacked = np.stack([row.get(name, empty) for row in rows]).astype(np.float32)
        data = np.moveaxis(stacked, -1, 0)
        long_name, units = _NAMES.get(name, (name.replace("_", " "), ""))
        attrs = {"long_name": long_name, "units": units}
        variables[name] = (("dyad", "encounter", *_DIMS.get(name, ())), data, attrs)
    data = xr.Dataset(
        variables,
        coords
        | {name: ("encounter", np.array([row[name] for row in rows])) for name in labels}
        | _LABELS,
    )
    if "life_distress" in data:
        data["symptoms"] = internalising(data.life_distress, data.life_value)
        data["symptoms"].attrs = {"long_name": "symptoms", "units": "SD"}
        old = data.model_belief.sel(model=0)
        data["new_model"] = 1.0 - old
    return data


_TICK_DIMS = {
    "arousal": ("second", "partner"), "heard": ("stance",), "policy": ("choice",),
    "model_belief": ("model",), "oxytocin": ("partner",), "cortisol": ("partner",),
}  # fmt: skip


def _ticks(ticks, at, coords) -> xr.Dataset:
    """Kept ticks (dyad, encounter, tick, ...); shorter encounters end in missing values."""
    longest = max(t["contact"].shape[0] for t in ticks)
    variables: dict[str, list[np.ndarray]] = {}
    for t in ticks:
        free = t["free_energy"]
        named = {
            "arousal": t["arousal"], "distress": t["distress"], "action": t["action"],
            "intervention": t["act"], "heard": t["stance"],
            "policy": t["policy"], "model_belief": t["model"], "mentalising": t["mentalising"],
            "contact": t["contact"], "trust": t["trust"], "free_energy_self": free[:, 0],
            "free_energy_other": free[:, 1], "ruptured": t["ruptured"],
            "oxytocin": t["oxytocin"], "cortisol": t["cortisol"], "learning_rate": t["rate"],
        }  # fmt: skip
        for name, value in named.items():
            padded = np.full((longest, *value.shape[1:]), np.nan, np.float32)
            padded[: len(value)] = value
            variables.setdefault(name, []).append(np.moveaxis(padded, -1, 0))
    data = {
        name: (("dyad", "encounter", "tick", *_TICK_DIMS.get(name, ())), np.stack(values, 1))
        for name, values in variables.items()
    }
    return xr.Dataset(
        data,
        coords | {"encounter": at} | {k: _LABELS[k] for k in ("partner", "stance", "model")},
    )


def joined(parts: list[xr.DataTree], course: Course) -> xr.DataTree:
    """Chunks or arms as one tree."""
    names = list(parts[0].children)
    groups = {
        name: xr.concat([part[name].to_dataset() for part in parts], "dyad", join="outer")
        if len(parts) > 1
        else parts[0][name].to_dataset()
        for name in names
    }
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {
        "title": course.title, "seed": course.seed, "ablated": list(course.ablate),
        "arms": [arm_name(arm) for arm in course.arms],
    }  # fmt: skip
    return tree
