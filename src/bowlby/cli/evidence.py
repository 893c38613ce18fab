"""`bowlby evidence`: the model against published findings."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from bowlby.cli import _options as o
from bowlby.cli._app import (
    app,
    problems_told,
    progress_bars,
    remember_compiled,
)

if TYPE_CHECKING:
    from bowlby.evidence.findings import Finding
    from bowlby.evidence.table import Evidence, Row


@app.command()
def evidence(
    finding: Annotated[
        str | None, typer.Option(help="One finding only, such as sens-security.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Tell all about the finding: source, how, values.")
    ] = False,
    list_: Annotated[
        bool, typer.Option("--list", help="List the findings and run nothing.")
    ] = False,
    ablations: Annotated[
        bool,
        typer.Option("--ablations", help="Also run the model without each mechanism (hours)."),
    ] = False,
    seeds: Annotated[
        int, typer.Option(help="Seeds the intervals are over.", min=1, max=50)
    ] = 5,
    findings: Annotated[
        Path | None, typer.Option(help="CSV of findings of your own, beside the packaged ones.")
    ] = None,
    functions: Annotated[
        Path | None,
        typer.Option(help="Python file with their measures (docs/how-to/finding.md)."),
    ] = None,
    parameters: o.Parameters = None,
    out: Annotated[
        Path, typer.Option(help="Folder for evidence.csv and report.html; must not exist.")
    ] = Path("evidence"),
) -> None:
    """Hold the model against published findings, with and without its mechanisms.

    `bowlby evidence` prints the table and writes evidence.csv and report.html.
    `bowlby evidence --finding sens-security --show` tells one finding.
    `bowlby evidence --parameters calibrated.toml` does so with parameters of your own.
    `bowlby evidence --ablations` asks of each finding whether it is lost without the mechanism
    held responsible for it. Interrupted, it goes on where it stopped.
    """
    with problems_told(needs="simulate"):
        from bowlby.courses.parameters import parameters_of
        from bowlby.evidence.findings import find

        table = table_of(findings, functions)
        if list_:
            for one in table:
                typer.echo(f"{one.slug:<26}{one.area:<18}{one.claim}")
            return
        asked = Asked(
            (find(table, finding),) if finding else table, ablations,
            tuple(range(1, seeds + 1)), parameters_of(parameters),
            str(findings) if findings else None, str(functions) if functions else None,
        )  # fmt: skip
        made = _computed(asked, out) if finding else make(asked, out, command=o.command_line())
    if finding:
        _tell(made.rows[0], is_full=show)
        return
    for row in made.rows:
        if row.full:
            typer.echo(_line(row))
    from bowlby.evidence.inputs import shared_sources, told
    from bowlby.evidence.writing import against, lead

    typer.echo(f"\n{lead(made)}\n{against(made)}\n{told(shared_sources(asked.findings))}")
    typer.echo(
        "Results of a model, not evidence about patients. "
        f"Table: {out}/evidence.csv; report: {out}/report.html"
    )


class Asked(NamedTuple):
    """What is held against the model.

    Attributes:
        findings: The findings.
        ablations: Whether to run the ablated models too.
        seeds: Seeds.
        parameters: Numbers by dotted name.
        own_findings: CSV of one's own among the findings.
        own_functions: Python file of their measures.
    """

    findings: "tuple[Finding, ...]"
    ablations: bool
    seeds: tuple[int, ...]
    parameters: Mapping[str, float]
    own_findings: str | None = None
    own_functions: str | None = None


def table_of(findings: Path | None, functions: Path | None) -> "tuple[Finding, ...]":
    """The findings that come with bowlby and one's own, whose measures are loaded."""
    from bowlby.evidence.findings import packaged_findings, read_findings

    table = packaged_findings()
    if findings:
        table += read_findings(findings, {one.slug for one in table})
    if functions:
        from bowlby.evidence.own_functions import load_functions

        load_functions(functions, [one.slug for one in table])
    return table


def _computed(asked: Asked, out: Path) -> "Evidence":
    from bowlby.evidence.samples import open_samples
    from bowlby.evidence.table import make_table

    remember_compiled()
    with progress_bars() as progress:
        return make_table(
            asked.findings, open_samples(out), seeds=asked.seeds, ablations=asked.ablations,
            parameters=asked.parameters, on_progress=progress,
        )  # fmt: skip


def make(asked: Asked, out: Path, *, command: str) -> "Evidence":
    """Compute the table and write its folder."""
    from bowlby.evidence.samples import open_samples
    from bowlby.evidence.writing import write_evidence
    from bowlby.runs.folder import new_folder
    from bowlby.runs.kept import forget_others
    from bowlby.runs.manifest import checksum, made_by, write_manifest

    with new_folder(out) as staging:
        made = _computed(asked, out)
        write_evidence(made, staging)
        files = [f for f in (asked.own_findings, asked.own_functions) if f]
        about = {
            "inputs": [{"file": f, "sha256": checksum(Path(f))} for f in files],
            "settings": {
                "seeds": list(asked.seeds), "ablations": asked.ablations,
                "parameters": dict(asked.parameters), "findings": asked.own_findings,
                "functions": asked.own_functions,
            },
            "theory": _numbers(asked.parameters),
            "rows": len(made.rows), "breaking_ablations": list(made.breaks),
        }  # fmt: skip
        write_manifest(staging / "run.json", made_by("evidence", command) | about)
        forget_others(open_samples(out))
    return made


def _numbers(parameters: Mapping[str, float]) -> dict[str, float]:
    """Every number of the theory that ran, apart from ablations."""
    from bowlby.courses.course import build_course
    from bowlby.courses.theories import numbers_of, theory_of

    return numbers_of(theory_of(build_course({}, parameters=parameters)))


def _line(row: "Row") -> str:
    from bowlby.evidence.writing import band_of

    found, finding = row.full, row.finding
    assert found is not None
    without = f"  without {finding.ablation} {row.ablated.mean:.2f}" if row.ablated else ""
    published = f"{finding.slug:<24}{finding.published:>12}  [{band_of(finding):>13}]"
    model = f"{found.mean:6.2f} ({found.low:.2f} to {found.high:.2f})"
    return f"{published}  {model}  {row.verdict}{without}"


def _tell(row: "Row", *, is_full: bool) -> None:
    from bowlby.evidence.measures import MEASURES

    finding = row.finding
    typer.echo(_line(row) if row.full else f"{finding.slug}: not addressed; {row.reason}")
    if not is_full:
        return
    typer.echo(
        f"\n{finding.claim}\n{finding.source}" + (f", doi {finding.doi}" * bool(finding.doi))
    )
    typer.echo(
        f"How far the number was read at its source: {finding.verified or 'not stated'}."
    )
    if finding.slug in MEASURES:
        typer.echo(f"Model: {MEASURES[finding.slug].how}")
    if finding.mechanism:
        typer.echo(f"Held responsible: {finding.mechanism} (--ablate {finding.ablation}).")
    if row.full:
        typer.echo("By seed: " + ", ".join(f"{value:.3f}" for value in row.full.values))
    typer.echo(_sensitivity(finding.slug))


def _sensitivity(slug: str) -> str:
    """The parameters that move a finding most; ± where the direction depends on the others."""
    from bowlby.evidence.calibration.parameters import packaged_screening

    screened = packaged_screening(slug)
    if not screened:
        return "Sensitivity to parameters: not screened (`bowlby calibrate` screens numbers)."
    lines = [
        f"  {'±' if abs(s.mean) < 0.5 * s.effect else '+' if s.mean > 0.0 else '-'}"
        f"{s.effect:.1f}  {s.parameter}"
        for s in screened[:5]
    ]
    heading = "Moved most, over a parameter's whole range, in half-bands of the finding:"
    return "\n".join([heading, *lines])
