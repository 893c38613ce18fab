"""Which columns of a table tell the time, in which unit, and when the table began.

A stamp is read by its name, its size and its step. Where a table has a sensor's clock and a
phone's, the sensor's tells the spacing and the phone's the start.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import meaning_of, words_of
from bowlby.recordings.formats import Fact, ReadOptions
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.cells import CLOCK, DATE, TIME, type_of
from bowlby.recordings.tables.parsing import Table
from bowlby.recordings.tables.stamps import DAY_S, TimeColumn, stamped, worded

if TYPE_CHECKING:
    import pandas as pd

_TIME_WORDS = frozenset(
    re.findall(
        r"\S+",
        "time times timestamp timestamps datetime date zeit zeitstempel uhrzeit temps tiempo "
        "hora tijd elapsed localtimestamp epoch unix clock datum fecha secondes segundos "
        "sekunden systemtime recordingtime",
    )
)
UNIT_S: dict[str, float] = {
    **dict.fromkeys(("ns", "nsec", "nanosecond", "nanoseconds"), 1e-9),
    **dict.fromkeys(("us", "usec", "µs", "μs", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sekunden", "sekunde"), 1.0),
    **dict.fromkeys(("secondes", "segundos"), 1.0),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "minuten"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
}
_STEP_WORDS = frozenset(
    re.findall(
        r"\S+",
        "frame frames index idx row rows sample samples nr number counter nseq seq id line",
    )
)
_MANY_ROWS = 200_000
_EXCEL_EPOCH_DAYS, _MATLAB_EPOCH_DAYS = 25_569.0, 719_529.0
# Lowest rate (Hz) at which a kind is ever recorded: tells seconds from milliseconds.
_LOWEST_HZ = {"ecg": 20.0, "ppg": 10.0, "motion": 1.0, "eda": 0.5, "respiration": 2.0}


@dataclass(frozen=True, eq=False)
class Clock:
    """When the rows of a table were.

    Attributes:
        times_s: Time of each row from the clock's zero (s), NaN where missing.
        start_s: The zero since 1970 or midnight (s), None if the file counts from its own.
        zone: How the start is known, one of `bowlby.recordings.formats.ZONES`.
        resolution_s: Step in which the stamps are written (s), 0 if fine.
        columns: Columns that are clocks, and no signals.
        names: The columns the times come from.
        notes: What was done, one sentence each.
        facts: Unit and source.
        swapped_s: What the other order of day and month adds to the zero (s), 0 if the order
            is known.
    """

    times_s: FloatArray
    start_s: float | None
    zone: str
    resolution_s: float
    columns: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    swapped_s: float = 0.0


def is_time_name(name: str) -> bool:
    """True for names of clocks: `Time(s)`, `Phone timestamp`, `sec`, `LocalTimestamp`."""
    words = words_of(name)
    if not words or meaning_of(name, "").kind is not None:
        return False
    if _TIME_WORDS.intersection(words):
        return not {"response", "reaction", "rating", "of"}.intersection(words)
    return words == ["t"] or all(word in UNIT_S or word == "t" for word in words)


def stated_unit(name: str, unit: str = "") -> float | None:
    """Seconds of one unit of a time column, from its name or its unit cell."""
    for text in (unit, name):
        if re.search("[µμ]s", text):
            return 1e-6
        found = [
            UNIT_S[word] for word in words_of(text.replace("sec", " sec")) if word in UNIT_S
        ]
        if found:
            return found[-1]
    return None


def find_clock(table: Table, options: ReadOptions, kinds: Sequence[str] = ()) -> Clock | None:
    """The clock of a table, None if no column tells the time.

    Args:
        table: The table.
        options: `rate_hz` and `zone`, where the user knows them.
        kinds: Kinds of the table's signals, which tell plausible rates.

    Raises:
        RecordingError: If a time cannot be read or the unit stays unclear.
    """
    if options.time_column is not None:
        return _told_clock(table, options, kinds)
    named = [name for name in table.frame.columns if is_time_name(name)]
    typed = [n for n in table.frame.columns if n not in named and _holds_times(table.frame[n])]
    texts = _with_date(table, [*named, *typed])
    found = [
        column
        for name, cells in texts
        if (column := _read(table, name, cells, options, kinds)) is not None
    ]
    used = {part for name, _ in texts for part in (name, *name.split(" + "))}
    if not found:
        found = [c for c in (_by_values(table, options, kinds, used),) if c is not None]
    if not found:
        return None
    spacing, dated = _chosen(found)
    return _clock(table, spacing, dated, tuple(used | {c.name for c in found}))


def _told_clock(table: Table, options: ReadOptions, kinds: Sequence[str]) -> Clock:
    """The clock of the column that the user names."""
    name = str(options.time_column)
    if name not in table.frame.columns:
        raise RecordingError(
            f"{table.path.name}: no column {name!r} to tell the time; it has "
            f"{', '.join(table.frame.columns)}."
        )
    units = table.units
    if options.time_unit is not None:
        if options.time_unit.lower() not in UNIT_S:
            raise RecordingError(
                f"time_unit {options.time_unit!r} is not one of s, ms, us, ns, min, h."
            )
        units = {**units, name: options.time_unit}
    column = _read(replace(table, units=units), name, table.frame[name], options, kinds)
    if column is None:
        raise RecordingError(f"{table.path.name}: column {name!r} tells no time.")
    dated = column if column.zone in ("utc", "local", "clock") else None
    return _clock(table, column, dated, (name,))


def _holds_times(cells: "pd.Series") -> bool:
    if cells.dtype.kind == "M":
        return True
    if cells.dtype.kind in "fiub":
        return False
    known = [str(c) for c in cells.dropna().iloc[:: max(1, len(cells) // 20)] if str(c).strip()]
    return bool(known) and all(type_of(c) in (TIME, CLOCK) for c in known)


def _with_date(table: Table, names: Sequence[str]) -> list[tuple[str, "pd.Series"]]:
    """Columns of time; a date beside a clock is joined with it."""
    frame = table.frame
    kinds = {name: _text_kind(frame[name]) for name in names}
    dates = [name for name in names if kinds[name] == DATE]
    clocks = [name for name in names if kinds[name] == CLOCK]
    if dates and clocks:
        date, clock = dates[0], clocks[0]
        joined = (
            frame[date].astype(str).str.strip() + " " + frame[clock].astype(str).str.strip()
        )
        rest = [(n, frame[n]) for n in names if n not in (date, clock)]
        return [(f"{date} + {clock}", joined), *rest]
    return [(name, frame[name]) for name in names if kinds[name] != DATE or len(names) == 1]


def _text_kind(cells: "pd.Series") -> str:
    if cells.dtype.kind in "fiubM":
        return ""
    known = cells.dropna()
    return type_of(str(known.iloc[len(known) // 2])) if len(known) else ""


def _read(
    table: Table, name: str, cells: "pd.Series", options: ReadOptions, kinds: Sequence[str]
) -> TimeColumn | None:
    if cells.dtype.kind in "fiub":
        values = cells.to_numpy(float)
        if not np.isfinite(values).any():
            return None
        if _is_spread(values):
            if is_time_name(name) and np.mean(np.diff(values[np.isfinite(values)]) < 0) > 0.9:
                raise RecordingError(
                    f"{table.path.name}: the times in column {name!r} run backwards. Sort the "
                    "rows by time."
                )
            return None
        unit = stated_unit(name, table.units.get(name, ""))
        values, notes = _unwrapped(name, values)
        return replace(_numeric(name, values, unit, options, kinds), notes=notes)
    if cells.dtype.kind == "M":
        return stamped(name, cells, options)
    return worded(table, name, cells, options)


def _steps(values: FloatArray) -> FloatArray:
    """Steps from row to row; of very long tables those of three pieces tell enough."""
    pieces = [values]
    if len(values) > 3 * _MANY_ROWS:
        middle = len(values) // 2
        pieces = [
            values[:_MANY_ROWS],
            values[middle : middle + _MANY_ROWS],
            values[-_MANY_ROWS:],
        ]
    return np.concatenate([np.diff(piece[np.isfinite(piece)]) for piece in pieces])


def _is_spread(values: FloatArray) -> bool:
    """True for numbers that run up and down as no clock does."""
    steps = _steps(values)
    return len(steps) > 4 and float(np.mean(steps < 0)) > 0.2


def _unwrapped(name: str, values: FloatArray) -> tuple[FloatArray, tuple[str, ...]]:
    """A device's counter of 16 to 32 bits without its jumps back to 0."""
    back = np.flatnonzero(values[1:] < values[:-1])
    if not len(back):
        return values, ()
    steps = np.diff(values)
    usual = _usual_step(values)
    whole = [
        size
        for size in (2.0**16, 2.0**24, 2.0**31, 2.0**32)
        if np.all(np.abs(steps[back] + size - usual) <= max(2 * usual, 1e-9))
    ]
    if not whole:
        return values, ()
    turns = np.zeros(len(values))
    turns[back + 1] = whole[0]
    return values + np.cumsum(turns), (
        f"Column {name!r} begins again at {whole[0]:.0f}, as a counter of a device does, "
        f"{len(back)} times; the times were carried on.",
    )


def _numeric(
    name: str,
    values: FloatArray,
    unit: float | None,
    options: ReadOptions,
    kinds: Sequence[str],
) -> TimeColumn:
    first = float(np.nanmin(values))
    step = _usual_step(values)
    if unit is not None:
        seconds = values if unit == 1.0 else values * unit
        is_dated = 1e9 <= first * unit < 1e11
        source = "name or unit of the column"
        if not is_dated and unit == 1.0 and 1e12 <= first < 1e14:
            raise RecordingError(
                f"column {name!r} says seconds and holds {first:.13g}, which are milliseconds "
                "since 1970. Rename it to time_ms."
            )
        return TimeColumn(name, seconds, "utc" if is_dated else "file", 0.0, "sure", source)
    for largest, scale in ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9)):
        # 1e9 s is the year 2001: no recording is as long as that.
        if largest / 100 <= first < largest:
            return TimeColumn(name, values / scale, "utc", 0.0, "sure", "size of the stamps")
    days = {_EXCEL_EPOCH_DAYS: (20_000, 80_000), _MATLAB_EPOCH_DAYS: (700_000, 800_000)}
    for epoch, (low, high) in days.items():
        if low < first < high and np.nanmax(values) - first < 2 and 0 < step < 1e-4:
            seconds = (values - epoch) * DAY_S
            return TimeColumn(name, seconds, "local", 0.0, "likely", "days, by size and step")
    scale = _likely_unit(values, step, options, kinds)
    source = "step of the stamps"
    seconds = values if scale == 1.0 else values * scale
    return TimeColumn(name, seconds, "file", 0.0, "likely", source, is_told=scale != 1.0)


def _usual_step(values: FloatArray) -> float:
    steps = _steps(values)
    steps = steps[steps > 0]
    return float(np.median(steps)) if len(steps) else 0.0


def _likely_unit(
    values: FloatArray, step: float, options: ReadOptions, kinds: Sequence[str]
) -> float:
    """Seconds of a unit that nobody states, by the rate and the length it would give."""
    if step <= 0:
        return 1.0
    span = float(np.nanmax(values) - np.nanmin(values))
    if options.rate_hz is not None:
        for unit in (1.0, 1e-3, 1e-6, 1e-9):
            if abs(step * unit * options.rate_hz - 1) < 0.02:
                return unit
    lowest = max([_LOWEST_HZ.get(kind, 0.1) for kind in kinds], default=0.1)
    for unit in (1.0, 1e-3, 1e-6, 1e-9):
        if 1 / (step * unit) >= lowest and span * unit <= 2 * DAY_S:
            return unit
    return 1.0


def _by_values(
    table: Table, options: ReadOptions, kinds: Sequence[str], used: set[str]
) -> TimeColumn | None:
    """A column that runs like a clock under a name that says nothing."""
    for name in table.frame.columns:
        cells = table.frame[name]
        meaning = meaning_of(name, "")
        if name in used or cells.dtype.kind not in "fiub" or len(cells) < 20:
            continue
        if meaning.kind or meaning.person or not _STEP_WORDS.isdisjoint(words_of(name)):
            continue
        values = cells.to_numpy(float)
        if not np.isfinite(values).all():
            continue
        steps = np.diff(values)
        if not np.all(steps > 0) or bool(np.all(steps == 1)):
            continue
        if np.all(np.rint(steps) == steps) and np.median(steps) == 1:
            continue
        column = _numeric(name, values, None, options, kinds)
        return replace(
            column, trust="likely", source="numbers that run like a clock", is_told=True
        )
    return None


def _chosen(found: Sequence[TimeColumn]) -> tuple[TimeColumn, TimeColumn | None]:
    """The column for the spacing, and the one for the start."""
    dated = [c for c in found if c.zone in ("utc", "local", "clock")]
    best = min(found, key=lambda c: (round(_unevenness(c.seconds), 2), found.index(c)))
    if dated and best.zone == "file":
        return best, dated[0]
    if dated:
        finest = min(dated, key=lambda c: (round(_unevenness(c.seconds), 2), dated.index(c)))
        return finest, finest
    return best, None


def _unevenness(seconds: FloatArray) -> float:
    steps = _steps(seconds)
    if not len(steps):
        return np.inf
    usual = float(np.median(steps))
    if usual <= 0:
        return 10.0
    return float(np.median(np.abs(steps - usual)) / usual) + float(np.mean(steps <= 0))


def _clock(
    table: Table,
    spacing: TimeColumn,
    dated: TimeColumn | None,
    columns: tuple[str, ...],
) -> Clock:
    notes = list(spacing.notes)
    seconds = spacing.seconds
    zone, start = spacing.zone, None
    if dated is not None and dated is not spacing:
        start = float(np.nanmedian(dated.seconds - seconds))
        zone = dated.zone
        notes += dated.notes
        notes.append(f"Spacing by {spacing.name!r}, start by {dated.name!r}.")
        zero = float(np.nanmin(seconds))
        start, seconds = start + zero, np.round(seconds - zero, 9)
    elif zone != "file":
        start = float(np.nanmin(seconds))
        seconds = np.round(seconds - start, 6)
    elif float(np.nanmin(seconds)) > 1e6:
        # A device's clock since it was switched on or made.
        seconds = np.round(seconds - float(np.nanmin(seconds)), 9)
    if spacing.trust == "likely" and spacing.is_told:
        step = _usual_step(seconds)
        notes.append(
            f"Column {spacing.name!r} was taken as time ({spacing.source}): a row every "
            f"{step:.6g} s."
        )
    facts = (Fact("clock", f"{spacing.name} ({zone})", spacing.source, spacing.trust),)
    used = tuple(dict.fromkeys(n for n in columns if n in table.frame.columns))
    names = tuple(dict.fromkeys((spacing.name, *(() if dated is None else (dated.name,)))))
    return Clock(
        seconds, start, zone, spacing.resolution_s, used, names, tuple(notes), facts,
        0.0 if dated is None else dated.swapped_s,
    )  # fmt: skip
