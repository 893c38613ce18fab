"""Times cut into columns: year, month, day, hour, minute, second, each in its own."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.cells import DATE, type_of
from bowlby.recordings.tables.parsing import Table

if TYPE_CHECKING:
    import pandas as pd

_WORDS = {
    "year": "year yyyy yr jahr année annee année año ano anno jaar",
    "month": "month mon monat mois mes mese maand",
    "day": "day dd tag jour día dia giorno dag",
    "hour": "hour hours hh hr std stunde stunden heure hora ora uur",
    "minute": "minute minutes min minuto minuut minuten",
    "second": "second seconds sec ss sekunde sekunden seconde secondes segundo secondo",
    "ms": "ms msec millisecond milliseconds millisekunde millis",
    "us": "us usec microsecond microseconds",
}
_PART_OF = {word: part for part, words in _WORDS.items() for word in words.split()}
# Least and greatest whole number of each part.
_LIMITS = {
    "month": (1, 12), "day": (1, 31), "hour": (0, 24), "minute": (0, 59), "second": (0, 61),
    "ms": (0, 1000), "us": (0, 1_000_000),
}  # fmt: skip
_JOINED = "date and time"


def with_joined_time(table: Table) -> Table:
    """The table with one time where its parts stand in columns of their own.

    At least minute and second; with year, month and day (or a date in words) it is a date,
    with the hour a time of day.

    Raises:
        RecordingError: Naming the line of a part that cannot be one, such as month 13.
    """
    parts = _parts(table)
    if not {"minute", "second"} <= parts.keys():
        return table
    frame = table.frame
    values = {part: frame[name].to_numpy(float) for part, name in parts.items()}
    _check(table, parts, values)
    clock_s = sum(
        values[part] * scale
        for part, scale in (("hour", 3600.0), ("minute", 60.0), ("second", 1.0),
                            ("ms", 1e-3), ("us", 1e-6)) if part in values
    )  # fmt: skip
    clock_s = np.asarray(clock_s, dtype=np.float64)
    used = list(parts.values())
    words = next((c for c in frame.columns if _is_date(table, c)), None)
    if {"year", "month", "day"} <= values.keys():
        times = _dated(table, values, clock_s)
    elif words is not None and "hour" in values:
        times = frame[words].astype(str).str.strip() + " " + _as_clock(clock_s)
        used.append(words)
    elif "hour" in values and "day" not in values:
        times = _as_clock(clock_s)
    else:
        times = clock_s + 86_400.0 * values.get("day", 0.0)
    joined = frame.drop(columns=used)
    name = "time_s" if times.dtype.kind == "f" else _JOINED
    if name in joined.columns:
        return table
    joined.insert(0, name, np.asarray(times))
    note = f"Columns {', '.join(map(repr, used))} were joined to one time."
    return replace(table, frame=joined, notes=(*table.notes, note))


def _parts(table: Table) -> dict[str, str]:
    """The column of each part of a time, by part."""
    found: dict[str, str] = {}
    for name in map(str, table.frame.columns):
        if table.frame[name].dtype.kind not in "fiu":
            continue
        plain = re.sub(r"[\W_]*#\s*\d+$|[\W_]+", "", name.lower())
        part = _PART_OF.get(plain)
        if plain == "mm":
            part = "minute" if "month" in found or "hour" in found else "month"
        if part is not None:
            found.setdefault(part, name)
    return found


def _check(table: Table, parts: dict[str, str], values: dict[str, FloatArray]) -> None:
    for part, (low, high) in _LIMITS.items():
        if part not in values:
            continue
        bad = np.flatnonzero((values[part] < low) | (values[part] >= high + 1))
        if len(bad):
            raise RecordingError(
                f"{table.path.name}, line {table.lines[bad[0]]}, column {parts[part]}: "
                f"{values[part][bad[0]]:g} is no {part} ({low} to {high}). Correct it, or give "
                "the column another name if it is no part of the time."
            )


def _is_date(table: Table, name: str) -> bool:
    cells = table.frame[name]
    if cells.dtype.kind in "fiubM":
        return False
    known = cells.dropna()
    return len(known) > 0 and type_of(str(known.iloc[len(known) // 2])) == DATE


def _dated(table: Table, values: dict[str, FloatArray], clock_s: FloatArray) -> "pd.Series":
    import pandas as pd

    year = np.where(values["year"] < 100, values["year"] + 2000, values["year"])
    frame = pd.DataFrame({"year": year, "month": values["month"], "day": values["day"]})
    days = pd.to_datetime(frame, errors="coerce")
    bad = np.flatnonzero(days.isna() & frame.notna().all(axis=1))
    if len(bad):
        at = int(bad[0])
        date = "-".join(f"{values[part][at]:g}" for part in ("year", "month", "day"))
        raise RecordingError(
            f"{table.path.name}, line {table.lines[at]}: {date} is no date. Correct it."
        )
    return days + pd.to_timedelta(np.round(clock_s * 1e6), unit="us")


def _as_clock(clock_s: FloatArray) -> "pd.Series":
    """Times of day in words, missing where a part is."""
    import pandas as pd

    def word(seconds: float) -> str | None:
        if not np.isfinite(seconds):
            return None
        whole, us = divmod(round(seconds * 1e6), 1_000_000)
        rest = f".{us:06d}" if us else ""
        return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{rest}"

    return pd.Series([word(float(s)) for s in clock_s], dtype=object)
