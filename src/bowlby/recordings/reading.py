"""The front door: any known file, or two, becomes a recording."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np

from bowlby.recordings import (
    acq,
    annotations,
    bids,
    edf,
    embrace,
    empatica,
    mapping,
    matlab,
    pose,
    sessions,
    spreadsheet,
    watches,
    xdf,
)
from bowlby.recordings.channels import match_roles
from bowlby.recordings.corrections import corrected
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import Beats, Event, Partner, Recording, RecordingError, Signal
from bowlby.recordings.tables import format as tables
from bowlby.recordings.video import format as video

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
            "person's file too, or name both people's columns with --first and --second, or "
            f"pair the files of a study in participants.tsv.{others}"
        )
    pairs = tuple(combinations(partners, 2))
    made: list[Recording] = []
    for first, second in pairs:
        own = name if len(pairs) == 1 else f"{name}_{first.role}-{second.role}"
        uncertainty = reading.start_uncertainty_s if reading.zone != "unknown" else 0.0
        notes = (*reading.notes, *_left_out_note(reading))
        if reading.zone == "unknown":
            uncertainty, said = _lists_uncertainty(first, second)
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
            )
        )
    return tuple(made)


def _left_out_note(reading: Reading) -> tuple[str, ...]:
    if not reading.left_out:
        return ()
    return (f"Left out: {'; '.join(reason.rstrip('.') for reason in reading.left_out)}.",)


def _of_two_files(
    files: tuple[Path, ...], options: ReadOptions, format_name: str | None, name: str
) -> Recording:
    readings = []
    for i, path in enumerate(files):
        mine = options.first if i == 0 else options.second
        role = options.roles and (options.roles[i], options.roles[1 - i])
        # One person's file: its columns are that person's, whichever partner it is.
        reading = format_of(path, format_name, options).read(
            path,
            replace(options, first=mine, second=(), roles=role, is_one_person=True),
        )
        if len(reading.partners) != 1:
            raise RecordingError(
                f"{path.name}: holds two people already; give it alone, or give one person's "
                "file each."
            )
        readings.append(reading)
    return paired(readings, files, options, name)


def paired(
    readings: Sequence[Reading],
    files: tuple[Path, ...],
    options: ReadOptions,
    name: str,
) -> Recording:
    """Two people's readings on one clock.

    Raises:
        RecordingError: If nothing tells how their clocks lie, or they share no moment.
    """
    delays, uncertainty_s, notes = _delays(readings, files, options)
    partners = [
        _later(reading.partners[0], delay)
        for reading, delay in zip(readings, delays, strict=True)
    ]
    found = [partner.role for partner in partners]
    if found[0] == found[1] or (options.roles and set(found) != set(options.roles)):
        roles = options.roles or ("first", "second")
        partners = [replace(p, role=role) for p, role in zip(partners, roles, strict=True)]
    elif options.roles and found == [*options.roles][::-1]:
        # The user's first role is the first person, in whatever order the files stand.
        partners = partners[::-1]
        files = files[::-1]
    beside = _events_beside(files, readings, options)
    is_dated = all(reading.unix_start_s is not None for reading in readings)
    _check_overlap(partners, files, is_dated=is_dated)
    events = sorted(
        (
            Event(event.start_s + delay, event.duration_s, event.label)
            for reading, delay in zip(readings, delays, strict=True)
            for event in reading.events
        ),
        key=lambda event: event.start_s,
    )
    events = sorted((*events, *beside), key=lambda event: event.start_s)
    names = [path.name for path in files]
    if len(set(names)) < len(names):
        names = [f"{path.parent.name}/{path.name}" for path in files]
    said = [
        f"{shown}: {note}"
        for shown, reading in zip(names, readings, strict=True)
        for note in (*reading.notes, *_left_out_note(reading))
    ]
    return Recording(
        name, partners[0], partners[1], tuple(events), {}, files, (*said, *notes),
        uncertainty_s, True, *_zero(readings, delays),
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
        events, zero, zone = read_events(path, options)
        if zero is not None and zone == readings[0].zone:
            shift = zero - min(starts)
            found += [replace(event, start_s=event.start_s + shift) for event in events]
    return found


def _delays(
    readings: Sequence[Reading], files: tuple[Path, ...], options: ReadOptions
) -> tuple[list[float], float, list[str]]:
    """What is added to each person's clock (s), how well it is known (s), and why."""
    starts = [reading.unix_start_s for reading in readings]
    zones = [reading.zone for reading in readings]
    if options.offset_s is not None:
        return _from_zero(options.offset_s), 0.0, [
            f"The second file's clock is {options.offset_s:+g} s against the first's, as told."
        ]  # fmt: skip
    first_s, second_s = (reading.start_uncertainty_s for reading in readings)
    uncertainty = float(np.hypot(first_s, second_s))
    if starts[0] is not None and starts[1] is not None:
        _check_zones(readings, files)
        earliest = min(starts[0], starts[1])
        notes = [] if uncertainty == 0 else [
            f"The start is known to {uncertainty:.2g} s only, as the files write it."
        ]  # fmt: skip
        return [start - earliest for start in starts if start is not None], uncertainty, notes
    if "unknown" in zones:
        first, second = readings[0].partners[0], readings[1].partners[0]
        if zones == ["unknown", "unknown"]:
            uncertainty, notes = _lists_uncertainty(first, second)
            return [0.0, 0.0], uncertainty, notes
        dated = 1 - zones.index("unknown")
        raise RecordingError(
            f"{files[1 - dated].name} is a list of intervals without times, and "
            f"{files[dated].name} has times: nothing tells when the list began. Give the "
            "seconds to add to the second file's clock with --offset, e.g. --offset 0 if both "
            "began at the same moment."
        )
    if starts[0] is not None or starts[1] is not None:
        dated = 0 if starts[0] is not None else 1
        raise RecordingError(
            f"{files[dated].name} says when it began and {files[1 - dated].name} does not: "
            "nothing tells how their clocks lie. Give the seconds to add to the second file's "
            "clock with --offset, e.g. --offset 0 if both began at the same moment."
        )
    return [0.0, 0.0], 0.0, ["Neither file has a date: both count from the same moment."]


def _from_zero(offset_s: float) -> list[float]:
    return [max(0.0, -offset_s), max(0.0, offset_s)]


def _check_zones(readings: Sequence[Reading], files: tuple[Path, ...]) -> None:
    """Refuse a local time beside one of a known zone, and a time of day beside a date."""
    zones = [reading.zone for reading in readings]
    if zones[0] == zones[1]:
        return
    shown = [_moment(reading) for reading in readings]
    apart = abs((readings[0].unix_start_s or 0) - (readings[1].unix_start_s or 0))
    if "clock" in zones:
        raise RecordingError(
            f"{files[zones.index('clock')].name} has times of day without a date and the other "
            f"file has dates ({shown[0]}; {shown[1]}). Give the seconds to add to the second "
            "file's clock with --offset."
        )
    local = zones.index("local")
    ahead = (readings[local].unix_start_s or 0) - (readings[1 - local].unix_start_s or 0)
    quarters = round(ahead / 900)
    sign, minutes = "-" if quarters < 0 else "+", abs(quarters) * 15
    zone = f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    example = f"--zone {zone}" if abs(quarters) <= 56 else "--zone Europe/Berlin"
    raise RecordingError(
        f"{files[local].name} is in local time without a time zone, {files[1 - local].name} in "
        f"UTC: {shown[0]} against {shown[1]}, {apart / 3600:.2f} h apart. Say in which zone "
        f"{files[local].name} was recorded, e.g. {example} (or a name such as Europe/Berlin)."
    )


def _moment(reading: Reading) -> str:
    from datetime import UTC, datetime

    if reading.zone == "clock":
        seconds = int(reading.unix_start_s or 0)
        return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    moment = datetime.fromtimestamp(reading.unix_start_s or 0.0, UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S") + (
        " UTC" if reading.zone == "utc" else " local"
    )


def _lists_uncertainty(first: Partner, second: Partner) -> tuple[float, list[str]]:
    """How well two lists of intervals without times are known to begin together (s).

    Lists of one length were most likely started and stopped together; more is not known, and
    lists of different lengths were not.
    """
    ends = [max(_span_s(s)[1] for s in p.signals.values()) for p in (first, second)]
    usual = [
        float(np.nanmedian(s.ibi_ms)) / 1000
        for p in (first, second)
        for s in p.signals.values()
        if isinstance(s, Beats)
    ]
    apart = abs(ends[0] - ends[1])
    told = (
        f"Intervals without times: when each list began is not known. They last {ends[0]:.1f} "
        f"and {ends[1]:.1f} s"
    )
    if usual and apart <= sum(usual):
        return apart + max(usual), [
            f"{told}, as if started and stopped together; this was taken for granted, and no "
            "leader is named."
        ]
    return np.inf, [f"{told}: no lag can be stated."]


def _check_overlap(
    partners: Sequence[Partner], files: tuple[Path, ...], *, is_dated: bool
) -> None:
    """Refuse two people who were not recorded at the same time."""
    spans = [[_span_s(signal) for signal in partner.signals.values()] for partner in partners]
    begins = [min(begin for begin, _ in span) for span in spans]
    ends = [max(end for _, end in span) for span in spans]
    if max(begins) < min(ends):
        return
    early = int(ends[1] < ends[0])
    remedy = (
        "Check that these are the same session's files, and that both devices' clocks were set."
        if is_dated
        else "Their times do not count from the same moment; export both with dates, or both "
        "from zero."
    )
    raise RecordingError(
        f"{files[early].name} ends {begins[1 - early] - ends[early]:.6g} s before "
        f"{files[1 - early].name} begins: the two people share no moment. {remedy}"
    )


def _span_s(signal: Signal | Beats) -> tuple[float, float]:
    """Begin and end of a signal (s)."""
    if isinstance(signal, Signal):
        return signal.start_s, signal.start_s + signal.duration_s
    if not len(signal.times_s):
        return np.inf, -np.inf
    return float(signal.times_s[0]), float(signal.times_s[-1])


def _later(partner: Partner, delay_s: float) -> Partner:
    """The partner with every signal starting `delay_s` later on the clock."""
    moved: dict[str, Signal | Beats] = {}
    for name, signal in partner.signals.items():
        if isinstance(signal, Beats):
            moved[name] = replace(signal, times_s=signal.times_s + delay_s)
        else:
            moved[name] = replace(signal, start_s=signal.start_s + delay_s)
    return replace(partner, signals=moved)
