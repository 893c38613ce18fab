"""Run a trial: one folder of tables, analysis and a report, whole or not at all."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bowlby.courses.course import Course
from bowlby.courses.theories import theory_mark, theory_ran
from bowlby.runs.fingerprint import versions
from bowlby.runs.folder import new_folder, partial_of
from bowlby.runs.kept import Kept, open_kept
from bowlby.runs.manifest import made_by, write_manifest
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import Serial, Workers
from bowlby.trials.analysis import analyse
from bowlby.trials.power import power_summary, simulate_power
from bowlby.trials.simulating import simulate_trial
from bowlby.trials.theories import compared, stacked


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
    workers: Workers = Serial(),  # noqa: B008 -- frozen, without state
    repetitions: int = 0,
    resumes: bool = True,
    command: str = "",
    on_progress: Progress = silent,
) -> TrialRun:
    """Simulate a trial, analyse it and write its folder.

    Finished jobs are kept beside the folder until it is written. They do not depend on the
    workers, so an interrupted trial can go on with others.

    Args:
        design: The trial.
        out: Folder to write; it must not exist.
        workers: Who does the jobs.
        beside: The same trial under another theory, to be shown in one report with it.
        repetitions: How often to repeat the trial for its power; 0 for none.
        resumes: Whether to use what an interrupted run of this design left.
        command: The command as typed.
        on_progress: Called with a stage, the jobs done and their number.

    Raises:
        RunError: If the folder exists, another run is writing it, or workers keep dying.
        CourseError: If hardly any candidate can take part.
        OSError: If the output cannot be written.
    """
    from bowlby.reports.trial import write_trial_report

    with new_folder(out) as staging:
        if not resumes:
            shutil.rmtree(partial_of(out), ignore_errors=True)
        kept = kept_of(design, out)
        trial = simulate_trial(design, workers, kept, on_progress=on_progress)
        on_progress("Analysing", 0, 1)
        found = analyse(design, trial.clients, trial.sessions, assessed=trial.assessed)
        if beside is not None:
            other = simulate_trial(
                beside, workers, kept_of(beside, out, "beside"), on_progress=on_progress
            )
            found = compared(found, trial, beside, other)
            trial = stacked(trial, beside, other)
        on_progress("Analysing", 1, 1)
        if repetitions:
            repeated = simulate_power(
                design, repetitions, workers, kept, on_progress=on_progress
            )
            found["power"] = power_summary(design, repeated)
        trial.clients.to_parquet(staging / "clients.parquet", index=False)
        trial.sessions.to_parquet(staging / "sessions.parquet", index=False)
        write_manifest(staging / "analysis.json", found)
        write_manifest(staging / "run.json", _manifest(design, beside, command, repetitions))
        about = {"design": design.model_dump(mode="json"), "command": command,
                 "version": versions()["bowlby"]}  # fmt: skip
        write_trial_report(staging / "report.html", found, about)
    return TrialRun(out, found)


def kept_of(design: Course, out: Path, part: str = "trial") -> Kept:
    """What an interrupted run of this very trial left beside its folder."""
    content = {
        "kind": "trial", "design": design.model_dump(mode="json"),
        "theory": theory_mark(design),
    }  # fmt: skip
    return open_kept(partial_of(out) / part, content)


def _manifest(
    design: Course, beside: Course | None, command: str, repetitions: int
) -> dict[str, Any]:
    other: dict[str, Any] = {}
    if beside is not None:
        settings = {"settings": beside.model_dump(mode="json")}
        other = {"beside": theory_ran(beside) | settings}
    return {
        **made_by("trial", command),
        "seed": design.seed,
        "inputs": [],
        "settings": design.model_dump(mode="json"),
        "repetitions": repetitions,
        "theory": theory_ran(design),
        **other,
    }
