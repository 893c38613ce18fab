"""Run power over a plane: one folder of a table, a figure and a report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bowlby.courses.course import Course
from bowlby.courses.theories import theory_mark, theory_ran
from bowlby.runs.fingerprint import fingerprint, versions
from bowlby.runs.folder import new_folder, partial_of
from bowlby.runs.kept import Kept, open_kept
from bowlby.runs.manifest import made_by, write_manifest
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import Workers
from bowlby.trials.plane import Combination, simulate_plane


def run_plane(
    plane: Sequence[Combination],
    over: Mapping[str, Sequence[Any]],
    out: Path,
    *,
    most: int,
    width: float,
    workers: Workers,
    command: str = "",
    on_progress: Progress = silent,
) -> pd.DataFrame:
    """Repeat every combination and write the folder.

    What is done is kept beside the folder until it is written, by combination.

    Args:
        plane: The combinations.
        over: Values of each entry that is varied.
        out: Folder to write; it must not exist.
        most: Repetitions of a combination at most.
        width: Width of the interval of power that is narrow enough; 0 for none.
        workers: Who does the repetitions.
        command: The command as typed.
        on_progress: Called with a stage, the combinations done and their number.

    Raises:
        RunError: If the folder exists, another run is writing it, or workers keep dying.
    """
    from bowlby.reports.trial import write_plane_report

    def kept_of(design: Course) -> Kept:
        content = {
            "kind": "trial", "design": design.model_dump(mode="json"),
            "theory": theory_mark(design),
        }  # fmt: skip
        return open_kept(partial_of(out) / fingerprint(content), content)

    with new_folder(out) as staging:
        table = simulate_plane(
            plane, most, workers, kept_of, width=width, on_progress=on_progress
        )
        table.to_csv(staging / "power.csv", index=False)
        first = plane[0].design
        write_manifest(staging / "run.json", {
            **made_by("power of a trial", command), "seed": first.seed, "inputs": [],
            "settings": first.model_dump(mode="json"),
            "plane": [
                {"values": dict(one.values), "settings": one.design.model_dump(mode="json"),
                 "theory": theory_ran(one.design)}
                for one in plane
            ],
            "over": {name: list(values) for name, values in over.items()},
            "repetitions": most, "width": width, "theory": theory_ran(first),
        })  # fmt: skip
        about = {
            "title": first.title, "seed": first.seed, "command": command, "most": most,
            "width": width, "version": versions()["bowlby"],
        }  # fmt: skip
        write_plane_report(staging / "report.html", table, list(over), about)
    return table
