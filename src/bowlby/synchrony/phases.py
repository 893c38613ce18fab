"""Synchrony phase by phase: each part of a session against its own surrogates.

A phase may consist of several intervals. They are put one after the other with a gap between
them as long as the largest lag, so that no pair of moments is formed across a seam, and are
measured as a recording of their own: every window lies inside the phase, and its surrogates
shuffle only what happened in it.

Whether two phases differ is tested on the running synchrony of the whole session: the phases'
boundaries are turned round the session together, the end joined to the beginning, so that their
lengths and their order are kept and only their place is at random.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import xarray as xr

from bowlby._types import BoolArray, FloatArray
from bowlby.recordings.recording import Event, SignalPair
from bowlby.statistics.multiplicity import holm
from bowlby.synchrony.measuring import Settings, measure_pair
from bowlby.synchrony.significance import Comparison, compare

LEAST_WINDOWS = 3
INSIDE = 0.8
"""Share of a window that must lie inside a phase for it to count in a comparison of phases."""

Intervals = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class PhaseSynchrony:
    """One phase of one recording.

    Attributes:
        phase: Its name.
        seconds: How long it was, all its intervals together (s).
        windows: Windows inside it.
        dataset: What `measure_pair` found in it; None if it was not estimated.
        reason: Why it was not.
    """

    phase: str
    seconds: float
    windows: int
    dataset: xr.Dataset | None
    reason: str = ""


@dataclass(frozen=True)
class PhaseContrast:
    """Running synchrony of one phase minus that of another.

    Attributes:
        first: The first phase.
        second: The second.
        comparison: The difference of their means against turned boundaries, two-sided.
        p_holm: p corrected for all pairs of phases (Holm).
    """

    first: str
    second: str
    comparison: Comparison
    p_holm: float


def phases_of(events: Sequence[Event]) -> dict[str, Intervals]:
    """Intervals by name, in the order in which names first occur; moments are no phases."""
    found: dict[str, list[tuple[float, float]]] = {}
    for event in sorted(events, key=lambda e: e.start_s):
        if event.duration_s > 0 and event.label:
            span = (event.start_s, event.start_s + event.duration_s)
            found.setdefault(event.label, []).append(span)
    return {name: merged(spans) for name, spans in found.items()}


def merged(spans: Sequence[tuple[float, float]]) -> Intervals:
    """Intervals in order, those that touch or overlap made one."""
    made: list[tuple[float, float]] = []
    for begin, end in sorted(spans):
        if made and begin <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((begin, end))
    return tuple(made)


def within(pair: SignalPair, intervals: Intervals, *, gap_s: float) -> SignalPair:
    """The pair's samples inside the intervals, a gap between one interval and the next.

    Args:
        pair: Prepared signals of both partners.
        intervals: Begin and end of each interval on the recording's clock (s), in order.
        gap_s: Length of the gaps (s).
    """
    parts: list[slice] = []
    for begin, end in intervals:
        at = (np.array([begin, end]) - pair.start_s) * pair.rate_hz
        first, last = np.clip(np.ceil(at - 1e-6), 0, len(pair.x)).astype(int)
        if last > first:
            parts.append(slice(int(first), int(last)))
    gap = np.full(int(np.ceil(gap_s * pair.rate_hz)), np.nan)
    start_s = pair.start_s + (parts[0].start if parts else 0) / pair.rate_hz

    def joined(values: FloatArray) -> FloatArray:
        pieces: list[FloatArray] = []
        for part in parts:
            pieces += [gap, values[part]] if pieces else [values[part]]
        return np.concatenate(pieces) if pieces else np.empty(0)

    return replace(pair, x=joined(pair.x), y=joined(pair.y), start_s=start_s)


def measure_phases(
    pair: SignalPair,
    phases: Mapping[str, Intervals],
    settings: Settings | None = None,
    *,
    name: str = "",
) -> tuple[PhaseSynchrony, ...]:
    """Measure every phase of a recording that is long enough, each against its own surrogates.

    Args:
        pair: Prepared signals of both partners over the whole session.
        phases: Intervals of each phase on the recording's clock (s).
        settings: What to measure and how.
        name: The recording's name; with the phase's it seeds the surrogates.

    Returns:
        One entry a phase; a phase without three windows is not estimated, and says how long it
        would have to be.
    """
    settings = settings or Settings()
    timing = settings.windows(pair.kind)
    needed_s = timing.window_s + (LEAST_WINDOWS - 1) * timing.step_s + timing.max_lag_s
    found = []
    for phase, intervals in phases.items():
        part = within(pair, intervals, gap_s=timing.max_lag_s)
        seconds = _inside_s(pair, intervals)
        if seconds < needed_s:
            reason = (
                f"{seconds:.1f} s of {pair.signal}; {LEAST_WINDOWS} windows of "
                f"{timing.window_s:g} s every {timing.step_s:g} s with lags to "
                f"{timing.max_lag_s:g} s need {needed_s:g} s. Use a shorter --window."
            )
            found.append(PhaseSynchrony(phase, seconds, 0, None, reason))
            continue
        try:
            dataset = measure_pair(part, settings, name=f"{name}|{phase}")
        except ValueError as error:
            found.append(PhaseSynchrony(phase, seconds, 0, None, str(error)))
            continue
        windows = int(np.isfinite(dataset.running.values).sum())
        found.append(PhaseSynchrony(phase, seconds, windows, dataset))
    return tuple(found)


def _inside_s(pair: SignalPair, intervals: Intervals) -> float:
    end_s = pair.start_s + len(pair.x) / pair.rate_hz
    return float(sum(max(0.0, min(b, end_s) - max(a, pair.start_s)) for a, b in intervals))


def compare_phases(
    dataset: xr.Dataset,
    phases: Mapping[str, Intervals],
    *,
    turns: int = 999,
    seed: int = 1,
) -> tuple[PhaseContrast, ...]:
    """Compare the running synchrony of every two phases of one recording.

    A window belongs to a phase if 80 % of it lies inside. Phases of fewer than three windows
    are left out, and two that share a window are not compared with one another.

    Args:
        dataset: What `measure_pair` found in the whole recording.
        phases: Intervals of each phase on the recording's clock (s).
        turns: Random turns of the boundaries round the session.
        seed: Seed of the turns.
    """
    starts = dataset.window_start_s.values
    running = dataset.running.values
    window_s = float(dataset.attrs["window_s"])
    session = float(starts[0]), float(starts[-1] + window_s)
    rng = np.random.default_rng(seed)
    shifts = np.concatenate([[0.0], rng.uniform(0, session[1] - session[0], turns)])
    means: dict[str, FloatArray] = {}
    own: dict[str, BoolArray] = {}
    for phase, intervals in phases.items():
        inside = np.stack([
            members(starts, window_s, turned(intervals, shift, session)) for shift in shifts
        ])  # fmt: skip
        if (inside[0] & np.isfinite(running)).sum() >= LEAST_WINDOWS:
            means[phase], own[phase] = _means(running, inside), inside[0]
    pairs = [(a, b) for a, b in combinations(means, 2) if not (own[a] & own[b]).any()]
    found = []
    for first, second in pairs:
        difference = means[first] - means[second]
        found.append(compare(float(difference[0]), difference[1:], is_two_sided=True))
    return tuple(
        PhaseContrast(first, second, comparison, p)
        for (first, second), comparison, p in zip(
            pairs, found, holm([each.p for each in found]), strict=True
        )
    )


def members(starts_s: FloatArray, window_s: float, intervals: Intervals) -> BoolArray:
    """Which windows lie inside the intervals by 80 % or more."""
    covered = np.zeros(len(starts_s))
    for begin, end in intervals:
        last = np.minimum(starts_s + window_s, end)
        covered += np.maximum(0.0, last - np.maximum(starts_s, begin))
    return covered >= INSIDE * window_s - 1e-9


def turned(intervals: Intervals, shift_s: float, session: tuple[float, float]) -> Intervals:
    """The intervals moved round the session, its end joined to its beginning."""
    begin, end = session
    length = end - begin
    made: list[tuple[float, float]] = []
    for a, b in intervals:
        a, b = max(a, begin), min(b, end)
        if b <= a:
            continue
        first = begin + (a - begin + shift_s) % length
        last = first + (b - a)
        made += [(first, min(last, end))]
        if last > end:
            made += [(begin, begin + last - end)]
    return merged(made)


def _means(running: FloatArray, inside: BoolArray) -> FloatArray:
    """Mean running synchrony of the windows inside, for every turn; NaN below three windows."""
    valid = np.isfinite(running)
    count = (inside & valid).sum(axis=1)
    total = inside.astype(float) @ np.where(valid, running, 0.0)
    return np.where(count >= LEAST_WINDOWS, total / np.maximum(count, 1), np.nan)
