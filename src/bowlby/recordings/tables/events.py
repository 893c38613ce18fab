"""Tables of events: markers with a time, phases and turns with a begin and an end."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from bowlby.recordings.channel_words import words_of
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import Event, RecordingError
from bowlby.recordings.tables.clocks import UNIT_S, Clock, find_clock
from bowlby.recordings.tables.parsing import Table, read_text_table
from bowlby.recordings.tables.rows import TEXT_NAMES
from bowlby.recordings.tables.time_parts import with_joined_time

_LABELS = frozenset(
    {"label", "phase", "trial_type", "event", "code", "behavior", "behaviour", "name"}
    | {"annotation"}
)
TEXT_COLUMNS = frozenset((*_LABELS, "tier", "speaker", "type", "file", *TEXT_NAMES))
_BEGIN = frozenset({"start", "begin", "onset", "from", "beginn", "starttime", "begintime"})
_END = frozenset({"end", "stop", "offset", "until", "ende", "endtime"})
_LENGTH = frozenset({"duration", "length", "dauer"})
_PAIR = re.compile(r"^(.*?)[ _-]?(start|begin|on|pause)$", re.I)
_CLOSES = {
    "start": ("stop", "end"),
    "begin": ("end", "stop"),
    "on": ("off",),
    "pause": ("resume",),
}


def read_events(
    path: Path, options: ReadOptions
) -> tuple[tuple[Event, ...], float | None, str]:
    """Events of a table, when its clock's zero was (s since 1970), and how that is known.

    Raises:
        RecordingError: If no column tells when the events were.
    """
    table = read_text_table(path, text_names=_LABELS | {"tier", "speaker", "type"})
    return events_of_table(table, options)


def events_of_table(
    table: Table, options: ReadOptions, *, besides: frozenset[str] = frozenset()
) -> tuple[tuple[Event, ...], float | None, str]:
    """Events of a table that is read already.

    Args:
        table: The table.
        options: What the user says.
        besides: Columns that are no part of an event's label.

    Raises:
        RecordingError: If no column tells when the events were.
    """
    kept = [c for c in table.frame.columns if c not in besides]
    table = with_joined_time(replace(table, frame=table.frame[kept]))
    spans = _spans(table, options)
    if spans is not None:
        return spans, None, "file"
    clock = find_clock(table, options)
    if clock is None:
        raise RecordingError(
            f"{table.path.name}: no column tells when the events were. Name one `time`, or two "
            "`begin` and `end`."
        )
    events = _paired(_moments(table, clock))
    return events, clock.start_s, clock.zone


def _column(table: Table, words: frozenset[str]) -> str | None:
    for name in table.frame.columns:
        found = words_of(name)
        if found and ({found[0], found[-1], "".join(found[:2])} & words):
            return name
    return None


def _seconds(table: Table, name: str, options: ReadOptions) -> np.ndarray:
    """A column of times in seconds."""
    only = Table(
        table.path, table.frame[[name]].rename(columns={name: "time"}), {}, table.lines, True
    )
    unit = next((UNIT_S[w] for w in words_of(name) if w in UNIT_S), None)
    if only.frame["time"].dtype.kind == "f" and unit is not None:
        return only.frame["time"].to_numpy(float) * unit
    clock = find_clock(only, options)
    if clock is None:
        raise RecordingError(f"{table.path.name}: column {name!r} holds no times.")
    return clock.times_s + (clock.start_s or 0.0)


def _spans(table: Table, options: ReadOptions) -> tuple[Event, ...] | None:
    begin, end = _column(table, _BEGIN), _column(table, _END)
    length = _column(table, _LENGTH)
    if begin is None or (end is None and length is None):
        return None
    starts = _seconds(table, begin, options)
    ends = (
        _seconds(table, end, options) if end else starts + _seconds(table, str(length), options)
    )
    labels = _labels(table, {begin, end or "", length or ""})
    return tuple(
        Event(float(a), max(0.0, float(b - a)), label)
        for a, b, label in zip(starts, ends, labels, strict=True)
        if np.isfinite(a) and np.isfinite(b)
    )


def _labels(table: Table, taken: set[str]) -> list[str]:
    """A label for each row: the column of that name, or all words of the row."""
    named = [c for c in table.frame.columns if c.strip().lower() in _LABELS and c not in taken]
    columns = named[:1] or [
        c for c in table.frame.columns
        if c not in taken and table.frame[c].dtype.kind not in "fiub"
    ]  # fmt: skip
    if not columns:
        return [f"event {i + 1}" for i in range(len(table.frame))]
    rows = table.frame[columns].astype(object).where(table.frame[columns].notna(), "")
    return [
        " ".join(str(cell).strip() for cell in row if str(cell).strip()) for row in rows.values
    ]


def _moments(table: Table, clock: Clock) -> list[Event]:
    labels = _labels(table, set(clock.columns))
    return [
        Event(float(time), 0.0, label)
        for time, label in zip(clock.times_s, labels, strict=True)
        if np.isfinite(time)
    ]


def _paired(events: list[Event]) -> tuple[Event, ...]:
    """Marks of a start and a stop as one event with a length."""
    made: list[Event] = []
    used: set[int] = set()
    for i, event in enumerate(events):
        if i in used:
            continue
        found = _PAIR.match(event.label)
        close = None
        if found:
            words = {f"{found[1]}{end}".lower() for end in _CLOSES[found[2].lower()]}
            close = next(
                (
                    j
                    for j in range(i + 1, len(events))
                    if re.sub(r"[ _-]", "", events[j].label).lower()
                    in {re.sub(r"[ _-]", "", word) for word in words}
                ),
                None,
            )
        if found and close is not None:
            used.add(close)
            name = event.label if found[2].lower() == "pause" else found[1].strip(" _-")
            length = events[close].start_s - event.start_s
            made.append(Event(event.start_s, length, name or event.label))
        else:
            made.append(event)
    return tuple(made)
