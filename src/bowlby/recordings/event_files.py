"""Files of phases and events that lie beside recordings: of one recording, or of a study.

Tables with a time (moments) or a begin and an end (intervals), ELAN and Praat tiers, subtitles.
A table of a study says in a column `recording`, `dyad` or `session` of which one a row is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bowlby.recordings.annotations import read_annotations
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.one_clock import span_s
from bowlby.recordings.recording import Event, Recording, RecordingError
from bowlby.recordings.tables.events import TEXT_COLUMNS, events_of_table
from bowlby.recordings.tables.loading import load_text
from bowlby.recordings.tables.parsing import read_text_table
from bowlby.recordings.tables.stamps import DAY_S

_OF_RECORDING = {
    "recording": "recording", "file": "recording", "dyad": "dyad", "couple": "dyad",
    "family": "dyad", "session": "session",
}  # fmt: skip
_SUBTITLE = re.compile(
    r"(?:(\d+):)?(\d+):(\d+)[.,](\d{1,3})\s*-->\s*(?:(\d+):)?(\d+):(\d+)[.,](\d{1,3})"
)


@dataclass(frozen=True)
class EventRows:
    """Events of one recording, or of every recording the file is given for.

    Attributes:
        where: What the recording must be called: `recording`, `dyad`, `session`; empty for any.
        events: The events on the file's own clock.
        unix_start_s: When that clock's zero was (s since 1970 or midnight), if the file says.
        zone: How that is known.
    """

    where: Mapping[str, str]
    events: tuple[Event, ...]
    unix_start_s: float | None = None
    zone: str = "file"


@dataclass(frozen=True)
class EventFile:
    """A file of phases or events.

    Attributes:
        path: The file.
        rows: Its events, by recording.
    """

    path: Path
    rows: tuple[EventRows, ...]


def read_event_file(name: str | Path, options: ReadOptions | None = None) -> EventFile:
    """Read a file of phases or events.

    Args:
        name: The file; `FILE#TIER` for one tier of an ELAN or Praat file.
        options: Time zone and the like.

    Raises:
        RecordingError: If it cannot be read, or has no such tier.
    """
    options = options or ReadOptions()
    path, tier = Path(name), ""
    if not path.is_file() and "#" in str(name):
        head, _, tier = str(name).rpartition("#")
        path = Path(head)
    if not path.is_file():
        raise RecordingError(f"{path}: no such file.")
    suffix = path.suffix.lower()
    if suffix in (".eaf", ".textgrid"):
        return EventFile(path, (EventRows({}, _of_tiers(path, tier)),))
    if tier:
        raise RecordingError(f"{path.name}: only ELAN and Praat files have tiers.")
    if suffix in (".srt", ".vtt"):
        return EventFile(path, (EventRows({}, subtitles(path)),))
    return EventFile(path, _of_table(path, options))


def _of_tiers(path: Path, tier: str) -> tuple[Event, ...]:
    tiers = read_annotations(path)
    if tier and tier not in tiers:
        raise RecordingError(
            f"{path.name}: has no tier {tier!r}; it has {', '.join(map(repr, tiers))}."
        )
    if not tier and len(tiers) > 1:
        first = max(tiers, key=lambda each: len(tiers[each]))
        raise RecordingError(
            f"{path.name}: has {len(tiers)} tiers ({', '.join(map(repr, tiers))}). Name one, "
            f"e.g. '{path}#{first}'."
        )
    chosen = tiers[tier or next(iter(tiers))]
    return tuple(event for event in chosen if event.label)


def subtitles(path: Path) -> tuple[Event, ...]:
    """Captions of an SRT or WebVTT file, as events.

    Raises:
        RecordingError: If it holds none.
    """
    events: list[Event] = []
    for block in re.split(r"\n\s*\n", load_text(path)):
        lines = block.strip().split("\n")
        for i, line in enumerate(lines):
            found = _SUBTITLE.search(line)
            if found:
                numbers = [float(part or 0) for part in found.groups()]
                digits = [len(found[4]), len(found[8])]
                begin, end = (
                    h * 3600 + m * 60 + s + f / 10**d
                    for (h, m, s, f), d in zip((numbers[:4], numbers[4:]), digits, strict=True)
                )
                text = re.sub(r"<(?!v)[^>]*>", "", " ".join(lines[i + 1 :])).strip()
                events.append(Event(begin, max(0.0, end - begin), text))
                break
    if not events:
        raise RecordingError(f"{path.name}: holds no captions with times.")
    return tuple(events)


def _of_table(path: Path, options: ReadOptions) -> tuple[EventRows, ...]:
    table = read_text_table(path, text_names=TEXT_COLUMNS)
    frame = table.frame
    keys = [c for c in frame.columns if c.strip().lower() in _OF_RECORDING]
    besides = frozenset(keys)
    if not keys:
        return (EventRows({}, *events_of_table(table, options)),)
    named = frame[keys].astype(str)
    rows = []
    for values in dict.fromkeys(named.itertuples(index=False, name=None)):
        mask = (named == list(values)).all(axis=1).to_numpy()
        where = {
            _OF_RECORDING[key.strip().lower()]: value.strip()
            for key, value in zip(keys, values, strict=True)
        }
        rows.append(
            EventRows(where, *events_of_table(table.where(mask), options, besides=besides))
        )
    return tuple(rows)


def events_beside(recording: Recording) -> tuple[Event, ...]:
    """Events of files that bear a recording's name: `NAME_events.tsv`, `NAME_phases.csv`.

    Raises:
        RecordingError: If such a file cannot be read, or tells time in another way.
    """
    found: list[Event] = []
    for source in dict.fromkeys(recording.sources):
        bare = source.name.split(".", 1)[0]
        for suffix in ("_physio", "_motion", "_eeg"):
            bare = bare.removesuffix(suffix)
        for what in ("events", "phases"):
            for ending in (".tsv", ".csv"):
                path = source.parent / f"{bare}_{what}{ending}"
                if path.is_file():
                    found += events_for(read_event_file(path), recording)
    return tuple(sorted(dict.fromkeys(found), key=lambda event: event.start_s))


def events_for(file: EventFile, recording: Recording) -> tuple[Event, ...]:
    """A file's events of one recording, on the recording's clock.

    Events without a date count from the recording's beginning.

    Raises:
        RecordingError: If the events have dates and the recording has none, or the two tell
            time in different ways.
    """
    found: list[Event] = []
    for rows in file.rows:
        if not all(_is_called(recording, key, value) for key, value in rows.where.items()):
            continue
        shift = 0.0
        if rows.unix_start_s is not None:
            if recording.unix_start_s is None:
                raise RecordingError(
                    f"{recording.name}: {file.path.name} has dates or times of day, and the "
                    "recording has none. Give seconds since the recording's beginning."
                )
            if rows.zone != recording.zone:
                raise RecordingError(
                    f"{recording.name}: {file.path.name} tells time as {rows.zone!r} and the "
                    f"recording as {recording.zone!r}. Give the zone with --zone, e.g. --zone "
                    "Europe/Berlin, or write seconds since the recording's beginning."
                )
            shift = rows.unix_start_s - recording.unix_start_s
            _check_day(file, rows, recording, shift)
        found += [replace(event, start_s=event.start_s + shift) for event in rows.events]
    return tuple(sorted(found, key=lambda event: event.start_s))


def _check_day(file: EventFile, rows: EventRows, recording: Recording, shift: float) -> None:
    """Refuse events of another day, as a date read in the wrong order has."""
    ends = [span_s(signal)[1] for signal in recording.first.signals.values()]
    begins, last = [event.start_s + shift for event in rows.events], max(ends)
    if begins and (min(begins) > last + DAY_S or max(begins) < -DAY_S):
        raise RecordingError(
            f"{recording.name}: all events of {file.path.name} are "
            f"{abs(shift) / DAY_S:.1f} days from the recording. If day and month are told "
            "apart wrongly in one of the two, "
            "write its dates with the year first, such as 2024-06-05."
        )


def _is_called(recording: Recording, key: str, value: str) -> bool:
    own = {recording.name, *(path.name for path in recording.sources)}
    if key == "recording":
        return value in own or Path(value).stem in own
    return value in (recording.labels.get(key), *([recording.name] if key == "dyad" else []))
