"""`bowlby repeat`: do a run again from its run.json."""

from pathlib import Path
from typing import Annotated

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import app, problems_told, progress_bars
from bowlby.cli.measure import report


@app.command()
def repeat(
    run: Annotated[Path, typer.Argument(metavar="RUN.JSON", help="The run.json of a run.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("bowlby-out"),
    workers: o.Workers = None,
) -> None:
    """Repeat a run exactly: same inputs, same settings, same seed, same bytes in the tables.

    Stops if an input is gone or has changed since. Run it in the folder of the first run if
    its paths were relative.
    """
    with problems_told():
        from bowlby.runs.manifest import changed_inputs, read_manifest
        from bowlby.studies.repeating import plan_of
        from bowlby.studies.run import run_study

        content = read_manifest(run)
        if content.get("kind", "measure") != "measure":
            raise ValueError(
                f"{run}: is of `bowlby {content['kind']}`; give its command again instead: "
                f"{content['command']}"
            )
        changed = changed_inputs(content)
        if changed:
            raise ValueError(f"Changed or missing since the run: {', '.join(changed)}.")
        plan = plan_of(content, workers=o.workers_for(workers, len(content["recordings"])))
        with progress_bars() as progress:
            study = run_study(plan, out, on_progress=progress)
    report(study, as_json=False)
