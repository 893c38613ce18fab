"""`bowlby simulate`: childhoods, therapies and published models."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import (
    Exit,
    app,
    problems_told,
    progress_bars,
    remember_compiled,
)

if TYPE_CHECKING:
    from bowlby.courses.course import Course
    from bowlby.studies.simulation_run import SimulationRun

_WHAT, _OUT = "What to run", "Output"


@app.command()
def simulate(
    what: Annotated[
        str,
        typer.Argument(
            metavar="PRESET|FILE.toml|childhood|therapy|list|show",
            help="A preset, a course of your own, or `list` and `show` to see what there is.",
        ),
    ],
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE.toml|PRESET]",
            help="After `childhood` or `therapy`: a course. After `show`: a preset, `theory`, "
            "`client`, `figure`, `population`, `mechanisms`, `interventions`, or a mechanism: "
            "`oxytocin`.",
        ),
    ] = None,
    caregivers: Annotated[
        Path | None,
        typer.Option(
            help="TOML of a population: means of contingency, mentalising, threat.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    dyads: Annotated[
        int | None, typer.Option(help="How many dyads.", min=1, rich_help_panel=_WHAT)
    ] = None,
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
    keep: Annotated[
        str | None,
        typer.Option(
            help="What to keep: ticks, encounters or readouts; ticks are kept for a few dyads.",
            rich_help_panel=_OUT,
        ),
    ] = None,
    recordings: Annotated[
        int,
        typer.Option(
            help="Sessions per dyad to write as recordings that `bowlby measure` reads.",
            min=0,
            rich_help_panel=_OUT,
        ),
    ] = 0,
    out: Annotated[
        Path, typer.Option(help="Folder to write; must not exist.", rich_help_panel=_OUT)
    ] = Path("bowlby-run"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Tell the result as JSON.", rich_help_panel=_OUT)
    ] = False,
    open_report: Annotated[
        bool, typer.Option("--open", help="Open the report.", rich_help_panel=_OUT)
    ] = False,
) -> None:
    """Simulate dyads with coupled bodies and minds, from childhood to the end of a therapy.

    Try `bowlby simulate one_story --open`, then `bowlby simulate show one_story > my.toml`,
    change it, and run `bowlby simulate my.toml`. `bowlby simulate list` shows every preset,
    among them published models with the numbers they must give.

    `bowlby simulate show theory` lists every number of the theory with its range and source;
    `--set theory.oxytocin.release=0.01` changes one. `--theory my_theory.py --compare` runs a
    course under a theory of your own and under the default one, in one report.
    """
    with problems_told(needs="simulate"):
        if what == "list":
            _list(as_json=as_json)
            return
        if what == "show":
            _show(file, as_json=as_json)
            return
        changes = o.changes(set_, ablate, theory, dyads=dyads, seed=seed, keep=keep)
        run = _run(
            what, file, caregivers, changes, out, recordings, parameters=parameters,
            compares=compare,
        )  # fmt: skip
    _report(run, as_json=as_json)
    if open_report:
        typer.launch(str(run.out / "report.html"))
    if run.missed:
        raise typer.Exit(Exit.SOME_FAILED)


def _run(
    what: str,
    file: str | None,
    caregivers: Path | None,
    changes: dict[str, Any],
    out: Path,
    recordings: int,
    *,
    parameters: str | None,
    compares: bool,
) -> "SimulationRun":
    from bowlby.courses.catalogue import PUBLISHED
    from bowlby.runs.folder import check_free
    from bowlby.simulation.compiled import FEW, compile_quickly
    from bowlby.simulation.schedule import width_of
    from bowlby.studies.simulation_run import run_course, run_published

    check_free(out)
    if what in PUBLISHED:
        other = set(changes) - {"seed"} | ({"parameters"} if parameters else set())
        if other:
            raise ValueError(
                f"{what} is a published model with fixed settings; it takes --seed, not "
                f"{', '.join(sorted(other))}."
            )
        with progress_bars() as progress:
            return run_published(
                what, out, seed=changes.get("seed", 0), command=o.command_line(),
                on_progress=progress,
            )  # fmt: skip
    course = _course(what, file, caregivers, changes, parameters)
    remember_compiled()
    if width_of(course, course.dyads) <= FEW:
        compile_quickly()
    check_own(course, compares=compares)
    if compares:
        from bowlby.studies.theories import run_compared

        if recordings:
            raise ValueError("--recordings and --compare exclude each other; run them apart.")
        with progress_bars() as progress:
            return run_compared(course, out, command=o.command_line(), on_progress=progress)
    with progress_bars() as progress:
        return run_course(
            course, out, command=o.command_line(), recordings=recordings, on_progress=progress
        )


def check_own(course: "Course", *, compares: bool) -> None:
    """The laws of a course's own theory, if it has one, can be run.

    Raises:
        ValueError: If they cannot, or there is none to be compared.
    """
    from bowlby.courses.theories import FILE, theory_of

    if FILE not in course.theory:
        if compares:
            raise ValueError("--compare needs a theory of your own: --theory my_theory.py.")
        return
    from bowlby.simulation.own_laws import check_own_laws
    from bowlby.theory import TheoryError

    try:
        check_own_laws(theory_of(course))
    except TheoryError as error:
        raise ValueError(f"{course.theory[FILE]}: {error}") from error


def _course(
    what: str,
    file: str | None,
    caregivers: Path | None,
    changes: dict[str, Any],
    parameters: str | None,
) -> "Course":
    import difflib
    import tomllib

    from bowlby.courses.catalogue import course_text, presets
    from bowlby.courses.course import CourseError, build_course, read_course
    from bowlby.courses.parameters import parameters_of
    from bowlby.courses.reading import read_toml

    values = parameters_of(parameters)
    if caregivers is not None:
        content = read_toml(caregivers)
        changes |= {f"childhood.population.{k}": v for k, v in content.items()}
    if what in ("childhood", "therapy") and file is not None:
        return read_course(Path(file), changes | {"kind": what}, parameters=values)
    names = [preset.name for preset in presets() if preset.kind == "course"]
    if what in names:
        content = tomllib.loads(course_text(what))
        return build_course(content, where=what, changes=changes, parameters=values)
    if not what.endswith(".toml"):
        near = difflib.get_close_matches(what, [p.name for p in presets()], n=1)
        hint = f"; did you mean {near[0]}?" if near else ". `bowlby simulate list` shows all."
        raise CourseError(f"No preset {what!r}{hint}")
    return read_course(Path(what), changes, parameters=values)


def _list(*, as_json: bool) -> None:
    from bowlby.courses.catalogue import presets

    if as_json:
        typer.echo(json.dumps([preset._asdict() for preset in presets()], indent=2))
        return
    for preset in presets():
        typer.echo(f"{preset.name:<18} {preset.kind:<10} {preset.reproduces}")


def _show(name: str | None, *, as_json: bool) -> None:
    from bowlby.cli._numbers import WORDS, is_shown, show_numbers
    from bowlby.courses.catalogue import PUBLISHED, course_text, presets

    if name == "mechanisms":
        from bowlby.theory import Theory

        ablations = Theory().ablations()
        if as_json:
            typer.echo(json.dumps(ablations, indent=2))
            return
        typer.echo("\n".join(sorted(ablations)))
        return
    if name is not None and name in PUBLISHED:
        typer.echo(f"{name}: {PUBLISHED[name]}\nRun it: bowlby simulate {name}")
        return
    courses = [preset.name for preset in presets() if preset.kind == "course"]
    if name in courses:
        typer.echo(course_text(name), nl=False)
        return
    if name is None or not is_shown(name):
        raise ValueError(_cannot_show(name, [*PUBLISHED, *courses, *WORDS, "mechanisms"]))
    show_numbers(name, as_json=as_json)


def _cannot_show(name: str | None, known: list[str]) -> str:
    import difflib

    from bowlby.theory import Theory

    near = difflib.get_close_matches(name or "", [*known, *Theory().mechanisms()], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"show needs a preset, a mechanism, or one of: {', '.join(known)}.{hint}"


def _report(run: "SimulationRun", *, as_json: bool) -> None:
    table = run.readouts
    if as_json:
        content = {"out": str(run.out), "rows": len(table), "missed": list(run.missed)}
        typer.echo(json.dumps(content))
        return
    typer.echo(
        f"{len(table)} rows in {run.out}/readouts.parquet; report: {run.out}/report.html"
    )
    if "pattern" in table:
        shares = table["pattern"].value_counts(normalize=True).sort_index()
        typer.echo("Strange Situation: " + ", ".join(f"{k} {v:.0%}" for k, v in shares.items()))
    if "internalising_after" in table:
        change = table["internalising_before"] - table["internalising_after"]
        for arm, values in change.groupby(table["arm"]):
            error = f" (SE {values.sem():.2f})" if len(values) > 1 else ""
            typer.echo(f"{arm}: symptoms change by {-values.mean():+.2f} SD{error}")
    for name in run.missed:
        typer.echo(f"Outside its tolerance: {name}")
