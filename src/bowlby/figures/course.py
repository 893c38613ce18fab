"""A course of encounters: what there is to draw of one dyad, on one axis from childhood on.

The panels are data, so that the figure on paper and the viewer in the report show the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bowlby._types import FloatArray
from bowlby.figures.style import (
    BAND,
    DOUBLE_MM,
    FIRST,
    HAIRLINE,
    INK,
    MUTED,
    SECOND,
    new_figure,
    styled,
)

ACTION_COLOURS = {
    "approach": "#0072b2", "explore": "#56b4e9", "withdraw": "#9aa5b0", "protest": "#e69f00",
}  # fmt: skip
STANCE_COLOURS = {
    "attuned": "#009e73", "intrusive": "#e69f00", "dismissive": "#9aa5b0",
    "frightening": "#1d2730",
}  # fmt: skip
MODEL_COLOURS = ("#9aa5b0", "#009e73", "#56b4e9")
REPAIRED, UNREPAIRED = "#009e73", "#d55e00"

PHASE_WASH = {
    "childhood": "#f4f1ea",
    "youth": "#f8f5ef",
    "waiting": "#f6f8f9",
    "therapy": "#ffffff",
}
_OTHER_WASH = "#f6f8f9"


@dataclass(frozen=True)
class Phase:
    """A part of the course.

    Attributes:
        name: `childhood`, `waiting`, `therapy` or `follow-up`.
        start: Where it begins on the axis (0 to 1).
        end: Where it ends.
        first: Its first encounter.
        last: Its last encounter.
    """

    name: str
    start: float
    end: float
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class CourseAxis:
    """Where encounters stand on an axis from 0 to 1.

    Attributes:
        position: One position per encounter, in order.
        phases: The phases, in order.
        ticks: Positions and labels.
    """

    position: FloatArray
    phases: tuple[Phase, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, eq=False)
class Line:
    """A series or a layer of a stack: a value per encounter, NaN where there is none."""

    label: str
    colour: str
    values: FloatArray


@dataclass(frozen=True, eq=False)
class Panel:
    """What a panel shows.

    Attributes:
        name: Short name in code.
        title: What it is.
        unit: Its unit, or empty.
        lines: One or more series.
        is_stack: True if the series are shares that add up to 1.
        is_extra: True if it is shown only when asked for.
        low: Lower end of the value axis.
        high: Upper end.
    """

    name: str
    title: str
    unit: str
    lines: tuple[Line, ...]
    is_stack: bool
    is_extra: bool
    low: float
    high: float


def course_axis(encounters: xr.Dataset) -> CourseAxis:
    """Place encounters on one axis.

    Encounters are evenly spaced within a phase. A phase gets room by the square root of its
    number of encounters, so that neither a long therapy nor a long childhood crowds out the rest.
    """
    names = [str(name) for name in encounters.phase.to_numpy()]
    starts = [i for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
    counts = np.diff([*starts, len(names)])
    room = np.sqrt(counts)
    edges = np.concatenate([[0.0], np.cumsum(room) / room.sum()])
    position = np.empty(len(names))
    phases: list[Phase] = []
    ticks: list[tuple[float, str]] = []
    for start, count, low, high in zip(starts, counts, edges[:-1], edges[1:], strict=True):
        within = slice(start, start + int(count))
        position[within] = low + (np.arange(count) + 0.5) / count * (high - low)
        last = start + int(count) - 1
        phases.append(Phase(names[start], float(low), float(high), start, last))
        ticks += _phase_ticks(encounters, phases[-1], position)
    return CourseAxis(position, tuple(phases), tuple(ticks))


def _phase_ticks(
    encounters: xr.Dataset, phase: Phase, position: FloatArray
) -> list[tuple[float, str]]:
    """A few labels: years in childhood, sessions in therapy, weeks before and after it."""
    first, last = phase.first, phase.last
    # Not at the very ends, where labels of two phases would meet.
    middle, late = (first + last) // 2, first + round(0.75 * (last - first))
    if phase.name in ("childhood", "youth"):
        age = encounters.age_years.to_numpy()
        return [(float(position[i]), f"{age[i]:.2g} y") for i in sorted({first, late})]
    week = encounters.week.to_numpy()
    if phase.name == "therapy":
        session = encounters.session.to_numpy().astype(int)
        step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200) if (last - first + 1) / s <= 6)
        return [
            (float(position[i]), str(session[i]))
            for i in range(first, last + 1)
            if session[i] == 1 or (session[i] % step == 0 and session[i] - 1 > 0.6 * step)
        ]
    before = week[first - 1] if phase.name == "follow-up" and first else 0.0
    at = late if phase.name == "follow-up" else middle
    weeks = week[at] - (before if np.isfinite(before) else 0.0)
    return [(float(position[at]), f"{weeks:+.0f} w".replace("-", "−"))]


def model_names(encounters: xr.Dataset) -> tuple[str, ...]:
    """What to call each relational model: the old one, the new one, further ones.

    Args:
        encounters: Encounters of one dyad. The old model is the one whose belief is
            `1 - new_model`; of the others the one that is believed most comes first.
    """
    belief = encounters.model_belief.transpose("encounter", "model").to_numpy()
    order = list(range(belief.shape[1]))
    if "new_model" in encounters and np.isfinite(encounters.new_model).any():
        old = 1.0 - encounters.new_model.to_numpy()
        order.sort(key=lambda k: float(np.nansum(np.abs(belief[:, k] - old))))
    rest = sorted(order[1:], key=lambda k: -float(np.nansum(belief[:, k])))
    names = {order[0]: "old model"}
    names |= {k: "new model" if i == 0 else f"new model {i + 1}" for i, k in enumerate(rest)}
    return tuple(names[k] for k in range(belief.shape[1]))


def course_panels(encounters: xr.Dataset, *, second: str = "therapist") -> tuple[Panel, ...]:
    """What there is to show of one dyad, in order; what is missing throughout is left out.

    Args:
        encounters: Encounters of one dyad (no dimension `dyad`).
        second: What to call the attachment figure.
    """
    one = ("client", FIRST)
    found = [
        _line_panel(encounters, "trust", "Trust", "P(attuned)", (one,), within=(0.0, 1.0)),
        _line_panel(encounters, "symptoms", "Symptoms", "SD, lower is better", (one,)),
        _line_panel(encounters, "learning_rate", "Plasticity", "learning rate", (one,), floor=0.0),
        _model_panel(encounters),
        _line_panel(encounters, "uncertainty", "Uncertainty", "nats over models", (one,), floor=0.0),
        _share_panel(encounters, "action_share", "action", "What the client does", ACTION_COLOURS),
        _share_panel(encounters, "stance_share", "stance", "How the other is heard", STANCE_COLOURS),
        _line_panel(
            encounters, "distress", "Distress", "0 calm, 3 overwhelmed",
            (("with the other", FIRST),), is_extra=True, within=(0.0, 3.0),
            more=(("life_distress", "in life", INK),),
        ),
        _line_panel(
            encounters, "mentalising", "Mentalising", "0 to 1", (one,), is_extra=True,
            within=(0.0, 1.0),
            more=(("interoception", "reads own body", "#cc79a7"), ("self_soothing", "soothes self", INK)),
        ),
        _line_panel(
            encounters, "cortisol", "Cortisol", "rest = 1", (one, (second, SECOND)), is_extra=True
        ),
        _line_panel(
            encounters, "oxytocin", "Oxytocin", "0 to 1", (one, (second, SECOND)), is_extra=True,
            floor=0.0,
        ),
        _line_panel(
            encounters, "free_energy_self", "Surprise", "nats per tick",
            (("at own body", FIRST),), is_extra=True, floor=0.0,
            more=(("free_energy_other", "at the other", SECOND),),
        ),
    ]  # fmt: skip
    return tuple(panel for panel in found if panel is not None)


def _line_panel(
    encounters: xr.Dataset,
    name: str,
    title: str,
    unit: str,
    labels: Sequence[tuple[str, str]],
    *,
    more: Sequence[tuple[str, str, str]] = (),
    is_extra: bool = False,
    within: tuple[float, float] | None = None,
    floor: float | None = None,
) -> Panel | None:
    lines: list[Line] = []
    if name in encounters:
        values = encounters[name].transpose("encounter", ...).to_numpy().astype(float)
        columns = values.reshape(len(values), -1).T
        lines += [Line(*label, column) for label, column in zip(labels, columns, strict=True)]
    lines += [
        Line(label, colour, encounters[other].to_numpy().astype(float))
        for other, label, colour in more
        if other in encounters
    ]
    lines = [line for line in lines if np.isfinite(line.values).any()]
    if not lines:
        return None
    if within is None:
        values = np.concatenate([line.values for line in lines])
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        margin = 0.08 * (high - low) if high > low else max(abs(high), 1.0) * 0.1
        within = (low - margin if floor is None else floor, high + margin)
    return Panel(name, title, unit, tuple(lines), False, is_extra, *within)


def _share_panel(
    encounters: xr.Dataset, name: str, dim: str, title: str, colours: dict[str, str]
) -> Panel | None:
    if name not in encounters:
        return None
    shares = encounters[name].transpose("encounter", dim).to_numpy().astype(float)
    total = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, total, out=np.full_like(shares, np.nan), where=total > 0)
    if not np.isfinite(shares).any():
        return None
    labels = [str(label) for label in encounters[dim].to_numpy()]
    lines = tuple(
        Line(label, colours.get(label, MUTED), column)
        for label, column in zip(labels, shares.T, strict=True)
    )
    return Panel(name, title, "share of ticks", lines, True, False, 0.0, 1.0)


def _model_panel(encounters: xr.Dataset) -> Panel | None:
    if "model_belief" not in encounters or not np.isfinite(encounters.model_belief).any():
        return None
    belief = encounters.model_belief.transpose("encounter", "model").to_numpy().astype(float)
    names = model_names(encounters)
    order = sorted(range(len(names)), key=lambda k: (names[k] != "old model", names[k]))
    lines = tuple(
        Line(names[k], MODEL_COLOURS[i % len(MODEL_COLOURS)], belief[:, k])
        for i, k in enumerate(order)
        if i < 2 or np.nanmax(belief[:, k]) > 0.02
    )
    return Panel("model_belief", "Relational models", "belief", lines, True, False, 0.0, 1.0)


@styled
def course_figure(encounters: xr.Dataset, *, second: str = "therapist") -> Figure:
    """The course of one dyad as small multiples on one axis, two columns wide.

    Args:
        encounters: Encounters of one dyad (no dimension `dyad`).
        second: What to call the attachment figure.

    Raises:
        ValueError: If there is nothing to draw.
    """
    panels = [panel for panel in course_panels(encounters, second=second) if not panel.is_extra]
    if not panels:
        raise ValueError(
            "These encounters hold no variable to draw, such as trust or symptoms."
        )
    axis = course_axis(encounters)
    figure = new_figure(DOUBLE_MM, 12.0 + 22.0 * len(panels))
    every = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, panel in zip(every, panels, strict=True):
        draw_panel(axes, panel, axis)
        axes.set_title(f"{panel.title}, {panel.unit}" if panel.unit else panel.title, pad=3.0)
        if panel.name == "trust":
            draw_ruptures(axes, encounters, axis)
    for phase in axis.phases:
        every[0].annotate(
            phase.name, ((phase.start + phase.end) / 2, 1.0),
            xycoords=("data", "axes fraction"), xytext=(0, 15), textcoords="offset points",
            ha="center", va="bottom", color=MUTED,
        )  # fmt: skip
    every[-1].set_xticks([at for at, _ in axis.ticks], [label for _, label in axis.ticks])
    every[-1].set_xlabel("Age in childhood, sessions in therapy, weeks before and after")
    return figure


def draw_phases(axes: Axes, axis: CourseAxis) -> None:
    """Shade the phases and set the limits of the axis."""
    for phase in axis.phases:
        wash = PHASE_WASH.get(phase.name, _OTHER_WASH)
        axes.axvspan(phase.start, phase.end, color=wash, linewidth=0, zorder=0)
        if phase.start > 0:
            axes.axvline(phase.start, color=HAIRLINE, linewidth=0.6, zorder=1)
    axes.set_xlim(0.0, 1.0)
    axes.tick_params(axis="x", length=0)


def draw_panel(axes: Axes, panel: Panel, axis: CourseAxis) -> None:
    """Draw one panel; layers of a stack are named in a legend beside it."""
    draw_phases(axes, axis)
    x = axis.position
    if panel.is_stack:
        edges = np.cumsum([np.zeros(len(x)), *(line.values for line in panel.lines)], axis=0)
        for line, low, high in zip(panel.lines, edges[:-1], edges[1:], strict=True):
            axes.fill_between([], [], [], color=line.colour, linewidth=0, label=line.label)
            for phase in axis.phases:
                part = slice(phase.first, phase.last + 1)
                cells = np.linspace(phase.start, phase.end, len(x[part]) + 1)
                axes.stairs(
                    high[part],
                    cells,
                    baseline=low[part],
                    fill=True,
                    color=line.colour,
                    linewidth=0,
                )
    else:
        if panel.low < 0 < panel.high:
            axes.axhline(0, color=BAND, linewidth=0.8)
        for line in panel.lines:
            axes.plot([], [], color=line.colour, label=line.label)
            for phase in axis.phases:
                part = slice(phase.first, phase.last + 1)
                axes.plot(
                    x[part], line.values[part], color=line.colour, marker="o", markersize=1.6
                )
    axes.set_ylim(panel.low, panel.high)
    axes.locator_params(axis="y", nbins=3)
    if len(panel.lines) > 1:
        axes.legend(
            loc="center left", bbox_to_anchor=(1.005, 0.5), handlelength=1.0, borderaxespad=0.0,
            reverse=panel.is_stack,
        )  # fmt: skip


def draw_ruptures(axes: Axes, encounters: xr.Dataset, axis: CourseAxis) -> None:
    """Mark encounters with ruptures: filled where every one was repaired."""
    if "ruptures" not in encounters:
        return
    ruptures = np.nan_to_num(encounters.ruptures.to_numpy().astype(float))
    repairs = (
        np.nan_to_num(encounters.repairs.to_numpy().astype(float))
        if "repairs" in encounters
        else np.zeros_like(ruptures)
    )
    for is_shown, face, label in (
        ((ruptures > 0) & (repairs >= ruptures), REPAIRED, "rupture, repaired"),
        ((ruptures > 0) & (repairs < ruptures), "white", "rupture, not repaired"),
    ):
        if is_shown.any():
            axes.scatter(
                axis.position[is_shown], np.full(is_shown.sum(), 0.08), s=16, marker="v",
                facecolor=face, edgecolor=REPAIRED if face == REPAIRED else UNREPAIRED,
                linewidth=0.9, zorder=4, label=label,
            )  # fmt: skip
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) > 1:
        axes.legend(handles[1:], labels[1:], loc="center left", bbox_to_anchor=(1.005, 0.5), handletextpad=0.2,
                    borderaxespad=0.0)  # fmt: skip
