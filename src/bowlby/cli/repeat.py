"""`bowlby repeat`: do a run again from its run.json."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import app, problems_told, progress_bars, remember_compiled

if TYPE_CHECKING:
    from bowlby.courses.course import Course

Content = Mapping[str, Any]


@app.command()
def repeat(
    run: Annotated[Path, typer.Argument(metavar="RUN.JSON", help="The run.json of a run.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("bowlby-out"),
    workers: o.Workers = None,
) -> None:
    """Repeat a run exactly: same inputs, same settings, same seed, same bytes in the tables.

    Courses, trials, their power, evidence and calibrations are repeated from run.json and the
    files of your own that it names; measuring needs its recordings too. `simulate --compare`
    is given again instead. Stops if an input is gone or has changed since. Run it
    in the folder of the first run if its paths were relative.
    """
    with problems_told():
        from bowlby.runs.manifest import changed_inputs, read_manifest

        content = read_manifest(run)
        kind = content.get("kind", "measure")
        if kind not in _AGAIN:
            raise ValueError(
                f"{run}: is of `bowlby {kind}`; give its command again instead: "
                f"{content['command']}"
            )
        changed = changed_inputs(content)
        if changed:
            raise ValueError(f"Changed or missing since the run: {', '.join(changed)}.")
        _AGAIN[kind](content, out, workers)


def _measure(content: Content, out: Path, workers: int | None) -> None:
    from bowlby.cli.measure import report
    from bowlby.studies.repeating import plan_of
    from bowlby.studies.run import run_study

    plan = plan_of(dict(content), workers=o.workers_for(workers, len(content["recordings"])))
    with progress_bars() as progress:
        study = run_study(plan, out, on_progress=progress)
    report(study, as_json=False)


def _course(settings: Content, theory: Content) -> "Course":
    """The course that ran; a file of laws of its own must be what it was."""
    from bowlby.courses.course import build_course
    from bowlby.courses.theories import theory_mark

    course = build_course(settings, where="run.json")
    if theory.get("mark") and theory_mark(course) != theory["mark"]:
        raise ValueError(f"{theory['file']}: the theory changed since the run.")
    return course


def _simulate(content: Content, out: Path, workers: int | None) -> None:
    from bowlby.studies.simulation_run import run_course, run_published

    del workers  # Threads of one process; their number changes nothing.
    if "theories" in content:
        raise ValueError(
            f"this is of two theories side by side; give its command again instead: "
            f"{content['command']}"
        )
    remember_compiled()
    with progress_bars() as progress:
        if "preset" in content:
            run_published(
                content["preset"], out, seed=content["seed"], command=content["command"],
                on_progress=progress,
            )  # fmt: skip
        else:
            run_course(
                _course(content["settings"], content["theory"]), out,
                recordings=content.get("recordings", 0), command=content["command"],
                on_progress=progress,
            )  # fmt: skip
    typer.echo(f"Report: {out}/report.html")


def _trial(content: Content, out: Path, workers: int | None) -> None:
    from bowlby.runs.workers import Processes
    from bowlby.trials.run import run_trial

    design = _course(content["settings"], content["theory"])
    beside = content.get("beside")
    remember_compiled()
    with progress_bars() as progress:
        run_trial(
            design, out, workers=Processes(o.workers_for(workers, 1_000_000)),
            beside=_course(beside["settings"], beside) if beside else None,
            repetitions=content["repetitions"], command=content["command"],
            on_progress=progress,
        )  # fmt: skip
    typer.echo(f"Report: {out}/report.html")


def _power(content: Content, out: Path, workers: int | None) -> None:
    from bowlby.runs.workers import Processes
    from bowlby.trials.plane import Combination
    from bowlby.trials.power_run import run_plane

    plane = [
        Combination(each["values"], _course(each["settings"], each["theory"]))
        for each in content["plane"]
    ]
    remember_compiled()
    with progress_bars() as progress:
        run_plane(
            plane, content["over"], out, most=content["repetitions"], width=content["width"],
            workers=Processes(o.workers_for(workers, 1_000_000)), command=content["command"],
            on_progress=progress,
        )  # fmt: skip
    typer.echo(f"Report: {out}/report.html")


def _evidence(content: Content, out: Path, workers: int | None) -> None:
    from bowlby.cli.evidence import Asked, make, table_of

    del workers
    made_of = content["settings"]
    asked = Asked(
        table_of(_path(made_of["findings"]), _path(made_of["functions"])),
        made_of["ablations"], tuple(made_of["seeds"]), made_of["parameters"],
        made_of["findings"], made_of["functions"],
    )  # fmt: skip
    make(asked, out, command=content["command"])
    typer.echo(f"Report: {out}/report.html")


def _calibration(content: Content, out: Path, workers: int | None) -> None:
    from bowlby.cli.calibrate import make
    from bowlby.evidence.calibration.calibrate import Plan
    from bowlby.evidence.calibration.parameters import Parameter

    settings = content["settings"]
    moving = tuple(Parameter(**each) for each in settings["parameters"])
    make(Plan(**settings["plan"]), moving, out, workers=workers, command=content["command"])
    typer.echo(f"Report: {out}/report.html")


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


_AGAIN: Mapping[str, Callable[[Content, Path, int | None], None]] = {
    "measure": _measure,
    "simulate": _simulate,
    "trial": _trial,
    "power of a trial": _power,
    "evidence": _evidence,
    "calibration": _calibration,
}
