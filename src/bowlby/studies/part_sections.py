"""Sections of the report on phases, events and groups of people."""

from collections.abc import Mapping, Sequence

import numpy as np

from bowlby.figures.event_curve import event_curve_figure
from bowlby.figures.style import format_p
from bowlby.reports.numbers import minus
from bowlby.reports.page import Cell, Drawing, Section, Table, draw
from bowlby.studies.annotated import Annotated
from bowlby.studies.people import FoundGroup
from bowlby.synchrony.pseudo_groups import PseudoGroups

_MOST_FIGURES = 8


def part_sections(
    found: Annotated,
    groups: Sequence[FoundGroup],
    against: Mapping[str, Sequence[PseudoGroups]],
) -> tuple[Section, ...]:
    """What phases, events and groups showed, a section each; none for what is not there."""
    sections = []
    if found.phases:
        sections.append(_phases(found))
    if found.curves:
        sections.append(_events(found))
    if groups:
        sections.append(_groups(groups, against))
    return tuple(sections)


def number_cell(value: float, digits: int = 2) -> Cell:
    """A number, or a dash where there is none."""
    return Cell(minus(f" {value:.{digits}f}").strip() if np.isfinite(value) else "–", "number")


def p_cell(value: float) -> Cell:
    """A p-value, or a dash where there is none."""
    return Cell(format_p(value).removeprefix("p ").removeprefix("= ") or "–", "number")


def _phases(found: Annotated) -> Section:
    rows = []
    for recording, signal, one in found.phases:
        front = [Cell(recording), Cell(one.phase), Cell(signal), number_cell(one.seconds, 0)]
        if one.dataset is None:
            rows.append([*front, *[Cell("–", "number")] * 4, Cell(one.reason)])
            continue
        first = one.dataset.isel(statistic=0)
        rows.append([
            *front, Cell(str(one.windows), "number"), number_cell(float(first.estimate), 3),
            number_cell(float(first.z)), p_cell(float(first.p)), Cell(str(first.leader.item())),
        ])  # fmt: skip
    tables = [
        Table(
            ("recording", "phase", "signal", "s", "windows", "estimate", "z", "p", "leader"),
            rows,
            "Each phase by itself",
            "Windows lie inside the phase; its surrogates shuffle only what happened in it.",
        )
    ]
    if found.contrasts:
        tables.append(_contrasts(found))
    if found.across:
        tables.append(_across(found))
    return Section("Phases of the session", tables=tables)


def _contrasts(found: Annotated) -> Table:
    rows = [
        [
            Cell(recording), Cell(signal), Cell(f"{one.first} − {one.second}"),
            number_cell(one.comparison.estimate, 3), number_cell(one.comparison.z),
            p_cell(one.comparison.p), p_cell(one.p_holm),
        ]
        for recording, signal, one in found.contrasts
    ]  # fmt: skip
    return Table(
        ("recording", "signal", "phases", "difference", "z", "p", "p (Holm)"),
        rows,
        "One phase against another",
        "Difference of mean running synchrony. Null: the boundaries of all phases are turned "
        "round the session together, so that only their place is at random.",
    )


def _across(found: Annotated) -> Table:
    rows = [
        [
            Cell(signal), Cell(one.contrast), number_cell(one.slope), number_cell(one.low),
            number_cell(one.high), p_cell(one.p), p_cell(one.p_permutation),
            Cell(str(one.dyads), "number"),
        ]
        for signal, several in found.across.items()
        for one in several
    ]  # fmt: skip
    return Table(
        ("signal", "phases", "difference", "from", "to", "p", "p (permuted)", "dyads"),
        rows,
        "Phases over all dyads",
        "Difference of the phases' z within dyads.",
    )


def _events(found: Annotated) -> Section:
    drawings: list[Drawing] = []
    rows = []
    for signal, curves in found.curves.items():
        for curve in curves:
            rows.append([
                Cell(curve.label), Cell(signal), Cell(str(curve.events), "number"),
                Cell(str(curve.recordings), "number"), p_cell(curve.p),
                number_cell(curve.peak_s, 0),
                Cell(curve.reason),
            ])  # fmt: skip
            if len(drawings) < _MOST_FIGURES:
                title = f"{signal} around {curve.label}"
                drawings.append(
                    draw(
                        event_curve_figure(curve),
                        f"events-{len(drawings)}",
                        title,
                        f"{title}: mean of {curve.events} events of {curve.recordings} "
                        "recording(s), with the band that 95 % of turned trains stay in over "
                        "the whole curve.",
                        is_narrow=True,
                    )
                )
    header = ("event", "signal", "events", "recordings", "p", "farthest at (s)", "")
    note = (
        "Null: each recording's whole train of events is turned round its session, which keeps "
        "the spacing of the events. p and band hold for the whole curve."
    )
    return Section("Around events", drawings=drawings, tables=[Table(header, rows, "", note)])


_TITLES = {
    "mean_of_pairs": "mean of all pairs (|z|, lag 0)",
    "cluster_phase": "cluster phase",
    "shared_variance": "share of the common course",
}


def _groups(
    groups: Sequence[FoundGroup], against: Mapping[str, Sequence[PseudoGroups]]
) -> Section:
    rows = [
        [
            Cell(one.name), Cell(one.signal), Cell(", ".join(one.people)),
            Cell(_TITLES[each.measure]), number_cell(each.comparison.estimate, 3),
            number_cell(each.comparison.null_mean, 3), number_cell(each.comparison.z),
            p_cell(each.comparison.p),
        ]
        for one in groups
        for each in one.measures
    ]  # fmt: skip
    pairs = [
        [Cell(recording), Cell(one.signal), p_cell(p), p_cell(corrected)]
        for one in groups
        for recording, p, corrected in one.pairs
    ]
    tables = [
        Table(
            ("group", "signal", "people", "measure", "estimate", "by chance", "z", "p"), rows,
            "The group as a whole",
            "Null: every person is shifted round the session by a time of their own.",
        ),
        Table(
            ("pair", "signal", "p", "p over all pairs"), pairs, "Its pairs",
            "The second p is corrected for having looked at every pair of the group.",
        ),
    ]  # fmt: skip
    if against:
        tables.append(_against(against))
    points = [f"{one.name}, {one.signal}: {one.reason}" for one in groups if one.reason]
    points += [
        f"Not among the pseudo-groups of {signal}: {reason}."
        for signal, measures in against.items()
        for reason in measures[0].left_out
    ]
    return Section("More than two people", tables=tables, points=points)


def _against(against: Mapping[str, Sequence[PseudoGroups]]) -> Table:
    rows = [
        [
            Cell(signal), Cell(_TITLES[each.measure]), Cell(str(len(each.groups)), "number"),
            number_cell(each.comparison.estimate, 3), number_cell(each.comparison.null_mean, 3),
            number_cell(each.d), p_cell(each.comparison.p),
        ]
        for signal, measures in against.items()
        for each in measures
    ]  # fmt: skip
    return Table(
        ("signal", "measure", "groups", "mean", "re-made", "d", "p"), rows,
        "Real groups against pseudo-groups",
        "Null: the people of each role are permuted over the groups, all cut to "
        f"{next(iter(against.values()))[0].length_s:.0f} s. What all groups have in common is "
        "in the pseudo-groups too.",
    )  # fmt: skip
