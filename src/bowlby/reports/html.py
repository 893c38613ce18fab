"""The report of recordings: one HTML file that works offline, in print and on a phone."""

import base64
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bowlby.figures.style import diverging_map, format_p, sequential_map
from bowlby.reports.content import ReportContent
from bowlby.reports.drawings import (
    draw_false_positives,
    draw_multiverse,
    draw_pseudo_dyads,
    draw_recording,
    draw_study,
)
from bowlby.reports.inline import inline_svg
from bowlby.reports.methods import methods_paragraphs, reference_list, tested_sentences
from bowlby.reports.numbers import minus
from bowlby.reports.page import Card, Drawing, Page, Section, page_html, script_json
from bowlby.reports.tables import csv_uri, groups_table, summary_table
from bowlby.reports.viewer_data import viewer_data
from bowlby.reports.wording import (
    FALSE_POSITIVES,
    LIMITS,
    ONE_OF_MANY,
    PSEUDO_DYADS,
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
    datasets = list(study.datasets)
    is_single = len(datasets) == 1
    main = main_rows(study.summary) if len(study.summary) else study.summary
    return page_html(
        _page(study, is_single=is_single),
        "report.html.j2",
        context={
            "study": study,
            "is_single": is_single,
            "null": tested_sentences(datasets[0]) if datasets else "",
            "drawings": draw_study(study, main),
            "recordings": [draw_recording(i, dataset) for i, dataset in enumerate(datasets)],
            "viewer": [script_json(viewer_data(dataset)) for dataset in datasets],
            "colours": script_json(_colour_tables()),
            "table": summary_table(study.summary, main, datasets),
            "csv": csv_uri(study.summary),
        },
    )


def _page(study: ReportContent, *, is_single: bool) -> Page:
    datasets = list(study.datasets)
    made = (study.created, f"bowlby {study.version}" if study.version else "")
    return Page(
        title=study.title,
        kind="synchrony report",
        meta=" · ".join(part for part in made if part),
        cards=_answers(study, is_single=is_single),
        limits=f"{ONE_OF_MANY} {LIMITS}" if datasets else LIMITS,
        sections=_sections(study),
        methods=methods_paragraphs(datasets, version=study.version),
        methods_title="Methods, to paste into a supplement",
        references=reference_list(datasets),
        command=study.command,
    )


def _answers(study: ReportContent, *, is_single: bool) -> Sequence[Card]:
    if not len(study.datasets):
        return multiverse_answers(study.multiverse)
    if is_single:
        return recording_answers(study.datasets[0])
    return study_answers(study.summary, study.false_positives)


def _sections(study: ReportContent) -> list[Section]:
    """What looks at more than one recording, or at parts of one."""
    sections = list(study.sections)
    if (drawing := draw_false_positives(study)) is not None:
        text = f"{_statement(study)}\n{FALSE_POSITIVES}"
        sections.append(
            Section("Can these p-values be trusted?", text, [drawing], is_pair=True)
        )
    if (drawing := draw_pseudo_dyads(study)) is not None:
        text = f"{PSEUDO_DYADS} {_pseudo_line(study)}"
        sections.append(
            Section("Do real dyads exceed pseudo-dyads?", text, [drawing], is_pair=True)
        )
    if isinstance(study.groups, str):
        sections.append(Section("Groups", study.groups))
    elif study.groups is not None:
        sections.append(Section("Groups", tables=[groups_table(study.groups)]))
    if (drawing := draw_multiverse(study)) is not None:
        sections.append(Section("Would another analysis say the same?", drawings=[drawing]))
    for extra in study.figures:
        drawing = Drawing(inline_svg(extra.svg, label=extra.title), extra.caption)
        sections.append(Section(extra.title, drawings=[drawing]))
    return sections


def _statement(study: ReportContent) -> str:
    return "" if study.false_positives is None else study.false_positives.statement


def _pseudo_line(study: ReportContent) -> str:
    found = study.pseudo_dyads
    if found is None or not np.isfinite(found.d):
        return ""
    side = "higher" if found.d >= 0 else "lower"
    parts = (minus(f"d = {found.d:.2f}"), format_p(found.p))
    return f"Real dyads are {side}: {', '.join(part for part in parts if part)}."


def _colour_tables() -> dict[str, str]:
    """The maps' 256 colours as base64 of red, green, blue bytes."""
    at = np.linspace(0.0, 1.0, 256)
    return {
        name: base64.b64encode(
            (colours(at)[:, :3] * 255).round().astype(np.uint8).tobytes()
        ).decode()
        for name, colours in (("sequential", sequential_map()), ("diverging", diverging_map()))
    }
