"""`bowlby demo`: the whole main job on a packaged, simulated study."""

from pathlib import Path
from typing import Annotated

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import app, problems_told, progress_bars
from bowlby.cli.measure import report

_SIGNALS = ("ibi", "eda_phasic", "motion", "dial")
"""One signal of each sensor; `bowlby measure` takes every one that can be prepared."""


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("bowlby-demo"),
    open_report: Annotated[
        bool, typer.Option("--open", help="Open the report in the browser.")
    ] = False,
    seed: o.Seed = 1,
    workers: o.Workers = None,
) -> None:
    """Write a small simulated study and measure it: heart, skin, motion and ratings.

    The recordings go to OUT/recordings, with a README that says what was planted; the results
    go to OUT/results. Real recordings are measured in the same way with `bowlby measure`.
    """
    with problems_told():
        from bowlby.recordings.example import write_example
        from bowlby.recordings.formats import ReadOptions
        from bowlby.recordings.pairing import find_recordings
        from bowlby.studies.plan import Plan
        from bowlby.studies.run import run_study
        from bowlby.synchrony.measuring import Settings

        folder = out / "recordings"
        folder.mkdir(parents=True, exist_ok=True)
        write_example(folder)
        recordings, skipped = find_recordings(
            folder, folder / "participants.tsv", ReadOptions()
        )
        plan = Plan(
            recordings=recordings, settings=Settings(seed=seed), signals=_SIGNALS,
            workers=o.workers_for(workers, len(recordings)),
            title="Demonstration on simulated recordings", command=o.command_line(),
            skipped=skipped,
        )  # fmt: skip
        with progress_bars() as progress:
            study = run_study(plan, out / "results", on_progress=progress)
    if open_report:
        typer.launch(str(study.out / "report.html"))
    report(study, as_json=False)
