"""The front door: any known file, or two, becomes a recording."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bowlby.recordings import bids, edf, empatica, intervals, mea, tidy, xdf
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.recording import Beats, Event, Partner, Recording, RecordingError, Signal

# In the order in which they are asked: the more particular first.
FORMATS: tuple[Format, ...] = (
    bids.FORMAT,
    edf.FORMAT,
    xdf.FORMAT,
    empatica.FORMAT,
    tidy.FORMAT,
    intervals.FORMAT,
    mea.FORMAT,
)


def format_of(path: Path, name: str | None = None) -> Format:
    """The format of a file, or the one of that name.

    Raises:
        RecordingError: If none is known for the file's ending, or none has the name.
    """
    if name is not None:
        for known in FORMATS:
            if known.name == name:
                return known
        raise RecordingError(
            f"--format {name!r} is not one of {', '.join(known.name for known in FORMATS)}."
        )
    if not path.exists():
        raise RecordingError(f"{path}: no such file.")
    if path.is_dir():
        raise RecordingError(f"{path}: is a folder; a file is needed here.")
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
    name = path.name
    for suffix in (".tsv.gz", ".csv.gz"):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return path.stem


def read(
    paths: Path | Sequence[Path],
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
        RecordingError: If a file cannot be read, holds several recordings, or the two people
            cannot be put on one clock.
    """
    recordings = read_all(paths, options, format=format, name=name)
    if len(recordings) > 1:
        raise RecordingError(
            f"{recordings[0].sources[0].name}: holds {len(recordings)} recordings; read_all "
            "reads them all."
        )
    return recordings[0]


def read_all(
    paths: Path | Sequence[Path],
    options: ReadOptions | None = None,
    *,
    format: str | None = None,
    name: str | None = None,
) -> tuple[Recording, ...]:
    """Read every recording of one file, or the one recording of two files.

    Args and errors as `read`.
    """
    files = (paths,) if isinstance(paths, Path) else tuple(paths)
    options = options or ReadOptions()
    name = name or stem(files[0])
    if len(files) == 2:
        return (_of_two_files(files, options, format, name),)
    (path,) = files
    known = format_of(path, format)
    if known.read_many is None:
        return (_of_one_reading(known.read(path, options), path, name),)
    readings = known.read_many(path, options)
    return tuple(
        _of_one_reading(reading, path, key if len(readings) > 1 else name)
        for key, reading in readings.items()
    )


def _of_one_reading(reading: Reading, path: Path, name: str) -> Recording:
    if len(reading.partners) != 2:
        raise RecordingError(
            f"{path.name}: holds one person ({reading.partners[0].role}). Give the other "
            "person's file too, or name both people's columns with --first and --second, or "
            "pair the files of a study in participants.tsv."
        )
    first, second = reading.partners
    return Recording(name, first, second, reading.events, {}, (path,))


def _of_two_files(
    files: tuple[Path, ...], options: ReadOptions, format_name: str | None, name: str
) -> Recording:
    readings = []
    for i, path in enumerate(files):
        mine = options.first if i == 0 else options.second
        role = options.roles and (options.roles[i], options.roles[1 - i])
        # One person's file: its columns are that person's, whichever partner it is.
        reading = format_of(path, format_name).read(
            path, replace(options, first=mine, second=(), roles=role)
        )
        if len(reading.partners) != 1:
            raise RecordingError(
                f"{path.name}: holds two people already; give it alone, or give one person's "
                "file each."
            )
        readings.append(reading)
    starts = [reading.unix_start_s for reading in readings]
    delays = [0.0, 0.0]
    if starts[0] is not None and starts[1] is not None:
        earliest = min(starts[0], starts[1])
        delays = [start - earliest for start in starts if start is not None]
    partners = [
        _later(reading.partners[0], delay)
        for reading, delay in zip(readings, delays, strict=True)
    ]
    if partners[0].role == partners[1].role:
        roles = options.roles or ("first", "second")
        partners = [replace(p, role=role) for p, role in zip(partners, roles, strict=True)]
    events = sorted(
        (
            Event(event.start_s + delay, event.duration_s, event.label)
            for reading, delay in zip(readings, delays, strict=True)
            for event in reading.events
        ),
        key=lambda event: event.start_s,
    )
    return Recording(name, partners[0], partners[1], tuple(events), {}, files)


def _later(partner: Partner, delay_s: float) -> Partner:
    """The partner with every signal starting `delay_s` later on the clock."""
    moved: dict[str, Signal | Beats] = {}
    for name, signal in partner.signals.items():
        if isinstance(signal, Beats):
            moved[name] = replace(signal, times_s=signal.times_s + delay_s)
        else:
            moved[name] = replace(signal, start_s=signal.start_s + delay_s)
    return replace(partner, signals=moved)
