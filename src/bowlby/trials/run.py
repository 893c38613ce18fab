"""Run a trial: one folder of tables, analysis and a report, whole or not at all."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bowlby.courses.course import Course
from bowlby.courses.theories import FILE, numbers_of, theory_mark, theory_of
from bowlby.studies.folder import check_absent, replace_folder
from bowlby.studies.manifest import versions, write_manifest
from bowlby.trials.analysis import analyse
from bowlby.trials.executors import Executor, Serial
from bowlby.trials.power import power_summary, simulate_power
from bowlby.trials.simulating import Progress, simulate_trial
from bowlby.trials.theories import compared, stacked

_SIMULATING = ("jax", "jaxlib", "equinox", "pydantic")


@dataclass(frozen=True)
class TrialRun:
    """What a run wrote.

    Attributes:
        out: The folder.
        analysis: What analysis.json holds.
    """

    out: Path
    analysis: dict[str, Any]


def run_trial(
    design: Course,
    out: Path,
    *,
    beside: Course | None = None,
    executor: Executor = Serial(),  # noqa: B008 -- frozen, without state
    repetitions: int = 0,
    resumes: bool = True,
    command: str = "",
    on_progress: Progress = lambda *_: None,
) -> TrialRun:
    """Simulate a trial, analyse it and write its folder.

    Finished jobs are kept beside the folder until it is written. They do not depend on the
    executor, so an interrupted trial can go on with another one.

    Args:
        design: The trial.
        out: Folder to write; it must not exist.
        beside: The same trial under another theory, to be shown in one report with it.
        executor: Where jobs are done.
        repetitions: How often to repeat the trial for its power; 0 for none.
        resumes: Whether to use what an interrupted run of this design left.
        command: The command as typed.
        on_progress: Called with a stage, the jobs done and their number.

    Raises:
        StudyError: If the folder exists.
        CourseError: If hardly any candidate can take part.
        OSError: If the output cannot be written.
    """
    from bowlby.reports.trial import write_trial_report

    check_absent(out)
    partial = out.parent / f".{out.name}.partial"
    if not resumes:
        shutil.rmtree(partial, ignore_errors=True)
    kept = _kept(partial, design)
    trial = simulate_trial(design, executor, kept, on_progress=on_progress)
    on_progress("Analysing", 0, 1)
    found = analyse(design, trial.clients, trial.sessions, assessed=trial.assessed)
    if beside is not None:
        other = simulate_trial(
            beside, executor, _kept(partial, beside), on_progress=on_progress
        )
        found = compared(found, trial, beside, other)
        trial = stacked(trial, beside, other)
    on_progress("Analysing", 1, 1)
    if repetitions:
        repeated = simulate_power(design, repetitions, executor, kept, on_progress=on_progress)
        found["power"] = power_summary(design, repeated)
    staging = out.parent / f".{out.name}.new"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        trial.clients.to_parquet(staging / "clients.parquet", index=False)
        trial.sessions.to_parquet(staging / "sessions.parquet", index=False)
        write_manifest(staging / "analysis.json", found)
        write_manifest(staging / "run.json", _manifest(design, beside, command, repetitions))
        about = {"design": design.model_dump(mode="json"), "command": command,
                 "version": version("bowlby")}  # fmt: skip
        write_trial_report(staging / "report.html", found, about)
        replace_folder(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    shutil.rmtree(partial, ignore_errors=True)
    return TrialRun(out, found)


def _kept(partial: Path, design: Course) -> Path:
    """Folder of a design's finished jobs."""
    kept = partial / _fingerprint(design)
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def _fingerprint(design: Course) -> str:
    """Name of a design's jobs: another design, theory or version does not find them."""
    told = [design.model_dump(mode="json"), theory_mark(design), version("bowlby")]
    content = json.dumps(told, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _manifest(
    design: Course, beside: Course | None, command: str, repetitions: int
) -> dict[str, Any]:
    other = {"beside": _theory(beside)} if beside is not None else {}
    return {
        "program": "bowlby",
        "kind": "trial",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "versions": versions() | {name: version(name) for name in _SIMULATING},
        "seed": design.seed,
        "inputs": [],
        "settings": design.model_dump(mode="json"),
        "repetitions": repetitions,
        "theory": _theory(design),
        **other,
    }


def _theory(design: Course) -> dict[str, Any]:
    """Every number that ran, and the file of the laws, if they are one's own."""
    numbers = numbers_of(theory_of(design))
    if FILE not in design.theory:
        return {"numbers": numbers}
    return {"file": design.theory[FILE], "mark": theory_mark(design), "numbers": numbers}
