"""The front door: any known file, or two, becomes a recording."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bowlby.recordings import bids, edf, empatica, intervals, mea, tidy, xdf
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import Beats, Event, Partner, Recording, RecordingError, Signal

# In the order in which they are asked: the more particular first.
FORMATS: tuple[Format, ...] = (
    bids.FORMAT,
    edf.FORMAT,
    xdf.FORMAT,
    empatica.FORMAT,
    intervals.FORMAT,
    tidy.FORMAT,
    mea.FORMAT,
)


def format_of(
    path: Path, name: str | None = None, options: ReadOptions | None = None
) -> Format:
    """The format of a file, or the one of that name.

    `options.kind` settles whether a bare column of numbers is intervals or a sampled signal.

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
    kind = options.kind if options is not None else None
    for known in FORMATS:
        is_told_otherwise = known is intervals.FORMAT and kind not in (None, "ibi")
        if not is_told_otherwise and known.recognises(path):
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
    if len(files) == 2:
        return (_of_two_files(files, options, format, name),)
    (path,) = files
    known = format_of(path, format, options)
    if known.read_many is None:
        return (_of_one_reading(known.read(path, options), path, name),)
    readings = known.read_many(path, options)
    return tuple(
        _of_one_reading(reading, path, key if len(readings) > 1 else name)
        for key, reading in readings.items()
    )


def _check_options(options: ReadOptions) -> None:
    if options.kind is not None and options.kind not in KINDS:
        raise RecordingError(f"--kind {options.kind!r} is not one of {', '.join(KINDS)}.")
    if options.rate_hz is not None and not 0 < options.rate_hz < float("inf"):
        raise RecordingError(
            f"--rate {options.rate_hz:g}: the sampling rate must be a positive number of Hz, "
            "such as 25 or 29.97."
        )


def _of_one_reading(reading: Reading, path: Path, name: str) -> Recording:
    if len(reading.partners) != 2:
        raise RecordingError(
            f"{path.name}: holds one person ({reading.partners[0].role}). Give the other "
            "person's file too, or name both people's columns with --first and --second, or "
            "pair the files of a study in participants.tsv."
        )
    first, second = reading.partners
    return Recording(name, first, second, reading.events, reading.labels, (path,))


def _of_two_files(
    files: tuple[Path, ...], options: ReadOptions, format_name: str | None, name: str
) -> Recording:
    readings = []
    for i, path in enumerate(files):
        mine = options.first if i == 0 else options.second
        role = options.roles and (options.roles[i], options.roles[1 - i])
        # One person's file: its columns are that person's, whichever partner it is.
        reading = format_of(path, format_name, options).read(
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
    found = [partner.role for partner in partners]
    if found[0] == found[1] or (options.roles and set(found) != set(options.roles)):
        roles = options.roles or ("first", "second")
        partners = [replace(p, role=role) for p, role in zip(partners, roles, strict=True)]
    _check_overlap(partners, files, is_dated=None not in starts)
    events = sorted(
        (
            Event(event.start_s + delay, event.duration_s, event.label)
            for reading, delay in zip(readings, delays, strict=True)
            for event in reading.events
        ),
        key=lambda event: event.start_s,
    )
    return Recording(name, partners[0], partners[1], tuple(events), {}, files)


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
