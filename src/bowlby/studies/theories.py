"""One course under two theories: each run whole, both in one report.

The folder holds a run for each theory, and beside them one report and tables of both, in which
arms of one's own theory are called `ARM (my_theory)`.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from bowlby.courses.theories import theory_mark, theory_name, under_default
from bowlby.runs.fingerprint import fingerprint
from bowlby.runs.folder import beside, new_folder
from bowlby.runs.manifest import made_by, write_manifest
from bowlby.runs.progress import Progress, silent
from bowlby.simulation.tables import encounter_table, readout_table
from bowlby.studies.simulation_run import SimulationRun, open_trajectories, run_course

if TYPE_CHECKING:
    from bowlby.courses.course import Course

DEFAULT = "default"


def run_compared(
    course: "Course",
    out: Path,
    *,
    command: str = "",
    on_progress: Progress = silent,
) -> SimulationRun:
    """Run a course under the default theory and under its own, and write both in one folder.

    Args:
        course: What to run; it has a theory of its own.
        out: Folder to write; it must not exist.
        command: The command as typed.
        on_progress: Called with a stage, the steps done and their number.

    Raises:
        RunError: If the folder exists, or another run is writing it.
        OSError: If the output cannot be written.
    """
    import shutil

    from bowlby.reports.simulation import write_simulation_report

    pair = {DEFAULT: under_default(course), own_name(course): course}
    with new_folder(out) as staging:
        partial, folders = beside(out, "theories"), {}
        for name, each in pair.items():
            folders[name] = partial / f"{name}-{_mark(each)}"
            if not folders[name].exists():
                partial.mkdir(exist_ok=True)
                run_course(each, folders[name], command=command, on_progress=on_progress)
        trees = {name: open_trajectories(folder / "trajectories.zarr", pair[name])
                 for name, folder in folders.items()}  # fmt: skip
        tree = together(trees)
        tree.attrs["command"] = command
        readouts = _write_tables(tree, staging)
        write_manifest(staging / "run.json", _manifest(folders, command))
        write_simulation_report(staging / "report.html", tree)
        for name, folder in folders.items():
            shutil.move(folder, staging / name)
        shutil.rmtree(partial)
    return SimulationRun(out, readouts)


def own_name(course: "Course") -> str:
    """What a course's own theory is called beside the default one."""
    name = theory_name(course)
    return "own" if name == DEFAULT else name


def together(trees: dict[str, xr.DataTree]) -> xr.DataTree:
    """Runs of a course under several theories as one; arms of one's own theory renamed."""
    named = {name: _renamed(tree, name) for name, tree in trees.items()}
    first = next(iter(named.values()))
    groups = {
        group: xr.concat(
            [tree[group].to_dataset() for tree in named.values()], "dyad", join="outer",
            combine_attrs="drop_conflicts", data_vars="all", coords="minimal",
            compat="override",
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
    """Mark of a course, its theory and the code: a comparison goes on with these alone."""
    from bowlby.runs.fingerprint import conditions

    return fingerprint([course.model_dump(mode="json"), theory_mark(course), conditions()])


def _manifest(folders: dict[str, Path], command: str) -> dict[str, Any]:
    """What the two runs say of themselves, under the names of their theories."""
    runs = {name: json.loads((folder / "run.json").read_text("utf-8"))
            for name, folder in folders.items()}  # fmt: skip
    first = next(iter(runs.values()))
    shared = {name: first[name] for name in ("seed", "inputs", "settings")}
    return {**made_by("simulate", command), **shared, "theories": runs}
