"""The front door: any known file, or two, becomes a recording."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from bowlby.recordings import (
    acq,
    annotations,
    bids,
    edf,
    embrace,
    empatica,
    mapping,
    matlab,
    opensignals,
    pose,
    sessions,
    spreadsheet,
    watches,
    xdf,
)
from bowlby.recordings.channel_owners import match_roles
from bowlby.recordings.corrections import corrected
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.one_clock import (
    check_overlap,
    laid_out,
    later,
    lists_uncertainty,
    names_apart,
)
from bowlby.recordings.plausible import RawCountsError
from bowlby.recordings.recording import Event, Recording, RecordingError
from bowlby.recordings.tables import format as tables
from bowlby.recordings.video import format as video

# Files of one folder that a family or a group may have, a person each.
_MOST_BESIDE = 6
# In the order in which they are asked: the more particular first.
FORMATS: tuple[Format, ...] = (
    bids.FORMAT,
    edf.FORMAT,
    xdf.FORMAT,
    empatica.FORMAT,
    embrace.FORMAT,
    watches.FORMAT,
    video.FORMAT,
    mapping.FORMAT,
    acq.FORMAT,
    matlab.FORMAT,
    opensignals.FORMAT,
    spreadsheet.FORMAT,
    annotations.FORMAT,
    pose.FORMAT,
    tables.FORMAT,
)


def format_of(
    path: Path, name: str | None = None, options: ReadOptions | None = None
) -> Format:
    """The format of a file, or the one of that name.

    Raises:
        RecordingError: If none is known for the file's ending, or none has the name.
    """
    del options
    if name is not None:
        for known in (*FORMATS, *tables.OTHER_NAMES):
            if known.name == name:
                return known
        raise RecordingError(
            f"--format {name!r} is not one of {', '.join(known.name for known in FORMATS)}."
        )
    if not path.exists():
        raise RecordingError(f"{path}: no such file.")
    if path.is_dir():
        particular = (pose.FORMAT, embrace.FORMAT)
        return next((f for f in particular if f.recognises(path)), sessions.FORMAT)
    for known in FORMATS:
        if known.recognises(path):
            return known
    endings = sorted({suffix for known in FORMATS for suffix in known.suffixes})
    if path.name.lower().endswith(tuple(endings)):
        # A known ending whose content no reader takes: let the plainest say what is wrong.
        return next(f for f in FORMATS if path.name.lower().endswith(f.suffixes))
    raise RecordingError(
        f"{path.name}: files ending in {path.suffix or 'nothing'} are not known. Known: "
        f"{', '.join(endings)}. If it is one of these under another name, use --format."
    )


def stem(path: Path) -> str:
    """A file's name without its ending, however many parts that has."""
    bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return bare.stem


def read(
    paths: str | Path | Sequence[str | Path],
    options: ReadOptions | None = None,
    *,
    format: str | None = None,
    name: str | None = None,
) -> Recording:
    """Read one recording: one file of two people, or two files of one person each.

    Args:
        paths: The file, or the first and the second person's files.
        options: What the files do not say.
        format: Name of the format, where the file's ending misleads.
        name: The recording's name; by default the first file's stem.

    Raises:
        ValueError: If there is no path, or more than two.
        RecordingError: If a file cannot be read, holds several recordings, or the two people
            cannot be put on one clock.
    """
    recording, *others = read_all(paths, options, format=format, name=name)
    if others:
        some = ", ".join(other.name for other in (recording, *others[:4]))
        raise RecordingError(
            f"{recording.sources[0].name}: holds {1 + len(others)} recordings ({some}, ...). "
            "Read them all with read_all, or put the file into a folder and measure that."
        )
    return recording


def read_all(
    paths: str | Path | Sequence[str | Path],
    options: ReadOptions | None = None,
    *,
    format: str | None = None,
    name: str | None = None,
) -> tuple[Recording, ...]:
    """Read every recording of one file, or the one recording of two files.

    Args and errors as `read`.
    """
    given = (paths,) if isinstance(paths, str | Path) else paths
    files = tuple(Path(path) for path in given)
    if len(files) not in (1, 2):
        raise ValueError(
            f"{len(files)} files were given; a recording is one file of two people, or two "
            "files of one person each."
        )
    options = options or ReadOptions()
    _check_options(options)
    name = name or stem(files[0])
    found = _all_of(files, options, format, name)
    return tuple(_as_told(recording, options) for recording in found)


def _all_of(
    files: tuple[Path, ...], options: ReadOptions, format_name: str | None, name: str
) -> tuple[Recording, ...]:
    if len(files) == 2:
        return (_of_two_files(files, options, format_name, name),)
    (path,) = files
    known = format_of(path, format_name, options)
    if options.sync is not None and known is not mapping.FORMAT:
        raise RecordingError(
            f"{path.name}: --sync puts two people's files on one clock, and this is one file. "
            "Give both files, or leave --sync out."
        )
    if known.read_many is None:
        return _of_one_reading(known.read(path, options), path, name, options)
    readings = known.read_many(path, options)
    return tuple(
        recording
        for key, reading in readings.items()
        for recording in _of_one_reading(
            reading, path, key if len(readings) > 1 else name, options
        )
    )


def _as_told(recording: Recording, options: ReadOptions) -> Recording:
    """The recording with the corrections and bands of breathing that the user gives."""
    recording = corrected(recording, options.corrections)
    if options.breathing_hz is None:
        return recording
    first, second = (
        replace(partner, breathing_hz=band)
        for partner, band in zip(
            (recording.first, recording.second), options.breathing_hz, strict=True
        )
    )
    return replace(recording, first=first, second=second)


def _check_options(options: ReadOptions) -> None:
    if options.kind is not None and options.kind not in KINDS:
        raise RecordingError(f"--kind {options.kind!r} is not one of {', '.join(KINDS)}.")
    if options.rate_hz is not None and not 0 < options.rate_hz < float("inf"):
        raise RecordingError(
            f"--rate {options.rate_hz:g}: the sampling rate must be a positive number of Hz, "
            "such as 25 or 29.97."
        )


def _of_one_reading(
    reading: Reading, path: Path, name: str, options: ReadOptions
) -> tuple[Recording, ...]:
    """The recording of two people, or one of every pair of more."""
    partners = reading.partners
    if len(partners) > 2 and options.roles is not None:
        places = match_roles([p.role for p in partners], options.roles)
        if places[0] is None or places[1] is None:
            raise RecordingError(
                f"{path.name}: --roles {','.join(options.roles)} are not among its people "
                f"({', '.join(p.role for p in partners)})."
            )
        partners = (partners[places[0]], partners[places[1]])
    if len(partners) < 2:
        reasons = "; ".join(reason.rstrip(".") for reason in reading.left_out)
        others = f" Left out: {reasons}." if reasons else ""
        alone = ", ".join(p.role for p in partners)
        raise RecordingError(
            f"{path.name}: holds one person ({alone}). Give the other "
            f"person's file too{_whole_command(path)}, or name both people's columns with "
            f"--first and --second, or pair the files of a study in participants.tsv.{others}"
        )
    pairs = tuple(combinations(partners, 2))
    made: list[Recording] = []
    for first, second in pairs:
        own = name if len(pairs) == 1 else f"{name}_{first.role}-{second.role}"
        uncertainty = reading.start_uncertainty_s if reading.zone != "unknown" else 0.0
        notes = (*reading.notes, *_left_out_note(reading))
        if reading.zone == "unknown":
            uncertainty, said = lists_uncertainty(first, second)
            notes = (*notes, *said)
        elif len(reading.partners) > 1 and not reading.has_two_clocks:
            # One table, one clock: whenever it began, both people began with it.
            uncertainty = 0.0
        labels = reading.labels
        if len(pairs) > 1:
            labels = {"dyad": name, **labels, "pair": f"{first.role}-{second.role}"}
        recording = Recording(own, first, second, reading.events, labels, (path,), notes)
        made.append(
            replace(
                recording,
                start_uncertainty_s=uncertainty,
                has_two_clocks=reading.has_two_clocks,
                unix_start_s=reading.unix_start_s,
                zone=reading.zone,
                facts=reading.facts,
                left_out=reading.left_out,
            )
        )
    return tuple(made)


def _whole_command(path: Path) -> str:
    """The command that measures the file with those of the same kind beside it, if any."""
    if not path.is_file():
        return ""
    beside = [
        other
        for other in sessions.data_files(path.parent, [path.suffix.lower()])
        if not sessions.is_event_file(other) and not other.name.startswith("participants.")
    ]
    if path not in beside or not 2 <= len(beside) <= _MOST_BESIDE:
        return ""
    return f": {shlex.join(['bowlby', 'measure', *map(str, beside)])}"


def _left_out_note(reading: Reading) -> tuple[str, ...]:
    if not reading.left_out:
        return ()
    return (f"Left out: {'; '.join(reason.rstrip('.') for reason in reading.left_out)}.",)


def _of_two_files(
    files: tuple[Path, ...], options: ReadOptions, format_name: str | None, name: str
) -> Recording:
    readings: list[Reading] = []
    counts: list[RawCountsError] = []
    for i, path in enumerate(files):
        mine = options.first if i == 0 else options.second
        role = options.roles and (options.roles[i], options.roles[1 - i])
        # One person's file: its columns are that person's, whichever partner it is.
        own = replace(options, first=mine, second=(), roles=role, is_one_person=True)
        try:
            reading = format_of(path, format_name, options).read(path, own)
        except RawCountsError as error:
            counts.append(error)
            continue
        if len(reading.partners) != 1:
            raise RecordingError(
                f"{path.name}: holds two people already; give it alone, or give one person's "
                "file each."
            )
        readings.append(reading)
    if counts:
        found = [error.people[0] for error in counts]
        if len({role for role, _, _ in found}) < len(found):
            ordinals = ("first", "second")
            found = [(ordinals[i], path, label) for i, (_, path, label) in enumerate(found)]
        raise RawCountsError(counts[0].said, counts[0].formula, found)
    return paired((readings[0], readings[1]), (files[0], files[1]), options, name)


def paired(
    readings: tuple[Reading, Reading],
    files: tuple[Path, Path],
    options: ReadOptions,
    name: str,
) -> Recording:
    """Two people's readings on one clock.

    Raises:
        RecordingError: If nothing tells how their clocks lie, or they share no moment.
    """
    readings, delays, uncertainty_s, notes = laid_out(readings, files, options)
    said = [
        f"{shown}: {note}"
        for shown, reading in zip(names_apart(files), readings, strict=True)
        for note in (*reading.notes, *_left_out_note(reading))
    ]
    partners = [
        later(reading.partners[0], delay)
        for reading, delay in zip(readings, delays, strict=True)
    ]
    found = [partner.role for partner in partners]
    if found[0] == found[1] or (options.roles and set(found) != set(options.roles)):
        roles = options.roles or ("first", "second")
        partners = [replace(p, role=role) for p, role in zip(partners, roles, strict=True)]
    elif options.roles and found == [*options.roles][::-1]:
        # The user's first role is the first person, in whatever order the files stand.
        partners = partners[::-1]
        files = (files[1], files[0])
    beside = _events_beside(files, readings, options)
    is_dated = all(reading.unix_start_s is not None for reading in readings)
    check_overlap(partners, files, is_dated=is_dated)
    events = sorted(
        (
            Event(event.start_s + delay, event.duration_s, event.label)
            for reading, delay in zip(readings, delays, strict=True)
            for event in reading.events
        ),
        key=lambda event: event.start_s,
    )
    events = sorted((*events, *beside), key=lambda event: event.start_s)
    return Recording(
        name, partners[0], partners[1], tuple(events), {}, files, (*said, *notes),
        uncertainty_s, True, *_zero(readings, delays),
        tuple(fact for reading in readings for fact in reading.facts),
        tuple(reason for reading in readings for reason in reading.left_out),
    )  # fmt: skip


def _zero(readings: Sequence[Reading], delays: Sequence[float]) -> tuple[float | None, str]:
    """When the common clock's zero was, and how that is known."""
    for reading, delay in zip(readings, delays, strict=True):
        if reading.unix_start_s is not None:
            return reading.unix_start_s - delay, reading.zone
    return None, "file"


def _events_beside(
    files: tuple[Path, ...], readings: Sequence[Reading], options: ReadOptions
) -> list[Event]:
    """Events of the session, from files beside the two people's folders."""
    from bowlby.recordings.tables.events import read_events

    starts = [r.unix_start_s for r in readings if r.unix_start_s is not None]
    parents = {path.parent for path in files}
    if not starts or len(parents) > 1 or not all(path.is_dir() for path in files):
        return []
    found: list[Event] = []
    for path in sessions.data_files(parents.pop(), (".csv", ".tsv", ".txt")):
        if not sessions.is_event_file(path):
            continue
        events, zero, zone = read_events(path, replace(options, near_s=min(starts)))
        if zero is not None and zone == readings[0].zone:
            shift = zero - min(starts)
            found += [replace(event, start_s=event.start_s + shift) for event in events]
    return found
