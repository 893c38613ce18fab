"""A trial: who went where, which arm did better, who stayed, how it went from week to week.

Every function takes a part of the trial's analysis as plain data (see docs/how-to/trial.md).
"""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from bowlby.figures.population import arm_colours
from bowlby.figures.style import (
    BAND,
    DOUBLE_MM,
    GROUP_MARKERS,
    HAIRLINE,
    INK,
    MUTED,
    new_figure,
    styled,
)

if TYPE_CHECKING:
    import pandas as pd

Rows = Sequence[Mapping[str, Any]]


@styled
def flow_figure(flow: Mapping[str, Any]) -> Figure:
    """The CONSORT flow diagram: assessed, randomised, allocated, treated, analysed."""
    arms: Rows = flow["arms"]
    figure = new_figure(DOUBLE_MM, 92.0)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(0.0, 1.0)
    _box(axes, 0.5, 0.94, [f"Assessed: {flow['assessed']}"], is_strong=True)
    _box(axes, 0.5, 0.70, [f"Randomised: {flow['randomised']}"], is_strong=True)
    _line(axes, [(0.5, 0.895), (0.5, 0.745)])
    _line(axes, [(0.5, 0.82), (0.66, 0.82)])
    axes.text(0.67, 0.82, f"Excluded: {flow['excluded']} (score below {flow['severity']:g} SD)",
              ha="left", va="center", fontsize=7.0)  # fmt: skip
    places = (np.arange(len(arms)) + 0.5) / len(arms)
    width = int(92 / len(arms))
    _line(axes, [(0.5, 0.655), (0.5, 0.615)])
    _line(axes, [(places[0], 0.615), (places[-1], 0.615)])
    for x, arm in zip(places, arms, strict=True):
        name = wrap(arm["arm"].replace("_", " "), width)[:2]
        _line(axes, [(x, 0.615), (x, 0.565)])
        by = f"{arm['therapists']} therapists" if arm["treated"] else "no therapist"
        _box(axes, x, 0.475, [*name, f"allocated {arm['allocated']}", by], bold=len(name))
        stayed = (
            [f"began {arm['received']}", f"left early {arm['left']}"]
            if arm["treated"]
            else ["waited", ""]
        )
        _box(axes, x, 0.27, stayed)
        _box(axes, x, 0.08, [f"analysed {arm['analysed']}", f"outcome lost {arm['missing']}"],
             bold=1)  # fmt: skip
        _line(axes, [(x, 0.385), (x, 0.325)])
        _line(axes, [(x, 0.215), (x, 0.135)])
    return figure


def _box(
    axes: Axes, x: float, y: float, lines: Sequence[str], *, bold: int = 0,
    is_strong: bool = False,
) -> None:  # fmt: skip
    shown = [line for line in lines if line]
    step = 0.048
    for i, line in enumerate(shown):
        axes.text(
            x, y + ((len(shown) - 1) / 2 - i) * step, line, ha="center", va="center",
            fontsize=8.0 if is_strong else 7.0,
            weight="bold" if i < bold or is_strong else "normal",
            color=INK if i < bold or is_strong or len(lines) < 3 else MUTED,
        )  # fmt: skip


def _line(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    axes.plot([x for x, _ in points], [y for _, y in points], color=MUTED, linewidth=0.7)


@styled
def forest_figure(contrasts: Rows) -> Figure:
    """Hedges' g of every contrast with its interval; those that decide are filled."""
    figure = new_figure(DOUBLE_MM, 17.0 + 7.0 * len(contrasts))
    axes = figure.subplots()
    y = np.arange(len(contrasts))
    for at, row in zip(y, contrasts, strict=True):
        colour = INK if row["decides"] else MUTED
        if row["g_low"] is not None:
            axes.hlines(at, row["g_low"], row["g_high"], color=colour, linewidth=1.3)
        axes.plot(row["g"], at, "s", color=colour, markersize=5.0,
                  markerfacecolor=colour if row["decides"] else "white")  # fmt: skip
        axes.annotate(
            _estimate(row),
            (1.0, at), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", va="center", ha="left", color=INK,
            annotation_clip=False,
        )  # fmt: skip
    axes.axvline(0.0, color=HAIRLINE, linewidth=0.9, zorder=0)
    ends = [row[end] for row in contrasts for end in ("g", "g_low", "g_high")]
    reach = 1.08 * max(abs(end) for end in ends if end is not None)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(len(contrasts) - 0.5, -0.8)
    axes.set_yticks(y, [f"{_said(row['first'])} \N{EN DASH} {_said(row['second'])}"
                        for row in contrasts])  # fmt: skip
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Hedges' g   (left of 0: fewer symptoms in the arm named first)")
    return figure


def _estimate(row: Mapping[str, Any]) -> str:
    text = f"{row['g']:+.2f}"
    if row["g_low"] is not None:
        text += f" ({row['g_low']:+.2f} to {row['g_high']:+.2f})"
    return text.replace("-", "\N{MINUS SIGN}")


def _said(arm: str) -> str:
    return arm.replace("_", " ")


@styled
def course_figure(course: Rows, sessions: int) -> Figure:
    """Mean observed symptoms of all randomised clients by week, a colour per arm.

    Args:
        course: Weeks, means and intervals of each arm.
        sessions: Weeks of therapy.
    """
    figure = new_figure(DOUBLE_MM, 78.0)
    axes = figure.subplots()
    axes.axvspan(-0.5, sessions - 0.5, color=BAND, alpha=0.45, linewidth=0, zorder=0)
    _draw_lines(axes, course, "week", "mean")
    first, last = float(course[0]["week"][0]), float(course[0]["week"][-1])
    for at, text in (
        ((first - 0.5) / 2, "waiting"), ((sessions - 1) / 2, "therapy"),
        ((sessions + last) / 2, "follow-up"),
    ):  # fmt: skip
        if at < last:
            axes.annotate(
                text, (at, 1.0), xycoords=("data", "axes fraction"), xytext=(0, -3),
                textcoords="offset points", ha="center", va="top", color=MUTED,
            )  # fmt: skip
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.08 * (high - low))
    axes.set_xlim(first - 0.5, last + 0.5)
    axes.set_xlabel("Week from the first session")
    axes.set_ylabel("Observed symptoms (SD)")
    _legend(figure, axes)
    return figure


@styled
def survival_figure(arms: Rows) -> Figure:
    """Share of clients still in therapy by session, as steps, a colour per arm."""
    figure = new_figure(DOUBLE_MM / 2 + 3.0, 74.0)
    axes = figure.subplots()
    colours = arm_colours([row["arm"] for row in arms])
    for i, row in enumerate(arms):
        axes.fill_between(row["session"], row["low"], row["high"], step="post", alpha=0.14,
                          color=colours[row["arm"]], linewidth=0)  # fmt: skip
        axes.step(
            row["session"], row["share"], where="post", color=colours[row["arm"]],
            linewidth=1.4, linestyle="--" if i > 5 else "-", label=_said(row["arm"]),
        )  # fmt: skip
    axes.set_ylim(0.0, 1.02)
    axes.set_xlim(0.0, None)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlabel("Session")
    axes.set_ylabel("Still in therapy")
    _legend(figure, axes, columns=2)
    return figure


@styled
def dose_figure(arms: Rows) -> Figure:
    """Share reliably improved by session of those who attended, a colour per arm."""
    figure = new_figure(DOUBLE_MM / 2 + 3.0, 74.0)
    axes = figure.subplots()
    colours = arm_colours([row["arm"] for row in arms])
    for i, row in enumerate(arms):
        axes.plot(
            row["session"], row["improved"], color=colours[row["arm"]], linewidth=1.2,
            marker=GROUP_MARKERS[i % 6], markersize=2.6, linestyle="--" if i > 5 else "-",
            label=_said(row["arm"]),
        )  # fmt: skip
    axes.set_ylim(0.0, None)
    axes.set_xlim(0.0, None)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Session")
    axes.set_ylabel("Reliably improved, of those attending")
    _legend(figure, axes, columns=2)
    return figure


@styled
def power_figure(contrasts: Rows) -> Figure:
    """Power of the contrasts that decide, with its interval."""
    shown = [row for row in contrasts if row["decides"]]
    figure = new_figure(DOUBLE_MM, 17.0 + 8.0 * len(shown))
    axes = figure.subplots()
    for at, row in enumerate(shown):
        axes.hlines(at, row["low"], row["high"], color=INK, linewidth=1.3)
        axes.plot(row["power"], at, "o", color=INK, markersize=5.0)
        axes.annotate(
            f"{100 * row['power']:.0f} %  ({100 * row['low']:.0f} to {100 * row['high']:.0f})",
            (1.0, at), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", va="center", annotation_clip=False,
        )  # fmt: skip
    axes.axvline(0.8, color=HAIRLINE, linewidth=0.9, zorder=0)
    axes.annotate("80 %", (0.8, 1.0), xycoords=("data", "axes fraction"), ha="center",
                  va="bottom", color=MUTED)  # fmt: skip
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(len(shown) - 0.5, -0.6)
    axes.set_yticks(range(len(shown)), [f"{_said(r['first'])} \N{EN DASH} {_said(r['second'])}"
                                        for r in shown])  # fmt: skip
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Power")
    return figure


@styled
def plane_figure(table: "pd.DataFrame", over: Sequence[str]) -> Figure:
    """Power over the first entry, a line for each of the second, a panel for each of the rest.

    Args:
        table: Of `trials.plane.simulate_plane`; its first contrast is drawn.
        over: Names of the entries that vary.
    """
    first = table[["first", "second"]].iloc[0]
    shown = table[(table[["first", "second"]] == first).all(axis=1)]
    x, *more = over
    line, rest = (more[0] if more else None), more[1:]
    panels = list(shown.groupby(rest, sort=False)) if rest else [((), shown)]
    figure = new_figure(DOUBLE_MM, 74.0)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for ax, (values, rows) in zip(axes, panels, strict=True):
        lines = rows.groupby(line, sort=False) if line else [("", rows)]
        for i, (value, mine) in enumerate(lines):
            _draw_power(ax, mine, x, i, f"{_entry(line)} = {value}" if line else "")
        ax.axhline(0.8, color=MUTED, linewidth=0.7, linestyle="--")
        ax.set_title(", ".join(f"{_entry(n)} = {v}" for n, v in zip(rest, values, strict=True)))
        ax.set_xlabel(_entry(x))
        ax.set_ylim(-0.02, 1.02)
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes[0].set_ylabel("Power")
    if line:
        _legend(figure, axes[0])
    return figure


def _draw_power(axes: Axes, rows: "pd.DataFrame", x: str, which: int, label: str) -> None:
    is_named = rows[x].dtype == object
    at = np.arange(len(rows)) if is_named else rows[x].to_numpy(float)
    reach = [rows["power"] - rows["low"], rows["high"] - rows["power"]]
    is_open = bool(which % 2)
    axes.errorbar(
        at, rows["power"], yerr=np.abs(reach), color=INK, linewidth=1.0, markersize=4.0,
        marker=GROUP_MARKERS[which % len(GROUP_MARKERS)], linestyle="--" if is_open else "-",
        markerfacecolor="white" if is_open else INK, label=label,
    )  # fmt: skip
    if is_named:
        axes.set_xticks(at, rows[x])


def _entry(name: str | None) -> str:
    return (name or "").removeprefix("trial.").replace("_", " ")


def _draw_lines(axes: Axes, rows: Rows, x: str, y: str) -> None:
    colours = arm_colours([row["arm"] for row in rows])
    for i, row in enumerate(rows):
        colour = colours[row["arm"]]
        at = np.asarray(row[x], float)
        low, high = (np.asarray(row[end], float) for end in ("low", "high"))
        axes.fill_between(at, low, high, color=colour, alpha=0.14, linewidth=0)
        axes.plot(at, np.asarray(row[y], float), color=colour, linewidth=1.4,
                  linestyle="--" if i > 5 else "-", label=_said(row["arm"]))  # fmt: skip


def _legend(figure: Figure, axes: Axes, *, columns: int = 4) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), columns))
