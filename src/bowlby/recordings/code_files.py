"""Two people's categories from files: a column each, or annotated intervals of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.annotations import read_annotations
from bowlby.recordings.channel_words import words_of
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import Event, RecordingError
from bowlby.recordings.tables.clocks import find_clock
from bowlby.recordings.tables.events import TEXT_COLUMNS, events_of_table
from bowlby.recordings.tables.parsing import Table, read_text_table

GRID_HZ = 25.0
MOST_CODES = 30
_WHO = ("person", "speaker", "role", "participant", "tier", "who")
_COUNTS = frozenset({"frame", "frames", "index", "row", "nr", "line", "sample"})


@dataclass(frozen=True, eq=False)
class Codes:
    """Two people's codes on one clock.

    Attributes:
        name: What to call them.
        people: The two.
        x: First person's codes as numbers, NaN where not coded.
        y: Second person's.
        rate_hz: Codes a second (Hz).
        names: Name of each number.
        notes: What was found and done.
    """

    name: str
    people: tuple[str, str]
    x: FloatArray
    y: FloatArray
    rate_hz: float
    names: dict[float, str]
    notes: tuple[str, ...] = ()


def read_codes(path: Path, options: ReadOptions | None = None) -> Codes:
    """Read two people's categories.

    Args:
        path: A table with a column of codes for each person, a table of coded intervals with a
            person, or an ELAN or Praat file with a tier for each.
        options: `rate_hz` of tables without times, and of the grid of intervals (25 Hz);
            `first` and `second` name the columns or tiers.

    Raises:
        RecordingError: If there are not just two people's codes, or no rate is known.
    """
    options = options or ReadOptions()
    if not path.is_file():
        raise RecordingError(f"{path}: no such file.")
    if path.suffix.lower() in (".eaf", ".textgrid"):
        tiers = {n: list(e) for n, e in read_annotations(path).items() if e}
        return _of_intervals(path, tiers, options)
    table = read_text_table(path, text_names=TEXT_COLUMNS)
    who = next((c for word in _WHO for c in table.frame.columns if word in words_of(c)), None)
    if who is not None and _has_spans(table):
        people: dict[str, list[Event]] = {}
        for name in dict.fromkeys(table.frame[who].dropna().astype(str)):
            rows = table.where((table.frame[who].astype(str) == name).to_numpy())
            people[name] = list(events_of_table(rows, options, besides=frozenset({who}))[0])
        return _of_intervals(path, people, options)
    return _of_columns(table, options)


def _has_spans(table: Table) -> bool:
    words = {w for c in table.frame.columns for w in words_of(c)}
    return bool(words & {"start", "begin", "onset"}) and bool(
        words & {"end", "stop", "offset", "duration"}
    )


def _of_columns(table: Table, options: ReadOptions) -> Codes:
    frame = table.frame
    clock = find_clock(table, options)
    taken = set(clock.columns) if clock else set()
    candidates = [c for c in frame.columns if c not in taken and _is_coded(c, frame[c])]
    chosen = [*options.first[:1], *options.second[:1]] or candidates
    unknown = [c for c in chosen if c not in frame.columns]
    if unknown:
        raise RecordingError(
            f"{table.path.name}: no column {unknown[0]!r}; it has {', '.join(frame.columns)}."
        )
    if len(chosen) != 2:
        example = (
            f", e.g. --first {chosen[0]!r} --second {chosen[1]!r}" if len(chosen) > 2 else ""
        )
        raise RecordingError(
            f"{table.path.name}: {len(chosen)} columns hold codes ({', '.join(chosen)}); two "
            f"are needed. Name them with --first and --second{example}."
        )
    rate_hz, notes = options.rate_hz, []
    if rate_hz is None and clock is not None:
        steps = np.diff(clock.times_s)
        middle = float(np.median(steps))
        if not middle > 0 or np.mean(np.abs(steps - middle) > 0.2 * middle) > 0.01:
            raise RecordingError(
                f"{table.path.name}: its rows do not come at regular times. Give intervals "
                "with a begin and an end, or the rate with --rate."
            )
        rate_hz = 1.0 / middle
        notes.append(f"{rate_hz:.6g} Hz by the column {clock.names[0]!r}.")
    if rate_hz is None:
        raise RecordingError(
            f"{table.path.name}: nothing tells the time between its rows. Give the rate, e.g. "
            "--rate 30 for video at 30 frames a second."
        )
    columns = [_as_names(frame[c]) for c in chosen]
    return _numbered(table.path.stem, (chosen[0], chosen[1]), columns, rate_hz, options, notes)


def _is_coded(name: str, column: Any) -> bool:
    if _COUNTS.intersection(words_of(name)):
        return False
    known = column.dropna()
    if not 2 <= known.nunique() <= MOST_CODES:
        return False
    return column.dtype.kind != "f" or bool((known == known.round()).all())


def _as_names(column: Any) -> list[str | None]:
    def name(value: Any) -> str | None:
        if value is None or (isinstance(value, float) and np.isnan(value)):
            return None
        if isinstance(value, float):
            return str(int(value)) if value == int(value) else str(value)
        return str(value).strip() or None

    return [name(value) for value in column]


def _of_intervals(path: Path, people: dict[str, list[Event]], options: ReadOptions) -> Codes:
    told = (
        [*options.first[:1], *options.second[:1]] or list(options.roles or ()) or list(people)
    )
    missing = [name for name in told if name not in people]
    if missing or len(told) != 2:
        raise RecordingError(
            f"{path.name}: has coded intervals of {', '.join(people)}. Name two with --first "
            "and --second."
        )
    rate_hz = options.rate_hz or GRID_HZ
    end = max(e.start_s + e.duration_s for name in told for e in people[name])
    count = int(np.floor(end * rate_hz))
    if count < 20:
        raise RecordingError(f"{path.name}: {end:.1f} s of codes are too short.")
    columns = []
    for name in told:
        cells: list[str | None] = [None] * count
        for event in people[name]:
            first = int(np.ceil(event.start_s * rate_hz - 1e-9))
            last = int(np.ceil((event.start_s + event.duration_s) * rate_hz - 1e-9))
            for i in range(max(first, 0), min(last, count)):
                cells[i] = event.label or None
        columns.append(cells)
    notes = [f"Intervals of {' and '.join(told)} were read off {rate_hz:g} times a second."]
    return _numbered(path.stem, (told[0], told[1]), columns, rate_hz, options, notes)


def _numbered(
    name: str,
    people: tuple[str, str],
    columns: Sequence[list[str | None]],
    rate_hz: float,
    options: ReadOptions,
    notes: list[str],
) -> Codes:
    labels = sorted({c for column in columns for c in column if c is not None}, key=_order)
    if len(labels) > MOST_CODES:
        raise RecordingError(
            f"{name}: {len(labels)} different codes; up to {MOST_CODES} can be compared."
        )
    number = {label: float(i) for i, label in enumerate(labels)}
    x, y = (
        np.array([np.nan if c is None else number[c] for c in column]) for column in columns
    )
    people = options.roles or people
    names = {value: label for label, value in number.items()}
    return Codes(name, people, x, y, float(rate_hz), names, tuple(notes))


def _order(label: str) -> tuple[int, float, str]:
    try:
        return 0, float(label), label
    except ValueError:
        return 1, 0.0, label
