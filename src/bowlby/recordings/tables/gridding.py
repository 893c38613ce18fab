"""Rows with times on a regular clock: holes stay holes, what is moved or filled is told.

Stamps are evidence: the rate comes from them, not from a header. Stamps that come in batches
are spread, slow series that wander are set to the nearest tick, others are drawn to a grid, but
never over a hole of more than 2.5 steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bowlby._types import BoolArray, FloatArray, IntArray
from bowlby.recordings.recording import RecordingError

_JITTER = 0.2
_MOST_IRREGULAR = 0.01
_HOLE_STEPS = 2.5
_BLOCK = 1 << 20
_SLOW_S = (0.4, 30.0)
_LINEAR_HZ = 4.0
# Share of rows with the stamp of the row before from which stamps come in batches.
_BATCHES = 0.2
# Rows without a time at the end of a table, such as sums.
_MOST_SUMS = 3
# Packets that come late: the most of the rows, and how far back they may belong (s).
_MOST_LATE, _LATEST_S = 0.05, 10.0


@dataclass(frozen=True, eq=False)
class Gridded:
    """Values on a regular clock.

    Attributes:
        columns: Samples of each column, NaN where nothing was recorded.
        rate_hz: Sampling rate (Hz).
        start_s: Time of the first sample (s).
        notes: What was done, one sentence each.
    """

    columns: tuple[FloatArray, ...]
    rate_hz: float
    start_s: float
    notes: tuple[str, ...] = ()


def on_grid(
    times_s: FloatArray,
    columns: Sequence[FloatArray],
    lines: IntArray,
    *,
    file: str,
    where: str,
    rate_hz: float | None = None,
    resolution_s: float = 0.0,
) -> Gridded:
    """Values at regular times.

    Args:
        times_s: Time of each row (s).
        columns: Values of each column, a row each, NaN where missing.
        lines: Line of each row in the file.
        file: The file's name, for messages.
        where: The column or person, for messages.
        rate_hz: The rate the user stated (Hz).
        resolution_s: Step in which the stamps are written (s), 0 if fine.

    Raises:
        RecordingError: If times are missing, go back, or contradict the stated rate.
    """
    step = _even_step(times_s)
    if step is not None:
        rate = _round_rate(1.0 / step, len(times_s) - 1)
        grid = Gridded(tuple(columns), rate, float(times_s[0]))
        return _checked_rate(grid, times_s, rate_hz, file=file, where=where)
    values = np.column_stack(columns)
    notes: list[str] = []
    times_s, values, lines = _without_timeless(times_s, values, lines, file, where, notes)
    if len(times_s) < 3:
        raise RecordingError(f"{file} ({where}): {len(times_s)} rows are not a recording.")
    times_s, values, lines = _in_order(times_s, values, lines, notes)
    steps = np.diff(times_s)
    _check_order(steps, times_s, lines, file, where)
    repeats = float(np.mean(steps == 0))
    mean_step = float(np.median(_means(times_s))) if len(steps) > 50 else float(np.mean(steps))
    positive = steps[steps > 0]
    if repeats >= _BATCHES and len(positive):
        times_s = _spread(times_s, resolution_s, rate_hz, file, where, notes)
    elif (steps == 0).any():
        at = int(np.argmax(steps == 0)) + 1
        raise RecordingError(
            f"{file}, line {lines[at]} ({where}): the time {times_s[at]:.10g} repeats "
            f"{times_s[at - 1]:.10g}, with other values. Sort the rows by time and remove "
            "doubles; if the rows are of two people, add a column `person`."
        )
    elif len(steps) > 50 and np.median(steps) < mean_step / 3:
        times_s = _spread(times_s, float(np.max(steps)), rate_hz, file, where, notes)
    grid = _regular(times_s, values, file, where)
    if grid is None:
        grid = _wandering(times_s, values)
    return _checked_rate(_with_notes(grid, notes), times_s, rate_hz, file=file, where=where)


def _even_step(times_s: FloatArray) -> float | None:
    """Step of times that lie on a straight line, row for row; None for any others."""
    if len(times_s) < 3:
        return None
    step = float(times_s[-1] - times_s[0]) / (len(times_s) - 1)
    if not step > 0:
        return None
    for begin in range(0, len(times_s), _BLOCK):
        piece = times_s[begin : begin + _BLOCK]
        even = times_s[0] + step * np.arange(begin, begin + len(piece))
        if not np.all(np.abs(piece - even) < _JITTER * step):
            return None
    return step


def _means(times_s: FloatArray) -> FloatArray:
    """Mean step over blocks of 25 rows."""
    return np.diff(times_s[::25]) / 25


def _with_notes(grid: Gridded, notes: list[str]) -> Gridded:
    return Gridded(grid.columns, grid.rate_hz, grid.start_s, (*notes, *grid.notes))


def _without_timeless(
    times_s: FloatArray,
    values: FloatArray,
    lines: IntArray,
    file: str,
    where: str,
    notes: list[str],
) -> tuple[FloatArray, FloatArray, IntArray]:
    bad = ~np.isfinite(times_s)
    if not bad.any():
        return times_s, values, lines
    told = np.flatnonzero(bad & np.isfinite(values).any(axis=1))
    if len(told) and told[0] < len(times_s) - _MOST_SUMS:
        raise RecordingError(
            f"{file}, line {lines[told[0]]} ({where}): the time is missing. Fill it in, or "
            "remove the row."
        )
    if len(told):
        notes.append(
            f"{len(told)} rows at the end have no time, as sums have none, and were left out; "
            f"the first is line {lines[told[0]]}."
        )
    return times_s[~bad], values[~bad], lines[~bad]


def _in_order(
    times_s: FloatArray, values: FloatArray, lines: IntArray, notes: list[str]
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Rows without exact repeats of earlier ones, and packets that came late in their place.

    Nothing is done where many rows share a stamp: those are batches.
    """
    steps = np.diff(times_s)
    if not (steps <= 0).any() or (steps == 0).mean() >= _BATCHES:
        return times_s, values, lines
    latest = np.maximum.accumulate(times_s)
    is_late = np.concatenate(([False], times_s[1:] <= latest[:-1]))
    usual, late = np.flatnonzero(~is_late), np.flatnonzero(is_late)
    place = np.minimum(np.searchsorted(times_s[usual], times_s[late]), len(usual) - 1)
    before, after = values[usual[place]], values[late]
    has_twin = times_s[usual[place]] == times_s[late]
    is_same = np.all((before == after) | (np.isnan(before) & np.isnan(after)), axis=1)
    repeats = late[has_twin & is_same]
    others = late[~(has_twin & is_same)]
    if len(repeats):
        notes.append(
            f"{len(repeats)} rows repeat an earlier row, stamp and all, and were left out; the "
            f"first is line {lines[repeats[0]]}."
        )
    keep = np.ones(len(times_s), dtype=bool)
    keep[repeats] = False
    back_s = latest[np.maximum(others - 1, 0)] - times_s[others]
    is_packet = len(others) <= _MOST_LATE * len(times_s) and bool(np.all(back_s <= _LATEST_S))
    if not (len(others) and is_packet and not has_twin[np.isin(late, others)].any()):
        return times_s[keep], values[keep], lines[keep]
    notes.append(
        f"{len(others)} rows came late and were put where their times say; the first is line "
        f"{lines[others[0]]}."
    )
    order = np.flatnonzero(keep)[np.argsort(times_s[keep], kind="stable")]
    return times_s[order], values[order], lines[order]


def _check_order(
    steps: FloatArray, times_s: FloatArray, lines: IntArray, file: str, where: str
) -> None:
    if not (steps < 0).any():
        return
    at = int(np.argmax(steps < 0)) + 1
    hour = (
        " A whole hour: daylight saving ended, so write the times in UTC."
        if (abs(steps[at - 1] + 3600) < 60)
        else ""
    )
    raise RecordingError(
        f"{file}, line {lines[at]} ({where}): the time {times_s[at]:.10g} goes back from "
        f"{times_s[at - 1]:.10g}.{hour} Sort the rows by time and remove doubles; if the rows "
        "are of two people, add a column `person`."
    )


def _spread(
    times_s: FloatArray,
    resolution_s: float,
    rate_hz: float | None,
    file: str,
    where: str,
    notes: list[str],
) -> FloatArray:
    """Times of rows whose stamps come in batches: evenly spaced between breaks.

    Each stretch between breaks is a straight line through its stamps that stays within the
    stamps' resolution.
    """
    stamps, first = np.unique(times_s, return_index=True)
    counts = np.diff(np.append(first, len(times_s)))
    apart = np.diff(stamps)
    usual = float(np.median(apart)) if len(apart) else resolution_s
    coarse = max(resolution_s, usual)
    breaks = first[1:][apart > _HOLE_STEPS * coarse + 1e-9]
    whole = counts[1:-1] if len(counts) > 4 else counts
    step = 1.0 / rate_hz if rate_hz else float(np.median(apart) / np.median(whole))
    if not rate_hz and len(whole) and np.ptp(whole) > 0:
        # Batches of 51 and 52: the mean tells, over whole batches only.
        inside = apart[1:-1] <= _HOLE_STEPS * coarse + 1e-9 if len(apart) > 4 else apart > 0
        mean = float(np.mean(whole[: len(inside)][inside])) if inside.any() else np.nan
        step = float(np.mean(apart[1:-1][inside]) / mean) if len(apart) > 4 else step
    spread = np.empty_like(times_s)
    for begin, end in zip([0, *breaks], [*breaks, len(times_s)], strict=True):
        even = np.arange(end - begin) * step
        gap = times_s[begin:end] - even
        if np.ptp(gap) > 2 * coarse + step:
            raise RecordingError(
                f"{file} ({where}): the time stamps are too coarse ({coarse:g} s for "
                f"{np.median(whole):.0f} rows) and their number differs: rows were lost. Give "
                "the sampling rate with --rate, or export the times with more decimals."
            )
        # A stamp is cut off, not rounded: the first moment that fits all of them.
        spread[begin:end] = even + (gap.max() if resolution_s else gap.min())
    notes.append(
        f"Stamps of {coarse:g} s for batches of about {np.median(whole):.0f} rows: the rows "
        "were "
        f"spread evenly, {1 / step:.6g} Hz."
    )
    return spread


def _regular(times_s: FloatArray, values: FloatArray, file: str, where: str) -> Gridded | None:
    """Rows snapped to a regular clock; None if their times wander too much."""
    steps = np.diff(times_s)
    median = float(np.median(steps))
    # The mean of single steps: times rounded to milliseconds make the median 1 % wrong.
    step = float(np.mean(steps[np.abs(steps / median - 1) < 0.5]))
    if (times_s[-1] - times_s[0]) / step > 100 * len(times_s) + 10_000_000:
        raise RecordingError(
            f"{file} ({where}): {times_s[-1] - times_s[0]:.0f} s with {len(times_s)} rows are "
            "mostly holes. Check the unit of the time column (seconds)."
        )
    own = steps / step
    off = np.abs(own - np.rint(own)) > 2 * _JITTER
    is_hole = own > 1.5
    if np.mean(off & ~is_hole) > _MOST_IRREGULAR or np.mean(off & is_hole) > 0.1:
        return None
    index = _positions(times_s / step)
    if (np.diff(index) < 1).any():
        return None
    grid = np.full((index[-1] + 1, values.shape[1]), np.nan)
    grid[index] = values
    return Gridded(tuple(grid.T), _round_rate(1.0 / step, int(index[-1])), float(times_s[0]))


def _positions(samples: FloatArray) -> IntArray:
    """Place of each row on the clock; each stretch between holes keeps its own phase."""
    steps = np.diff(samples)
    begins = np.concatenate([[True], steps > 1.5])
    origin = samples[begins][np.cumsum(begins) - 1]
    index = (np.rint(origin - samples[0]) + np.rint(samples - origin)).astype(np.int64)
    return index - index[0]


def _wandering(times_s: FloatArray, values: FloatArray) -> Gridded:
    """Rows of an irregular clock: the nearest tick if slow, else lines between rows."""
    steps = np.diff(times_s)
    usual = float(np.median(steps))
    is_near = float(np.mean((steps > 0.5 * usual) & (steps < 1.6 * usual))) > 0.9
    if _SLOW_S[0] <= usual <= _SLOW_S[1] and is_near:
        return _nearest(times_s, values, usual)
    rate_hz = min(1.0 / usual, max(_LINEAR_HZ, 1.0 / usual)) if usual > 0 else _LINEAR_HZ
    rate_hz = float(f"{rate_hz:.3g}")
    grid_s = times_s[0] + np.arange(int((times_s[-1] - times_s[0]) * rate_hz) + 1) / rate_hz
    after = np.clip(np.searchsorted(times_s, grid_s, "left"), 1, len(times_s) - 1)
    before = after - 1
    span = times_s[after] - times_s[before]
    share = np.clip((grid_s - times_s[before]) / span, 0.0, 1.0)[:, None]
    drawn = (1 - share) * values[before] + share * values[after]
    drawn = np.where(share == 0, values[before], np.where(share == 1, values[after], drawn))
    is_hole = span > _HOLE_STEPS * usual
    drawn[is_hole] = np.nan
    near = np.minimum(grid_s - times_s[before], times_s[after] - grid_s) < 0.05 / rate_hz
    filled = float(np.mean(~near[~is_hole])) if (~is_hole).any() else 0.0
    note = (
        f"Irregular times (steps of {steps.min():.3g} to {steps.max():.3g} s): drawn to "
        f"{rate_hz:g} Hz, {filled:.0%} of the samples lie between two rows; holes over "
        f"{_HOLE_STEPS * usual:.3g} s stay missing."
    )
    return Gridded(tuple(drawn.T), rate_hz, float(times_s[0]), (note,))


def _nearest(times_s: FloatArray, values: FloatArray, usual: float) -> Gridded:
    """About one value a second: each tick takes the nearest row."""
    step = float(f"{usual:.1g}") if abs(usual / float(f"{usual:.1g}") - 1) < 0.05 else usual
    grid_s = times_s[0] + np.arange(round((times_s[-1] - times_s[0]) / step) + 1) * step
    after = np.clip(np.searchsorted(times_s, grid_s), 1, len(times_s) - 1)
    before = after - 1
    is_before = grid_s - times_s[before] <= times_s[after] - grid_s
    row = np.where(is_before, before, after)
    span = times_s[after] - times_s[before]
    far = (span > _HOLE_STEPS * step) & (np.abs(times_s[row] - grid_s) > step / 2)
    grid = values[row].copy()
    grid[far] = np.nan
    note = (
        f"Nearly regular times (steps of {np.diff(times_s).min():.3g} to "
        f"{np.diff(times_s).max():.3g} s): set to the nearest of {1 / step:g} Hz; "
        f"{int(far.sum())} ticks in holes stay missing."
    )
    return Gridded(tuple(grid.T), 1.0 / step, float(times_s[0]), (note,))


def _checked_rate(
    grid: Gridded, times_s: FloatArray, rate_hz: float | None, *, file: str, where: str
) -> Gridded:
    if rate_hz is None or abs(grid.rate_hz / rate_hz - 1) < 0.01:
        return grid
    if abs(grid.rate_hz - 1.0) < 1e-9 and np.array_equal(times_s, np.rint(times_s)):
        # The column counts samples; the rate tells how long each lasts.
        return Gridded(grid.columns, rate_hz, float(times_s[0] / rate_hz), grid.notes)
    raise RecordingError(
        f"{file} ({where}): the times say {grid.rate_hz:.6g} Hz and --rate (or rate_hz) says "
        f"{rate_hz:g} Hz. "
        "Leave it out, or remove the time column if it is wrong."
    )


def _round_rate(rate_hz: float, samples: int) -> float:
    """The roundest rate that stays within a fifth of a sample over the whole recording."""
    for digits in range(4):
        rounded = round(rate_hz, digits)
        if rounded and abs(rounded / rate_hz - 1) * samples <= min(_JITTER, samples * 1e-3):
            return rounded
    return rate_hz


def own_rows(values: FloatArray) -> BoolArray | None:
    """Rows of a slower sensor in a wide table; None for a column that fills every row.

    A column that has a value in every n-th row only was recorded more slowly, not lost.
    """
    is_there = np.isfinite(values)
    if not 8 <= np.count_nonzero(is_there) <= 0.6 * len(values):
        return None
    rows = np.flatnonzero(is_there)
    apart = np.diff(rows)
    usual = float(np.median(apart))
    if usual < 2 or float(np.mean(np.abs(apart - usual) <= max(1.0, 0.1 * usual))) < 0.8:
        return None
    return is_there
