"""The mapping file: who is in which file and column, where a file alone does not tell.

Every line may be left away; what is missing is found again. Nothing in it is guessed: unknown
keys are refused, with the nearest known one.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bowlby.recordings.annotations import read_annotations
from bowlby.recordings.breathing import band_of_age, check_band
from bowlby.recordings.corrections import left_out
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.one_clock import laid_out, later
from bowlby.recordings.recording import Beats, Event, Partner, RecordingError, Signal
from bowlby.recordings.tables.day_order import DAY_FIRST, MONTH_FIRST


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are(one: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(one, value))


class _Type(NamedTuple):
    """What a line may hold: a check, and what to call it."""

    holds: Callable[[Any], bool]
    words: str


_NUMBER = _Type(_is_number, "a number")
_TEXT = _Type(_is_text, 'text in quotes, such as "eda"')
_TEXTS = _Type(_are(_is_text), 'a list of texts, such as ["a", "b"]')
_NUMBERS = _Type(lambda v: _is_number(v) or _are(_is_number)(v), "a list of numbers: [-999]")
_LABEL = _Type(lambda v: _is_text(v) or _is_number(v), "text or a number")
_LINES = _Type(lambda v: isinstance(v, dict), "lines of its own, such as [table]")
_MANY = _Type(_are(lambda v: isinstance(v, dict)), "a list: [[...]] or [{ ... }]")
_BAND = _Type(lambda v: _are(_is_number)(v) and len(v) == 2, "two rates, such as [0.24, 1.04]")
_SYNC = _Type(
    lambda v: _is_text(v) or _MANY.holds(v),
    'the label of events in all files, as in sync = "clap", or [[sync]] with a line such as '
    "client = 12.3 for each person",
)
_DATES = _Type(lambda v: v in (DAY_FIRST, MONTH_FIRST), f'"{DAY_FIRST}" or "{MONTH_FIRST}"')
_TOP = {
    "session": _LABEL, "people": _LINES, "sync": _SYNC, "table": _LINES, "phases": _MANY,
    "leave_out": _MANY, "study": _LINES, "labels": _LINES,
}  # fmt: skip
_PERSON = {
    "file": _TEXT, "signals": _MANY, "offset_s": _NUMBER, "start_uncertainty_s": _NUMBER,
    "person": _LABEL, "age": _NUMBER, "breathing_hz": _BAND,
}  # fmt: skip
_SIGNAL = {
    "column": _LABEL, "columns": _TEXTS, "kind": _TEXT, "name": _TEXT, "formula": _TEXT,
    "unit": _TEXT,
}  # fmt: skip
_TABLE = {
    "rate_hz": _NUMBER, "zone": _TEXT, "missing": _NUMBERS, "time": _TEXT, "time_unit": _TEXT,
    "kind": _TEXT, "dates": _DATES,
}  # fmt: skip
_PHASE = {"name": _TEXT, "begin": _NUMBER, "end": _NUMBER, "from": _TEXT, "tier": _TEXT}
_LEAVE_OUT = {
    "person": _TEXT, "begin": _NUMBER, "end": _NUMBER, "why": _TEXT, "signal": _TEXT,
}  # fmt: skip
_STUDY = {"files": _TEXT, "roles": _TEXTS}


@dataclass(frozen=True)
class PersonMap:
    """One person's lines of a mapping."""

    role: str
    file: Path
    signals: tuple[Mapping[str, Any], ...] = ()
    offset_s: float | None = None
    start_uncertainty_s: float | None = None
    person: str | None = None
    breathing_hz: tuple[float, float] | None = None


@dataclass(frozen=True)
class SessionMap:
    """A mapping file, checked.

    Attributes:
        path: The file.
        name: The session's name.
        people: The people, in order; empty for a study.
        table: What is told of all tables.
        phases: Phases with their begin and end (s), or the file they are in.
        leave_out: Intervals to leave out, with person and reason.
        labels: What is known of the session.
        sync: Label of events that all files hold of the same moments; or such moments, each
            with the seconds on the clock of every person's file that has it.
        study: Pattern of files and the roles in it, if the mapping is of many sessions.
    """

    path: Path
    name: str
    people: tuple[PersonMap, ...] = ()
    table: Mapping[str, Any] = field(default_factory=dict)
    phases: tuple[Mapping[str, Any], ...] = ()
    leave_out: tuple[Mapping[str, Any], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    sync: str | tuple[Mapping[str, float], ...] | None = None
    study: Mapping[str, Any] | None = None


def read_mapping(path: Path) -> SessionMap:
    """A mapping file's content.

    Raises:
        RecordingError: If it is no TOML, a key is unknown, or a value is of the wrong kind.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecordingError(f"{path.name}: cannot be read as a mapping ({error}).") from error
    _check_keys(path, "the file", content, _TOP)
    _check_keys(path, "[table]", content.get("table", {}), _TABLE)
    for phase in content.get("phases", []):
        _check_keys(path, "[[phases]]", phase, _PHASE)
    for interval in content.get("leave_out", []):
        _check_keys(path, "[[leave_out]]", interval, _LEAVE_OUT)
        if not {"begin", "end"} <= interval.keys():
            raise RecordingError(f"{path.name}: every [[leave_out]] needs begin and end (s).")
    study = content.get("study")
    if study is not None:
        _check_keys(path, "[study]", study, _STUDY)
    people = tuple(
        _person(path, role, lines) for role, lines in content.get("people", {}).items()
    )
    if not people and study is None:
        raise RecordingError(
            f'{path.name}: names no people. Write [people.client] with file = "...", or '
            '[study] with files = "{dyad}/{role}.csv".'
        )
    labels = {key: str(value) for key, value in content.get("labels", {}).items()}
    name = str(content.get("session", path.stem))
    return SessionMap(
        path, name, people, content.get("table", {}), tuple(content.get("phases", ())),
        tuple(content.get("leave_out", ())), labels, _sync(path, content, people), study,
    )  # fmt: skip


def _check_keys(path: Path, where: str, found: Any, known: Mapping[str, _Type]) -> None:
    if not isinstance(found, dict):
        raise RecordingError(
            f"{path.name}: {where} must hold lines such as {next(iter(known))} ="
        )
    for key, value in found.items():
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise RecordingError(
                f"{path.name}: {where} has an unknown key {key!r}.{hint} Known: "
                f"{', '.join(known)}."
            )
        if not known[key].holds(value):
            raise RecordingError(
                f"{path.name}: {where} {key} = {value!r} is not {known[key].words}."
            )


def _person(path: Path, role: str, lines: Any) -> PersonMap:
    where = f"[people.{role}]"
    _check_keys(path, where, lines, _PERSON)
    if "file" not in lines:
        raise RecordingError(f'{path.name}: {where} lacks file = "...".')
    for signal in lines.get("signals", []):
        _check_keys(path, f"{where} signals", signal, _SIGNAL)
        if "column" not in signal and "columns" not in signal:
            raise RecordingError(
                f'{path.name}: {where} signals need column = "..." each, as the file names it.'
            )
    file = Path(str(lines["file"]))
    file = file if file.is_absolute() else path.parent / file
    if not file.exists():
        raise RecordingError(
            f"{path.name}: {where} names {lines['file']!r}, which is not there."
        )
    return PersonMap(
        role, file, tuple(lines.get("signals", ())), lines.get("offset_s"),
        lines.get("start_uncertainty_s"), lines.get("person"), _breathing(path, where, lines),
    )  # fmt: skip


def _sync(
    path: Path, content: Mapping[str, Any], people: Sequence[PersonMap]
) -> str | tuple[Mapping[str, float], ...] | None:
    """The label, or the moments, by which the people's clocks are put on one."""
    told = content.get("sync")
    if told is None or isinstance(told, str):
        return told
    roles = dict.fromkeys((person.role for person in people), _NUMBER)
    for moment in told:
        _check_keys(path, "[[sync]]", moment, roles)
    return tuple(told)


def _sync_of(told: SessionMap, first: str, other: str) -> str | None:
    """What puts two people's clocks on one, as `ReadOptions.sync` tells it."""
    if told.sync is None or isinstance(told.sync, str):
        return told.sync
    both = [m for m in told.sync if first in m and other in m]
    if not both:
        raise RecordingError(
            f"{told.path.name}: no [[sync]] holds both {first} and {other}. Add one with both."
        )
    return ",".join(f"{m[first]!r}={m[other]!r}" for m in both)


def _breathing(path: Path, where: str, lines: Mapping[str, Any]) -> tuple[float, float] | None:
    """The person's band of breathing, told in Hz or by age."""
    try:
        if "breathing_hz" in lines:
            low, high = lines["breathing_hz"]
            return check_band(float(low), float(high))
        return band_of_age(float(lines["age"])) if "age" in lines else None
    except (TypeError, ValueError) as error:
        raise RecordingError(
            f"{path.name}: {where}: breathing_hz must be two rates such as [0.24, 1.04], age a "
            f"number of years ({error})."
        ) from error


def read_mapped(path: Path, options: ReadOptions) -> Reading:
    """The session that a mapping file describes.

    Raises:
        RecordingError: If a file cannot be read, the mapping contradicts it, or the people's
            clocks cannot be put on one.
    """
    told = read_mapping(path)
    if told.study is not None:
        raise RecordingError(
            f"{path.name}: describes a study of many sessions; give it to bowlby measure alone."
        )
    options = table_options(told, options)
    readings = [_person_reading(person, options) for person in told.people]
    said_of_clocks: list[str] = []
    left_out = [reason for reading in readings for reason in reading.left_out]
    files = tuple(person.file for person in told.people)
    has_two_clocks = len(set(files)) > 1
    delays, uncertainty = [0.0] * len(readings), 0.0
    if has_two_clocks:
        is_told = any(person.offset_s is not None for person in told.people)
        for i in range(1, len(readings)):
            pair = ((readings[0], readings[i]), (files[0], files[i]))
            sync = options.sync or _sync_of(told, told.people[0].role, told.people[i].role)
            is_one_file = files[i] == files[0]
            if is_one_file or (
                is_told and not sync and any(r.unix_start_s is None for r in pair[0])
            ):
                continue
            (readings[0], readings[i]), (first, other), unsure, said = laid_out(
                *pair, replace(options, offset_s=None, sync=sync)
            )
            delays[i] = other - first
            uncertainty = max(uncertainty, unsure)
            said_of_clocks += said
        delays = [d + (p.offset_s or 0.0) for d, p in zip(delays, told.people, strict=True)]
        least = min(delays)
        delays = [delay - least for delay in delays]
    notes = [*(note for reading in readings for note in reading.notes), *said_of_clocks]
    stated = [p.start_uncertainty_s for p in told.people if p.start_uncertainty_s is not None]
    uncertainty = max(stated) if stated else uncertainty
    partners = []
    for person, reading, delay in zip(told.people, readings, delays, strict=True):
        partner = later(reading.partners[0], delay)
        named = replace(
            partner, role=person.role, person=person.person, breathing_hz=person.breathing_hz
        )
        partners.append(_without(named, told))
    events = [
        replace(event, start_s=event.start_s + delay)
        for reading, delay in zip(readings, delays, strict=True)
        for event in reading.events
    ]
    starts = [
        reading.unix_start_s - delay
        for reading, delay in zip(readings, delays, strict=True)
        if reading.unix_start_s is not None
    ]
    zero = starts[0] if starts else None
    events += _phases(told, options, zero)
    return Reading(
        tuple(partners), tuple(sorted(events, key=lambda e: e.start_s)),
        zero, {"dyad": told.name, **told.labels},
        readings[0].zone if readings[0].zone != "unknown" else "file", uncertainty,
        tuple(notes), tuple(left_out), has_two_clocks=has_two_clocks,
    )  # fmt: skip


def table_options(told: SessionMap, options: ReadOptions) -> ReadOptions:
    """The user's options, with what `[table]` adds."""
    table = told.table
    return replace(
        options,
        rate_hz=options.rate_hz or table.get("rate_hz"),
        zone=options.zone or table.get("zone"),
        kind=options.kind or table.get("kind"),
        missing=tuple(map(float, np.atleast_1d(table.get("missing", ())))),
        time_column=table.get("time"),
        time_unit=table.get("time_unit"),
        dates=table.get("dates"),
        first=(), second=(), roles=None,
    )  # fmt: skip


def _person_reading(person: PersonMap, options: ReadOptions) -> Reading:
    from bowlby.recordings.reading import format_of

    known = format_of(person.file, None, options)
    if not person.signals:
        reading = known.read(person.file, options)
        chosen = [p for p in reading.partners if p.role == person.role] or list(
            reading.partners
        )
        if len(chosen) > 1:
            raise RecordingError(
                f"{person.file.name}: holds {len(chosen)} people "
                f"({', '.join(p.role for p in chosen)}). Name the columns of {person.role}: "
                f'signals = [{{ column = "...", kind = "..." }}].'
            )
        return replace(reading, partners=(chosen[0],))
    signals: dict[str, Signal | Beats] = {}
    reading: Reading | None = None
    for line in person.signals:
        columns = tuple(line.get("columns", ())) or (str(line["column"]),)
        mine = replace(
            options, first=columns, kind=line.get("kind") or options.kind,
            formula=line.get("formula"), formula_unit=str(line.get("unit", "")),
        )  # fmt: skip
        reading = known.read(person.file, mine)
        name, signal = next(iter(reading.partners[0].signals.items()))
        kind = line.get("kind")
        if kind and isinstance(signal, Signal) and signal.kind != kind:
            signal = replace(signal, kind=kind)
        signals[str(line.get("name") or kind or name)] = signal
    if reading is None:
        raise RecordingError(f"{person.file.name}: names no signal.")
    return replace(reading, partners=(Partner(person.role, signals),))


def _without(partner: Partner, told: SessionMap) -> Partner:
    """The person with the intervals to leave out missing, and counted."""
    signals = dict(partner.signals)
    for line in told.leave_out:
        if line.get("person") not in (None, partner.role):
            continue
        why = str(line.get("why", "by hand"))
        for name, signal in signals.items():
            if line.get("signal") in (None, name):
                signals[name] = left_out(signal, float(line["begin"]), float(line["end"]), why)
    return replace(partner, signals=signals)


def _phases(told: SessionMap, options: ReadOptions, start_s: float | None) -> list[Event]:
    from bowlby.recordings.tables.events import read_events

    events: list[Event] = []
    for phase in told.phases:
        if "from" in phase:
            file = told.path.parent / str(phase["from"])
            if file.suffix.lower() in (".eaf", ".textgrid"):
                tiers = read_annotations(file)
                chosen = [str(phase["tier"])] if "tier" in phase else list(tiers)
                if any(tier not in tiers for tier in chosen):
                    raise RecordingError(
                        f"{told.path.name}: {file.name} has no tier {chosen[0]!r}; it has "
                        f"{', '.join(tiers)}."
                    )
                events += [event for tier in chosen for event in tiers[tier]]
                continue
            some, zero, _ = read_events(file, replace(options, near_s=start_s))
            shift = zero - start_s if zero is not None and start_s is not None else 0.0
            events += [replace(event, start_s=event.start_s + shift) for event in some]
        elif {"name", "begin", "end"} <= phase.keys():
            begin, end = float(phase["begin"]), float(phase["end"])
            events.append(Event(begin, end - begin, str(phase["name"])))
        else:
            raise RecordingError(
                f"{told.path.name}: every [[phases]] needs name, begin and end."
            )
    return events


def study_files(told: SessionMap) -> list[tuple[str, dict[str, str], tuple[Path, Path]]]:
    """Name, labels and the two people's files of every session a pattern finds.

    Raises:
        RecordingError: If the pattern lacks `{role}`, finds nothing, or leaves someone alone.
    """
    study = told.study or {}
    pattern, roles = str(study.get("files", "")), [str(r) for r in study.get("roles", ())]
    if "{role}" not in pattern or len(roles) != 2:
        raise RecordingError(
            f"{told.path.name}: [study] needs files with {{role}} in it, and two roles."
        )
    parts = re.split(r"(\{\w+\}|\*)", pattern)
    expression = "".join(
        r"[^/]*" if p == "*" else (
            f"(?P={p[1:-1]})" if p[:1] == "{" and p in parts[:i] else
            f"(?P<{p[1:-1]}>[^/]+?)" if p[:1] == "{" else re.escape(p)
        )
        for i, p in enumerate(parts)
    )  # fmt: skip
    folder = told.path.parent
    found: dict[tuple[tuple[str, str], ...], dict[str, Path]] = {}
    for path in sorted(folder.rglob("*")):
        match = re.fullmatch(expression, path.relative_to(folder).as_posix())
        if match and match["role"] in roles:
            labels = {k: v for k, v in match.groupdict().items() if k != "role"}
            found.setdefault(tuple(labels.items()), {})[match["role"]] = path
    alone = ["_".join(v for _, v in key) for key, people in found.items() if len(people) != 2]
    if not found or alone:
        what = f"leaves {', '.join(alone[:5])} without a partner" if alone else "finds no file"
        raise RecordingError(f"{told.path.name}: the pattern {pattern!r} {what}.")
    return [
        (
            "_".join(v for _, v in key) or told.name,
            dict(key),
            (people[roles[0]], people[roles[1]]),
        )
        for key, people in found.items()
    ]


FORMAT = Format(
    "mapping", "Mapping file of a session (bowlby.toml)", (".toml",),
    lambda path: path.suffix.lower() == ".toml", read_mapped,
)  # fmt: skip
