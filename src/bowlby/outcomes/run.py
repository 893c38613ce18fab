"""A run: read, analyse, write one folder, whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bowlby.outcomes.analysis import Analysis, Progress
from bowlby.outcomes.attachment import AttachmentChange
from bowlby.outcomes.client_content import Beside, client_content
from bowlby.outcomes.course import CourseModel
from bowlby.outcomes.forecasting import multiplier
from bowlby.outcomes.keeping import run_folder
from bowlby.outcomes.links import SynchronyEffect
from bowlby.outcomes.ruptures import FALSE_SHARE
from bowlby.outcomes.service import ServiceResult

PAGES = 60
"""Pages of clients that are written unless told otherwise: the marked ones first."""


@dataclass(frozen=True)
class Request:
    """What was asked, for run.json and the pages.

    Attributes:
        inputs: Files read.
        command: The command as typed.
        settings: Everything that shapes the numbers.
        title: Heading of the report.
        label: Banner, such as `Simulated clients`.
        pages: Pages of clients to write.
    """

    inputs: Sequence[Path]
    command: str
    settings: Mapping[str, Any]
    title: str = "Outcomes"
    label: str = ""
    pages: int = PAGES


def write_run(
    out: Path,
    analysis: Analysis,
    request: Request,
    *,
    beside: Sequence[Beside] = (),
    attachment: AttachmentChange | None = None,
    model_shape: pd.DataFrame | None = None,
    on_progress: Progress = lambda *_: None,
) -> None:
    """Write the folder of a run.

    Args:
        out: Folder; one that bowlby wrote is replaced.
        analysis: What was found.
        request: What was asked.
        beside: Further scales.
        attachment: Change of attachment.
        model_shape: The simulation's shape, for clients' pages.
        on_progress: Called with a stage, what is done and how much there is.

    Raises:
        ValueError: If the folder holds other things.
    """
    with run_folder(out) as folder:
        _write_tables(folder.path, analysis, beside, attachment)
        chosen = _clients_with_pages(analysis, beside, request.pages)
        links = []
        (folder.path / "clients").mkdir()
        for i, client in enumerate(chosen, 1):
            on_progress("Pages", i - 1, len(chosen))
            content = client_content(
                analysis, client, beside=beside, attachment=attachment, model_shape=model_shape
            )
            name = f"clients/{i:04d}.html"  # Never a client's name in a file name.
            _client_page(folder.path / name, content, request)
            links.append((name, f"Client {client}"))
            on_progress("Pages", i, len(chosen))
        _study_page(folder.path / "report.html", analysis, request, beside, attachment, links)
        folder.write_manifest("outcomes", request.inputs, request.command, request.settings)


def _write_tables(
    path: Path,
    analysis: Analysis,
    beside: Sequence[Beside],
    attachment: AttachmentChange | None,
) -> None:
    changes = [m.changes.assign(method=m.method) for m in analysis.methods if len(m.changes)]
    if changes:
        pd.concat(changes, ignore_index=True).to_csv(path / "changes.csv", index=False)
    summary = pd.DataFrame([_method_row(m) for m in analysis.methods])
    summary.to_csv(path / "methods.csv", index=False)
    if analysis.model is not None:
        analysis.courses.to_parquet(path / "courses.parquet", index=False)
        analysis.signals.to_csv(path / "signals.csv", index=False)
    analysis.gains.to_csv(path / "gains.csv", index=False)
    for one in beside:
        if one.ruptures is not None:
            one.ruptures.events.to_csv(path / "ruptures.csv", index=False)
    if attachment is not None:
        attachment.table.to_csv(path / "attachment.csv", index=False)


def _method_row(method: Any) -> dict[str, Any]:
    by = asdict(method.chance) if method.chance else {}
    return {
        "method": method.method, "cutoff": method.cutoff, "threshold": method.threshold,
        **method.counts, **{f"chance_{k}": v for k, v in by.items() if k != "assumption"},
        "reason": method.reason,
    }  # fmt: skip


def _clients_with_pages(analysis: Analysis, beside: Sequence[Beside], most: int) -> list[str]:
    """Clients in order; where there are too many, those with something to tell."""
    every = sorted(analysis.scores.table.client.unique())
    if len(every) <= most:
        return every
    told: dict[str, None] = {}
    amber: list[str] = []
    if len(analysis.signals):
        last = analysis.signals.groupby("client").tail(1).sort_values("z", ascending=False)
        told |= dict.fromkeys(last[last.signal == "red"].client)
        amber = list(last[last.signal == "amber"].client)
    for one in beside:
        if one.ruptures is not None:
            told |= dict.fromkeys(one.ruptures.events.client)
    told |= dict.fromkeys(amber)
    return sorted(list(told)[:most])


def _client_page(path: Path, content: Mapping[str, Any], request: Request) -> None:
    from bowlby.reports.outcomes import client_page, write_page

    page = client_page(
        content, command=request.command, version=version("bowlby"), label=request.label
    )
    write_page(path, page)


def _study_page(
    path: Path, analysis: Analysis, request: Request, beside: Sequence[Beside],
    attachment: AttachmentChange | None, links: Sequence[tuple[str, str]],
) -> None:  # fmt: skip
    from bowlby.reports.outcomes import study_page, write_page

    ruptures = [
        {"name": b.yard.name, "found": b.ruptures,
         "false_share": FALSE_SHARE[b.ruptures.criterion]}
        for b in beside if b.ruptures is not None
    ]  # fmt: skip
    page = study_page(
        analysis, title=request.title, command=request.command, version=version("bowlby"),
        mean_course=mean_course(analysis), ruptures=ruptures, attachment=attachment,
        links=links,
        label=request.label,
    )  # fmt: skip
    write_page(path, page)


def mean_course(analysis: Analysis) -> pd.DataFrame:
    """The model's mean of all who began, the spread of clients, and observed means."""
    if analysis.model is None:
        return pd.DataFrame()
    table = analysis.scores.table
    origin = int(table.time.min())
    last = min(int(table.time.max()) - origin, analysis.planned)
    mean, sd = population_course(analysis.model, last)
    half = multiplier(analysis.model, 0.80, np.full(last + 1, np.inf)) * sd
    seen = table.groupby("time")["value"].agg(["mean", "size"]).reindex(
        range(origin, origin + last + 1)
    )  # fmt: skip
    return pd.DataFrame({
        "time": np.arange(last + 1) + origin, "mean": mean, "low80": mean - half,
        "high80": mean + half, "observed": seen["mean"].to_numpy(),
        "n": seen["size"].to_numpy(),
    })  # fmt: skip


def population_course(model: CourseModel, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and SD of scores of all who began, at steps 0 to `last`, had all stayed."""
    from bowlby.outcomes import kalman

    nothing, none = np.empty(0, np.int64), np.empty(0)
    mean, variance = kalman.predictions(nothing, none, last, model.draws)
    return mean.mean(0), np.sqrt(variance.mean(0) + mean.var(0))


def write_client(out: Path, content: Mapping[str, Any], request: Request) -> None:
    """Write one client's page alone, in a folder of its own."""
    with run_folder(out) as folder:
        _client_page(folder.path / "report.html", content, request)
        content["scores"].to_csv(folder.path / "scores.csv", index=False)
        folder.write_manifest(
            "outcomes course", request.inputs, request.command, request.settings
        )


def write_service_run(out: Path, result: ServiceResult, request: Request) -> None:
    """Write the report of a service."""
    from bowlby.reports.outcomes import service_page, write_page

    with run_folder(out) as folder:
        _write_service_tables(folder.path, result)
        page = service_page(
            result, command=request.command, version=version("bowlby"), label=request.label
        )
        write_page(folder.path / "report.html", page)
        folder.write_manifest(
            "outcomes service", request.inputs, request.command, request.settings
        )


def _write_service_tables(path: Path, result: ServiceResult) -> None:
    result.ends.to_csv(path / "ends.csv", index=False)
    result.dose.to_csv(path / "dose.csv", index=False)
    result.leaving.rows.to_csv(path / "leaving.csv", index=False)
    if result.outcome is not None:
        o = result.outcome
        pd.DataFrame({"delta": o.deltas, "change": o.shifted}).to_csv(
            path / "dropout.csv", index=False
        )
    if result.therapists is not None:
        result.therapists.table.to_csv(path / "therapists.csv", index=False)


def write_effects(out: Path, effects: Sequence[SynchronyEffect], request: Request) -> None:
    """Write synchrony against the next score."""
    from bowlby.reports.outcomes import write_page
    from bowlby.reports.outcomes.synchrony import synchrony_page

    with run_folder(out) as folder:
        pd.DataFrame([asdict(e) for e in effects]).to_csv(
            folder.path / "effects.csv", index=False
        )
        page = synchrony_page(effects, command=request.command, version=version("bowlby"))
        write_page(folder.path / "report.html", page)
        folder.write_manifest(
            "outcomes synchrony", request.inputs, request.command, request.settings
        )
