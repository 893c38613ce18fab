"""The report of the model against published findings, area by area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bowlby.figures.evidence import Mark, bands_of_findings
from bowlby.reports.page import OF_A_MODEL, Card, Cell, Page, Section, Table, draw, page_html

_HEADER = ("Finding", "Published", "Band", "Model (95 %)", "Without", "Verdict")


@dataclass(frozen=True)
class EvidenceContent:
    """What the report shows.

    Attributes:
        summary: The result in short, a paragraph each.
        counts: Number of findings by verdict.
        marks: The model against each published band.
        areas: By area, its findings: `slug`, `claim`, `source`, `doi`, `how`, `reason`,
            `published`, `band`, `model`, `ablated`, `verdict`.
        missed: Findings that the model has no output for: `claim`, `reason`.
    """

    summary: Sequence[str]
    counts: Mapping[str, int]
    marks: Sequence[Mark]
    areas: Mapping[str, Sequence[Mapping[str, str]]]
    missed: Sequence[Mapping[str, str]]


def write_evidence_report(path: Path, content: EvidenceContent) -> None:
    """Write the report as one HTML file.

    Args:
        path: File to write.
        content: What it shows.
    """
    page = Page(
        title="Published findings and the model",
        kind="evidence",
        summary=content.summary,
        cards=[Card(kind, str(count)) for kind, count in content.counts.items()],
        limits=OF_A_MODEL,
        sections=[_stand(content), *_areas(content), *_missed(content)],
    )
    path.write_text(page_html(page), encoding="utf-8")


def _stand(content: EvidenceContent) -> Section:
    drawing = draw(
        bands_of_findings(content.marks), "findings", "Model and findings.",
        "One line a finding with a published band (grey). Dots agree, squares do not. Lines "
        "are 95 % intervals over seeds. A cross is the model without the responsible "
        "mechanism. Triangles lie beyond the figure.",
    )  # fmt: skip
    return Section("Where the model stands", drawings=[drawing])


def _areas(content: EvidenceContent) -> list[Section]:
    return [
        Section(area, tables=[Table(_HEADER, [_cells(row) for row in rows])])
        for area, rows in content.areas.items()
    ]


def _cells(row: Mapping[str, str]) -> list[Cell]:
    doi = f", doi {row['doi']}" if row["doi"] else ""
    more = f"{row['slug']}. {row['source']}{doi}. {row['how']} {row['reason']}".strip()
    return [
        Cell(row["claim"], "claim", more),
        *(Cell(row[key]) for key in ("published", "band", "model", "ablated")),
        Cell(row["verdict"], row["verdict"]),
    ]


def _missed(content: EvidenceContent) -> list[Section]:
    if not content.missed:
        return []
    text = f"{len(content.missed)} findings have no output of the model to compare with."
    rows = [[Cell(r["claim"], "claim"), Cell(r["reason"], "reason")] for r in content.missed]
    return [Section("Not addressed", text, tables=[Table((), rows)])]
