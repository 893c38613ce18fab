"""Rows of a table on a clock: from times as people export them to a regular grid.

A hole in time stays a hole; times that jitter are snapped, times that are not a clock refused.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray, IntArray
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError

if TYPE_CHECKING:
    import pandas as pd

_JITTER = 0.2
_MOST_IRREGULAR = 0.01


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one recording.

    Attributes:
        path: The file, for messages.
        frame: The rows, without columns of time.
        times_s: Times of the rows (s), None if the table has none.
        lines: Lines of the rows in the file.
    """

    path: Path
    frame: "pd.DataFrame"
    times_s: FloatArray | None
    lines: IntArray

    def where(self, mask: "np.ndarray | pd.Series") -> "Rows":
        """The rows where `mask` is true."""
        chosen = np.asarray(mask, dtype=bool)
        times_s = None if self.times_s is None else self.times_s[chosen]
        return replace(
            self, frame=self.frame[chosen], times_s=times_s, lines=self.lines[chosen]
        )


def check_order(rows: Rows, where: str) -> None:
    """Refuse rows whose times are missing, repeat or go back.

    Raises:
        RecordingError: Naming file, line and times.
    """
    times_s = rows.times_s
    if times_s is None:
        return
    bad = ~np.isfinite(times_s)
    if bad.any():
        line = rows.lines[int(np.argmax(bad))]
        raise RecordingError(f"{rows.path.name}, line {line} ({where}): the time is missing.")
    steps = np.diff(times_s)
    if (steps <= 0).any():
        at = int(np.argmax(steps <= 0)) + 1
        problem = "repeats" if steps[at - 1] == 0 else "goes back from"
        raise RecordingError(
            f"{rows.path.name}, line {rows.lines[at]} ({where}): the time {times_s[at]:.10g} "
            f"{problem} {times_s[at - 1]:.10g}. Sort the rows by time and remove doubles; "
            "if the rows are of two people, add a column `person`."
        )


def on_grid(
    rows: Rows, values: FloatArray, options: ReadOptions, where: str
) -> tuple[FloatArray, float, float]:
    """Values on a regular clock, its rate (Hz) and start (s); holes in time stay missing."""
    times_s, path = rows.times_s, rows.path
    if times_s is None:
        if options.rate_hz is None:
            raise RecordingError(
                f"{path.name}: no column `time` and no sampling rate. Give it in Hz, for "
                "example --rate 25."
            )
        return values, options.rate_hz, 0.0
    check_order(rows, where)
    if len(times_s) < 3:
        raise RecordingError(f"{path.name} ({where}): {len(times_s)} rows are not a recording.")
    steps = np.diff(times_s)
    median = float(np.median(steps))
    # The mean of single steps: times rounded to milliseconds make the median 1 % wrong.
    step = float(np.mean(steps[np.abs(steps / median - 1) < 0.5]))
    if (times_s[-1] - times_s[0]) / step > 100 * len(times_s) + 10_000_000:
        raise RecordingError(
            f"{path.name} ({where}): {times_s[-1] - times_s[0]:.0f} s with {len(times_s)} rows "
            "are mostly holes. Check the unit of the time column (seconds)."
        )
    index = _positions(rows, times_s / step, where)
    grid = np.full((index[-1] + 1, values.shape[1]), np.nan)
    grid[index] = values
    rate_hz = _round_rate(1.0 / step, int(index[-1]))
    if options.rate_hz is None or abs(rate_hz / options.rate_hz - 1) < 0.01:
        return grid, rate_hz, float(times_s[0])
    if median == 1.0 and np.array_equal(times_s, np.rint(times_s)):
        # The column counts samples; the rate tells how long each lasts.
        return grid, options.rate_hz, float(times_s[0] / options.rate_hz)
    raise RecordingError(
        f"{path.name} ({where}): the times say {rate_hz:.6g} Hz and --rate says "
        f"{options.rate_hz:g} Hz. Leave --rate out, or remove the time column if it is wrong."
    )


def _positions(rows: Rows, samples: FloatArray, where: str) -> IntArray:
    """Place of each row on the clock; each stretch between holes keeps its own phase."""
    steps = np.diff(samples)
    begins = np.concatenate([[True], steps > 1.5])
    origin = samples[begins][np.cumsum(begins) - 1]
    index = (np.rint(origin - samples[0]) + np.rint(samples - origin)).astype(np.int64)
    off = np.abs(steps - np.rint(steps)) > 2 * _JITTER
    late = ~begins[1:] & off
    collide = np.diff(index) < 1
    if collide.any() or np.mean(late) > _MOST_IRREGULAR:
        at = int(np.argmax(collide if collide.any() else late)) + 1
        raise RecordingError(
            f"{rows.path.name}, line {rows.lines[at]} ({where}): {steps[at - 1]:.3g} steps "
            "after the row before. The samples are not on a regular clock; resample them, or "
            "give beats as signal `ibi`."
        )
    return index - index[0]


def _round_rate(rate_hz: float, samples: int) -> float:
    """The roundest rate that stays within a fifth of a sample over the whole recording."""
    for digits in range(4):
        rounded = round(rate_hz, digits)
        if rounded and abs(rounded / rate_hz - 1) * samples <= min(_JITTER, samples * 1e-3):
            return rounded
    return rate_hz
