"""What is in a file or folder before anything is computed: found, guessed, left out, to ask."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bowlby.recordings.formats import Fact, Reading, ReadOptions
from bowlby.recordings.plausible import are_copies
from bowlby.recordings.recording import Beats, Event, Recording, RecordingError, Signal
from bowlby.recordings.stretches import stretches

_PAUSE_S = 20.0
# Values of a signal from which its usual range is told.
_MOST_VALUES = 1 << 20


@dataclass(frozen=True)
class FoundSignal:
    """One signal of one person, as found.

    Attributes:
        person: Role of the person.
        file: Where it comes from.
        name: The signal's name.
        kind: Its kind.
        unit: Its unit.
        rate_hz: Sampling rate (Hz), NaN for beats.
        count: Samples or beats.
        start_s: Its first sample on the session's clock (s).
        duration_s: Its length (s).
        missing: Share of samples that are missing.
        holes: Number of holes.
        pauses: Holes of 20 s and more, begin and end (s).
        least: Low end of the values (1st percentile).
        most: High end (99th percentile).
        notes: What reading did.
    """

    person: str
    file: str
    name: str
    kind: str
    unit: str
    rate_hz: float
    count: int
    start_s: float
    duration_s: float
    missing: float
    holes: int
    pauses: tuple[tuple[float, float], ...]
    least: float
    most: float
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Session:
    """What was found in files that belong together, or in a folder of many.

    Attributes:
        paths: The files or folders looked at.
        options: What the user said.
        signals: Every signal found.
        events: Phases and events.
        start: When the session's clock began, in words; empty if nothing tells.
        left_out: What was left out, with the reason.
        facts: What was found, from where, and how sure it is.
        notes: What reading did.
        asks: What cannot be settled, in the words of the message; empty if nothing is open.
        recordings: The recordings that can be measured as they are.
        sessions: Of a folder of many: each of them.
        name: What to call it.
    """

    paths: tuple[Path, ...]
    options: ReadOptions
    signals: tuple[FoundSignal, ...] = ()
    events: tuple[Event, ...] = ()
    start: str = ""
    left_out: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    recordings: tuple[Recording, ...] = ()
    sessions: tuple["Session", ...] = ()
    name: str = ""

    @property
    def people(self) -> tuple[str, ...]:
        """Roles of the people found."""
        return tuple(dict.fromkeys(signal.person for signal in self.signals))

    @property
    def is_settled(self) -> bool:
        """True if nothing is to be asked."""
        return not self.asks and all(one.is_settled for one in self.sessions)

    @property
    def is_readable(self) -> bool:
        """True if any signal was found."""
        return bool(self.signals) or any(one.is_readable for one in self.sessions)

    def settle(self, **answers: Any) -> "Session":
        """Look again, with answers to what was asked: fields of `ReadOptions`.

        Raises:
            ValueError: If an answer is none of them.
        """
        known = ReadOptions.__dataclass_fields__
        unknown = [name for name in answers if name not in known]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not one of {', '.join(known)}.")
        tuples = {k: (v,) if k in ("first", "second") and isinstance(v, str) else v
                  for k, v in answers.items()}  # fmt: skip
        return inspect(self.paths, replace(self.options, **tuples))

    def as_dict(self) -> dict[str, Any]:
        """Everything found, in plain values for machines."""
        return {
            "name": self.name,
            "paths": [str(path) for path in self.paths],
            "people": list(self.people),
            "start": self.start,
            "signals": [vars(signal) for signal in self.signals],
            "events": [vars(event) for event in self.events],
            "left_out": list(self.left_out),
            "facts": [vars(fact) for fact in self.facts],
            "notes": list(self.notes),
            "asks": list(self.asks),
            "recordings": [recording.name for recording in self.recordings],
            "sessions": [one.as_dict() for one in self.sessions],
        }


def inspect(
    paths: Path | str | Sequence[Path | str], options: ReadOptions | None = None
) -> Session:
    """Find out what files or a folder hold, by the same steps as measuring takes.

    Nothing is raised for what can be asked of the user: it stands in `asks`.

    Args:
        paths: A file, two people's files or folders, or a folder of many recordings.
        options: What the files do not say.
    """
    given = (paths,) if isinstance(paths, Path | str) else tuple(paths)
    files = tuple(Path(path) for path in given)
    options = options or ReadOptions()
    missing = [str(path) for path in files if not path.exists()]
    if missing:
        raise RecordingError(f"{', '.join(missing)}: no such file or folder.")
    if len(files) == 1 and files[0].is_dir():
        return _folder(files[0], options)
    return _session(files, options, files[0].stem)


def _folder(folder: Path, options: ReadOptions) -> Session:
    """A folder: one person's files, one session, or many."""
    from bowlby.recordings.pairing import find_recordings
    from bowlby.recordings.pose import is_openpose_folder
    from bowlby.recordings.reading import FORMATS
    from bowlby.recordings.sessions import is_person_folder

    suffixes = [suffix for known in FORMATS for suffix in known.suffixes]
    if is_openpose_folder(folder):
        return _session((folder,), options, folder.name)
    if is_person_folder(folder, suffixes):
        return _session((folder,), options, folder.name)
    try:
        found, skipped = find_recordings(folder, None, options)
    except RecordingError as error:
        return Session((folder,), options, asks=(str(error),), name=folder.name)
    if len(found) == 1:
        one = _session(found[0].paths, options, found[0].name)
        return replace(one, paths=(folder,), left_out=(*one.left_out, *skipped))
    sessions = tuple(
        _session(
            files.paths,
            replace(options, rate_hz=files.rate_hz or options.rate_hz,
                    roles=files.roles or options.roles),
            files.name,
        )
        for files in found
    )  # fmt: skip
    ordered = sorted(sessions, key=lambda one: (one.is_settled, one.name))
    return Session((folder,), options, sessions=tuple(ordered), left_out=skipped,
                   name=folder.name)  # fmt: skip


def _session(files: tuple[Path, ...], options: ReadOptions, name: str) -> Session:
    from bowlby.recordings.reading import read_all

    asks: list[str] = []
    recordings: tuple[Recording, ...] = ()
    try:
        recordings = read_all(files, options, name=name)
        for recording in recordings:
            asks += _copies(recording)
    except (RecordingError, ValueError) as error:
        asks.append(str(error))
    if not recordings:
        return _open_session(files, options, asks, name)
    dated = [(r.unix_start_s, r.zone) for r in recordings if r.unix_start_s is not None]
    notes = [n for r in recordings for n in r.notes if "Left out: " not in n]
    return Session(
        files,
        options,
        _signals_of(recordings),
        recordings[0].events,
        _start(dated),
        tuple(dict.fromkeys(reason for r in recordings for reason in r.left_out)),
        tuple(dict.fromkeys(fact for r in recordings for fact in r.facts)),
        tuple(dict.fromkeys(notes)),
        tuple(dict.fromkeys(asks)),
        recordings,
        name=name,
    )


def _open_session(
    files: tuple[Path, ...], options: ReadOptions, asks: list[str], name: str
) -> Session:
    """What each file holds by itself, where they cannot be measured yet."""
    readings = _readings(files, options, asks)
    dated = [(r.unix_start_s, r.zone) for _, r in readings if r.unix_start_s is not None]
    return Session(
        files,
        options,
        _signals_alone(readings),
        (),
        _start(dated),
        tuple(reason for _, reading in readings for reason in reading.left_out),
        tuple(fact for _, reading in readings for fact in reading.facts),
        tuple(note for _, reading in readings for note in reading.notes),
        tuple(dict.fromkeys(asks)),
        name=name,
    )


def _copies(recording: Recording) -> list[str]:
    found = []
    for name in recording.signal_names:
        one, two = recording.first.signals[name], recording.second.signals[name]
        values = [s.ibi_ms if isinstance(s, Beats) else s.values for s in (one, two)]
        if are_copies(values[0], values[1]):
            found.append(
                f"{recording.name}: {name} of {' and '.join(recording.roles)} is one signal "
                "twice. "
                "Which columns or files belong to whom?"
            )
    return found


def _readings(
    files: tuple[Path, ...], options: ReadOptions, asks: list[str]
) -> list[tuple[Path, Reading]]:
    """Each file by itself, so that what is in it is told even if the whole is not settled."""
    from bowlby.recordings.reading import format_of

    found = []
    for i, path in enumerate(files):
        mine = options
        if len(files) > 1:
            mine = replace(
                options,
                first=options.first if i == 0 else options.second,
                second=(),
                roles=None,
                is_one_person=True,
            )
        try:
            known = format_of(path, None, mine)
            many = (
                known.read_many(path, mine) if known.read_many else {"": known.read(path, mine)}
            )
        except (RecordingError, ValueError) as error:
            if not asks:
                asks.append(str(error))
            continue
        found += [(path, reading) for reading in many.values()]
    return found


def _signals_of(recordings: Sequence[Recording]) -> tuple[FoundSignal, ...]:
    found: dict[tuple[str, str, str], FoundSignal] = {}
    for recording in recordings:
        sources = recording.sources
        for i, partner in enumerate((recording.first, recording.second)):
            file = sources[min(i, len(sources) - 1)]
            above = file.parent.name if len(sources) > 1 else ""
            shown = f"{above}/{file.name}" if above else file.name
            prefix = (
                recording.name
                if len(recordings) > 1 and recording.labels.get("pair") is None
                else ""
            )
            for name, signal in partner.signals.items():
                key = (prefix, partner.role, name)
                found.setdefault(key, _found(partner.role, shown, name, signal))
    return tuple(found.values())


def _signals_alone(readings: Sequence[tuple[Path, Reading]]) -> tuple[FoundSignal, ...]:
    return tuple(
        _found(partner.role, path.name, name, signal)
        for path, reading in readings
        for partner in reading.partners
        for name, signal in partner.signals.items()
    )


def _found(person: str, file: str, name: str, signal: Signal | Beats) -> FoundSignal:
    if isinstance(signal, Beats):
        values, begin = signal.ibi_ms, float(signal.times_s[0]) if len(signal.times_s) else 0.0
        apart = np.diff(signal.times_s)
        rate_hz, duration = np.nan, float(signal.times_s[-1]) - begin if len(values) else 0.0
        breaks = np.flatnonzero(apart > 3.0)
        gaps = [(float(signal.times_s[i]), float(signal.times_s[i + 1])) for i in breaks]
    else:
        values, begin, rate_hz = signal.values, signal.start_s, signal.rate_hz
        duration = signal.duration_s
        gaps = [
            (begin + a / rate_hz, begin + b / rate_hz)
            for a, b in stretches(~np.isfinite(values))
        ]
    known = values[:: max(1, len(values) // _MOST_VALUES)]
    known = known[np.isfinite(known)]
    low, high = np.percentile(known, [1, 99]) if len(known) else (np.nan, np.nan)
    return FoundSignal(
        person, file, name, signal.kind, signal.unit, float(rate_hz), len(values), begin,
        duration, float(np.mean(~np.isfinite(values))) if len(values) else 1.0, len(gaps),
        tuple(gap for gap in gaps if gap[1] - gap[0] >= _PAUSE_S), float(low), float(high),
        signal.notes,
    )  # fmt: skip


def _start(dated: Sequence[tuple[float, str]]) -> str:
    """The earliest of some starts, each with its zone, in words."""
    if not dated:
        return ""
    begin_s, zone = min(dated)
    if zone == "clock":
        hours, rest = divmod(int(begin_s), 3600)
        return f"{hours % 24:02d}:{rest // 60:02d}:{rest % 60:02d} (time of day)"
    moment = datetime.fromtimestamp(begin_s, UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S") + (" UTC" if zone == "utc" else " local time")
