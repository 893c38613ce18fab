"""Run a simulation: one folder of tables, trajectories and a report, whole or not at all.

Chunks of dyads are kept as soon as they are done, so that an interrupted run goes on where it
stopped and memory stays flat however many dyads there are.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from bowlby.simulation.tables import encounter_table, readout_table
from bowlby.studies.folder import StudyError, check_absent, replace_folder
from bowlby.studies.manifest import versions, write_manifest
from bowlby.studies.pool import Progress

if TYPE_CHECKING:
    import pandas as pd

    from bowlby.courses.course import Course
    from bowlby.published.reproduction import Reproduction
    from bowlby.simulation.instruments.synchrony import Batch

_SIMULATING = ("jax", "jaxlib", "equinox", "zarr", "pydantic")


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
    on_progress: Progress = lambda *_: None,
) -> SimulationRun:
    """Simulate a course and write its folder.

    Args:
        course: What to run.
        out: Folder to write; it must not exist.
        command: The command as typed.
        recordings: Sessions per dyad to emit as recordings (needs kept ticks).
        on_progress: Called with a stage, the steps done and their number.

    Raises:
        StudyError: If the folder exists or another course was interrupted there.
        OSError: If the output cannot be written.
    """
    from bowlby.reports.simulation import write_simulation_report
    from bowlby.simulation.instruments.synchrony import batches
    from bowlby.simulation.simulate import (
        chunks,
        simulate_chunk,
        simulate_synchrony,
        steps_of,
        steps_of_batch,
        steps_of_chunk,
    )

    check_absent(out)
    partial = out.parent / f".{out.name}.partial"
    pieces = _pieces_of(partial, course)
    recorded = pieces.with_name(f"{pieces.name}-synchrony")
    steps = steps_of(course)
    done, counting, stopping = 0, Lock(), Event()

    def step(number: int = 1) -> None:
        nonlocal done
        if stopping.is_set():
            raise KeyboardInterrupt
        with counting:
            done += number
            on_progress("Simulating", done, steps)

    def run_chunk(piece: Path, dyads: np.ndarray) -> None:
        if (piece / "done").exists():
            step(steps_of_chunk(course))
        else:
            _write_piece(simulate_chunk(course, dyads, on_step=step), piece)

    def run_batch(piece: Path, batch: "Batch") -> None:
        if (piece / "done").exists():
            step(steps_of_batch(batch))
        else:
            found = simulate_synchrony(batch, on_step=step)
            _write_piece(xr.DataTree.from_dict({"synchrony": found}), piece)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pieces_done = [
            pool.submit(run_chunk, pieces / f"{number:06d}", dyads)
            for number, dyads in enumerate(chunks(course))
        ]
        pieces_done += [
            pool.submit(run_batch, recorded / f"{number:06d}", batch)
            for number, batch in enumerate(batches(course))
        ]
        try:
            for piece in pieces_done:
                piece.result()
        except BaseException:
            stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    staging = out.parent / f".{out.name}.new"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        on_progress("Writing", 0, 3)
        _gather(sorted(pieces.iterdir()), staging, _read_synchrony(recorded))
        tree = open_trajectories(staging / "trajectories.zarr", course)
        tree.attrs["command"] = command
        if recordings:
            _emit(tree, staging / "recordings", course, recordings)
        on_progress("Writing", 1, 3)
        _write_tables(tree, staging)
        write_manifest(staging / "run.json", _manifest(course, command, tree))
        on_progress("Writing", 2, 3)
        write_simulation_report(staging / "report.html", tree)
        on_progress("Writing", 3, 3)
        replace_folder(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    shutil.rmtree(partial, ignore_errors=True)
    return SimulationRun(out, readout_table(tree["readouts"].to_dataset()))


def run_published(
    name: str,
    out: Path,
    *,
    seed: int,
    command: str = "",
    on_progress: Progress = lambda *_: None,
) -> SimulationRun:
    """Run a published model and write its folder, with its checks in run.json.

    Raises:
        StudyError: If the folder exists.
        OSError: If the output cannot be written.
    """
    from bowlby.courses.catalogue import reproduction
    from bowlby.reports.simulation import write_simulation_report

    check_absent(out)
    on_progress("Simulating", 0, 1)
    found: Reproduction = reproduction(name)(seed=seed)
    on_progress("Simulating", 1, 1)
    readouts = (
        found.readouts
        if found.readouts.sizes.get("dyad")
        else xr.Dataset(
            {check: ("dyad", [value]) for check, value in found.checks.items()}, {"dyad": [0]}
        )
    )
    tree = xr.DataTree.from_dict({"readouts": readouts})
    tree.attrs = {
        "title": found.title, "seed": seed, "arms": [], "ablated": [], "command": command,
        "version": version("bowlby"),
    }  # fmt: skip
    staging = out.parent / f".{out.name}.new"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        found.curves.to_zarr(staging / "trajectories.zarr", zarr_format=2, mode="w")
        readout_table(readouts).to_parquet(staging / "readouts.parquet", index=False)
        readout_table(readouts).iloc[:0].to_parquet(staging / "sessions.parquet", index=False)
        content = _common(command, seed) | {
            "preset": name,
            "citation": found.citation,
            "second_hand": found.second_hand,
            "checks": {check: float(value) for check, value in found.checks.items()},
            "targets": {
                check: {"value": t.value, "tolerance": t.tolerance, "source": t.source}
                for check, t in found.targets.items()
            },
            "missed": list(found.missed),
        }
        write_manifest(staging / "run.json", content)
        write_simulation_report(
            staging / "report.html", tree,
            checks=found.checks, targets=found.targets, curves=found.curves,
        )  # fmt: skip
        replace_folder(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return SimulationRun(out, readout_table(readouts), found.missed)


def open_trajectories(path: Path, course: "Course") -> xr.DataTree:
    """The trajectories of a run as a tree, loaded when used."""
    stored = xr.open_datatree(path, engine="zarr", chunks=None)
    tree = xr.DataTree.from_dict(
        {name: _fixed(group.to_dataset()) for name, group in stored.children.items()}
    )
    tree.attrs = {
        "title": course.title, "seed": course.seed, "ablated": list(course.ablate),
        "arms": _arms(course), "version": version("bowlby"),
    }  # fmt: skip
    return tree


def _arms(course: "Course") -> list[str]:
    from bowlby.courses.course import arm_name

    return [arm_name(arm) for arm in course.arms] if course.kind == "therapy" else []


def _pieces_of(partial: Path, course: "Course") -> Path:
    """Folder of the chunks done so far, of this very course."""
    content = json.dumps([course.model_dump(mode="json"), version("bowlby")], sort_keys=True)
    pieces = partial / hashlib.sha256(content.encode()).hexdigest()[:16]
    pieces.mkdir(parents=True, exist_ok=True)
    return pieces


def _write_piece(tree: xr.DataTree, piece: Path) -> None:
    shutil.rmtree(piece, ignore_errors=True)
    for name, group in tree.children.items():
        _plain(group.to_dataset()).to_zarr(
            piece / name, zarr_format=2, mode="w", consolidated=False
        )
    (piece / "done").touch()


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


def _read_synchrony(recorded: Path) -> xr.Dataset | None:
    """What was measured of the subsample; None if no synchrony was asked for."""
    from bowlby.simulation.instruments.synchrony import joined_synchrony

    if not recorded.exists():
        return None
    return joined_synchrony(
        [
            _fixed(xr.open_zarr(piece / "synchrony", consolidated=False, chunks=None).load())
            for piece in sorted(recorded.iterdir())
        ]
    )


def _gather(pieces: Sequence[Path], folder: Path, synchrony: xr.Dataset | None) -> None:
    """One store from the chunks, read and written one at a time."""
    from bowlby.simulation.instruments.synchrony import with_synchrony

    store = folder / "trajectories.zarr"
    for number, piece in enumerate(pieces):
        for group in sorted(path.name for path in piece.iterdir() if path.is_dir()):
            stored = xr.open_zarr(piece / group, consolidated=False, chunks=None)
            dataset = stored.load()
            if synchrony is not None:
                dataset = with_synchrony(dataset, synchrony)
            dataset = _plain(dataset)
            for variable in dataset.variables.values():
                variable.encoding.clear()
            if number == 0:
                dataset.to_zarr(store, group=group, zarr_format=2, mode="a", consolidated=False)
            else:
                dataset.drop_vars(
                    [name for name in dataset.variables if "dyad" not in dataset[name].dims]
                ).to_zarr(store, group=group, append_dim="dyad", consolidated=False)
    import zarr

    zarr.open_group(store, mode="a", zarr_format=2)
    zarr.consolidate_metadata(store, zarr_format=2)


def _write_tables(tree: xr.DataTree, folder: Path) -> None:
    readouts = readout_table(tree["readouts"].to_dataset())
    readouts.to_parquet(folder / "readouts.parquet", index=False)
    if "encounters" in tree.children:
        sessions = encounter_table(tree["encounters"].to_dataset())
    else:
        sessions = readouts.iloc[:0]
    sessions.to_parquet(folder / "sessions.parquet", index=False)


def _emit(tree: xr.DataTree, folder: Path, course: "Course", sessions: int) -> None:
    """Recordings of a dyad's first sessions, for the measuring code."""
    from bowlby.simulation.emission import write_sessions
    from bowlby.simulation.instruments.synchrony import session_recording

    if "ticks" not in tree.children:
        raise StudyError("Recordings need kept ticks: add --keep ticks.")
    ticks = tree["ticks"].to_dataset()
    phase = tree["encounters"].phase.to_numpy()
    at = [e for e in ticks.encounter.to_numpy() if phase[e] == "therapy"][:sessions]
    recordings = [
        session_recording(ticks.isel(dyad=dyad).sel(encounter=encounter), course, number)
        for dyad in range(ticks.sizes["dyad"])
        for number, encounter in enumerate(at, start=1)
    ]
    write_sessions(recordings, folder)


def _common(command: str, seed: int) -> dict[str, Any]:
    return {
        "program": "bowlby",
        "kind": "simulate",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "versions": versions() | {name: version(name) for name in _SIMULATING},
        "seed": seed,
        "inputs": [],
    }


def _manifest(course: "Course", command: str, tree: xr.DataTree) -> dict[str, Any]:
    from bowlby.simulation.instruments import READOUTS

    found = tree["readouts"].data_vars
    return _common(command, course.seed) | {
        "settings": course.model_dump(mode="json"),
        "rows": int(tree["readouts"].sizes["dyad"]),
        "readouts": {
            name: {"meaning": r.meaning, "unit": r.unit, "noise": r.noise}
            for name, r in READOUTS.items()
            if name in found
        },
        "checks": {},
    }
