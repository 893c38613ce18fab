"""The report: one self-contained HTML file that works offline, in print and on a phone."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bowlby.figures.style import diverging_map, format_p, sequential_map
from bowlby.reports.content import ReportContent
from bowlby.reports.drawings import (
    Drawing,
    draw_between,
    draw_multiverse,
    draw_recording,
    draw_self_check,
    draw_study,
)
from bowlby.reports.environment import page_environment
from bowlby.reports.inline import inline_svg
from bowlby.reports.methods import methods_paragraphs, null_sentence, reference_list
from bowlby.reports.tables import csv_uri, groups_table, summary_table
from bowlby.reports.viewer_data import viewer_data
from bowlby.reports.wording import (
    Answer,
    main_rows,
    multiverse_answers,
    recording_answers,
    study_answers,
)


def write_report(path: Path, study: ReportContent) -> None:
    """Write a study's report as one HTML file.

    Args:
        path: File to write.
        study: What to report.
    """
    path.write_text(report_html(study), encoding="utf-8")


def report_html(study: ReportContent) -> str:
    """The report as text."""
    environment = page_environment()
    environment.filters["unbroken"] = _unbroken
    datasets = list(study.datasets)
    is_single = len(datasets) == 1
    main = main_rows(study.summary) if len(study.summary) else study.summary
    return environment.get_template("report.html.j2").render(
        study=study,
        is_single=is_single,
        answers=_answers(study, is_single=is_single),
        drawings=draw_study(study, main),
        recordings=[draw_recording(i, dataset) for i, dataset in enumerate(datasets)],
        viewer=[_json(viewer_data(dataset)) for dataset in datasets],
        colours=_json(_colour_tables()),
        self_check=draw_self_check(study),
        between=draw_between(study),
        between_line=_between_line(study),
        groups=groups_table(study.groups),
        multiverse=draw_multiverse(study),
        extra=[
            (extra.title, Drawing(inline_svg(extra.svg, label=extra.title), extra.caption))
            for extra in study.figures
        ],
        methods=methods_paragraphs(datasets, version=study.version),
        references=reference_list(datasets),
        null=null_sentence(datasets[0]) if datasets else "",
        table=summary_table(study.summary, main, datasets),
        csv=csv_uri(study.summary),
    )


def _answers(study: ReportContent, *, is_single: bool) -> Sequence[Answer]:
    if not len(study.datasets):
        return multiverse_answers(study.multiverse)
    if is_single:
        return recording_answers(study.datasets[0])
    return study_answers(study.summary, study.self_check)


def _between_line(study: ReportContent) -> str:
    between = study.between
    if between is None or not np.isfinite(between.d):
        return ""
    side = "higher" if between.d >= 0 else "lower"
    parts = (f"d = {between.d:.2f}".replace("-", "−"), format_p(between.p))
    return f"Real recordings are {side}: {', '.join(part for part in parts if part)}."


def _colour_tables() -> dict[str, str]:
    """The maps' 256 colours as base64 of red, green, blue bytes."""
    at = np.linspace(0.0, 1.0, 256)
    return {
        name: base64.b64encode(
            (colours(at)[:, :3] * 255).round().astype(np.uint8).tobytes()
        ).decode()
        for name, colours in (("sequential", sequential_map()), ("diverging", diverging_map()))
    }


def _unbroken(text: str) -> str:
    """Text whose p-values and units do not break over lines."""
    for short in ("p = ", "p < ", "p ≤ "):
        text = text.replace(short, short.replace(" ", "\N{NO-BREAK SPACE}"))
    return text.replace(" SD", "\N{NO-BREAK SPACE}SD").replace(" %", "\N{NO-BREAK SPACE}%")


def _json(data: object) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
