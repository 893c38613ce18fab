"""One course under two theories: each run whole, both in one report.

The folder holds a run for each theory, and beside them one report and tables of both, in which
arms of one's own theory are called `ARM (my_theory)`.
"""

import shutil
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from bowlby.courses.theories import theory_mark, theory_name, under_default
from bowlby.simulation.tables import encounter_table, readout_table
from bowlby.studies.folder import check_absent, replace_folder
from bowlby.studies.manifest import read_manifest, write_manifest
from bowlby.studies.pool import Progress
from bowlby.studies.simulation_run import SimulationRun, open_trajectories, run_course

if TYPE_CHECKING:
    from bowlby.courses.course import Course

DEFAULT = "default"


def run_compared(
    course: "Course",
    out: Path,
    *,
    command: str = "",
    on_progress: Progress = lambda *_: None,
) -> SimulationRun:
    """Run a course under the default theory and under its own, and write both in one folder.

    Args:
        course: What to run; it has a theory of its own.
        out: Folder to write; it must not exist.
        command: The command as typed.
        on_progress: Called with a stage, the steps done and their number.

    Raises:
        StudyError: If the folder exists.
        OSError: If the output cannot be written.
    """
    from bowlby.reports.simulation import write_simulation_report

    check_absent(out)
    partial = out.parent / f".{out.name}.theories"
    pair = {DEFAULT: under_default(course), own_name(course): course}
    folders = {}
    for name, each in pair.items():
        folders[name] = partial / f"{name}-{_mark(each)}"
        if not folders[name].exists():
            partial.mkdir(parents=True, exist_ok=True)
            run_course(each, folders[name], command=command, on_progress=on_progress)
    staging = out.parent / f".{out.name}.new"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        tree = together({n: open_trajectories(folders[n] / "trajectories.zarr", pair[n])
                         for n in pair})  # fmt: skip
        tree.attrs["command"] = command
        readouts = _write_tables(tree, staging)
        write_manifest(staging / "run.json", _manifest(folders, command))
        write_simulation_report(staging / "report.html", tree)
        for name, folder in folders.items():
            shutil.move(folder, staging / name)
        replace_folder(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    shutil.rmtree(partial, ignore_errors=True)
    return SimulationRun(out, readouts)


def own_name(course: "Course") -> str:
    """What a course's own theory is called beside the default one."""
    name = theory_name(course)
    return "own" if name == DEFAULT else name


def together(trees: dict[str, xr.DataTree]) -> xr.DataTree:
    """Runs of one course under several theories as one; the arms of all but the first renamed."""
    named = {name: _renamed(tree, name) for name, tree in trees.items()}
    first = next(iter(named.values()))
    groups = {
        group: xr.concat(
            [tree[group].to_dataset() for tree in named.values()], "dyad", join="outer",
            combine_attrs="drop_conflicts", data_vars="all", coords="minimal", compat="override",
        )
        for group in first.children
    }  # fmt: skip
    found = xr.DataTree.from_dict(groups)
    arms = [arm for tree in named.values() for arm in tree.attrs["arms"]]
    found.attrs = {**first.attrs, "arms": arms}
    return found


def _renamed(tree: xr.DataTree, name: str) -> xr.DataTree:
    def called(arm: str) -> str:
        base = arm or "childhood"
        return base if name == DEFAULT else f"{base} ({name})"

    def rename(data: xr.Dataset) -> xr.Dataset:
        if "arm" not in data:
            return data
        return data.assign_coords(arm=("dyad", [called(arm) for arm in data.arm.to_numpy()]))

    found = tree.map_over_datasets(rename)
    found.attrs = {**tree.attrs, "arms": [called(arm) for arm in tree.attrs["arms"] or [""]]}
    return found


def _write_tables(tree: xr.DataTree, folder: Path):
    readouts = readout_table(tree["readouts"].to_dataset())
    readouts.to_parquet(folder / "readouts.parquet", index=False)
    if "encounters" in tree.children:
        sessions = encounter_table(tree["encounters"].to_dataset())
        sessions.to_parquet(folder / "sessions.parquet", index=False)
    return readouts


def _mark(course: "Course") -> str:
    """Mark of a course and its theory: an interrupted comparison goes on with these alone."""
    from importlib.metadata import version

    content = course.model_dump_json() + theory_mark(course) + version("bowlby")
    return sha256(content.encode()).hexdigest()[:16]


def _manifest(folders: dict[str, Path], command: str) -> dict:
    """What the two runs say of themselves, under the names of their theories."""
    runs = {name: read_manifest(folder / "run.json") for name, folder in folders.items()}
    first = next(iter(runs.values()))
    shared = {k: first[k] for k in ("program", "versions", "seed", "inputs", "settings")}
    return {**shared, "kind": "simulate", "command": command, "theories": runs}
