"""The folder of a study: tables, figures, report and manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from bowlby.runs.fingerprint import versions
from bowlby.runs.manifest import checksum, made_by, write_manifest
from bowlby.runs.progress import Progress
from bowlby.studies.annotated import (
    across_table,
    contrast_table,
    curve_table,
    files_of_marks,
    phase_table,
)
from bowlby.studies.measuring_files import Done
from bowlby.studies.people import group_rows
from bowlby.studies.plan import Plan, Study
from bowlby.studies.regression import (
    following,
    regression_section,
    regression_table,
)
from bowlby.studies.tables import (
    lag_table,
    null_table,
    wcc_table,
    window_table,
    write_long_table,
    write_table,
)
from bowlby.synchrony.group import Association
from bowlby.synchrony.mismatched import FalsePositives

if TYPE_CHECKING:
    import pandas as pd

    from bowlby.reports import ExtraFigure, ReportContent


def write(
    plan: Plan,
    study: Study,
    datasets: Sequence[xr.Dataset],
    done: Sequence[Done],
    folder: Path,
    on_progress: Progress,
) -> None:
    """Write tables, figures, report and manifest of a study into a folder."""
    from bowlby.reports import write_figures, write_report

    on_progress("Writing tables", 0, 3)
    write_table(study.summary, folder / "summary")
    write_long_table(map(wcc_table, datasets), folder / "wcc", csv=plan.csv)
    write_long_table(map(lag_table, datasets), folder / "lags", csv=True)
    write_long_table(map(window_table, datasets), folder / "windows", csv=True)
    if plan.settings.surrogates:
        write_long_table(map(null_table, datasets), folder / "null", csv=False)
    if study.false_positives:
        content = {
            signal: _check_json(check) for signal, check in study.false_positives.items()
        }
        first = next(iter(content.values()))
        write_manifest(folder / "false_positives.json", {**first, "signals": content})
    if study.pseudo_dyads:
        content = {
            signal: {"real": list(map(float, b.real)), "pseudo": list(map(float, b.pseudo)),
                     "d": b.d, "p": b.p, "dyads": list(b.dyads),
                     "p_dyad": None if b.p_dyad is None else
                     [None if isnan(p) else float(p) for p in b.p_dyad]}
            for signal, b in study.pseudo_dyads.items()
        }  # fmt: skip
        write_manifest(folder / "pseudo_dyads.json", content)
    groups = group_table(study.associations)
    if len(groups):
        write_table(groups, folder / "groups")
    for name, table in (
        ("phases", phase_table(study.annotated)),
        ("phase_contrasts", contrast_table(study.annotated)),
        ("phases_across", across_table(study.annotated)),
        ("events", curve_table(study.annotated)),
        ("people", group_rows(study.groups, study.pseudo_groups)),
        ("regression", regression_table(study.regressed)),
    ):
        if len(table):
            write_table(table, folder / name)
    write_manifest(folder / "run.json", manifest(plan, study, done))
    content = report_content(plan, study, datasets)
    on_progress("Drawing figures", 1, 3)
    write_figures(folder / "figures", content)
    on_progress("Writing report", 2, 3)
    write_report(folder / "report.html", content)
    on_progress("Writing report", 3, 3)


def _check_json(check: FalsePositives) -> dict[str, Any]:
    return {
        "statistic": check.statistic, "definition": check.definition, "alpha": check.alpha,
        "pairs": check.pairs, "rejected": check.rejected, "rate": check.rate,
        "low": check.low, "high": check.high,
    }  # fmt: skip


def group_table(associations: Mapping[str, Sequence[Association]]) -> "pd.DataFrame":
    """Associations as a table, a row each."""
    import pandas as pd

    return pd.DataFrame(
        [{"signal": s, **asdict(a)} for s, found in associations.items() for a in found]
    )


def manifest(plan: Plan, study: Study, done: Sequence[Done]) -> dict[str, Any]:
    """Content of run.json."""
    return {
        **made_by("measure", plan.command),
        "seed": plan.settings.seed,
        "settings": asdict(plan.settings),
        "options": asdict(plan.options),
        "format": plan.format,
        "signals": list(plan.signals),
        "false_positives": plan.false_positives,
        "by": list(plan.by),
        "csv": plan.csv,
        "phases": plan.phases,
        "events": plan.events,
        "pairs": [list(pair) for pair in plan.pairs],
        "regression": asdict(plan.regression) if plan.regression else None,
        "recordings": [
            {"name": files.name, "paths": [str(path) for path in files.paths],
             "labels": dict(files.labels), "rate_hz": files.rate_hz, "roles": files.roles}
            for files in plan.recordings
        ],
        "inputs": [
            {"file": file, "sha256": digest}
            for file, digest in (
                *(pair for one in done for pair in one.inputs),
                *((str(p), checksum(p)) for p in files_of_marks(plan.phases, plan.events)),
            )
        ],
        "failed": [asdict(failure) for failure in study.failed],
        "skipped": list(plan.skipped),
        "left_out": list(study.left_out),
    }  # fmt: skip


def report_content(plan: Plan, study: Study, datasets: Sequence[xr.Dataset]) -> "ReportContent":
    """What the report shows."""
    from bowlby.reports import Failure, ReportContent
    from bowlby.studies.part_sections import part_sections

    groups = group_table(study.associations)
    return ReportContent(
        title=plan.title,
        datasets=datasets,
        summary=study.summary,
        version=versions()["bowlby"],
        command=plan.command,
        created=datetime.now(UTC).strftime("%Y-%m-%d"),
        failed=tuple(Failure(f.recording, f.file, f.message) for f in study.failed),
        skipped=(*plan.skipped, *study.left_out),
        false_positives=next(iter(study.false_positives.values()), None),
        pseudo_dyads=next(iter(study.pseudo_dyads.values()), None),
        groups=groups if len(groups) else None,
        figures=_figures_of_other_signals(study),
        sections=(
            *part_sections(study.annotated, study.groups, study.pseudo_groups),
            *([regression_section(study.regressed)] if following(study.regressed) else ()),
        ),
    )


def _figures_of_other_signals(study: Study) -> "tuple[ExtraFigure, ...]":
    """Pseudo-dyads and false positives of every signal but the first, which has a section."""
    from bowlby.figures import false_positives_figure, figure_svg, pseudo_dyads_figure
    from bowlby.reports import ExtraFigure

    figures = [
        ExtraFigure(
            f"Real dyads against pseudo-dyads: {signal}",
            f"d = {found.d:.2f}, p = {found.p:.4f}.",
            figure_svg(
                pseudo_dyads_figure(found.real, found.pseudo, d=found.d, p=found.p),
                salt=f"pseudo-{signal}",
            ),
        )
        for signal, found in list(study.pseudo_dyads.items())[1:]
    ]
    figures += [
        ExtraFigure(
            f"False positives: {signal}",
            check.statement,
            figure_svg(
                false_positives_figure(
                    check.p, rate=check.rate, low=check.low, high=check.high, alpha=check.alpha
                ),
                salt=f"check-{signal}",
            ),
        )
        for signal, check in list(study.false_positives.items())[1:]
    ]
    return tuple(figures)
