"""The report of a simulation: one self-contained HTML file that works offline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xarray as xr

from bowlby.figures.course import course_axis, course_figure
from bowlby.figures.curves import curves_figure, drawable
from bowlby.figures.population import (
    bands_figure,
    classes_figure,
    means_figure,
    window_figure,
)
from bowlby.reports.numbers import number
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
    script_json,
)
from bowlby.reports.simulation.cards import population_cards, story_cards
from bowlby.reports.simulation.couple import couple_page
from bowlby.reports.simulation.methods import methods_paragraphs
from bowlby.reports.simulation.population import (
    arms_of,
    arms_table,
    class_shares,
    course_bands,
    means_by_pattern,
    synchrony_means,
    windows,
)
from bowlby.reports.simulation.story import story_data
from bowlby.reports.simulation.wording import planned_sessions, story

_STORIES = 4
"""Most dyads that are told one by one."""


class Target(Protocol):
    """A number that a published model must give."""

    @property
    def value(self) -> float:
        """The number."""
        ...

    @property
    def tolerance(self) -> float:
        """Largest absolute difference that still counts as the same."""
        ...

    @property
    def source(self) -> str:
        """Where the number comes from."""
        ...


@dataclass(frozen=True)
class Story:
    """One dyad on the page.

    Attributes:
        name: What the page calls it.
        sentences: Its course in words.
        cards: The main numbers.
        json: Data of the viewer.
        drawing: The course on paper.
    """

    name: str
    sentences: Sequence[str]
    cards: Sequence[Card]
    json: str
    drawing: Drawing


def write_simulation_report(
    path: Path,
    tree: xr.DataTree,
    *,
    checks: Mapping[str, float] = {},
    targets: Mapping[str, Target] = {},
    curves: xr.Dataset | None = None,
) -> None:
    """Write the report of a simulation run as one HTML file.

    Up to four dyads are told as stories that can be scrubbed encounter by encounter and, where
    ticks were kept, turn by turn. More are shown as distributions.

    Args:
        path: File to write.
        tree: The run: groups `readouts`, `encounters` and `ticks`, as far as it has them.
        checks: Name to the number that the run of a published model gave.
        targets: Name to the number it must give.
        curves: What a published model draws: variables of one dimension (a line) or two (a line
            for each value of the second).
    """
    html = simulation_html(tree, checks=checks, targets=targets, curves=curves)
    path.write_text(html, encoding="utf-8")


def simulation_html(
    tree: xr.DataTree,
    *,
    checks: Mapping[str, float],
    targets: Mapping[str, Target],
    curves: xr.Dataset | None,
) -> str:
    """The report as text."""
    readouts, encounters, ticks = (_group(tree, n) for n in ("readouts", "encounters", "ticks"))
    if readouts is not None and "member" in readouts.dims:
        return page_html(
            couple_page(tree, _meta(tree.attrs)), "simulation.html.j2", context={"stories": []}
        )
    is_told = (
        readouts is not None
        and encounters is not None
        and 0 < readouts.sizes.get("dyad", 0) <= _STORIES
    )
    stories = _stories(readouts, encounters, ticks) if is_told else []
    page = _page(tree, checks, targets, curves, is_told=is_told)
    return page_html(page, "simulation.html.j2", context={"stories": stories})


def _page(
    tree: xr.DataTree,
    checks: Mapping[str, float],
    targets: Mapping[str, Target],
    curves: xr.Dataset | None,
    *,
    is_told: bool,
) -> Page:
    readouts, encounters = _group(tree, "readouts"), _group(tree, "encounters")
    sections = [*_checks(checks, targets), *_curves(curves)]
    summary, cards = "", ()
    if readouts is not None and readouts.sizes.get("dyad", 0) > 1 and not is_told:
        arms = arms_of(readouts, list(tree.attrs.get("arms", ())))
        summary, cards = population_cards(readouts, arms)
        sections += _population(readouts, encounters, arms)
    if checks:
        summary = _checks_line(checks, targets)
    return Page(
        title=str(tree.attrs.get("title") or "Simulation"),
        kind="simulation report",
        meta=_meta(tree.attrs),
        summary=[summary] if summary else [],
        cards=cards,
        limits=OF_A_MODEL,
        sections=sections,
        methods=methods_paragraphs(tree, readouts, encounters, has_checks=bool(checks)),
        command=str(tree.attrs.get("command", "")),
    )


def _meta(attrs: Mapping[Any, Any]) -> str:
    ablated = ", ".join(attrs.get("ablated", ())).replace("_", " ")
    parts = (
        f"bowlby {attrs['version']}" if attrs.get("version") else "",
        f"seed {attrs['seed']}" if "seed" in attrs else "",
        f"without {ablated}" if ablated else "",
    )
    return " · ".join(part for part in parts if part)


def _group(tree: xr.DataTree, name: str) -> xr.Dataset | None:
    return tree[name].to_dataset() if name in tree.children else None


def _stories(
    readouts: xr.Dataset | None, encounters: xr.Dataset | None, ticks: xr.Dataset | None
) -> list[Story]:
    if readouts is None or encounters is None:
        return []
    result = []
    for i in range(readouts.sizes["dyad"]):
        mine, course = readouts.isel(dyad=i), encounters.isel(dyad=i).load()
        arm = str(mine.arm.item()).replace("_", " ") if "arm" in mine.coords else ""
        name = f"Dyad {mine.dyad.item()}" + (f", {arm}" if arm else "")
        turns = None if ticks is None else ticks.isel(dyad=i).load()
        drawing = draw(
            course_figure(course), f"course{i}", f"Course of {name.lower()}, encounter by encounter.",
            "The course from childhood on. Triangles: ruptures, filled where every one of the "
            "session was repaired.",
        )  # fmt: skip
        data = script_json(story_data(course, turns, name=name))
        result.append(
            Story(name, story(mine, course), story_cards(mine, course), data, drawing)
        )
    return result


def _population(
    readouts: xr.Dataset, encounters: xr.Dataset | None, arms: Sequence[str]
) -> list[Section]:
    sections = []
    table = arms_table(readouts, arms)
    if table is not None:
        text = (
            "Means ± standard errors. Symptoms are standardised; a negative change is an "
            "improvement."
        )
        if len(arms) > 1:
            text += " The same dyads take part in every arm, so differences are within dyads."
        title = "Outcome by arm" if len(arms) > 1 else "Outcome"
        sections.append(Section(title, text, tables=[table]))
    sections += _bands(encounters, arms)
    means = means_by_pattern(readouts, arms)
    if means:
        sections.append(
            Section("Who gains, by pattern in childhood", drawings=[
                draw(
                    means_figure(means, arms), "patterns", "Means of outcomes by pattern and arm.",
                    "Means with 95 % intervals of the mean by Strange Situation class.",
                )
            ])
        )  # fmt: skip
    sections += _windows(readouts, encounters, arms)
    together = synchrony_means(readouts, arms)
    if together:
        sections.append(
            Section(
                "Synchrony",
                "Measured from emitted signals of a subsample, as a recording would be. High "
                "synchrony can be contagion as well as attunement.",
                drawings=[
                    draw(
                        means_figure(together, arms), "synchrony", "Synchrony and lead by arm.",
                        "Means with 95 % intervals of the mean.",
                    )
                ],
            )
        )  # fmt: skip
    shares = class_shares(readouts)
    if shares:
        drawing = draw(
            classes_figure(shares), "classes", "Shares of attachment classes.",
            "Classes as an observer would score them, with coder error.",
        )  # fmt: skip
        sections.append(Section("What childhood left", drawings=[drawing]))
    return sections


def _bands(encounters: xr.Dataset | None, arms: Sequence[str]) -> list[Section]:
    bands = None if encounters is None else course_bands(encounters, arms)
    if encounters is None or bands is None:
        return []
    ranges = (
        "Line: median; bands: middle 50 % and 90 % of dyads." if len(arms) == 1
        else "Line: median; band: middle 50 % of dyads."
    )  # fmt: skip
    drawing = draw(
        bands_figure(bands, course_axis(encounters)), "bands",
        "Medians and quantile bands of symptoms, trust, plasticity and uncertainty by encounter.",
        f"{ranges} Axis: years in childhood, sessions in therapy, weeks (w) before and after it. "
        "Those who left early are missing from sessions after that.",
    )  # fmt: skip
    return [Section("The course", drawings=[drawing])]


def _windows(
    readouts: xr.Dataset, encounters: xr.Dataset | None, arms: Sequence[str]
) -> list[Section]:
    sessions = windows(readouts, arms)
    every = np.concatenate(list(sessions.values())) if sessions else np.empty(0)
    if not np.isfinite(every).any():
        return []
    planned = int(np.nanmax(every)) if encounters is None else planned_sessions(encounters)
    drawing = draw(
        window_figure(sessions, planned), "windows",
        "Sessions in which a new relational model opened, by arm.",
        "Share of dyads whose new relational model is first believed in each session.",
        is_narrow=len(sessions) == 1,
    )  # fmt: skip
    return [Section("When a new relational model opens", drawings=[drawing])]


def _checks(checks: Mapping[str, float], targets: Mapping[str, Target]) -> list[Section]:
    if not checks:
        return []
    rows = []
    for name, value in checks.items():
        cells = [Cell(name.replace("_", " ")), Cell(_digits(value), "number")]
        if (target := targets.get(name)) is None:
            cells += [
                Cell("–", "number"),
                Cell("–", "number"),
                Cell("no target"),
                Cell("", "source"),
            ]
        else:
            is_met = _is_met(value, target)
            cells += [
                Cell(_digits(target.value), "number"), Cell(f"± {_digits(target.tolerance)}", "number"),
                Cell("met", "met") if is_met else Cell("missed", "missed"),
                Cell(target.source, "source"),
            ]  # fmt: skip
        rows.append(cells)
    header = ("check", "this run", "must be", "tolerance", "", "where the number comes from")
    return [Section("Numbers that the model must give", tables=[Table(header, rows)])]


def _is_met(value: float, target: Target) -> bool:
    return bool(abs(value - target.value) <= target.tolerance)


def _checks_line(checks: Mapping[str, float], targets: Mapping[str, Target]) -> str:
    tested = [name for name in checks if name in targets]
    missed = [name for name in tested if not _is_met(checks[name], targets[name])]
    if not tested:
        return ""
    if not missed:
        return f"All {len(tested)} numbers that this model must give were met." if len(tested) > 1 else (
            "The one number that this model must give was met."
        )  # fmt: skip
    names = ", ".join(name.replace("_", " ") for name in missed)
    return f"{len(tested) - len(missed)} of {len(tested)} numbers were met. Missed: {names}."


def _digits(value: float) -> str:
    """Four significant digits with a true minus sign."""
    if not np.isfinite(value):
        return "–"
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return number(value, 4 if abs(value) < 1 else 3).rstrip("0").rstrip(".") or "0"
    return f"{value:.3g}".replace("-", "−")


def _curves(curves: xr.Dataset | None) -> list[Section]:
    if curves is None or not drawable(curves):
        return []
    drawing = draw(
        curves_figure(curves), "curves", "Curves of the model, a panel per variable.",
        "What the model gives, a panel per variable; units on the axes.",
    )  # fmt: skip
    return [Section("What the model does", drawings=[drawing])]
