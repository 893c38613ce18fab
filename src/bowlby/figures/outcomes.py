"""Outcomes: one client's course, change of all, classes beside chance, spread of therapists.

Functions take plain tables and numbers (see docs/explanation/outcomes.md). Everything is told by shape and
line as well as by colour, so that a black-and-white print loses nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from bowlby.figures.style import (
    BAND,
    DOUBLE_MM,
    FIRST,
    HAIRLINE,
    INK,
    MUTED,
    SECOND,
    SINGLE_MM,
    new_figure,
    styled,
)

if TYPE_CHECKING:
    import pandas as pd

MARKS = {"red": ("v", SECOND, SECOND), "amber": ("v", "white", SECOND)}
CLASS_SAID = {
    "recovered": "Recovered",
    "improved": "Improved",
    "unchanged": "Not reliably changed",
    "deteriorated": "Deteriorated",
    "harmed": "Deteriorated into\nthe clinical range",
}


@styled
def client_course_figure(client: Mapping[str, Any]) -> Figure:
    """One client's scores with the expected band, the forecast, signals and events.

    Args:
        client: `scores` (time, value, signal), `expected` and `forecast` (time, mean, low80,
            high80, low95, high95; may be empty), `smooth` (time, mean), `cutoff`, `minimum`,
            `maximum`, `unit`, `name`, `gains` (kind, session, before, after), `model` (time,
            mean; the simulation's shape, may be empty), and `others`: further scales, each a
            mapping with `name`, `scores`, `ruptures` and a range.
    """
    others: Sequence[Mapping[str, Any]] = client.get("others", ())
    heights = [3.0] + [1.15] * len(others)
    figure = new_figure(DOUBLE_MM, 78.0 + 30.0 * len(others))
    made = figure.subplots(
        len(heights), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
    )[:, 0]
    _main_panel(made[0], client)
    for axes, other in zip(made[1:], others, strict=True):
        _other_panel(axes, other)
    made[-1].set_xlabel(
        "Session" if client["unit"] == "session" else "Weeks since the first score"
    )
    made[-1].xaxis.set_major_locator(MaxNLocator(integer=True, nbins=14))
    return figure


def _main_panel(axes: Axes, client: Mapping[str, Any]) -> None:
    scores, expected, coming = client["scores"], client["expected"], client["forecast"]
    seen_to = scores.time.iloc[-1]
    if len(expected):
        start = scores.iloc[0]
        x = np.append(start.time, expected.time)
        axes.fill_between(
            x, np.append(start["value"], expected.low80), np.append(start["value"], expected.high80),
            color=BAND, linewidth=0, label="8 of 10 clients with this first score",
        )  # fmt: skip
        axes.plot(x, np.append(start["value"], expected["mean"]), color=MUTED, linestyle=(0, (4, 2)),
                  linewidth=0.9, label="expected from the first score")  # fmt: skip
    if len(client["model"]):
        axes.plot(client["model"].time, client["model"]["mean"], color=MUTED, linestyle=":",
                  linewidth=1.1, label="shape of the simulation: a model, not data")  # fmt: skip
    if len(coming):
        x = coming.time.to_numpy()
        middle = coming["mean"].to_numpy()
        axes.errorbar(
            x, middle, [middle - coming.low80, coming.high80 - middle], fmt="D", color=FIRST,
            markersize=3.2, markerfacecolor="white", capsize=2.5, linewidth=0.9,
            label="forecast, 80 % band",
        )  # fmt: skip
        axes.axvline(seen_to + 0.5, color=HAIRLINE, linewidth=0.8)
    if len(client["smooth"]):
        axes.plot(client["smooth"].time, client["smooth"]["mean"], color=FIRST, linewidth=0.8,
                  alpha=0.6, label="course without measurement error")  # fmt: skip
    axes.plot(scores.time, scores["value"], "o", color=INK, markersize=4.0, label="score")
    _signals(axes, scores, client)
    _gains(axes, client["gains"])
    _cutoff(axes, client)
    _range(axes, client)
    axes.set_ylabel(client["name"])
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.20), ncols=3, columnspacing=1.4,
                handlelength=1.8)  # fmt: skip


def _signals(axes: Axes, scores: "pd.DataFrame", client: Mapping[str, Any]) -> None:
    up = 1.0 if client["sign"] < 0 else -1.0
    for signal, (mark, face, edge) in MARKS.items():
        mine = scores[scores.signal == signal]
        if len(mine):
            gap = up * 0.035 * (client["maximum"] - client["minimum"])
            axes.plot(mine.time, mine["value"] + gap, mark, color=edge, markerfacecolor=face,
                      markersize=5.5, linestyle="none", label=f"{signal} signal")  # fmt: skip


def _gains(axes: Axes, gains: "pd.DataFrame") -> None:
    for row in cast("Iterable[Any]", gains.itertuples()):
        axes.annotate(
            "", (row.session + 1, row.after), (row.session, row.before),
            arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2, "shrinkA": 3,
                        "shrinkB": 3},
        )  # fmt: skip
        axes.annotate(
            f"sudden {row.kind}", (row.session + 0.5, (row.before + row.after) / 2),
            xytext=(6, 5 if row.kind == "gain" else -5), textcoords="offset points",
            va="bottom" if row.kind == "gain" else "top", color=INK,
        )  # fmt: skip


def _cutoff(axes: Axes, client: Mapping[str, Any]) -> None:
    if np.isfinite(client["cutoff"]):
        axes.axhline(client["cutoff"], color=MUTED, linewidth=0.7)
        side = "above" if client["sign"] < 0 else "below"
        axes.annotate(
            f"{side} this line: clinical range", (0.01, client["cutoff"]),
            xycoords=("axes fraction", "data"), xytext=(0, -2), textcoords="offset points",
            ha="left", va="top", color=MUTED,
        )  # fmt: skip


def _range(axes: Axes, client: Mapping[str, Any]) -> None:
    low, high = client["minimum"], client["maximum"]
    if np.isfinite([low, high]).all():
        pad = 0.04 * (high - low)
        axes.set_ylim(low - pad, high + pad)


def _other_panel(axes: Axes, other: Mapping[str, Any]) -> None:
    scores = other["scores"]
    axes.plot(scores.time, scores["value"], "s-", color=MUTED, markersize=3.0, linewidth=0.8)
    hits = scores[scores.time.isin(other["ruptures"])]
    axes.plot(hits.time, hits["value"], "X", color=SECOND, markersize=6.0)
    for row in hits.itertuples():
        axes.annotate("rupture", (row.time, row.value), xytext=(5, -2),
                      textcoords="offset points", va="top", color=INK)  # fmt: skip
    axes.margins(y=0.3)
    axes.set_ylabel(other["instrument"].upper().replace("_", "-") or other["name"])
    axes.yaxis.set_major_locator(MaxNLocator(4))


@styled
def change_figure(changes: "pd.DataFrame", about: Mapping[str, Any]) -> Figure:
    """Score after against score before, with the range of no reliable change and the cut-off.

    Args:
        changes: before, after, improved, deteriorated.
        about: `name`, `threshold` (points; NaN for none), `cutoff`, `minimum`, `maximum`,
            `sign`.
    """
    figure = new_figure(SINGLE_MM, 84.0)
    axes = figure.subplots()
    low, high = _limits(changes, about)
    line = np.array([low, high])
    if np.isfinite(about["threshold"]):
        axes.fill_between(line, line - about["threshold"], line + about["threshold"], color=BAND,
                          linewidth=0, label="no reliable change")  # fmt: skip
    axes.plot(line, line, color=MUTED, linewidth=0.6)
    if np.isfinite(about["cutoff"]):
        axes.axhline(about["cutoff"], color=MUTED, linewidth=0.7, linestyle=(0, (4, 2)))
        axes.axvline(about["cutoff"], color=MUTED, linewidth=0.7, linestyle=(0, (4, 2)),
                     label="cut-off")  # fmt: skip
    still = ~(changes.improved | changes.deteriorated)
    faded = 0.85 if len(changes) < 300 else 0.25
    for mine, mark, colour, face, said in (
        (still, "o", MUTED, "white", "not reliably changed"),
        (changes.improved, "o", FIRST, FIRST, "improved"),
        (changes.deteriorated, "v", SECOND, SECOND, "deteriorated"),
    ):
        axes.plot(changes.before[mine], changes.after[mine], mark, color=colour, alpha=faded,
                  markerfacecolor=face, markersize=3.6, linestyle="none", label=said)  # fmt: skip
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.set_aspect("equal")
    axes.set_xlabel("Before")
    axes.set_ylabel("After")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.17), ncols=3, columnspacing=1.0)
    return figure


def _limits(changes: "pd.DataFrame", about: Mapping[str, Any]) -> tuple[float, float]:
    both = np.concatenate([changes.before, changes.after])
    low, high = about["minimum"], about["maximum"]
    pad = 0.05 * (both.max() - both.min() or 1.0)
    return (low if np.isfinite(low) else both.min() - pad,
            high if np.isfinite(high) else both.max() + pad)  # fmt: skip


@styled
def classes_figure(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Share of clients in each class with its interval, beside what chance gives.

    Args:
        rows: `category`, `share`, `low`, `high`, `chance` (NaN if not known).
    """
    figure = new_figure(SINGLE_MM, 62.0)
    axes = figure.subplots()
    y = np.arange(len(rows))
    share = np.array([row["share"] for row in rows])
    axes.barh(y, share, height=0.56, color=BAND, edgecolor=MUTED, linewidth=0.6)
    axes.hlines(
        y, [r["low"] for r in rows], [r["high"] for r in rows], color=INK, linewidth=1.2
    )
    by_chance = np.array([row["chance"] for row in rows], float)
    axes.plot(by_chance, y, "D", color=SECOND, markerfacecolor="white", markersize=4.5,
              linestyle="none", label="expected without any true change")  # fmt: skip
    axes.set_yticks(y, [CLASS_SAID[row["category"]] for row in rows])
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlim(0.0, max(0.1, min(1.0, 1.12 * max(r["high"] for r in rows))))
    axes.set_xlabel("Share of clients with two scores, 95 % interval")
    if np.isfinite(by_chance).any():
        axes.legend(loc="lower right")
    return figure


@styled
def mean_course_figure(course: "pd.DataFrame", about: Mapping[str, Any]) -> Figure:
    """The course of the service: model mean with the spread of clients, and observed means.

    Args:
        course: time, mean, low80, high80, observed, n.
        about: `name`, `unit`, `cutoff`, `sign`.
    """
    figure = new_figure(SINGLE_MM, 66.0)
    axes = figure.subplots()
    axes.fill_between(course.time, course.low80, course.high80, color=BAND, linewidth=0,
                      label="8 of 10 clients")  # fmt: skip
    axes.plot(course.time, course["mean"], color=FIRST, label="all who began (model)")
    axes.plot(course.time, course.observed, "o", color=INK, markersize=3.2, markerfacecolor="white",
              label="mean of those still there")  # fmt: skip
    if np.isfinite(about["cutoff"]):
        axes.axhline(about["cutoff"], color=MUTED, linewidth=0.7, linestyle=(0, (4, 2)))
    axes.set_xlabel("Session" if about["unit"] == "session" else "Weeks")
    axes.set_ylabel(about["name"])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.2), ncols=2)
    return figure


@styled
def therapists_figure(table: "pd.DataFrame") -> Figure:
    """Therapists' deviations with intervals, in order, without names.

    Args:
        table: estimate, low, high.
    """
    figure = new_figure(SINGLE_MM, 62.0)
    axes = figure.subplots()
    x = np.arange(1, len(table) + 1)
    axes.axhline(0.0, color=MUTED, linewidth=0.7)
    axes.vlines(x, table.low, table.high, color=MUTED, linewidth=1.0)
    axes.plot(x, table.estimate, "o", color=INK, markersize=3.2)
    axes.set_xticks([])
    axes.set_xlabel("Therapists, without names, in order of the estimate")
    axes.set_ylabel("Score after, points from\nwhat was to be expected")
    return figure


@styled
def staying_figure(stay: Any) -> Figure:
    """Share still in therapy after each session, with its interval.

    Args:
        stay: session, share, low, high.
    """
    figure = new_figure(SINGLE_MM, 62.0)
    axes = figure.subplots()
    axes.fill_between(stay.session, stay.low, stay.high, step="post", color=BAND, linewidth=0)
    axes.step(stay.session, stay.share, where="post", color=INK)
    axes.set_ylim(0.0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("Session")
    axes.set_ylabel("Still in therapy")
    return figure


@styled
def tipping_figure(outcome: Any) -> Figure:
    """Mean change of all who began when unseen scores are shifted by delta a session.

    Args:
        outcome: deltas, shifted, error, everyone, tipping.
    """
    figure = new_figure(SINGLE_MM, 62.0)
    axes = figure.subplots()
    half = 1.96 * outcome.error
    axes.fill_between(outcome.deltas, outcome.shifted - half, outcome.shifted + half, color=BAND,
                      linewidth=0)  # fmt: skip
    axes.plot(outcome.deltas, outcome.shifted, color=INK)
    axes.plot(0.0, outcome.everyone, "o", color=INK, markersize=4.0)
    axes.axhline(0.0, color=MUTED, linewidth=0.7)
    if outcome.deltas[0] <= outcome.tipping <= outcome.deltas[-1]:
        axes.axvline(outcome.tipping, color=SECOND, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.set_xlabel(
        "Points a session by which those who left did worse\nthan their scores foretell"
    )
    axes.set_ylabel("Mean change of all")
    return figure
