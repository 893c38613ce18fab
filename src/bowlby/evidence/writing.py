"""The table of evidence as a CSV for scripts and a page for people."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bowlby.evidence.findings import Finding
from bowlby.evidence.measures import MEASURES
from bowlby.evidence.scoring import Estimate
from bowlby.evidence.table import Evidence, Row

COLUMNS = (
    "slug", "area", "statistic", "published", "band_low", "band_high", "model", "model_low",
    "model_high", "ablation", "ablated", "verdict", "reason",
)  # fmt: skip


_TITLES = {
    "attachment": "Attachment", "synchrony": "Synchrony", "therapy": "Therapy",
    "sensitive_period": "Sensitive periods", "comppsy": "Computational psychiatry",
}  # fmt: skip


def write_evidence(evidence: Evidence, folder: Path) -> None:
    """Write `evidence.csv` and `report.html` into a folder."""
    with (folder / "evidence.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_cells(row) for row in evidence.rows)
    (folder / "report.html").write_text(evidence_html(evidence), encoding="utf-8")


def _cells(row: Row) -> tuple[object, ...]:
    def told(value: float | None) -> str:
        return "" if value is None or not np.isfinite(value) else f"{value:.6g}"

    finding, full = row.finding, row.full
    return (
        finding.slug, finding.area, finding.statistic, finding.published, told(finding.low),
        told(finding.high), told(full and full.mean), told(full and full.low),
        told(full and full.high), finding.ablation,
        told(row.ablated.mean if row.ablated else None), row.verdict, row.reason,
    )  # fmt: skip


def lead(evidence: Evidence) -> str:
    """What the table says, in a sentence or two."""
    scored = [row for row in evidence.rows if row.full and row.finding.is_scored]
    agreeing = [row for row in scored if row.verdict in ("met", "compatible", "explained")]
    text = (
        f"The model agrees with {len(agreeing)} of {len(scored)} scored findings "
        f"({len({row.finding.group for row in agreeing})} of "
        f"{len({row.finding.group for row in scored})} independent groups), over "
        f"{len(evidence.seeds)} seeds."
    )
    if any(row.ablated for row in scored):
        text += (
            f" In {evidence.groups('explained')} groups a finding is explained: it is lost "
            "without the mechanism held responsible for it."
        )
    return text


def against(evidence: Evidence) -> str:
    """The comparison with a guess, in words."""
    g = evidence.guess
    if not g.groups:
        return "No finding gives a number that one could have guessed."
    clear = (
        "nearer than"
        if g.low > 0
        else "farther than"
        if g.high < 0
        else "not clearly nearer than"
    )
    return (
        f"A guess that needs no model (r = .20 or d = .30 with the right sign, nulls 0) lies "
        f"{g.guess:.2f} half-bands from the published numbers on average; the model lies "
        f"{g.model:.2f}, {clear} the guess (advantage {g.advantage:+.2f}, 95 % interval "
        f"{g.low:+.2f} to {g.high:+.2f} over {g.groups} groups)."
    )


def band_of(finding: Finding) -> str:
    """The band as text."""
    if finding.low is not None:
        return f"{finding.low:g} to {finding.high:g}"
    return "-0.2 to 0.2" if finding.scale == "nulls" else "sign"


def evidence_html(evidence: Evidence) -> str:
    """The table as one self-contained page."""
    from bowlby.figures.evidence import bands_of_findings
    from bowlby.figures.style import figure_svg
    from bowlby.reports.environment import page_environment
    from bowlby.reports.inline import inline_svg

    environment = page_environment("bowlby.evidence")
    shown = [row for row in evidence.rows if row.full]
    marks = [mark for row in shown if (mark := _mark(row))]
    areas = list(dict.fromkeys(row.finding.area for row in shown))
    return environment.get_template("evidence.html.j2").render(
        lead=lead(evidence),
        guess=against(evidence),
        cards=_cards(evidence),
        figure=inline_svg(figure_svg(bands_of_findings(marks)), label="Model and findings"),
        areas=[
            (
                area.replace("_", " ").capitalize(),
                [_told(r) for r in shown if r.finding.area == area],
            )
            for area in areas
        ],
        missed=[_told(row) for row in evidence.rows if row.full is None],
    )


def _cards(evidence: Evidence) -> Sequence[dict[str, str]]:
    counts = dict.fromkeys(("explained", "compatible", "met", "missed", "not addressed"), 0)
    for row in evidence.rows:
        if row.verdict in counts:
            counts[row.verdict] += 1
    return [{"label": kind, "value": str(n)} for kind, n in counts.items() if n]


def _mark(row: Row):
    from bowlby.figures.evidence import Mark

    finding, full = row.finding, row.full
    if finding.low is None or finding.high is None or full is None:
        return None
    middle, half = 0.5 * (finding.low + finding.high), 0.5 * (finding.high - finding.low)
    model, low, high = ((value - middle) / half for value in (full.mean, full.low, full.high))
    without = (row.ablated.mean - middle) / half if row.ablated else np.nan
    if not np.isfinite(model):
        return None
    agrees = row.verdict in ("met", "compatible", "explained", "fitted")
    return Mark(finding.slug, model, low, high, without, agrees)


def _told(row: Row) -> dict[str, str]:
    finding = row.finding
    return {
        "slug": finding.slug, "claim": finding.claim, "published": finding.published,
        "source": finding.source, "doi": finding.doi, "band": band_of(finding),
        "model": _interval(row.full), "verdict": row.verdict, "reason": row.reason,
        "ablated": f"{row.ablated.mean:.2f} ({finding.ablation})" if row.ablated else "",
        "how": MEASURES[finding.slug].how if finding.slug in MEASURES else "",
    }  # fmt: skip


def _interval(found: Estimate | None) -> str:
    if found is None:
        return ""
    if not np.isfinite(found.low):
        return f"{found.mean:.2f}"
    return f"{found.mean:.2f} ({found.low:.2f} to {found.high:.2f})"
