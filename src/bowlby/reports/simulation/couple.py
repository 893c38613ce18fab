"""The report of couples and groups: how they are, by what their childhoods left, and their weeks."""

import numpy as np
import xarray as xr

from bowlby.figures.curves import curves_figure
from bowlby.reports.numbers import number
from bowlby.reports.page import OF_A_MODEL, Cell, Page, Section, Table, draw

SHOWN = {
    "couple_distress": "felt distress", "couple_body": "distress in the body",
    "couple_trust": "trust", "couple_safety": "safety", "couple_synchrony": "synchrony",
    "internalising_follow_up": "symptoms (SD)", "anxiety": "anxiety", "avoidance": "avoidance",
}  # fmt: skip
"""Columns of the table, and what they are called."""

WEEKLY = ("life_distress", "life_arousal", "life_trust", "life_safety", "synchrony", "symptoms")
"""Variables whose weeks are drawn."""


def couple_page(tree: xr.DataTree, meta: str) -> Page:
    """The page.

    Args:
        tree: The run: `readouts` (dyad, member) and, where they were kept, `encounters`.
        meta: What made it.
    """
    readouts = tree["readouts"].to_dataset()
    households, members = readouts.sizes["dyad"], readouts.sizes["member"]
    one, more = ("couple", "couples") if members == 2 else ("group of three", "groups of three")
    many = f"{households} {one if households == 1 else more}"
    sections = [
        Section(
            "Who they are to each other",
            "Means ± standard errors over households, by how many of each were secure in the "
            "Strange Situation. Symptoms are in standard deviations of people's scores.",
            tables=[_by_childhood(readouts)],
        )
    ]
    lived = ""
    if "encounters" in tree.children:
        weeks = tree["encounters"].to_dataset()
        drawing = draw(
            curves_figure(_weekly(weeks)), "weeks", "Means of the weeks, a line for each member.",
            "Means over households, a line for each member. In weeks apart nobody is there.",
        )  # fmt: skip
        sections.append(Section("Their weeks", drawings=[drawing]))
        gone = int((weeks.phase == "apart").sum())
        apart = f", {gone} of them apart" if gone else ""
        lived = f" They lived {weeks.sizes['encounter']} weeks with each other{apart}."
    return Page(
        title=str(tree.attrs.get("title") or "Couples"),
        kind="simulation report",
        meta=meta,
        summary=[f"{many}: people who are each other's attachment figure.{lived}"],
        cards=(),
        limits=OF_A_MODEL,
        sections=sections,
        methods=(
            f"Simulated with seed {tree.attrs.get('seed', '')}. Each person has a childhood, a "
            "constitution, a body and a mind of their own. Each is the others' figure with the "
            "traits that its own history has left (transmission); one body is driven by the "
            "other's own arousal. Scores are readouts with the error of an observer where there "
            "is an instrument for them. Couple therapy is not modelled.",
        ),
        command=str(tree.attrs.get("command", "")),
    )


def _by_childhood(readouts: xr.Dataset) -> Table:
    secure = (readouts.pattern == "B").sum("member").to_numpy()
    shown = {name: title for name, title in SHOWN.items() if name in readouts}
    rows = []
    for count in range(readouts.sizes["member"], -1, -1):
        there = np.flatnonzero(secure == count)
        if len(there):
            means = readouts[list(shown)].isel(dyad=there).mean("member")
            rows.append(
                [
                    Cell(f"{count} secure"),
                    Cell(str(len(there)), "number"),
                    *(Cell(_mean(means[name].to_numpy()), "number") for name in shown),
                ]
            )
    return Table(("", "households", *shown.values()), rows)


def _mean(values: np.ndarray) -> str:
    there = values[np.isfinite(values)]
    if not len(there):
        return "–"
    error = f" ± {number(there.std(ddof=1) / np.sqrt(len(there)))}" if len(there) > 1 else ""
    return f"{number(there.mean())}{error}"


def _weekly(weeks: xr.Dataset) -> xr.Dataset:
    """Means over households (week, member)."""
    means = weeks[[name for name in WEEKLY if name in weeks]].mean("dyad", keep_attrs=True)
    return means.swap_dims(encounter="week").transpose("week", "member")
