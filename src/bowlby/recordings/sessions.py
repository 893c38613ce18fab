"""Folders: what one device wrote of one person, and what several wrote of a session.

Files of one folder whose names differ in the kind of signal only (`..._HR.txt`, `..._ACC.txt`;
the files of an unpacked E4 archive) are one person. Two such folders beside one another are two
people of one session.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bowlby.recordings import embrace, empatica
from bowlby.recordings.channel_owners import role_of_one
from bowlby.recordings.channel_words import meaning_of, words_of
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.one_clock import later, with_nearest_day
from bowlby.recordings.recording import Beats, Event, Partner, RecordingError, Signal

_EVENT_WORDS = frozenset(
    {
        "annotation",
        "annotations",
        "marker",
        "markers",
        "event",
        "events",
        "tag",
        "tags",
        "phases",
    }
    | {"phase", "transcript", "log"}
)
_NO_DATA = frozenset({"info", "readme", "license", "licence", "metadata", "settings"})
_HEARTS = ("ecg", "ppg", "ibi")


def data_files(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    """Files of a folder that may hold signals or events, without hidden and explaining ones."""
    found = []
    for path in sorted(folder.iterdir()):
        words = words_of(path.name.split(".")[0])
        if path.name.startswith(".") or not path.is_file() or not path.stat().st_size:
            continue
        if path.name.lower().endswith(tuple(suffixes)) and not _NO_DATA.intersection(words[:1]):
            found.append(path)
    return found


def is_event_file(path: Path) -> bool:
    """True for files that by their names hold annotations or markers."""
    return bool(_EVENT_WORDS.intersection(words_of(path.name.split(".")[0])))


def is_person_folder(folder: Path, suffixes: Sequence[str]) -> bool:
    """True for a folder of one person's files: an E4 session, or one file a kind of signal."""
    if not folder.is_dir():
        return False
    if empatica.is_session_folder(folder) or embrace.is_folder(folder):
        return True
    files = [path for path in data_files(folder, suffixes) if not is_event_file(path)]
    if any(child.is_dir() and not child.name.startswith(".") for child in folder.iterdir()):
        return False
    keys = [_kind_and_rest(path) for path in files]
    kinds = [kind for kind, _ in keys]
    return (
        len(files) > 1
        and all(kinds)
        and len(set(kinds)) == len(kinds)
        and len({rest for _, rest in keys}) == 1
    )


def _kind_and_rest(path: Path) -> tuple[str, str]:
    """The kind of signal that a file's name tells, and the name without it."""
    words = words_of(path.name.split(".")[0])
    kinds = [w for w in words if _is_kind(w)]
    rest = " ".join(w for w in words if not _is_kind(w))
    return "+".join(kinds), rest


def _is_kind(word: str) -> bool:
    return meaning_of(word, "").kind is not None or word in ("gyro", "mag", "magn", "imu")


def people_folders(folder: Path, suffixes: Sequence[str]) -> tuple[Path, ...]:
    """Folders of the people of one session; none if the folder is no session.

    Every sub-folder must be one person's, and nothing but event files may lie beside them.
    """
    if not folder.is_dir():
        return ()
    below = [
        child
        for child in sorted(folder.iterdir())
        if child.is_dir() and not child.name.startswith(".")
    ]
    beside = [path for path in data_files(folder, suffixes) if not is_event_file(path)]
    if not 2 <= len(below) <= 6 or beside:
        return ()
    if all(is_person_folder(child, suffixes) for child in below):
        return tuple(below)
    return ()


def read_person(folder: Path, options: ReadOptions) -> Reading:
    """One person's files on one clock.

    Files that cannot be read are left out and told. A list of intervals without times is left
    out where another signal of the same heart has them.

    Raises:
        RecordingError: If no file holds a signal.
    """
    from bowlby.recordings.reading import FORMATS, format_of

    suffixes = [suffix for known in FORMATS for suffix in known.suffixes]
    if empatica.is_session_folder(folder):
        return empatica.read_empatica(folder, options)
    if embrace.is_folder(folder):
        return embrace.read_embrace(folder, options)
    files = data_files(folder, suffixes)
    readings: list[tuple[Path, Reading]] = []
    left_out: list[str] = []
    events: list[tuple[tuple[Event, ...], float | None, str]] = []
    told = replace(options, first=(), second=())
    for path in files:
        if is_event_file(path):
            events += _events(path, options, left_out)
            continue
        try:
            readings.append((path, format_of(path, None, told).read(path, told)))
        except RecordingError as error:
            left_out.append(str(error))
    if not readings:
        why = f" ({left_out[0]})" if left_out else ""
        raise RecordingError(f"{folder}: holds no file that can be read as a recording{why}.")
    two = [path.name for path, reading in readings if len(reading.partners) > 1]
    if two:
        raise RecordingError(
            f"{folder}: {two[0]} holds two people; give that file, or a folder of one person's "
            "files."
        )
    return _merged(folder, readings, events, left_out, options)


def _events(
    path: Path, options: ReadOptions, left_out: list[str]
) -> list[tuple[tuple[Event, ...], float | None, str]]:
    from bowlby.recordings.tables.events import read_events

    try:
        return [read_events(path, options)]
    except RecordingError as error:
        left_out.append(str(error))
        return []


def _with_times(
    readings: Sequence[tuple[Path, Reading]], left_out: list[str]
) -> list[tuple[Path, Reading]]:
    """Readings without those that tell no times, where others do."""
    timed = [reading for _, reading in readings if reading.zone != "unknown"]
    if not timed:
        return list(readings)
    hearts = sorted({n for r in timed for n in r.partners[0].signals if n in _HEARTS})
    better = f"the {hearts[0].upper()} is better" if hearts else "the rest has times"
    left_out += [
        f"{path.name}: intervals without times; {better}"
        for path, reading in readings
        if reading.zone == "unknown"
    ]
    return [(path, reading) for path, reading in readings if reading.zone != "unknown"]


def _merged(
    folder: Path,
    readings: Sequence[tuple[Path, Reading]],
    events: Sequence[tuple[tuple[Event, ...], float | None, str]],
    left_out: list[str],
    options: ReadOptions,
) -> Reading:
    """All files' signals of one person, each where its start puts it."""
    kept = _with_times(readings, left_out)
    settled = [
        r.unix_start_s for _, r in kept if r.unix_start_s is not None and not r.swapped_s
    ]
    if settled:
        kept = [(path, with_nearest_day(reading, settled[0])) for path, reading in kept]
    dated = [r for _, r in kept if r.unix_start_s is not None]
    zones = {reading.zone for reading in dated}
    if len(zones) > 1:
        raise RecordingError(
            f"{folder}: its files tell time in different ways ({', '.join(sorted(zones))}). "
            "Give "
            "the zone of those in local time with --zone, e.g. --zone Europe/Berlin."
        )
    zero = min((r.unix_start_s for r in dated if r.unix_start_s is not None), default=None)
    signals: dict[str, Signal | Beats] = {}
    notes: list[str] = []
    found: list[Event] = []
    for path, reading in kept:
        start = reading.unix_start_s
        if start is None and zero is not None and reading.zone != "unknown":
            left_out.append(f"{path.name}: does not say when it began, and the other files do")
            continue
        delay = 0.0 if start is None or zero is None else start - zero
        partner = later(reading.partners[0], delay)
        for name, signal in partner.signals.items():
            if name in signals:
                left_out.append(f"{path.name}: a second {name}")
            else:
                signals[name] = signal
        notes += [f"{path.name}: {note}" for note in reading.notes]
        left_out += [f"{path.name}, {reason}" for reason in reading.left_out]
    for some, start, zone in events:
        if zero is None or start is None or zone not in zones:
            continue
        found += [replace(event, start_s=event.start_s + start - zero) for event in some]
    if not signals:
        raise RecordingError(f"{folder}: {left_out[0] if left_out else 'holds no signal'}.")
    zone = next(iter(zones)) if zones else kept[0][1].zone
    uncertainty = max(reading.start_uncertainty_s for _, reading in kept)
    role = role_of_one(folder, options)
    return Reading(
        (Partner(role, signals),), tuple(sorted(found, key=lambda e: e.start_s)), zero, {},
        zone, uncertainty, tuple(notes), tuple(left_out),
    )  # fmt: skip


FORMAT = Format(
    "folder",
    "A folder of one person's files, as a device wrote them",
    (),
    Path.is_dir,
    read_person,
)
