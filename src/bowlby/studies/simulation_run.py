"""Run a simulation: one folder of tables, trajectories and a report, whole or not at all.

Chunks of dyads are kept as soon as they are done, so that an interrupted run goes on where it
stopped and memory stays flat however many dyads there are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from bowlby.courses.theories import theory_mark, theory_ran
from bowlby.runs.errors import RunError
from bowlby.runs.fingerprint import versions
from bowlby.runs.folder import new_folder, partial_of
from bowlby.runs.kept import Kept, open_kept
from bowlby.runs.manifest import made_by, write_manifest
from bowlby.runs.progress import Progress, Steps, silent
from bowlby.runs.workers import Threads, in_order
from bowlby.simulation.tables import encounter_table, readout_table

if TYPE_CHECKING:
    import pandas as pd

    from bowlby.courses.course import Course
    from bowlby.published.reproduction import Reproduction

Work = tuple[Callable[[], xr.DataTree | xr.Dataset], int]
"""Makes a piece; and the steps that takes."""


@dataclass(frozen=True)
class SimulationRun:
    """What a run wrote.

    Attributes:
        out: The folder.
        readouts: A row per dyad (and arm).
        missed: Checks of a published model outside their tolerance.
    """

    out: Path
    readouts: "pd.DataFrame"
    missed: tuple[str, ...] = ()


def run_course(
    course: "Course",
    out: Path,
    *,
    command: str = "",
    recordings: int = 0,
    on_progress: Progress = silent,
) -> SimulationRun:
    """Simulate a course and write its folder.

    Args:
        course: What to run.
        out: Folder to write; it must not exist.
        command: The command as typed.
        recordings: Sessions per dyad to emit as recordings (needs kept ticks).
        on_progress: Called with a stage, the steps done and their number.

    Raises:
        RunError: If the folder exists, another run is writing it, or recordings are asked for
            without kept ticks.
        OSError: If the output cannot be written.
    """
    from bowlby.reports.simulation import write_simulation_report
    from bowlby.simulation.schedule import keeps_ticks

    if recordings and not keeps_ticks(course):
        raise RunError("Recordings need kept ticks: add --keep ticks.")
    if recordings and course.kind == "couple":
        raise RunError("Couples have no sessions to be recorded: leave out --recordings.")
    with new_folder(out) as staging:
        design = {
            "kind": "simulate", "course": course.model_dump(mode="json"),
            "theory": theory_mark(course),
        }  # fmt: skip
        kept = open_kept(partial_of(out), design)
        chunks, synchrony = _simulate(course, kept, on_progress)
        on_progress("Writing", 0, 3)
        _gather(course, kept, chunks, staging, _read_synchrony(kept, synchrony))
        tree = open_trajectories(staging / "trajectories.zarr", course)
        tree.attrs["command"] = command
        if recordings:
            _emit(tree, staging / "recordings", course, recordings)
        on_progress("Writing", 1, 3)
        readouts = _write_tables(tree, staging)
        write_manifest(staging / "run.json", _manifest(course, command, tree, recordings))
        on_progress("Writing", 2, 3)
        write_simulation_report(staging / "report.html", tree)
        on_progress("Writing", 3, 3)
    return SimulationRun(out, readouts)


def _simulate(
    course: "Course", kept: Kept, on_progress: Progress
) -> tuple[list[str], list[str]]:
    """Do and keep every chunk, and the batches whose signals are measured; their names."""
    from bowlby.simulation import simulate as simulating
    from bowlby.simulation.instruments.synchrony import batches

    workers = Threads()
    step = Steps("Simulating", simulating.steps_of(course), on_progress, workers.stopping)
    chunks: dict[str, Work] = {
        f"chunk-{number:06d}": (
            partial(simulating.simulate_chunk, course, dyads, on_step=step),
            simulating.steps_of_chunk(course, len(dyads)),
        )
        for number, dyads in enumerate(simulating.chunks(course))
    }
    synchrony: dict[str, Work] = {
        f"synchrony-{number:06d}": (
            partial(simulating.simulate_synchrony, batch, on_step=step),
            simulating.steps_of_batch(batch),
        )
        for number, batch in enumerate(batches(course))
    }
    works = chunks | synchrony

    def do(name: str) -> None:
        make, steps = works[name]
        if kept.has(name):
            step(steps)
        else:
            kept.put(name, make())

    in_order(workers, do, works, stage="Simulating")
    return list(chunks), list(synchrony)


def run_published(
    name: str,
    out: Path,
    *,
    seed: int,
    command: str = "",
    on_progress: Progress = silent,
) -> SimulationRun:
    """Run a published model and write its folder, with its checks in run.json.

    Raises:
        RunError: If the folder exists.
        OSError: If the output cannot be written.
    """
    from bowlby.courses.catalogue import reproduction
    from bowlby.reports.simulation import write_simulation_report

    with new_folder(out) as staging:
        on_progress("Simulating", 0, 1)
        found: Reproduction = reproduction(name)(seed=seed)
        on_progress("Simulating", 1, 1)
        readouts = (
            found.readouts
            if found.readouts.sizes.get("dyad")
            else xr.Dataset(
                {check: ("dyad", [value]) for check, value in found.checks.items()},
                {"dyad": [0]},
            )
        )
        tree = xr.DataTree.from_dict({"readouts": readouts})
        tree.attrs = {
            "title": found.title, "seed": seed, "arms": [], "ablated": [], "command": command,
            "version": versions()["bowlby"],
        }  # fmt: skip
        found.curves.to_zarr(staging / "trajectories.zarr", zarr_format=2, mode="w")
        table = readout_table(readouts)
        table.to_parquet(staging / "readouts.parquet", index=False)
        table.iloc[:0].to_parquet(staging / "sessions.parquet", index=False)
        about = {"preset": name, "seed": seed, "inputs": [], "settings": {}}
        write_manifest(
            staging / "run.json", made_by("simulate", command) | about | _checks(found)
        )
        write_simulation_report(
            staging / "report.html", tree,
            checks=found.checks, targets=found.targets, curves=found.curves,
        )  # fmt: skip
    return SimulationRun(out, table, found.missed)


def _checks(found: "Reproduction") -> dict[str, Any]:
    """What a published model had to give, and what it gave."""
    return {
        "citation": found.citation,
        "second_hand": found.second_hand,
        "checks": {check: float(value) for check, value in found.checks.items()},
        "targets": {
            check: {"value": t.value, "tolerance": t.tolerance, "source": t.source}
            for check, t in found.targets.items()
        },
        "missed": list(found.missed),
    }


def open_trajectories(path: Path, course: "Course") -> xr.DataTree:
    """The trajectories of a run as a tree, loaded when used."""
    stored = xr.open_datatree(path, engine="zarr", chunks=None)
    tree = xr.DataTree.from_dict(
        {name: _fixed(group.to_dataset()) for name, group in stored.children.items()}
    )
    tree.attrs = {
        "title": course.title, "seed": course.seed,
        "ablated": [k if v == 1.0 else f"{k}={v:g}" for k, v in course.ablate.items()],
        "arms": _arms(course), "version": versions()["bowlby"],
        **({"met": course.dyads} if course.recruiting.chooses else {}),
    }  # fmt: skip
    return tree


def _arms(course: "Course") -> list[str]:
    return [arm.label for arm in course.arms] if course.kind == "therapy" else []


def _plain(dataset: xr.Dataset) -> xr.Dataset:
    """Strings of any length, so that chunks can be appended."""
    return dataset.assign(
        {
            name: dataset[name].astype(object)
            for name in (*dataset.data_vars, *dataset.coords)
            if dataset[name].dtype.kind in "UT"
        }
    )


def _fixed(dataset: xr.Dataset) -> xr.Dataset:
    """Strings as plain numpy strings again."""
    return dataset.assign(
        {
            name: (dataset[name].dims, np.array(dataset[name].to_numpy().tolist(), dtype=str))
            for name in (*dataset.data_vars, *dataset.coords)
            if dataset[name].dtype.kind in "TO"
        }
    )


def _read_synchrony(kept: Kept, names: Sequence[str]) -> xr.Dataset | None:
    """What was measured of the subsample; None if no synchrony was asked for."""
    from bowlby.simulation.instruments.synchrony import joined_synchrony

    return joined_synchrony([kept.get(name) for name in names]) if names else None


def _gather(
    course: "Course",
    kept: Kept,
    names: Sequence[str],
    folder: Path,
    synchrony: xr.Dataset | None,
) -> None:
    """One store from the chunks, read and written one at a time."""
    import zarr

    from bowlby.simulation.instruments.synchrony import with_synchrony
    from bowlby.simulation.recruiting import check_taken

    store, taken = folder / "trajectories.zarr", 0
    for name in names:
        tree, is_first = kept.get(name), taken == 0
        taken += tree["readouts"].sizes["dyad"]
        if not tree["readouts"].sizes["dyad"]:
            continue
        for group, node in tree.children.items():
            dataset = node.to_dataset()
            if synchrony is not None:
                dataset = with_synchrony(dataset, synchrony)
            dataset = _plain(dataset)
            if is_first:
                dataset.to_zarr(store, group=group, zarr_format=2, mode="a", consolidated=False)
            else:
                dataset.drop_vars(
                    [name for name in dataset.variables if "dyad" not in dataset[name].dims]
                ).to_zarr(store, group=group, append_dim="dyad", consolidated=False)
    check_taken(course, taken)
    zarr.open_group(store, mode="a", zarr_format=2)
    zarr.consolidate_metadata(store, zarr_format=2)


def _write_tables(tree: xr.DataTree, folder: Path) -> "pd.DataFrame":
    """Write readouts and encounters; the readouts."""
    readouts = readout_table(tree["readouts"].to_dataset())
    readouts.to_parquet(folder / "readouts.parquet", index=False)
    if "encounters" in tree.children:
        sessions = encounter_table(tree["encounters"].to_dataset())
    else:
        sessions = readouts.iloc[:0]
    sessions.to_parquet(folder / "sessions.parquet", index=False)
    return readouts


def _emit(tree: xr.DataTree, folder: Path, course: "Course", sessions: int) -> None:
    """Recordings of a dyad's first sessions, for the measuring code."""
    from bowlby.simulation.emission import write_sessions
    from bowlby.simulation.instruments.synchrony import session_recording

    ticks = tree["ticks"].to_dataset()
    phase = tree["encounters"].phase.to_numpy()
    at = [e for e in ticks.encounter.to_numpy() if phase[e] == "therapy"][:sessions]
    recordings = [
        session_recording(ticks.isel(dyad=dyad).sel(encounter=encounter), course, number)
        for dyad in range(ticks.sizes["dyad"])
        for number, encounter in enumerate(at, start=1)
    ]
    write_sessions(recordings, folder)


def _manifest(
    course: "Course", command: str, tree: xr.DataTree, recordings: int
) -> dict[str, Any]:
    from bowlby.simulation.instruments import READOUTS

    found = tree["readouts"].data_vars
    return made_by("simulate", command) | {
        "seed": course.seed,
        "inputs": [],
        "settings": course.model_dump(mode="json"),
        "recordings": recordings,
        "theory": theory_ran(course),
        "rows": int(tree["readouts"].sizes["dyad"]),
        "readouts": {
            name: {"meaning": r.meaning, "unit": r.unit, "noise": r.noise}
            for name, r in READOUTS.items()
            if name in found
        },
        "checks": {},
    }
