"""Times as they are written: dates of any common spelling, times of day, minutes."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.cells import CLOCK, type_of
from bowlby.recordings.tables.day_order import DayOrder, day_order
from bowlby.recordings.tables.parsing import Table
from bowlby.recordings.tables.zones import in_utc, over_daylight_saving, zone_of

if TYPE_CHECKING:
    import pandas as pd

DAY_S = 86_400.0
# Hours, minutes, seconds and their parts; some programs write a colon before milliseconds.
_CLOCK = re.compile(
    r"(\d+):(\d\d)(?::(\d\d))?((?:[.,]|(?<=:\d\d):)\d+)?\s*([AaPp])?\.?[Mm]?\.?"
)
CLOCK_TIMES = "clock times"
_COLON_MS = r"(:\d\d:\d\d):(\d{1,6})\b"


@dataclass(frozen=True, eq=False)
class TimeColumn:
    """A column of times in seconds, and how it was understood.

    Attributes:
        name: The column's name.
        seconds: Times since 1970, midnight or the file's own beginning (s), NaN where missing.
        zone: Which of these, one of `bowlby.recordings.formats.ZONES`.
        resolution_s: Step in which they are written (s), 0 if fine.
        trust: `sure` or `likely`.
        source: What told it.
        is_told: True if the report says that the column was taken for time.
        notes: What was done, one sentence each.
        swapped_s: What the other order of day and month adds (s), 0 if the order is known.
    """

    name: str
    seconds: FloatArray
    zone: str
    resolution_s: float
    trust: str
    source: str
    is_told: bool = True
    notes: tuple[str, ...] = ()
    swapped_s: float = 0.0


def stamped(name: str, cells: "pd.Series", options: ReadOptions) -> TimeColumn:
    """Dates of a Parquet or Excel file."""
    import pandas as pd

    zone = getattr(cells.dt, "tz", None)
    stamps = cells.dt.tz_convert("UTC") if zone is not None else cells.dt.tz_localize("UTC")
    seconds = np.array(
        (stamps - pd.Timestamp(0, tz="UTC")).dt.total_seconds(), dtype=np.float64
    )
    kind = "local" if zone is None else "utc"
    if zone is None and zone_of(options) is not None:
        moved, kind = in_utc(float(np.nanmin(seconds)), options)
        seconds = seconds + (moved - float(np.nanmin(seconds)))
    known = seconds[np.isfinite(seconds)]
    resolution_s = 1.0 if np.all(known == np.rint(known)) else 0.0
    return TimeColumn(name, seconds, kind, resolution_s, "sure", "dates")


def worded(
    table: Table, name: str, cells: "pd.Series", options: ReadOptions
) -> TimeColumn | None:
    """Times written in words; None if every cell is empty.

    Raises:
        RecordingError: Naming the line of a cell that is no time.
    """
    text = cells.astype(str).str.strip()
    is_there = (cells.notna() & (text != "") & (text.str.lower() != "nan")).to_numpy()
    if not is_there.any():
        return None
    known = text[is_there]
    if type_of(str(known.iloc[len(known) // 2])) == CLOCK:
        return _clocked(table, name, text, is_there)
    return _dated(table, name, text, is_there, options)


def _clocked(
    table: Table, name: str, text: "pd.Series", is_there: np.ndarray
) -> TimeColumn | None:
    """Times such as 10:15:00.250, or 03:12.5 as minutes and seconds."""
    seconds = np.full(len(text), np.nan)
    parts = 0
    fraction = False
    for i in np.flatnonzero(is_there):
        cell = str(text.iloc[i])
        found = _CLOCK.fullmatch(cell)
        if found is None:
            raise _no_time(table, name, int(i), cell)
        numbers = [int(part) for part in found.groups()[:3] if part is not None]
        parts = max(parts, len(numbers))
        whole = numbers[0]
        if found[5]:
            whole = whole % 12 + (12 if found[5].lower() == "p" else 0)
        clock = [whole, *numbers[1:]]
        scale = (3600, 60, 1) if len(clock) == 3 else (60, 1)
        seconds[i] = sum(a * b for a, b in zip(clock, scale, strict=True))
        if found[4]:
            fraction = True
            seconds[i] += float("0." + found[4][1:])
    back = np.flatnonzero(np.diff(seconds) < -DAY_S / 2)
    for at in back:
        # Past midnight.
        seconds[at + 1 :] += DAY_S
    zone = "clock" if parts == 3 and float(np.nanmin(seconds)) > 3600 else "file"
    notes: list[str] = []
    if zone == "clock":
        seconds = over_daylight_saving(seconds, notes)
    return TimeColumn(
        name, seconds, zone, 0.0 if fraction else 1.0, "sure", CLOCK_TIMES,
        notes=tuple(notes),
    )  # fmt: skip


def _dated(
    table: Table, name: str, text: "pd.Series", is_there: np.ndarray, options: ReadOptions
) -> TimeColumn:
    """Dates with times, of any common spelling."""
    import pandas as pd

    known = text[is_there]
    plain = known
    for sign, pattern, plainly in (
        (",", r"(\d),(\d+)", r"\1.\2"),
        ("UTC", r"\s*UTC$", "Z"),
    ):
        if known.str.contains(sign, regex=False).any():
            plain = plain.str.replace(pattern, plainly, regex=True)
    if re.search(_COLON_MS, str(known.iloc[0])):
        plain = plain.str.replace(_COLON_MS, r"\1.\2", regex=True)
    sample = str(plain.iloc[0])
    is_year_first = bool(re.match(r"\d{4}-\d", sample))
    order = (
        DayOrder(is_day_first=False)
        if is_year_first
        else day_order(table, name, known, options)
    )
    has_zone = bool(re.search(r"(Z|[+-]\d\d:?\d\d)$", sample)) and ":" in sample
    try:
        if is_year_first:
            stamps = pd.to_datetime(plain, errors="coerce", utc=True, format="ISO8601")
            if stamps.isna().any():
                slower = pd.to_datetime(plain, errors="coerce", utc=True, format="mixed")
                stamps = slower if slower.notna().all() else stamps
        else:
            stamps = _in_any_order(plain, day_first=order.is_day_first)
    except (ValueError, OverflowError):
        stamps = pd.Series(pd.NaT, index=plain.index)
    if stamps.isna().any():
        at = int(np.flatnonzero(is_there)[int(np.argmax(stamps.isna().to_numpy()))])
        raise _no_time(table, name, at, str(text.iloc[at]))
    seconds = np.full(len(text), np.nan)
    seconds[is_there] = (stamps - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    zone = "utc" if has_zone else "local"
    notes = list(order.notes)
    if not has_zone:
        seconds = over_daylight_saving(seconds, notes)
    if not has_zone and zone_of(options) is not None:
        first = float(np.nanmin(seconds))
        moved, zone = in_utc(first, options)
        seconds += moved - first
        if order.swapped_s:
            # The zone's hour may differ on the other day.
            swapped_s = in_utc(first + order.swapped_s, options)[0] - moved
            order = replace(order, swapped_s=swapped_s)
    is_whole = bool(np.all(seconds[is_there] == np.rint(seconds[is_there])))
    resolution = 0.0 if not is_whole else 1.0
    if is_whole and not re.search(r":\d\d:\d\d", sample):
        resolution = 60.0
    is_sure = order.swapped_s == 0
    return TimeColumn(
        name, seconds, zone, resolution, "sure" if is_sure else "likely", "dates",
        is_told=False, notes=tuple(notes), swapped_s=order.swapped_s,
    )  # fmt: skip


def _in_any_order(text: "pd.Series", *, day_first: bool) -> "pd.Series":
    """Dates whose year does not lead, by the patterns that the first of them shows."""
    import pandas as pd

    stamps = pd.Series(pd.NaT, index=text.index, dtype="datetime64[ns, UTC]")
    for pattern in (*_patterns(str(text.iloc[0]), day_first=day_first), "mixed"):
        rest = text[stamps.isna()]
        if len(rest):
            found = pd.to_datetime(
                rest, errors="coerce", utc=True, format=pattern, dayfirst=day_first
            )
            stamps = stamps.where(stamps.notna(), found.reindex(stamps.index))
    return stamps


def _patterns(sample: str, *, day_first: bool) -> list[str]:
    """Patterns of `strptime` that fit a date of numbers, which are fast; none for others."""
    found = re.match(r"(\d+)([./-])\d+\2(\d+)([T ]+)\d+:", sample)
    if found is None:
        return []
    first, part, last, gap = found.groups()
    order = ["%d", "%m"] if day_first else ["%m", "%d"]
    if len(first) == 4:
        order = ["%Y", "%m", "%d"]
    else:
        order.append("%Y" if len(last) == 4 else "%y")
    is_halved = bool(re.search(r"[AaPp][Mm]\s*$", sample))
    clocks = ("%I:%M:%S.%f %p", "%I:%M:%S %p") if is_halved else ("%H:%M:%S.%f", "%H:%M:%S")
    return [part.join(order) + gap + clock for clock in clocks]


def _no_time(table: Table, name: str, at: int, cell: str) -> RecordingError:
    return RecordingError(
        f"{table.path.name}, line {table.lines[at]}, column {name}: {cell[:40]!r} is no time. "
        "Write seconds, or a date such as 2024-05-31T10:15:00.000."
    )
