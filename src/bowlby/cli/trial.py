"""`bowlby trial`: randomised trials of simulated clients."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import (
    app,
    problems_told,
    progress_bars,
    remember_compiled,
)

if TYPE_CHECKING:
    from bowlby.courses.course import Course
    from bowlby.runs.workers import Workers
    from bowlby.trials.run import TrialRun

_WHAT, _WHERE = "What to run", "Where to run it"


@app.command()
def trial(
    what: Annotated[
        str,
        typer.Argument(
            metavar="TRIAL|FILE.toml|list|show",
            help="A trial of your own, one that comes with bowlby, or `list` to see those.",
        ),
    ],
    name: Annotated[
        str | None, typer.Argument(metavar="[TRIAL]", help="After `show`: a trial.")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder to write; must not exist.", rich_help_panel=o.OUTPUT)
    ] = Path("bowlby-trial"),
    seed: Annotated[
        int | None,
        typer.Option(
            help="Seed; equal seeds give equal results.", min=0, rich_help_panel=_WHAT
        ),
    ] = None,
    ablate: o.Ablate = None,
    set_: o.Set = None,
    parameters: o.Parameters = None,
    theory: o.OwnTheory = None,
    compare: o.Compare = False,
    power: Annotated[
        int,
        typer.Option(
            metavar="N", help="Repeat the trial N times for its power, e.g. 200.", min=0,
            rich_help_panel=_WHAT,
        ),
    ] = 0,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=A,B,...",
            help="Power for each of these values of an entry, e.g. clients_per_arm=20,40,80; "
            "also parameters=default,calibrated and theory=default,my.py. May be repeated for "
            "a grid.", rich_help_panel=_WHAT,
        ),
    ] = None,
    width: Annotated[
        float,
        typer.Option(
            help="With --over: stop a combination when the interval of its power is so narrow, "
            "e.g. 0.1.", min=0.0, max=1.0, rich_help_panel=_WHAT,
        ),
    ] = 0.0,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Processes; by default one per processor.", min=1, rich_help_panel=_WHERE
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="tcp://HOST:8786", help="Run on this Dask cluster instead.",
            rich_help_panel=_WHERE,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume/--anew", help="Go on where an interrupted run stopped, or begin anew.",
            rich_help_panel=_WHERE,
        ),
    ] = True,
    as_json: Annotated[
        bool, typer.Option("--json", help="Tell the result as JSON.", rich_help_panel=o.OUTPUT)
    ] = False,
    open_report: Annotated[
        bool, typer.Option("--open", help="Open the report.", rich_help_panel=o.OUTPUT)
    ] = False,
) -> None:  # fmt: skip
    """Run a randomised trial of simulated clients, analyse it, and report it.

    Try `bowlby trial four_arms --open`. A trial of your own is a course with a
    `[trial]` section:

        title = "Attachment-informed therapy or waiting"

        [trial]
        clients_per_arm = 60
        therapists_per_arm = 6
        severity = 0.5             # lowest observed score at inclusion (SD)
        blinded = true
        missing = 0.1              # share of outcomes lost at random

        [[arms]]
        protocol = "attachment_informed"
        therapist = "population"   # or "skilled", or { mentalising = 0.8 }

        [[arms]]
        protocol = "waiting_list"

    Save it as my.toml and run `bowlby trial my.toml --out my-trial --power 200`. The results
    are those of a model, not evidence about patients. `--theory my_theory.py --compare` runs it
    under a theory of your own and under the default one, in one report.
    """
    with problems_told(needs="simulate"):
        if what in ("list", "show"):
            _show(what, name)
            return
        if over and compare:
            raise ValueError(
                "--over and --compare exclude each other; --over theory=default,my_theory.py "
                "has both theories."
            )
        if width and not over:
            raise ValueError("--width is about a plane: it needs --over NAME=A,B.")
        changes = o.changes(set_, ablate, theory, seed=seed)
        if over:
            _plane(what, out, changes, parameters, power, over, width, workers, scheduler,
                   resumes=resume)  # fmt: skip
            return
        run = _run(
            what, out, changes, parameters, power, workers, scheduler, resumes=resume,
            compares=compare,
        )  # fmt: skip
    _report(run, as_json=as_json)
    if open_report:
        typer.launch(str(run.out / "report.html"))


def _run(
    what: str,
    out: Path,
    changes: dict[str, Any],
    parameters: str | None,
    power: int,
    workers: int | None,
    scheduler: str | None,
    *,
    resumes: bool,
    compares: bool,
) -> "TrialRun":
    from bowlby.cli.simulate import check_own
    from bowlby.courses.theories import under_default
    from bowlby.runs.folder import check_free

    if scheduler is not None and workers is not None:
        raise ValueError("--workers and --scheduler exclude each other: a cluster has its own.")
    check_free(out)
    design = _trial(what, changes, parameters)
    remember_compiled()
    check_own(design, compares=compares)
    design, beside = (under_default(design), design) if compares else (design, None)
    from bowlby.trials.run import run_trial

    who = _workers(workers, scheduler)
    with progress_bars() as progress:
        return run_trial(
            design, out, beside=beside, workers=who, repetitions=power, resumes=resumes,
            command=o.command_line(), on_progress=progress,
        )  # fmt: skip


def _plane(
    what: str, out: Path, changes: dict[str, Any], parameters: str | None, power: int,
    over: list[str], width: float, workers: int | None, scheduler: str | None, *, resumes: bool,
) -> None:  # fmt: skip
    """Power over a grid."""
    import shutil

    from bowlby.runs.folder import check_free, partial_of
    from bowlby.trials.plane import combinations
    from bowlby.trials.power_run import run_plane

    if not power:
        raise ValueError("--over needs --power N, the most repetitions of each combination.")
    if scheduler is not None and workers is not None:
        raise ValueError("--workers and --scheduler exclude each other: a cluster has its own.")
    check_free(out)
    values = _over(over)

    def design_of(chosen: Mapping[str, Any]) -> "Course":
        mine = dict(chosen)
        numbers = mine.pop("parameters", parameters)
        own = mine.pop("theory", None)
        if own not in (None, "default"):
            mine["theory.file"] = str(Path(own).resolve())
        return _trial(what, changes | mine, None if numbers == "default" else numbers)

    plane = combinations(values, design_of)
    remember_compiled()
    if not resumes:
        shutil.rmtree(partial_of(out), ignore_errors=True)
    with progress_bars() as progress:
        table = run_plane(
            plane, values, out, most=power, width=width, workers=_workers(workers, scheduler),
            command=o.command_line(), on_progress=progress,
        )  # fmt: skip
    for _, row in table.iterrows():
        at = ", ".join(f"{name} = {row[name]}" for name in values)
        typer.echo(
            f"{at}: power {row['power']:.0%} ({row['low']:.0%} to {row['high']:.0%}), "
            f"{row['repetitions']} repetitions, mean g = {row['mean_g']:+.2f}"
        )
    typer.echo(f"These are results of a model, not evidence about patients. {out}/report.html")


def _over(entries: list[str]) -> dict[str, list[Any]]:
    """Values of each entry; names without a section are of `[trial]`."""
    from bowlby.courses.course import Course
    from bowlby.courses.messages import nearest
    from bowlby.courses.trial import TrialSection

    found: dict[str, list[Any]] = {}
    for entry in entries:
        name, equals, text = entry.partition("=")
        values = [o.toml_value(part) for part in o.split(text)]
        if not equals or not values:
            raise ValueError(f"--over {entry}: write NAME=A,B, e.g. clients_per_arm=20,40,80.")
        name = name.strip()
        if "." not in name and name not in (*Course.model_fields, *_BESIDE):
            if name not in TrialSection.model_fields:
                known = (*TrialSection.model_fields, *_BESIDE)
                raise ValueError(f"--over {name}: no such entry{nearest(name, known)}")
            name = f"trial.{name}"
        if name in found:
            raise ValueError(f"--over {name} is given twice; put its values in one list.")
        if any(values.count(value) > 1 for value in values):
            raise ValueError(f"--over {entry}: a value is given twice.")
        found[name] = values
    return found


_BESIDE = ("parameters", "theory")
"""What can vary beside the entries of a course."""


def _trial(what: str, changes: dict[str, Any], parameters: str | None) -> "Course":
    """A trial by its name or from a TOML file; one of before version 0.3 is understood."""
    import tomllib

    from bowlby.courses.catalogue import trial_names, trial_text
    from bowlby.courses.course import CourseError, build_course, with_paths
    from bowlby.courses.messages import nearest
    from bowlby.courses.old_dialect import translated
    from bowlby.courses.parameters import parameters_of
    from bowlby.courses.reading import read_toml

    if what in trial_names():
        content: dict[str, Any] = tomllib.loads(trial_text(what))
    elif what.endswith(".toml"):
        content = with_paths(read_toml(Path(what)), Path(what))
    else:
        raise CourseError(f"No trial {what!r}{nearest(what, trial_names())}.")
    if "trial" not in content:
        content = translated(content)
    if "arms" not in content:
        raise CourseError(f"{what}: arms: missing; a trial needs at least two [[arms]].")
    values = parameters_of(parameters)
    return build_course(content, where=what, changes=changes, parameters=values)


def _workers(workers: int | None, scheduler: str | None) -> "Workers":
    from bowlby.runs.workers import Dask, Processes

    if scheduler is not None:
        return Dask(scheduler)
    return Processes(o.workers_for(workers, 1_000_000))


def _show(what: str, name: str | None) -> None:
    from bowlby.courses.catalogue import trial_names, trial_text

    if what == "list":
        for each in trial_names():
            typer.echo(f"{each:<16} {trial_text(each).splitlines()[0].lstrip('# ')}")
        return
    if name not in trial_names():
        raise ValueError(f"show needs a trial: {', '.join(trial_names())}.")
    typer.echo(trial_text(name), nl=False)


def _p_said(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _report(run: "TrialRun", *, as_json: bool) -> None:
    primary, power = run.analysis["primary"], run.analysis.get("power")
    if as_json:
        content = {"out": str(run.out), "contrasts": primary["contrasts"], "power": power}
        typer.echo(json.dumps(content))
        return
    flow = run.analysis["flow"]
    typer.echo(
        f"{flow['assessed']} assessed, {flow['randomised']} randomised, {primary['n']} "
        f"analysed; report: {run.out}/report.html"
    )
    if primary["model"]["caution"]:
        typer.echo(f"{primary['model']['caution']}.")
    for row in primary["contrasts"]:
        if row["decides"]:
            typer.echo(
                f"{row['first']} against {row['second']}: {row['difference']:+.2f} SD "
                f"({row['low']:+.2f} to {row['high']:+.2f}), g = {row['g']:+.2f}, "
                f"{_p_said(row['p_holm'])}"
            )
    for row in run.analysis.get("theories", {}).get("contrasts", ()):
        if row["decides"]:
            own = row["own"]
            typer.echo(
                f"Under {run.analysis['theories']['names'][1]}, {row['first']} against "
                f"{row['second']}: {own['difference']:+.2f} SD, g = {own['g']:+.2f}, "
                f"{_p_said(own['p_holm'])}"
            )
    for row in power["contrasts"] if power else ():
        if row["decides"]:
            typer.echo(
                f"Power, {row['first']} against {row['second']}: {row['power']:.0%} "
                f"({row['low']:.0%} to {row['high']:.0%}), mean g = {row['mean_g']:+.2f}"
            )
    typer.echo("These are results of a model, not evidence about patients.")
