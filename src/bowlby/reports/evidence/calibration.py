"""The report of a calibration: what published findings leave of the parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bowlby._types import FloatArray
from bowlby.figures.calibration_region import (
    Marginal,
    Near,
    distances_of_findings,
    effects_map,
    marginal_regions,
)
from bowlby.reports.page import (
    OF_A_MODEL,
    Card,
    Cell,
    Drawing,
    Page,
    Section,
    Table,
    draw,
    page_html,
)

Records = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class EffectsMap:
    """What each parameter moves.

    Attributes:
        effects: Mean effects with their sign (outputs x parameters).
        outputs: Names of the outputs.
        parameters: Names of the parameters.
        unit: Unit of the effects.
    """

    effects: FloatArray
    outputs: Sequence[str]
    parameters: Sequence[str]
    unit: str


@dataclass(frozen=True, eq=False)
class CalibrationContent:
    """What the report shows.

    Attributes:
        summary: What is left of the parameters, a line each.
        cards: Label and mean distance from the published numbers.
        comparisons: Parameters in words, and their comparison with the guess: `model`,
            `guess`, `advantage`, `low`, `high`, `groups`.
        near: Distance of each finding.
        marginals: Region of each parameter.
        parameters: Rows of the region's table.
        pulls: Pairs of findings: `first`, `second`, `both`, `chance`.
        moved_findings: Effects on findings.
        moved_readouts: Effects on readouts; None if there are none.
        trust: How far the emulators can be trusted, in words.
        findings: Rows of the findings' table.
    """

    summary: Sequence[str]
    cards: Sequence[tuple[str, float]]
    comparisons: Sequence[tuple[str, Any]]
    near: Sequence[Near]
    marginals: Sequence[Marginal]
    parameters: Records
    pulls: Sequence[Any]
    moved_findings: EffectsMap
    moved_readouts: EffectsMap | None
    trust: str
    findings: Records


def write_calibration_report(path: Path, content: CalibrationContent) -> None:
    """Write the report as one HTML file.

    Args:
        path: File to write.
        content: What it shows.
    """
    page = Page(
        title="Which parameters the published findings leave",
        kind="calibration",
        summary=[
            "Mean distance from the published numbers, over independent groups of findings. "
            "Its unit, a half-band, is half the width of the band that counts as agreement. "
            "Smaller is nearer."
        ],
        cards=[Card(label, _number(value)) for label, value in content.cards],
        points=content.summary,
        limits=OF_A_MODEL,
        sections=[
            _against(content),
            _region(content),
            *_pulls(content),
            _moves(content),
            _trust(content),
        ],
    )
    path.write_text(page_html(page), encoding="utf-8")


def _number(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:.2f}"


def _against(content: CalibrationContent) -> Section:
    rows = [
        [
            Cell(way), Cell(_number(each.model), "number"), Cell(_number(each.guess), "number"),
            Cell(
                f"{_number(each.advantage)} ({_number(each.low)} to {_number(each.high)})",
                "number",
            ),
            Cell(str(each.groups), "number"),
        ]
        for way, each in content.comparisons
    ]  # fmt: skip
    drawing = draw(
        distances_of_findings(content.near), "distances", "Distance of each finding.",
        "One line a finding with a published number. Grey is the band. Open dots are the "
        "calibrated parameters, full dots parameters fitted without the finding's group. Ticks "
        "are the defaults, crosses the guess. What lies beyond the figure is at its edge.",
    )  # fmt: skip
    header = ("Parameters", "Model", "Guess", "Advantage (95 %)", "Groups")
    return Section(
        "Against a guess that needs no model", drawings=[drawing], tables=[Table(header, rows)]
    )


def _region(content: CalibrationContent) -> Section:
    drawing = draw(
        marginal_regions(content.marginals), "marginals", "Region of each parameter.",
        "Grey is the prior range. The bar is the middle 90 % of the region; it is grey where "
        "it is about as wide as the prior: not identified. The diamond is the calibrated "
        "value, the upright line the default.",
    )  # fmt: skip
    header = (
        "Parameter", "Prior", "Default", "Region (90 %)", "Calibrated", "Width", "Moves with",
    )  # fmt: skip
    rows = [_parameter_cells(p) for p in content.parameters]
    return Section("What is left of each parameter", "", [drawing], [Table(header, rows)])


def _parameter_cells(p: Mapping[str, Any]) -> list[Cell]:
    unit = f", {p['unit']}" if p["unit"] != "1" else ""
    width = _number(p["width"]) + ("" if p["is_identified"] else ": not identified")
    return [
        Cell(f"{p['meaning']} ({p['parameter']}{unit})", "claim"),
        Cell(f"{p['prior_low']} to {p['prior_high']}"),
        Cell(str(p["default"])),
        Cell(f"{p['region_low']} to {p['region_high']}"),
        Cell(str(p["calibrated"])),
        Cell(width),
        Cell(f"{p['most_correlated']} (r = {_number(p['r'])})"),
    ]


def _pulls(content: CalibrationContent) -> list[Section]:
    if not content.pulls:
        return []
    rows = [
        [
            Cell(pull.first), Cell(pull.second), Cell(f"{100 * pull.both:.1f} %", "number"),
            Cell(f"{100 * pull.chance:.1f} %", "number"),
        ]
        for pull in content.pulls
    ]  # fmt: skip
    return [
        Section(
            "Findings that pull against each other",
            "Pairs that the same parameters satisfy less often than if they were unrelated.",
            tables=[Table(("Finding", "Finding", "Both", "If unrelated"), rows)],
        )
    ]


def _moves(content: CalibrationContent) -> Section:
    drawings = [
        _map(
            content.moved_findings, "findings",
            "Mean effect of moving a parameter over its prior range on each finding (Morris's "
            "elementary effects on the emulators).",
        )
    ]  # fmt: skip
    if content.moved_readouts is not None:
        caption = "The same on mean readouts, in standard deviations over the runs."
        drawings.append(_map(content.moved_readouts, "readouts", caption))
    return Section("What each parameter moves", drawings=drawings)


def _map(moved: EffectsMap, salt: str, caption: str) -> Drawing:
    figure = effects_map(moved.effects, moved.outputs, moved.parameters, moved.unit)
    return draw(figure, salt, f"{moved.unit}.", caption)


def _trust(content: CalibrationContent) -> Section:
    header = (
        "Finding", "Published", "Guess", "Default", "In fold", "Out of fold", "Met out of fold",
        "Q2 (of)", "Coverage",
    )  # fmt: skip
    rows = [_finding_cells(f) for f in content.findings]
    title = "How far the emulators can be trusted"
    return Section(title, content.trust, tables=[Table(header, rows)])


def _finding_cells(f: Mapping[str, Any]) -> list[Cell]:
    is_met = bool(f["is_met_out_of_fold"])
    met = "met" if is_met else "out of reach" if f["is_out_of_reach"] else "missed"
    return [
        Cell(f["slug"]),
        Cell(f"{_number(f['published'])} ± {_number(f['half_band'])}", "number"),
        *(
            Cell(_number(f[key]), "number")
            for key in ("guess", "default", "in_fold", "out_of_fold")
        ),
        Cell(met, "met" if is_met else "missed"),
        Cell(f"{_number(f['emulator_q2'])} ({_number(f['emulator_best_q2'])})", "number"),
        Cell(_number(f["emulator_coverage"]), "number"),
    ]
