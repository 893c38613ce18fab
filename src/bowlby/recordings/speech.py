"""Who spoke when: from transcripts, annotations and sound with a channel for each person."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bowlby.recordings.annotations import read_annotations
from bowlby.recordings.channel_owners import role_of_one
from bowlby.recordings.channel_words import words_of
from bowlby.recordings.event_files import subtitles
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import Event, RecordingError
from bowlby.recordings.sound import SUFFIXES as SOUND
from bowlby.recordings.sound import read_sound, speech_of_two
from bowlby.recordings.tables.events import TEXT_COLUMNS, events_of_table
from bowlby.recordings.tables.parsing import read_text_table

Spans = tuple[tuple[float, float], ...]

_WHO = ("speaker", "person", "role", "participant", "subject", "who", "sprecher", "tier")
_SAYS = re.compile(r"^\s*(?:<v\s+([^>]+)>|([\w .'-]{1,30}?)\s*:)\s*")


@dataclass(frozen=True)
class Speech:
    """When two people spoke.

    Attributes:
        name: What to call it.
        people: The two, first and second.
        spans: Begin and end of every stretch of speech of each (s), in order.
        duration_s: Length of the session (s).
        notes: What was found and done, one sentence each.
    """

    name: str
    people: tuple[str, str]
    spans: tuple[Spans, Spans]
    duration_s: float
    notes: tuple[str, ...] = ()


def read_speech(paths: Sequence[Path], options: ReadOptions | None = None) -> Speech:
    """Read who spoke when.

    Args:
        paths: One file of both people (a table with a speaker, ELAN or Praat tiers, subtitles
            with `Name:`, sound with two channels), or one file of each.
        options: `roles` choose two of several speakers, and their order; `first` and `second`
            name tiers.

    Raises:
        RecordingError: If a file cannot be read, or holds not just two people.
    """
    options = options or ReadOptions()
    for path in paths:
        if not path.is_file():
            raise RecordingError(f"{path}: no such file.")
    if len(paths) == 1:
        return _of_one_file(paths[0], options)
    if len(paths) != 2:
        raise RecordingError(f"{len(paths)} files: give one of both people, or one of each.")
    if all(path.suffix.lower() in SOUND for path in paths):
        return _of_two_sounds(paths[0], paths[1], options)
    people = [role_of_one(path, options) for path in paths]
    if people[0] == people[1]:
        people = list(options.roles or ("first", "second"))
    spans = []
    for path in paths:
        found = _events(path, options)
        spans.append(_joined([e for events in found.values() for e in events]))
    end = max((s[-1][1] for s in spans if s), default=0.0)
    return Speech(paths[0].stem, (people[0], people[1]), (spans[0], spans[1]), end)


def _of_one_file(path: Path, options: ReadOptions) -> Speech:
    if path.suffix.lower() in SOUND:
        sound = read_sound(path)
        if sound.samples.shape[0] != 2:
            raise RecordingError(
                f"{path.name}: has {sound.samples.shape[0]} channel(s). Two voices in one "
                "channel cannot be told apart here; give a transcript with speakers, or a "
                "recording with a channel for each person."
            )
        return _sound(path.stem, sound.samples, sound.rate_hz, options.roles)
    found = _events(path, options)
    chosen = _chosen(path, found, options)
    spans = [_joined(found[who]) for who in chosen]
    end = max((s[-1][1] for s in spans if s), default=0.0)
    others = [who for who in found if who not in chosen]
    notes = (f"Left out: {', '.join(others)}.",) if others else ()
    return Speech(path.stem, (chosen[0], chosen[1]), (spans[0], spans[1]), end, notes)


def _chosen(
    path: Path, found: Mapping[str, Sequence[Event]], options: ReadOptions
) -> tuple[str, str]:
    """The two people among those found."""
    names = list(found)
    told = options.roles or (options.first[:1] + options.second[:1])
    if len(told) == 2:
        lower = {name.lower(): name for name in names}
        missing = [name for name in told if name.lower() not in lower]
        if missing:
            raise RecordingError(
                f"{path.name}: nobody is called {missing[0]!r}; there are {', '.join(names)}."
            )
        return lower[told[0].lower()], lower[told[1].lower()]
    if len(names) != 2:
        spoken = sorted(names, key=lambda n: -sum(e.duration_s for e in found[n]))
        example = f", e.g. --roles {spoken[0]},{spoken[1]}" if len(names) > 2 else ""
        raise RecordingError(
            f"{path.name}: holds {len(names)} speakers or tiers ({', '.join(names[:12])}). "
            f"Name the two with --roles{example}."
        )
    return names[0], names[1]


def _events(path: Path, options: ReadOptions) -> dict[str, list[Event]]:
    """Stretches of speech by speaker."""
    suffix = path.suffix.lower()
    if suffix in (".eaf", ".textgrid"):
        tiers = read_annotations(path)
        return {
            name: [e for e in events if e.label] for name, events in tiers.items() if events
        }
    found: dict[str, list[Event]] = {}
    if suffix in (".srt", ".vtt"):
        speaker = ""
        for event in subtitles(path):
            named = _SAYS.match(event.label)
            speaker = (named[1] or named[2]).strip() if named else speaker
            found.setdefault(speaker or "speaker", []).append(event)
        return found
    table = read_text_table(path, text_names=TEXT_COLUMNS)
    who = next((c for word in _WHO for c in table.frame.columns if word in words_of(c)), None)
    if who is None:
        events, _, _ = events_of_table(table, options)
        return {path.stem: [e for e in events if e.duration_s > 0]}
    for name in dict.fromkeys(table.frame[who].dropna().astype(str)):
        rows = table.where((table.frame[who].astype(str) == name).to_numpy())
        events, _, _ = events_of_table(rows, options, besides=frozenset({who}))
        found[name.strip()] = [e for e in events if e.duration_s > 0]
    if not any(found.values()):
        raise RecordingError(
            f"{path.name}: no row has a begin and an end. Turns need both, in columns such as "
            "`start` and `end`."
        )
    return found


def _joined(events: Sequence[Event]) -> Spans:
    """Stretches in order, those that touch or overlap made one."""
    made: list[tuple[float, float]] = []
    for event in sorted(events, key=lambda e: e.start_s):
        begin, end = event.start_s, event.start_s + event.duration_s
        if made and begin <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        elif end > begin:
            made.append((begin, end))
    return tuple(made)


def _of_two_sounds(first: Path, second: Path, options: ReadOptions) -> Speech:
    sounds = [read_sound(path) for path in (first, second)]
    if sounds[0].rate_hz != sounds[1].rate_hz:
        raise RecordingError(
            f"{first.name} has {sounds[0].rate_hz:g} and {second.name} "
            f"{sounds[1].rate_hz:g} samples a second; export both alike."
        )
    length = min(sound.samples.shape[1] for sound in sounds)
    samples = np.stack([sound.samples.mean(axis=0)[:length] for sound in sounds])
    people = [role_of_one(path, options) for path in (first, second)]
    roles = options.roles or ((people[0], people[1]) if people[0] != people[1] else None)
    return _sound(first.stem, samples, sounds[0].rate_hz, roles)


def _sound(
    name: str, samples: np.ndarray, rate_hz: float, roles: tuple[str, str] | None
) -> Speech:
    found = speech_of_two(samples[0], samples[1], rate_hz=rate_hz)
    people = roles or ("first", "second")
    notes = [
        f"Speech of {who}: 20 ms frames 12 dB above the floor of {floor:.0f} dB and louder "
        f"than the other channel less its leak of {leak:.0f} dB, bridged over 300 ms."
        for who, floor, leak in zip(people, found.floor_db, found.leak_db, strict=True)
    ]
    if max(found.leak_db) > -9.0:
        notes.append(
            "Doubtful: the channels hear one another within 9 dB. Listen to a minute of it and "
            "compare."
        )
    return Speech(name, people, found.spans, samples.shape[1] / rate_hz, tuple(notes))
