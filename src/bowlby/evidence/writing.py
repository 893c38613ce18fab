"""The table of evidence as a CSV for scripts and a page for people."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bowlby.evidence.findings import Finding
from bowlby.evidence.measures import MEASURES
from bowlby.evidence.scoring import Estimate
from bowlby.evidence.table import Evidence, Row

if TYPE_CHECKING:
    from bowlby.reports.evidence import EvidenceContent

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
    from bowlby.reports.evidence import write_evidence_report

    with (folder / "evidence.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(cells(row) for row in evidence.rows)
    write_evidence_report(folder / "report.html", _report_content(evidence))


def cells(row: Row) -> tuple[object, ...]:
    """A row of evidence.csv."""

    def written(value: float | None) -> str:
        return "" if value is None or not np.isfinite(value) else f"{value:.6g}"

    finding, full = row.finding, row.full
    return (
        finding.slug, finding.area, finding.statistic, finding.published, written(finding.low),
        written(finding.high), written(full and full.mean), written(full and full.low),
        written(full and full.high), finding.ablation,
        written(row.ablated.mean if row.ablated else None), row.verdict, row.reason,
    )  # fmt: skip


def lead(evidence: Evidence) -> str:
    """What the table says, in a sentence or two for each table of findings."""
    texts = []
    for table in evidence.guess:
        scored = [
            row
            for row in evidence.rows
            if row.full and row.finding.is_scored and row.finding.table == table
        ]
        agreeing = [row for row in scored if row.verdict in ("met", "compatible", "explained")]
        texts.append(
            f"The model agrees with {len(agreeing)} of {len(scored)} scored findings"
            f"{_of(table, evidence)} ({len({row.finding.group for row in agreeing})} of "
            f"{len({row.finding.group for row in scored})} independent groups), over "
            f"{len(evidence.seeds)} seeds."
        )
    if any(row.ablated for row in evidence.rows):
        texts.append(
            f"In {evidence.groups('explained')} groups a finding is explained: it is lost "
            "without the mechanism held responsible for it."
        )
    return " ".join(texts)


def against(evidence: Evidence) -> str:
    """The comparison with a guess, and how effects agree as a whole, in words."""
    return "\n".join(
        f"{_guessed(evidence, table)} {_agreed(evidence, table)}" for table in evidence.guess
    )


def _of(table: str, evidence: Evidence) -> str:
    return f" of {table}" if len(evidence.guess) > 1 else ""


def _guessed(evidence: Evidence, table: str) -> str:
    g = evidence.guess[table]
    if not g.groups:
        return f"No finding{_of(table, evidence)} gives a number that one could have guessed."
    clear = (
        "nearer than"
        if g.low > 0
        else "farther than"
        if g.high < 0
        else "not clearly nearer than"
    )
    return (
        "A guess that needs no model (r = .20 or d = .30 with the right sign, nulls at no "
        f"effect) lies {g.guess:.2f} half-bands from the published numbers"
        f"{_of(table, evidence)}. "
        f"The model lies {g.model:.2f}: {clear} the guess (advantage {g.advantage:+.2f}, 95 % "
        f"interval {g.low:+.2f} to {g.high:+.2f} over {g.groups} groups of findings that share "
        "data). A half-band is half the width of the band that counts as agreement."
    )


def _agreed(evidence: Evidence, table: str) -> str:
    a = evidence.agreement[table]
    if not np.isfinite(a.factor):
        return ""
    return (
        f"Over {a.effects} effects (as d) the model's need a common factor of {a.factor:.2f} "
        f"({a.factor_low:.2f} to {a.factor_high:.2f}) and correlate with the published ones at "
        f"{a.correlation:.2f}, without the two largest at {a.without_two:.2f}. Mean error in r "
        f"{a.error_r:.2f} (guess {a.error_r_guess:.2f}), in d {a.error_d:.2f} (guess "
        f"{a.error_d_guess:.2f}). {a.nulls_met} of {a.nulls} nulls are equivalent to null; "
        f"{a.others_met} of {a.others} levels, shapes and signs are right, where a guess has "
        "nothing to say."
    )


def band_of(finding: Finding) -> str:
    """The band as text."""
    if finding.low is not None:
        return f"{finding.low:g} to {finding.high:g}"
    return "-0.2 to 0.2" if finding.scale == "nulls" else "sign"


def _report_content(evidence: Evidence) -> "EvidenceContent":
    """What the page shows."""
    from bowlby.reports.evidence import EvidenceContent

    rows = [row for row in evidence.rows if row.full]
    areas = list(dict.fromkeys(row.finding.area for row in rows))
    return EvidenceContent(
        summary=(lead(evidence), against(evidence)),
        counts=_counts(evidence),
        marks=[mark for row in rows if (mark := _mark(row))],
        areas={
            area.replace("_", " ").capitalize(): [
                _shown(row) for row in rows if row.finding.area == area
            ]
            for area in areas
        },
        missed=[_shown(row) for row in evidence.rows if row.full is None],
    )


def _counts(evidence: Evidence) -> dict[str, int]:
    """Findings by verdict, without those that no row has."""
    counts = dict.fromkeys(("explained", "compatible", "met", "missed", "not addressed"), 0)
    for row in evidence.rows:
        if row.verdict in counts:
            counts[row.verdict] += 1
    return {kind: n for kind, n in counts.items() if n}


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


def _shown(row: Row) -> dict[str, str]:
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
