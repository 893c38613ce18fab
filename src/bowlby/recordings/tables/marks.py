"""Marks inside a table of samples: a column that names moments, or the phase of each row."""

import numpy as np

from bowlby.recordings.channel_words import words_of
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import Event
from bowlby.recordings.tables.rows import Rows

_MOMENTS = frozenset(
    {"marker", "markers", "mark", "event", "events", "trigger", "triggers", "tag", "tags"}
)
_PHASES = frozenset({"phase", "phases"})
_REST = frozenset({"", "0", "nan", "none", "na", "-"})
# More different phases than this are no phases, more marks than this no marks.
_MOST_PHASES = 30
_MOST_MARKS = 2000


def marks_of(rows: Rows, options: ReadOptions) -> tuple[Event, ...]:
    """Events that columns of the table name, in the order of time.

    A column of marks (`marker`, `trigger`, `event`, `tag`) holds something where a moment
    begins and nothing, or 0, elsewhere; a column `phase` holds a name in each row of a phase.

    Args:
        rows: Rows of one recording of which each has a time of its own.
        options: `rate_hz`, where no column tells the time.
    """
    times = rows.times_s
    rate_hz = options.rate_hz or rows.preamble.rate_hz
    if times is None and rate_hz:
        times = np.arange(len(rows.table.frame)) / rate_hz
    if times is None or not len(times):
        return ()
    events: list[Event] = []
    for name in rows.table.frame.columns:
        words = set(words_of(name))
        if len(words) <= 2 and words & _MOMENTS:
            events += _of_column(rows, name, times, has_length=False)
        elif words and words <= _PHASES:
            events += _of_column(rows, name, times, has_length=True)
    return tuple(sorted(events, key=lambda event: event.start_s))


def _of_column(rows: Rows, name: str, times: np.ndarray, *, has_length: bool) -> list[Event]:
    """An event for each run of rows that hold the same."""
    cells = rows.table.frame[name]
    if cells.dtype.kind in "fiub":
        values = cells.to_numpy(float)
        words = np.array(["" if not np.isfinite(v) else f"{v:g}" for v in values], dtype=object)
    else:
        words = np.where(cells.isna(), "", cells.astype(str).str.strip()).astype(object)
    starts = np.flatnonzero(np.r_[True, words[1:] != words[:-1]])
    ends = np.r_[starts[1:], len(words)]
    kept = [(a, b) for a, b in zip(starts, ends, strict=True) if words[a].lower() not in _REST]
    codes = {words[a] for a, _ in kept}
    most = _MOST_PHASES if has_length else _MOST_MARKS
    if not kept or len(kept) > most or (len(starts) > len(words) / 2 and not has_length):
        return []
    if not has_length and kept[0] == (0, len(words)):
        return []
    is_number = all(word.replace(".", "", 1).lstrip("-").isdigit() for word in codes)
    events = []
    for a, b in kept:
        label = words[a]
        if is_number:
            label = name.strip() if len(codes) == 1 else f"{name.strip()} {label}"
        end = (
            times[b] if b < len(times) else times[-1] + (times[-1] - times[-2] if b > 1 else 0)
        )
        if np.isfinite(times[a]) and np.isfinite(end):
            length = float(end - times[a]) if has_length else 0.0
            events.append(Event(float(times[a]), max(0.0, length), str(label)))
    return events
