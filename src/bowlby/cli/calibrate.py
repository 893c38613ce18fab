"""`bowlby calibrate`: population parameters against published findings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import app, problems_told, progress_bars, remember_compiled

if TYPE_CHECKING:
    from bowlby.evidence.calibration.calibrate import Calibration, Plan
    from bowlby.evidence.calibration.parameters import Parameter

_HOW_MUCH, _WHERE = "How much to run", "Where to run it"


@app.command()
def calibrate(
    out: Annotated[
        Path, typer.Option(help="Folder to write; must not exist.", rich_help_panel=o.OUTPUT)
    ] = Path("calibration"),
    runs: Annotated[
        int,
        typer.Option(
            help="Reduced runs that fill the parameters' prior ranges; more keep the first.",
            min=8, rich_help_panel=_HOW_MUCH,
        ),
    ] = 200,
    region_runs: Annotated[
        int,
        typer.Option(
            help="Second wave, inside the region that the first leaves.", min=1,
            rich_help_panel=_HOW_MUCH,
        ),
    ] = 60,
    checks: Annotated[
        int,
        typer.Option(
            help="Runs of the defaults, the calibrated and each fold's parameters; 0 for none.",
            min=0, rich_help_panel=_HOW_MUCH,
        ),
    ] = 8,
    dyads: Annotated[
        int,
        typer.Option(
            help="Dyads of each sample in a run; 256 take no longer than 129: so many are run "
            "together.",
            min=8, rich_help_panel=_HOW_MUCH,
        ),
    ] = 256,
    folds: Annotated[
        int,
        typer.Option(
            help="Parts of the findings that are predicted from the others.", min=2, max=20,
            rich_help_panel=_HOW_MUCH,
        ),
    ] = 5,
    seed: Annotated[
        int,
        typer.Option(
            help="Seed; equal seeds give equal results.", min=0, rich_help_panel=_HOW_MUCH
        ),
    ] = 1,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", "--jobs", help="Processes; by default one per processor.", min=1,
            rich_help_panel=_WHERE,
        ),
    ] = None,
    anew: Annotated[
        bool,
        typer.Option("--anew", help="Forget the runs already done.", rich_help_panel=_WHERE),
    ] = False,
    priors: Annotated[
        Path | None,
        typer.Option(
            help="CSV of name, low, high: other parameters that may move, and how far; any "
            "number of `bowlby simulate show theory`, `client`, `population` can be named.",
            rich_help_panel=_HOW_MUCH,
        ),
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="List the parameters and run nothing.")
    ] = False,
) -> None:  # fmt: skip
    """Estimate the population parameters from published findings, as a region.

    The parameters of the population (how caregivers, seekers, partners and
    therapists are and differ) move; nothing is fitted finding by finding. A few hundred runs
    with few people teach an emulator of each finding; parameters that the findings rule out
    are removed; what is left is the region. Findings are then predicted by parameters that were
    fitted without them, and compared with a guess that needs no model.

        bowlby calibrate --list                        # what may move, and how far
        bowlby calibrate --out calibration             # four hours on two processors
        bowlby evidence --parameters calibration/calibrated.toml --out calibrated

    Interrupt it when you like: every run is logged beside the output folder
    (.calibration.runs/), and the same command goes on. Remove the output folder and give more
    --runs to refine. Writes calibration.json, region.csv, findings.csv, screening.csv,
    runs.parquet, region.parquet, calibrated.toml and report.html. All of it are results of a
    model, not evidence about patients.
    """
    with problems_told(needs="calibrate"):
        if list_:
            _list(priors)
            return
        from bowlby.evidence.calibration.calibrate import Plan

        made = make(
            Plan(runs, region_runs, checks, dyads, folds, seed), _parameters(priors), out,
            workers=workers, command=o.command_line(), anew=anew,
        )  # fmt: skip
        from bowlby.evidence.calibration.writing import summary, told_comparisons

        typer.echo("\n".join([*summary(made), *told_comparisons(made)]))
    typer.echo(
        f"Results of a model, not evidence about patients. Report: {out}/report.html; "
        f"parameters: {out}/calibrated.toml"
    )


def _parameters(priors: Path | None) -> "tuple[Parameter, ...]":
    from bowlby.evidence.calibration.parameters import packaged_parameters, read_priors

    return read_priors(priors) if priors else packaged_parameters()


def _list(priors: Path | None) -> None:
    for p in _parameters(priors):
        unit = "" if p.unit == "1" else f" {p.unit}"
        typer.echo(
            f"{p.name:<38}{p.low:g} to {p.high:g}{unit}, default {p.default:g}: {p.meaning}"
        )


def make(
    plan: "Plan",
    moving: "tuple[Parameter, ...]",
    out: Path,
    *,
    workers: int | None,
    command: str,
    anew: bool = False,
) -> "Calibration":
    """Calibrate and write the folder."""
    import shutil
    from dataclasses import asdict

    from bowlby.runs.folder import beside, new_folder

    with new_folder(out) as staging:
        remember_compiled()
        from bowlby.evidence.calibration.calibrate import calibrate, plan_content
        from bowlby.evidence.calibration.runs import open_runs
        from bowlby.evidence.calibration.writing import write_calibration
        from bowlby.evidence.findings import packaged_findings
        from bowlby.runs.kept import forget_others
        from bowlby.runs.manifest import made_by, write_manifest
        from bowlby.runs.workers import on_this_machine

        if anew:
            shutil.rmtree(beside(out, "runs"), ignore_errors=True)
        kept = open_runs(out)
        with (
            progress_bars() as progress,
            on_this_machine(o.workers_for(workers, plan.runs)) as several,
        ):
            made = calibrate(
                packaged_findings(), moving, plan, kept, workers=several, on_progress=progress
            )
        write_calibration(made, staging, command=command)
        about = {
            "inputs": [], "runs": len(made.rows),
            "settings": {
                "plan": plan_content(plan), "parameters": [asdict(each) for each in moving],
            },
        }  # fmt: skip
        write_manifest(staging / "run.json", made_by("calibration", command) | about)
        forget_others(kept)
    return made
