"""Families and groups: all pairs of three people and more, and measures of the whole group."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from bowlby.runs.errors import RunError
from bowlby.synchrony.group_measures import (
    GroupMeasure,
    GroupSignal,
    family_wise,
    measure_group,
)
from bowlby.synchrony.measuring import Settings
from bowlby.synchrony.pseudo_groups import PseudoGroups, pseudo_groups

if TYPE_CHECKING:
    import pandas as pd

    from bowlby._types import FloatArray

_MOST_REMAKINGS = 199
# Name of the rows that hold all groups of a study against pseudo-groups.
ALL_GROUPS = "all groups"

Mapper = Callable[[Callable, Iterable], Iterable]
Labels = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, eq=False)
class FoundGroup:
    """One signal of one group.

    Attributes:
        name: The group's recording.
        signal: The signal.
        people: Roles.
        measures: Measures of the whole group; empty if there are none.
        pairs: Recording of each pair, its p and its p corrected for all pairs of the group.
        reason: Why the group was not measured, or empty.
        course: Everybody's prepared signal on one clock, None where it was not measured.
    """

    name: str
    signal: str
    people: tuple[str, ...]
    measures: tuple[GroupMeasure, ...]
    pairs: tuple[tuple[str, float, float], ...]
    reason: str = ""
    course: GroupSignal | None = None


def chosen(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Which pairs of people, named `mother-father`, are among those asked for, either way.

    Raises:
        RunError: If a pair that is asked for is not there.
    """
    asked = [frozenset(pair) for pair in pairs]
    there = [frozenset(name.split("-", 1)) for name in names]
    for pair, wanted in zip(pairs, asked, strict=True):
        if wanted not in there:
            raise RunError(
                f"--pairs {pair[0]}-{pair[1]}: no such pair. There are: {', '.join(names)}."
            )
    return [found in asked for found in there]


def measure_groups(
    datasets: Sequence[xr.Dataset], labels: Labels, settings: Settings, *, mapper: Mapper = map
) -> tuple[FoundGroup, ...]:
    """Measure every group of which all pairs were measured.

    Args:
        datasets: What `measure_pair` found; pairs of a group have the label `pair`.
        labels: What is known of each recording.
        settings: How the pairs were measured.
        mapper: `map`, or one that works in parallel.
    """
    groups: dict[tuple[str, str], list[xr.Dataset]] = {}
    for dataset in datasets:
        name = dataset.attrs["recording"]
        pair = labels.get(name, {}).get("pair")
        if pair:
            group = name.removesuffix(f"_{pair}")
            groups.setdefault((group, dataset.attrs["signal"]), []).append(dataset)
    jobs = [(name, found, settings) for (name, _), found in groups.items() if len(found) > 1]
    return tuple(mapper(_group, jobs))


def _group(job: tuple[str, list[xr.Dataset], Settings]) -> FoundGroup:
    name, datasets, settings = job
    signal, kind = datasets[0].attrs["signal"], datasets[0].attrs["kind"]
    people = tuple(
        dict.fromkeys(role for d in datasets for role in (d.attrs["first"], d.attrs["second"]))
    )
    pairs = _pairs(datasets, settings)
    timing = settings.windows(kind)
    try:
        group = _on_one_clock(name, signal, people, datasets)
        measures = measure_group(
            group, window_s=timing.window_s, step_s=timing.step_s,
            max_lag_s=timing.max_lag_s, surrogates=settings.surrogates, seed=settings.seed,
        )  # fmt: skip
    except ValueError as error:
        return FoundGroup(name, signal, people, (), pairs, str(error))
    return FoundGroup(name, signal, people, measures, pairs, course=group)


def against_pseudo_groups(
    found: Sequence[FoundGroup], settings: Settings, kind_of: Mapping[str, str]
) -> tuple[dict[str, tuple[PseudoGroups, ...]], list[str]]:
    """Real groups against groups of replaced members, by signal, and what could not be done.

    Args:
        found: The study's groups.
        settings: How they were measured; without surrogates nothing is tested.
        kind_of: Kind of each signal, which sets the windows.
    """
    results: dict[str, tuple[PseudoGroups, ...]] = {}
    left_out: list[str] = []
    for signal in dict.fromkeys(one.signal for one in found):
        courses = [g.course for g in found if g.signal == signal and g.course is not None]
        if len(courses) < 2 or not settings.surrogates:
            continue
        timing = settings.windows(kind_of[signal])
        try:
            results[signal] = pseudo_groups(
                courses, window_s=timing.window_s, step_s=timing.step_s,
                permutations=min(settings.surrogates, _MOST_REMAKINGS), seed=settings.seed,
            )  # fmt: skip
        except ValueError as error:
            left_out.append(f"Real groups against pseudo-groups, {signal}: {error}")
    return results, left_out


def _pairs(
    datasets: Sequence[xr.Dataset], settings: Settings
) -> tuple[tuple[str, float, float], ...]:
    """Each pair's p of the default statistic, and corrected for all pairs."""
    p = [float(d.p.values[0]) for d in datasets]
    corrected = [np.nan] * len(datasets)
    if settings.surrogates:
        z = [float(d.z.values[0]) for d in datasets]
        null = [
            (d.null.values[0] - float(d.null_mean.values[0])) / float(d.null_sd.values[0])
            for d in datasets
        ]
        corrected = family_wise(z, null)
    names = [d.attrs["recording"] for d in datasets]
    return tuple(zip(names, p, corrected, strict=True))


def _on_one_clock(
    name: str, signal: str, people: tuple[str, ...], datasets: Sequence[xr.Dataset]
) -> GroupSignal:
    """Everybody's prepared signal over the time that all were recorded.

    Raises:
        ValueError: If their rates differ, or they share no moment.
    """
    rates = {float(d.attrs["rate_hz"]) for d in datasets}
    if len(rates) > 1:
        raise ValueError(f"{name}: its pairs have rates of {sorted(rates)} Hz, not one.")
    (rate,) = rates
    begin = max(float(d.time_s.values[0]) for d in datasets)
    end = min(float(d.time_s.values[-1]) for d in datasets)
    length = int(np.floor((end - begin) * rate + 1e-6)) + 1
    if length < 2:
        raise ValueError(f"{name}: its people share no moment.")
    rows: dict[str, FloatArray] = {}
    for dataset in datasets:
        at = round((begin - float(dataset.time_s.values[0])) * rate)
        for role, values in (
            (dataset.attrs["first"], dataset.x.values),
            (dataset.attrs["second"], dataset.y.values),
        ):
            rows.setdefault(role, values[at : at + length])
    shortest = min(map(len, rows.values()))
    values = np.stack([rows[role][:shortest] for role in people])
    return GroupSignal(name, signal, people, values, rate)


def group_rows(
    found: Sequence[FoundGroup], against: Mapping[str, Sequence[PseudoGroups]]
) -> "pd.DataFrame":
    """A row for each measure of each group, its pairs, and all groups against pseudo-groups."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for one in found:
        front = {"group": one.name, "signal": one.signal, "people": "-".join(one.people)}
        for each in one.measures:
            rows.append(
                front | {
                    "measure": each.measure, "estimate": each.comparison.estimate,
                    "null_mean": each.comparison.null_mean,
                    "null_sd": each.comparison.null_sd, "z": each.comparison.z,
                    "p": each.comparison.p, "windows": each.windows, "reason": each.reason,
                }
            )  # fmt: skip
        if one.reason:
            rows.append(front | {"measure": "group", "reason": one.reason})
        rows += [
            front | {"measure": "pair", "pair": recording, "p": p, "p_pairs": corrected}
            for recording, p, corrected in one.pairs
        ]
    rows += [
        {
            "group": ALL_GROUPS, "signal": signal, "measure": each.measure,
            "estimate": each.comparison.estimate, "null_mean": each.comparison.null_mean,
            "null_sd": each.comparison.null_sd, "z": each.comparison.z,
            "p": each.comparison.p, "d": each.d, "reason": "; ".join(each.left_out),
        }
        for signal, measures in against.items()
        for each in measures
    ]  # fmt: skip
    columns = ["group", "signal", "people", "measure", "pair", "estimate", "null_mean",
               "null_sd", "z", "p", "p_pairs", "d", "windows", "reason"]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=columns)
