"""Synchrony readouts: signals of a random subsample, emitted and measured as real ones are.

Synchrony is not known to the simulator: it is what the measuring code finds in the signals that
the two bodies emit. That takes a quarter of a second a session for heart, skin and motion, and
the dyads are simulated once more with every tick kept, so that only some dyads (300) and some
of their sessions (3: early, middle, late) are measured, each for 15 minutes, and only if a
course asks for it. Everybody else's synchrony is missing.

Source: fifteen minutes of a session as in Ramseyer & Tschacher (2011), Journal of Consulting
and Clinical Psychology 79, 284-295; against segment-shuffled surrogates as in Tschacher & Meier
(2020), Psychotherapy Research 30, 558-573.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from threadpoolctl import threadpool_limits

from bowlby._types import BoolArray, IntArray
from bowlby.courses.course import Course, SynchronySection
from bowlby.recordings.recording import Recording, SignalPair
from bowlby.simulation.emission import USUAL_KINDS, emit_session, measured_pair
from bowlby.simulation.instruments.synchrony_codebook import CODEBOOK
from bowlby.synchrony.concordance import ConcordanceIndex
from bowlby.synchrony.measuring import Settings, standing
from bowlby.synchrony.mismatched import Session, pseudo_pair
from bowlby.theory import Theory
from bowlby.theory.entrainment import Entrainment


class _Channel(NamedTuple):
    """A signal as recorded and as compared."""

    recorded: str
    compared: str


_CHANNELS: Mapping[str, _Channel] = MappingProxyType(
    {
        "heart": _Channel("ibi", "ibi"), "rsa": _Channel("ibi", "rsa"),
        "skin": _Channel("eda", "eda_phasic"), "breath": _Channel("respiration", "respiration"),
        "motion": _Channel("motion", "motion"),
    }
)  # fmt: skip

BATCH = 32
"""Most dyads of the subsample that are simulated together: their ticks take about 0.1 GB."""

# Motion is sampled 25 times a second; lags this far apart are enough for a reaction to a face.
_STATISTIC = "wcc_peak"
SETTINGS = Settings(statistic=_STATISTIC, surrogates=99, lag_step_s=0.25)
"""How the subsample is measured."""

_SUBSAMPLE_STREAM = 2**31 + 1


def chosen_dyads(course: Course) -> IntArray:
    """Numbers of the dyads whose signals are measured, drawn without replacement.

    They depend on the seed, the number of dyads and the size of the subsample, on nothing else.
    """
    wanted = min(_asked(course).dyads, course.dyads)
    rng = np.random.default_rng([course.seed, _SUBSAMPLE_STREAM])
    return np.sort(rng.choice(course.dyads, wanted, replace=False))


class Batch(NamedTuple):
    """Dyads of the subsample that are simulated together in one arm, every tick kept.

    Attributes:
        course: The course with this arm only.
        dyads: Their numbers.
        width: How many run together, so that every batch uses the same compiled program.
    """

    course: Course
    dyads: IntArray
    width: int


def batches(course: Course) -> list[Batch]:
    """The subsample in parts; none if no synchrony is asked for."""
    if course.synchrony is None:
        return []
    chosen = chosen_dyads(course)
    # Parts as equal as can be: nobody is left alone in one, without a stranger.
    parts = np.array_split(chosen, math.ceil(len(chosen) / BATCH))
    arms = [(arm,) for arm in course.arms if arm.protocol != "waiting_list"]
    if course.kind == "childhood":
        arms = [course.arms[:1]]
    return [
        Batch(
            course.model_copy(update={"arms": arm, "keep": "ticks"}),
            part,
            len(parts[0]),
        )
        for arm in arms
        for part in parts
    ]


def chosen_encounters(course: Course) -> IntArray:
    """Which sessions (of a therapy) or encounters (of a childhood) are measured, from 0.

    They are the middles of equal parts of the whole: of 30 sessions the 6th, 16th and 26th.
    """
    is_therapy = course.kind == "therapy"
    total = course.therapy.sessions if is_therapy else course.childhood.encounters
    wanted = min(_asked(course).sessions, total)
    return np.array([int((i + 0.5) * total / wanted) for i in range(wanted)], dtype=int)


def _asked(course: Course) -> SynchronySection:
    return course.synchrony or SynchronySection()


def session_recording(
    ticks: xr.Dataset,
    course: Course,
    number: int,
    *,
    kinds: Sequence[str] | None = None,
    minutes: float | None = None,
    entrainment: Entrainment = Entrainment(),
) -> Recording:
    """What recorders would have kept of one session.

    Args:
        ticks: Kept ticks of one dyad in one encounter, missing after its end.
        course: The course; its seed, the dyad and the session give the random numbers, which
            are the same in every arm.
        number: Number of the session, from 1.
        kinds: Kinds of signal to emit; None for the usual ones.
        minutes: Length from the session's start (min); None for all of it.
        entrainment: The fast channel between the two bodies.
    """
    there = ticks.dropna("tick", subset=["contact"])
    if minutes is not None:
        there = there.isel(tick=slice(0, round(minutes * 60.0 / there.sizes["second"])))
    dyad, arm = int(there.dyad), str(there.arm.to_numpy())
    slug = "".join(c if c.isalnum() else "-" for c in arm).strip("-")
    stem = f"dyad-{dyad:05d}" + (f"_{slug}" if slug else "")
    is_therapy = course.kind == "therapy"
    return emit_session(
        there.arousal.to_numpy().reshape(-1, 2),
        there.contact.to_numpy(),
        there.attention.transpose("tick", "partner").to_numpy(),
        rng=np.random.default_rng([course.seed, dyad, number]),
        name=f"{stem}_session-{number:02d}",
        labels={"dyad": str(dyad), "session": str(number), "arm": arm},
        entrainment=entrainment,
        roles=("client", "therapist") if is_therapy else ("child", "caregiver"),
        kinds=USUAL_KINDS if kinds is None else tuple(kinds),
    )


def measured(
    tree: xr.DataTree,
    course: Course,
    theory: Theory,
    *,
    on_step: Callable[[], None] = lambda: None,
) -> xr.Dataset:
    """Synchrony of the chosen sessions of simulated dyads.

    Args:
        tree: Simulated dyads with every tick (groups `encounters` and `ticks`).
        course: Their course.
        theory: The theory they lived in.
        on_step: Called after each session.

    Returns:
        Dataset (dyad, encounter), `encounter` as in the group `encounters`: for each signal
        `synchrony_NAME`, `..._lag_s`, `..._lead`, `..._r` and, if asked for,
        `..._strangers`; missing where there was no session or too little of it.
    """
    asked = _asked(course)
    ticks, encounters = tree["ticks"].to_dataset(), tree["encounters"].to_dataset()
    phase = "therapy" if course.kind == "therapy" else "childhood"
    at = np.flatnonzero(encounters.phase.to_numpy() == phase)
    numbers = chosen_encounters(course)
    rows = at[numbers]
    kinds = tuple(dict.fromkeys(_CHANNELS[name].recorded for name in asked.signals))
    happened = (
        encounters.present.to_numpy()[:, rows] > 0.5
        if phase == "therapy"
        else np.ones((ticks.sizes["dyad"], len(rows)), bool)
    )
    cells = [(i, j) for i in range(ticks.sizes["dyad"]) for j in range(len(rows))]
    by_row = [ticks.sel(encounter=row).load() for row in rows]

    def prepare_cell(cell: tuple[int, int]) -> dict[str, SignalPair]:
        i, j = cell
        if not happened[i, j]:
            return {}
        recording = session_recording(
            by_row[j].isel(dyad=i), course, int(numbers[j]) + 1,
            kinds=kinds, minutes=asked.minutes, entrainment=theory.entrainment,
        )  # fmt: skip
        return _pairs(recording, asked.signals)

    found = []
    with threadpool_limits(1):  # Its matrices are small: threads would wait for each other.
        prepared = {cell: prepare_cell(cell) for cell in cells}
        for cell in cells:
            other = _strangers(prepared, cell, happened) if asked.strangers else {}
            found.append(_session_row(prepared[cell], other, _name(tree, cell, rows)))
            on_step()
    shape = (ticks.sizes["dyad"], len(rows))
    values = {
        name: np.array([row.get(name, np.nan) for row in found]).reshape(shape)
        for name in _columns(asked)
    }
    return xr.Dataset(
        {name: (("dyad", "encounter"), value) for name, value in values.items()},
        {"dyad": ticks.dyad, "arm": ticks.arm, "encounter": rows},
    )


def _columns(asked: SynchronySection) -> list[str]:
    """Columns of a session, whether or not anything could be measured."""
    parts = ("", "_lag_s", "_lead", "_r", *(["_strangers"] if asked.strangers else []))
    own = [f"synchrony_{signal}{part}" for signal in asked.signals for part in parts]
    return own + (["concordance_skin"] if "skin" in asked.signals else [])


def _name(tree: xr.DataTree, cell: tuple[int, int], rows: IntArray) -> str:
    """Seeds the surrogates: by dyad and encounter, the same in every arm and batch."""
    return f"{int(tree['ticks'].dyad[cell[0]])}-{rows[cell[1]]}"


def _pairs(recording: Recording, signals: Sequence[str]) -> dict[str, SignalPair]:
    found = SETTINGS.prepared(recording, [_CHANNELS[name].compared for name in signals])
    by_name = {pair.signal: pair for pair in found}
    return {name: by_name[_CHANNELS[name].compared] for name in signals}


def _strangers(
    prepared: Mapping[tuple[int, int], Mapping[str, SignalPair]],
    cell: tuple[int, int],
    happened: BoolArray,
) -> dict[str, SignalPair]:
    """The first person of this session with the second of the next dyad's same session."""
    i, j = cell
    there = np.flatnonzero(happened[:, j])
    if not happened[i, j] or len(there) < 2:
        return {}
    next_one = int(there[(np.searchsorted(there, i) + 1) % len(there)])
    own, other = prepared[cell], prepared[next_one, j]

    def session(number: int, pair: SignalPair) -> Session:
        return Session(str(number), pair, f"first-{number}", f"second-{number}", str(number))

    return {
        name: pseudo_pair(session(i, own[name]), session(next_one, other[name])) for name in own
    }


def _session_row(
    pairs: Mapping[str, SignalPair], strangers: Mapping[str, SignalPair], name: str
) -> dict[str, float]:
    """Columns of one session."""
    row: dict[str, float] = {}
    for signal, pair in pairs.items():
        found = measured_pair(pair, SETTINGS, name=name)
        if found is None:
            continue
        first, lead = (found.sel(statistic=kind) for kind in (_STATISTIC, "wcc_lead"))
        row |= {
            f"synchrony_{signal}": float(first.z),
            f"synchrony_{signal}_lag_s": float(first.peak_lag_s),
            f"synchrony_{signal}_lead": float(lead.z),
            f"synchrony_{signal}_r": float(found.in_phase[found.lag_s == 0.0].item()),
        }
        if signal == "skin":
            index = ConcordanceIndex().estimate(pair.x, pair.y, rate_hz=pair.rate_hz)
            row["concordance_skin"] = index.value
        if strangers:
            row[f"synchrony_{signal}_strangers"] = _standing(strangers[signal], name)
    return row


def _standing(pair: SignalPair, name: str) -> float:
    """Synchrony of two strangers; missing if they share too little."""
    try:
        return standing(pair, SETTINGS, SETTINGS.rng(f"{name} strangers|{pair.signal}"))
    except ValueError:
        return np.nan


def with_synchrony(group: xr.Dataset, found: xr.Dataset) -> xr.Dataset:
    """A group of a run with the synchrony of those that were measured, missing elsewhere.

    Args:
        group: `readouts` (dyad) or `encounters` (dyad, encounter); others stay as they are.
        found: What `measured` returned, of any dyads and arms.
    """
    if "dyad" not in group.dims or "tick" in group.dims:
        return group
    own = pd.MultiIndex.from_arrays([group.arm.to_numpy(), group.dyad.to_numpy()])
    row = pd.MultiIndex.from_arrays([found.arm.to_numpy(), found.dyad.to_numpy()])
    at = own.get_indexer(row)
    is_here = at >= 0
    if "encounter" in group.dims:
        added = {}
        for name, variable in found.data_vars.items():
            values = np.full((group.sizes["dyad"], group.sizes["encounter"]), np.nan)
            here = np.ix_(at[is_here], found.encounter.to_numpy())
            values[here] = variable.to_numpy()[is_here]
            added[name] = (("dyad", "encounter"), values.astype(np.float32))
        return group.assign(added)
    added = {}
    for name, summary in readouts_of(found).items():
        empty = "" if summary.dtype.kind == "U" else np.nan
        values = np.full(group.sizes["dyad"], empty, summary.dtype)
        values[at[is_here]] = summary[is_here]
        attrs = {"long_name": CODEBOOK[name].meaning, "units": CODEBOOK[name].unit}
        added[name] = ("dyad", values, attrs)
    return group.assign(added)


def readouts_of(found: xr.Dataset) -> dict[str, np.ndarray]:
    """Readouts of each dyad: means over its measured sessions.

    Lag, lead and leader are the heart's, or, without a heart, the first signal's.
    """
    means = {str(name): found[name].mean("encounter").to_numpy() for name in found.data_vars}
    result = {name: value for name, value in means.items() if name in CODEBOOK}
    signals = [name for name in _CHANNELS if f"synchrony_{name}_lead" in means]
    if signals:
        lead = means[f"synchrony_{signals[0]}_lead"]
        result["synchrony_lag_s"] = means[f"synchrony_{signals[0]}_lag_s"]
        result["synchrony_lead"] = lead
        leader = np.where(lead > 0.0, "seeker", "figure")
        result["synchrony_leader"] = np.where(np.isfinite(lead), leader, "")
    return result


def joined_synchrony(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Batches and arms as one dataset."""
    return xr.concat(parts, "dyad", join="outer")
