"""Empatica EmbracePlus: Avro files of a quarter of an hour each, which are joined.

Source: Empatica, "Raw data in the Empatica Cloud"
(https://support.empatica.com/hc/en-us/articles/17727336158365) and its schema of Avro: every
signal has `timestampStart` (us since 1970), `samplingFrequency` (Hz) and `values`; acceleration
is in counts, with digital and physical limits up to schema 6.4 and `conversionFactor` from 6.5;
`peaksTimeNanos` is in ns, `tagsTimeMicros` in us since 1970. Files are named
`PARTICIPANT_START.avro`, with the start in UTC.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings._needs import require_reader
from bowlby.recordings.channel_owners import role_of_one
from bowlby.recordings.channels import beats_from_file, motion_from_acceleration
from bowlby.recordings.formats import Fact, Format, Reading, ReadOptions
from bowlby.recordings.plausible import checked
from bowlby.recordings.recording import Beats, Event, Partner, RecordingError, Signal

_PLAIN = {
    "eda": ("eda", "uS"), "temperature": ("temperature", "degC"), "bvp": ("ppg", ""),
}  # fmt: skip
_LONGEST_IBI_S = 3.0


def is_folder(path: Path) -> bool:
    """True for a folder of one person's Avro files."""
    return path.is_dir() and any(child.suffix.lower() == ".avro" for child in path.iterdir())


def read_embrace(path: Path, options: ReadOptions) -> Reading:
    """Read one Avro file, or all of a folder one after the other.

    Args:
        path: The file or folder.
        options: Roles, where the name does not tell the person's.

    Raises:
        RecordingError: If a file is damaged, or none holds a signal.
    """
    files = [path]
    if path.is_dir():
        files = sorted(f for f in path.iterdir() if f.suffix.lower() == ".avro")
    records = [record for file in files for record in _records(file)]
    people = {
        str((record.get("enrollment") or {}).get("participantID") or "") for record in records
    }
    if len(people) > 1:
        raise RecordingError(
            f"{path.name}: its files are of {len(people)} people "
            f"({', '.join(sorted(people))}). Put each person's into a folder of their own."
        )
    raw = [record.get("rawData") or {} for record in records]
    parts = {name: _parts(raw, name) for name in (*_PLAIN, "accelerometer")}
    begins = [start for found in parts.values() for start, _, _ in found]
    if not begins:
        raise RecordingError(f"{path.name}: holds no signal of an EmbracePlus.")
    zero = min(begins)
    signals: dict[str, Signal | Beats] = {}
    left_out: list[str] = []
    for name, found in parts.items():
        if not found:
            continue
        kind, unit = _PLAIN.get(name, ("motion", _unit_of_motion(raw)))
        start, rate_hz, values = _joined(found)
        signal = Signal(kind, values, rate_hz, unit, start - zero)
        try:
            signals[kind] = checked(signal, label=name, where=f"{path.name}, {name}")
        except RecordingError as error:
            left_out.append(str(error))
    peaks = _times(raw, "systolicPeaks", "peaksTimeNanos", 1e-9) - zero
    if len(peaks) > 2:
        ibi_s = np.diff(peaks)
        usual = ibi_s <= _LONGEST_IBI_S
        signals["ibi"] = beats_from_file(
            peaks[1:][usual], ibi_s[usual] * 1000.0, where=f"{path.name}, systolicPeaks"
        )
    if not signals:
        raise RecordingError(left_out[0])
    tags = _times(raw, "tags", "tagsTimeMicros", 1e-6) - zero
    events = tuple(Event(float(time), 0.0, "tag") for time in tags)
    notes = (f"{len(files)} files were joined.",) if len(files) > 1 else ()
    facts = (Fact("clock", "us since 1970", "timestampStart"),)
    role = role_of_one(path, options)
    return Reading(
        (Partner(role, signals),), events, zero, notes=notes, left_out=tuple(left_out),
        facts=facts,
    )  # fmt: skip


def _records(path: Path) -> list[dict[str, Any]]:
    require_reader(path, "labs")
    import fastavro

    try:
        with path.open("rb") as file:
            found = list(fastavro.reader(file))
    except (OSError, ValueError, EOFError, KeyError, IndexError, TypeError) as error:
        raise RecordingError(
            f"{path.name}: is no readable Avro file ({error}). Download it again."
        ) from error
    return [record for record in found if isinstance(record, dict)]


def _parts(raw: Sequence[dict[str, Any]], name: str) -> list[tuple[float, float, FloatArray]]:
    """Start (s since 1970), rate (Hz) and values of a signal in each file, in order."""
    found = []
    for record in raw:
        part = record.get(name) or {}
        rate = float(part.get("samplingFrequency") or 0.0)
        start = float(part.get("timestampStart") or 0.0) / 1e6
        if rate <= 0 or start <= 0:
            continue
        if name == "accelerometer":
            axes = np.array([part.get(axis) or [] for axis in "xyz"], dtype=float).T
            values = (
                motion_from_acceleration(axes * (_in_g(part) or 1.0)) if len(axes) else axes
            )
        else:
            values = np.array(part.get("values") or [], dtype=float)
        if len(values):
            found.append((start, rate, values))
    return sorted(found, key=lambda each: each[0])


def _in_g(part: dict[str, Any]) -> float | None:
    """Factor from counts to g, None if the file does not tell."""
    said = part.get("imuParams") or {}
    if said.get("conversionFactor"):
        return float(said["conversionFactor"])
    digital = float(said.get("digitalMax") or 0) - float(said.get("digitalMin") or 0)
    physical = float(said.get("physicalMax") or 0) - float(said.get("physicalMin") or 0)
    return physical / digital if digital and physical else None


def _unit_of_motion(raw: Sequence[dict[str, Any]]) -> str:
    parts = [part for record in raw if (part := record.get("accelerometer"))]
    return "g" if all(_in_g(part) is not None for part in parts) else "counts"


def _joined(
    parts: Sequence[tuple[float, float, FloatArray]],
) -> tuple[float, float, FloatArray]:
    """Parts on one grid, each where its start puts it; what lies between is missing."""
    rate = float(np.median([rate for _, rate, _ in parts]))
    start = parts[0][0]
    places = [round((begin - start) * rate) for begin, _, _ in parts]
    end = max(p + len(v) for p, (_, _, v) in zip(places, parts, strict=True))
    values = np.full(end, np.nan)
    for place, (_, _, part) in zip(places, parts, strict=True):
        values[place : place + len(part)] = part
    return start, rate, values


def _times(raw: Sequence[dict[str, Any]], name: str, key: str, unit_s: float) -> FloatArray:
    times = [
        float(t) * unit_s for record in raw for t in (record.get(name) or {}).get(key) or []
    ]
    return np.unique(np.array(times, dtype=float))


FORMAT = Format(
    "embrace", "Empatica EmbracePlus (Avro), a file or a folder of them", (".avro",),
    lambda path: path.suffix.lower() == ".avro" or is_folder(path), read_embrace,
)  # fmt: skip
