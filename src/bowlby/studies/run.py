"""Run a study: files in, one folder of tables, figures and a report out.

Each recording is read, prepared and measured on its own, in parallel, and kept as soon as it is
done, so an interrupted study resumes. The output folder appears whole or not at all.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bowlby.runs.errors import RunError
from bowlby.runs.folder import new_folder, partial_of
from bowlby.runs.kept import open_kept
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import on_this_machine
from bowlby.studies.annotated import check_found, sources_of
from bowlby.studies.comparing import compare
from bowlby.studies.measuring_files import check_strangers, measure_all
from bowlby.studies.plan import Failed, Plan, Study
from bowlby.studies.writing import write
from bowlby.synchrony.old_names import renamed_variables


def run_study(plan: Plan, out: Path, *, on_progress: Progress = silent) -> Study:
    """Measure every recording of a plan and write one folder.

    Args:
        plan: What to run.
        out: Output folder; replaced if an earlier run wrote it.
        on_progress: Called with a stage, the steps done and their number.

    Raises:
        RunError: If no recording could be measured, the folder is not ours to replace, or
            another run is writing it.
        OSError: If the output cannot be written.
    """
    out = out.absolute()
    if plan.false_positives:
        check_strangers(plan)
    sources = sources_of(plan.phases, plan.events, plan.options)
    with new_folder(out, replaces=True) as staging:
        kept = open_kept(partial_of(out), _design(plan))
        with on_this_machine(plan.workers) as workers:
            done = measure_all(plan, kept, sources, workers, on_progress)
            failed = tuple(failure for one in done for failure in one.failed)
            datasets = [
                renamed_variables(kept.get(piece)) for one in done for piece in one.pieces
            ]
            if not datasets:
                raise RunError("No recording could be measured.\n" + _listed(failed))
            labels = {name: found for one in done for name, found in one.labels.items()}
            marks = {name: found for one in done for name, found in one.marks.items()}
            check_found(sources, marks)
            study = compare(plan, out, datasets, labels, marks, failed, workers, on_progress)
        write(plan, study, datasets, done, staging, on_progress)
    return study


def _design(plan: Plan) -> dict[str, Any]:
    """What decides the numbers of a recording, beside its files."""
    return {
        "kind": "measure", "settings": asdict(plan.settings), "options": asdict(plan.options),
        "format": plan.format,
    }  # fmt: skip


def _listed(failed: Sequence[Failed]) -> str:
    return "\n".join(f"  {failure.recording}: {failure.message}" for failure in failed)
