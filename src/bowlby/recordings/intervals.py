"""Lists of inter-beat (RR) intervals, as Polar, Kubios, Movesense and others export them."""

import re
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channels import ibi_in_ms, role_of_one
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.recording import Beats, Partner, RecordingError
from bowlby.recordings.text_table import TextTable, load_text, split_text

SHORTEST_MS, LONGEST_MS = 200.0, 3000.0
_MOST_ABSURD = 0.2
_INTERVAL = re.compile(r"\b(rr|ibi|nn|rrdata|rr-?interval|rr[ _]?intervals?)\b", re.IGNORECASE)
_SUFFIXES = (".rr", ".ibi", ".hrv", ".txt", ".csv")


def read_intervals(path: Path, options: ReadOptions) -> Reading:
    """Read one person's inter-beat intervals.

    Milliseconds or seconds are told by the median. Time runs on by the sum of intervals, through
    spoilt ones too, unless the file has a time column in seconds. Intervals under 200 ms or over
    3000 ms become missing; if they are more than a fifth, the file is refused.

    Raises:
        RecordingError: If the file holds no intervals, or absurd ones.
    """
    table = _interval_table(path)
    column = _interval_column(table)
    values = table.numbers()
    ibi_ms = ibi_in_ms(values[:, column], "")
    if not np.isfinite(ibi_ms).any():
        raise RecordingError(f"{path.name}: all inter-beat intervals are missing.")
    absurd = np.isfinite(ibi_ms) & ((ibi_ms < SHORTEST_MS) | (ibi_ms > LONGEST_MS))
    share = absurd.sum() / np.isfinite(ibi_ms).sum()
    if share > _MOST_ABSURD:
        worst = int(np.argmax(absurd))
        raise RecordingError(
            f"{path.name}, line {worst + table.header_lines + 1}: {values[worst, column]:g} and "
            f"{share:.0%} of all intervals lie outside {SHORTEST_MS:g} to {LONGEST_MS:g} ms. "
            "Check that the column holds inter-beat intervals in ms or s, not heart rate."
        )
    times_s = _times_s(table, values, column)
    if times_s is None:
        times_s = np.cumsum(np.where(np.isfinite(ibi_ms), ibi_ms, np.nanmedian(ibi_ms))) / 1000
    ibi_ms = np.where(absurd, np.nan, ibi_ms)
    try:
        beats = Beats(times_s, ibi_ms)
    except RecordingError as error:
        raise RecordingError(f"{path.name}: {error}") from error
    return Reading((Partner(role_of_one(path, options), {"ibi": beats}),))


def _interval_table(path: Path) -> TextTable:
    """The table below any free-text lines; time stamps of a phone are left out."""
    text = load_text(path)
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines[:60]) if _INTERVAL.search(line)), 0)
    body = [re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]+Z?", "0", line) for line in lines[start:]]
    table = split_text(path, "\n".join(body) + "\n")
    return TextTable(
        path,
        table.text,
        table.delimiter,
        table.header,
        table.columns,
        table.header_lines + start,
    )


def _interval_column(table: TextTable) -> int:
    for i, name in enumerate(table.header):
        if _INTERVAL.search(name):
            return i
    if table.columns == 1:
        return 0
    raise RecordingError(
        f"{table.path.name}: which of {table.columns} columns holds the intervals is not clear. "
        "Name it RR or IBI in the header, or keep that column only."
    )


def _times_s(table: TextTable, values: FloatArray, column: int) -> FloatArray | None:
    """The file's own beat times, where they are in seconds and run."""
    for i, name in enumerate(table.header):
        if i != column and re.fullmatch(r"(time|t|seconds|time_s|time \(s\))", name.lower()):
            return values[:, i]
    return None


def _recognises(path: Path) -> bool:
    if path.suffix.lower() not in _SUFFIXES:
        return False
    if path.suffix.lower() in (".rr", ".ibi", ".hrv"):
        return True
    try:
        table = _interval_table(path)
        values = table.numbers()[:, _interval_column(table)]
    except (RecordingError, ValueError):
        return False
    if any(_INTERVAL.search(name) for name in table.header):
        return not any(name.lower() in ("person", "role", "partner") for name in table.header)
    ibi_ms = ibi_in_ms(values, "")
    valid = ibi_ms[np.isfinite(ibi_ms)]
    inside = (valid >= SHORTEST_MS) & (valid <= LONGEST_MS)
    return len(valid) > 0 and inside.mean() > 1 - _MOST_ABSURD


FORMAT = Format(
    name="intervals",
    title="Inter-beat (RR) intervals: one a line, Polar, Kubios, Movesense",
    suffixes=_SUFFIXES,
    recognises=_recognises,
    read=read_intervals,
)
