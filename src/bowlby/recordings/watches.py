"""Sports watches and chest straps: FIT, TCX and GPX, for heart rate and intervals of beats."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from bowlby.recordings._needs import require_reader
from bowlby.recordings.channel_owners import role_of_one
from bowlby.recordings.channels import beats_from_file
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.recording import Beats, Partner, RecordingError, Signal
from bowlby.recordings.tables.loading import load_text

SUFFIXES = (".fit", ".tcx", ".gpx")
_NO_INTERVAL_S = 65.0
_FARTHEST_S = 3.0


def read_watch(path: Path, options: ReadOptions) -> Reading:
    """Read the heart rate of a watch's file, and its intervals of beats if it has them.

    Args:
        path: The file.
        options: Roles, where the name does not tell the person's.

    Raises:
        RecordingError: If it is damaged, or holds no heart.
    """
    if path.suffix.lower() == ".fit":
        rates, beats = _fit(path)
    else:
        rates, beats = _track(path), []
    known = [(time, rate) for time, rate in rates if rate is not None and rate > 0]
    if len(known) < 10 and len(beats) < 10:
        raise RecordingError(
            f"{path.name}: holds no heart rate and no intervals of beats. Was the strap worn, "
            "and was the file exported with its sensors?"
        )
    zero = known[0][0] if known else beats[0][0] - beats[0][1]
    signals: dict[str, Signal | Beats] = {}
    notes: list[str] = []
    if len(known) >= 10:
        reading = _heart_rate(path, known, options)
        signals |= reading.partners[0].signals
        notes += reading.notes
    if len(beats) >= 10:
        times = np.array([time for time, _ in beats]) - zero
        ibi = np.array([interval for _, interval in beats]) * 1000.0
        kept = np.concatenate([[True], np.diff(times) > 0])
        signals["ibi"] = beats_from_file(times[kept], ibi[kept], where=f"{path.name}, hrv")
        notes.append(
            "Intervals of beats have no times of their own in a FIT file; they follow one "
            "another from the stamps of whole seconds beside them."
        )
    role = role_of_one(path, options)
    return Reading(
        (Partner(role, signals),), unix_start_s=zero, start_uncertainty_s=1.0,
        notes=tuple(notes),
    )  # fmt: skip


def _heart_rate(
    path: Path, rates: Sequence[tuple[float, float]], options: ReadOptions
) -> Reading:
    """The heart rate on a clock, by the rules of all tables."""
    import pandas as pd

    from bowlby.recordings.tables.parquet import as_table
    from bowlby.recordings.tables.reading import readings_of

    frame = pd.DataFrame({
        "time_s": [time - rates[0][0] for time, _ in rates],
        "heart_rate": [float(rate) for _, rate in rates],
    })  # fmt: skip
    table = as_table(path, frame, np.arange(len(frame)) + 1)
    return next(iter(readings_of(table, options).values()))


def _fit(path: Path) -> tuple[list[tuple[float, float | None]], list[tuple[float, float]]]:
    """Heart rates with their stamps, and the end and length of each interval (s)."""
    require_reader(path, "labs")
    import fitdecode

    rates: list[tuple[float, float | None]] = []
    beats: list[tuple[float, float]] = []
    now: float | None = None
    end: float | None = None
    try:
        with fitdecode.FitReader(str(path)) as file:
            for found in file:
                if not isinstance(found, fitdecode.FitDataMessage):
                    continue
                frame: Any = found
                stamp = frame.get_value("timestamp", fallback=None)
                if isinstance(stamp, datetime):
                    now = stamp.replace(tzinfo=stamp.tzinfo or UTC).timestamp()
                if frame.name == "record" and now is not None:
                    rates.append((now, frame.get_value("heart_rate", fallback=None)))
                if frame.name == "hrv" and now is not None:
                    given = frame.get_value("time", fallback=())
                    for interval in given if isinstance(given, tuple | list) else (given,):
                        if interval is None or not 0 < float(interval) < _NO_INTERVAL_S:
                            continue
                        # A pause, or lost beats: begin again from the stamp.
                        if end is None or abs(end - now) > _FARTHEST_S:
                            end = now
                        end += float(interval)
                        beats.append((end, float(interval)))
    except (fitdecode.FitError, OSError, ValueError, LookupError) as error:
        raise RecordingError(
            f"{path.name}: is no readable FIT file ({error}). Export it again."
        ) from error
    return rates, beats


def _track(path: Path) -> list[tuple[float, float | None]]:
    """Heart rates of a TCX or GPX file."""
    text = load_text(path)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise RecordingError(f"{path.name}: declares entities, which no watch does.")
    try:
        root = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        raise RecordingError(f"{path.name}: is no readable XML ({error}).") from error
    found: list[tuple[float, float | None]] = []
    for point in root.iter():
        if _name(point) not in ("Trackpoint", "trkpt"):
            continue
        time, rate = None, None
        for child in point.iter():
            if _name(child) in ("Time", "time") and child.text:
                moment = datetime.fromisoformat(child.text.strip().replace("Z", "+00:00"))
                time = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
            if _name(child) == "hr" and child.text:
                rate = float(child.text)
            if _name(child) == "HeartRateBpm":
                value = next((c.text for c in child if _name(c) == "Value"), None)
                rate = float(value) if value else None
        if time is not None:
            found.append((time, rate))
    return found


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


FORMAT = Format(
    "watch", "Watches and straps: FIT, TCX, GPX", SUFFIXES,
    lambda path: path.suffix.lower() in SUFFIXES, read_watch,
)  # fmt: skip
