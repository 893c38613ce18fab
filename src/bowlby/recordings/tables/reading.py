"""A table becomes people with signals, whatever stands in it.

Long: a row per person and moment (`person, time, signal, value`, or `person, time, eda, ecg`).
Wide: a row per moment and a column per person and signal. Lists of intervals, ratings, motion
energy, exports of devices: all are columns with names, times and natures. A column `recording`,
`dyad`, `couple`, `family` or `session` tells recordings apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import meaning_of
from bowlby.recordings.formats import Fact, Reading, ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import Beats, Partner, RecordingError
from bowlby.recordings.tables.beats import LONGEST_MS, SHORTEST_MS
from bowlby.recordings.tables.clocks import Clock, find_clock, is_time_name
from bowlby.recordings.tables.columns import ColumnClass, classify, hinted_kind, masks_rows
from bowlby.recordings.tables.head import with_head_motion
from bowlby.recordings.tables.long import leave_out, people_of_long
from bowlby.recordings.tables.marks import marks_of
from bowlby.recordings.tables.own_clocks import own_clocks, read_own_clocks
from bowlby.recordings.tables.parsing import Table, how_to_write
from bowlby.recordings.tables.peaks import with_peaks
from bowlby.recordings.tables.people import people_of
from bowlby.recordings.tables.preamble import read_preamble
from bowlby.recordings.tables.refusals import (
    refuse_codes,
    refuse_sparse,
    refuse_still,
    refuse_turns,
)
from bowlby.recordings.tables.rows import (
    PERSON,
    RECORDING,
    TEXT_NAMES,
    Found,
    Rows,
    check_named,
    with_person,
)
from bowlby.recordings.tables.sampling import (
    axes_hinted,
    channels_of,
    hinted_channel,
    interval_lists,
    is_sampled,
    without_empty_end,
)
from bowlby.recordings.tables.time_parts import with_joined_time
from bowlby.recordings.tables.zones import in_utc

_LABEL = {"dyad": "dyad", "couple": "dyad", "family": "dyad", "session": "session"}


def readings_of(
    table: Table, options: ReadOptions, *, assumed: str | None = None
) -> Mapping[str, Reading]:
    """Every recording of a table, by name; one without a name has the empty one.

    Args:
        table: The table.
        options: What the user says.
        assumed: Kind of unnamed columns, where the format was told.

    Raises:
        RecordingError: If columns are missing or unclear, times do not run, or no column is a
            signal.
    """
    table, preamble = read_preamble(_lower_special(_without_told(table, options)))
    table = with_person(with_joined_time(table))
    refuse_sparse(table)
    refuse_turns(table)
    clocks = {} if options.time_column or options.is_one_person else own_clocks(table)
    if clocks and not options.first:
        read = partial(readings_of, assumed=assumed)
        return {"": read_own_clocks(table, options, clocks, read)}
    table, peaks = with_peaks(table, options)
    kinds = [k for c in table.frame.columns if (k := meaning_of(c, "").kind)]
    told = [options.kind] if options.kind else []
    clock = _beat_clock(table) or find_clock(table, options, [*kinds, *told])
    rows = Rows(
        table, clock, preamble, None if clock is None else clock.times_s, assumed, peaks
    )
    names = [c for c in RECORDING if c in table.frame.columns]
    for name in names:
        check_named(table, name, "recording")
    if not names:
        return {"": _reading(rows, options)}
    key = table.frame[names].astype(str).agg("_".join, axis=1)
    readings: dict[str, Reading] = {}
    for name in dict.fromkeys(key):
        mask = (key == name).to_numpy()
        reading = _reading(rows.where(mask), options)
        first = table.frame[mask].iloc[0]
        labels = {_LABEL[c]: str(first[c]) for c in names if c in _LABEL}
        readings[str(name)] = replace(reading, labels=labels)
    return readings


def _without_told(table: Table, options: ReadOptions) -> Table:
    """The table without the numbers that the user says stand for no value."""
    if not options.missing:
        return table
    frame = table.frame.copy(deep=False)
    for name in frame.columns:
        if frame[name].dtype.kind == "f":
            frame[name] = frame[name].where(~frame[name].isin(options.missing))
    return replace(table, frame=frame)


def _lower_special(table: Table) -> Table:
    frame = table.frame.copy(deep=False)
    special = {*TEXT_NAMES, "value", *KINDS}
    old = [str(name).strip() for name in frame.columns]
    frame.columns = [n.lower() if n.lower() in special else n for n in old]
    units = {n.lower() if n.lower() in special else n: u for n, u in table.units.items()}
    repeated = frame.columns[frame.columns.duplicated()].tolist()
    if repeated:
        raise RecordingError(f"{table.path.name}: two columns are named {repeated[0]!r}.")
    return replace(table, frame=frame, units=units)


def _beat_clock(table: Table) -> Clock | None:
    """The clock of a list `time, interval`: the steps of one column are the other's values."""
    numeric = [c for c in table.frame.columns if table.frame[c].dtype.kind == "f"]
    if not 2 <= len(numeric) <= 6 or len(table.frame) < 8:
        return None
    if table.has_header and any(is_time_name(c) for c in table.frame.columns):
        return None
    for name in numeric:
        values = table.frame[name].to_numpy(float)
        steps = np.diff(values)
        if not np.all(steps > 0):
            continue
        for other in numeric:
            intervals = table.frame[other].to_numpy(float)[1:]
            scale = _same_steps(steps, intervals) if other != name else None
            if scale is not None:
                in_s = 1.0 if np.nanmedian(steps) < 10 else 1e-3
                fact = Fact("clock", name, f"its steps are the values of {other!r}", "sure")
                note = f"Column {name!r} is a clock: its steps are the intervals in {other!r}."
                return Clock(
                    values * in_s, None, "file", 0.0, (name,), (name, other), (note,), (fact,)
                )
    return None


def _same_steps(steps: FloatArray, intervals: FloatArray) -> float | None:
    """Factor from intervals to steps, if most steps are intervals."""
    usual = float(np.median(steps))
    if not SHORTEST_MS <= (usual * 1000 if usual < 10 else usual) <= LONGEST_MS:
        return None
    rounded = 2e-3 if usual < 10 else 2.0
    for scale in (1.0, 1e-3, 1e3):
        off = np.abs(steps - intervals * scale)
        if np.mean((intervals > 0) & (off <= 0.02 * steps + rounded)) > 0.8:
            return scale
    return None


def _reading(rows: Rows, options: ReadOptions) -> Reading:
    people = [c for c in PERSON if c in rows.table.frame.columns]
    if people and not _is_wide_all_the_same(rows, people):
        partners, found = people_of_long(rows, options, people)
    else:
        rate_hz = options.rate_hz or rows.preamble.rate_hz
        rows = replace(rows, table=with_head_motion(rows.table, rows.times_s, rate_hz))
        partners, found = _wide(rows, options)
    start_s, zone = _start(rows, options)
    clock = rows.clock
    notes = (*rows.table.notes, *(clock.notes if clock else ()), *found.notes)
    if found.is_list:
        start_s, zone = None, "unknown"
    zero_s, partners = _from_zero(partners, has_start=start_s is not None)
    events = () if people or found.is_list else marks_of(rows, options)
    if start_s is not None:
        start_s += zero_s
        events = tuple(replace(e, start_s=round(e.start_s - zero_s, 6)) for e in events)
    resolution_s = clock.resolution_s if clock else 0.0
    facts = (*(clock.facts if clock else ()), *found.facts)
    return Reading(
        partners, events, start_s, {}, zone, _uncertainty_s(rows, partners, resolution_s),
        notes, tuple(found.left_out), facts, swapped_s=clock.swapped_s if clock else 0.0,
    )  # fmt: skip


def _uncertainty_s(rows: Rows, partners: tuple[Partner, ...], resolution_s: float) -> float:
    """How well the start is known (s): whole seconds that many rows share tell it finely."""
    if rows.clock is None:
        # A header's start is written to the second.
        return 0.0 if rows.preamble.start_s is None or rows.preamble.start_s % 1 else 1.0
    rates = [
        s.rate_hz for p in partners for s in p.signals.values() if not isinstance(s, Beats)
    ]
    return min([resolution_s, *(1.0 / rate for rate in rates)]) if resolution_s else 0.0


def _start(rows: Rows, options: ReadOptions) -> tuple[float | None, str]:
    clock, preamble = rows.clock, rows.preamble
    if clock is not None and clock.start_s is not None:
        return clock.start_s, clock.zone
    if preamble.start_s is not None and (clock is None or clock.zone == "file"):
        return in_utc(preamble.start_s, options)
    return None, "file"


def _from_zero(
    partners: tuple[Partner, ...], *, has_start: bool
) -> tuple[float, tuple[Partner, ...]]:
    """People whose earliest signal begins at the clock's zero, if the clock has a date."""
    if not has_start:
        return 0.0, partners
    begins = []
    for partner in partners:
        for signal in partner.signals.values():
            if isinstance(signal, Beats):
                known = signal.ibi_ms[np.isfinite(signal.ibi_ms)]
                usual = float(np.median(known)) if len(known) else 0.0
                first = signal.ibi_ms[0] if np.isfinite(signal.ibi_ms[0]) else usual
                begins.append(float(signal.times_s[0]) - first / 1000.0)
            else:
                begins.append(signal.start_s)
    zero = float(np.round(min(begins), 6)) if begins else 0.0
    if zero == 0.0:
        return 0.0, partners
    moved = []
    for partner in partners:
        signals = {
            name: replace(s, times_s=np.round(s.times_s - zero, 6))
            if isinstance(s, Beats)
            else replace(s, start_s=round(s.start_s - zero, 9))
            for name, s in partner.signals.items()
        }
        moved.append(replace(partner, signals=signals))
    return zero, tuple(moved)


def _is_wide_all_the_same(rows: Rows, people: Sequence[str]) -> bool:
    """True where a person column names one person (an id) and the columns name two."""
    if rows.table.frame[people[0]].nunique() > 1:
        return False
    named = {meaning_of(c, "").person for c in rows.columns()} - {None}
    return len(named) > 1


def _wide(rows: Rows, options: ReadOptions) -> tuple[tuple[Partner, ...], Found]:
    frame = rows.table.frame
    found = Found([], [], [])
    options = _with_names(rows, options)
    hinted = None if options.kind else hinted_kind(rows.path) or None
    if rows.preamble.hint and not options.kind:
        hinted = meaning_of(rows.preamble.hint, "").kind or hinted
    if rows.peaks and not rows.columns():
        return people_of(rows, list(rows.peaks.values()), options, found, hinted), found
    natures = [
        classify(c, frame[c], options, hinted=hinted, is_unnamed=not rows.table.has_header)
        for c in rows.columns()
    ]
    signals = _signals(rows, natures, options, found)
    flags = [(n.name, frame[n.name].to_numpy(float)) for n in natures if n.nature == "flag"]
    values = {name: frame[name].to_numpy(float) for name in signals}
    _mask(values, flags, rows, found)
    lists = interval_lists(rows, values, options)
    if lists and rows.clock is None and (options.rate_hz is None or len(lists) == len(values)):
        found.is_list = True
        for name in [n for n in values if n not in lists]:
            found.left_out.append(f"column {name!r}: has no times; the intervals tell them")
        values = {name: values[name] for name in lists}
    values = _without_echoes(rows, values, lists, found)
    channels = channels_of(rows, values, options, found, "time column", lists=lists)
    channels = [hinted_channel(c, hinted, rows) for c in without_empty_end(channels, found)]
    channels = axes_hinted(channels)
    partners = people_of(rows, [*channels, *rows.peaks.values()], options, found, hinted)
    return partners, found


def _without_echoes(
    rows: Rows, values: dict[str, FloatArray], lists: Sequence[str], found: Found
) -> dict[str, FloatArray]:
    """Columns without those that only repeat, beat by beat, what the intervals tell."""
    if not lists or all(is_sampled(rows, values[name]) for name in lists):
        return values
    kept = {}
    for name, column in values.items():
        if name not in lists and meaning_of(name, "").kind in (None, "heart_rate"):
            found.left_out.append(f"column {name!r}: a value a beat; the intervals tell more")
        else:
            kept[name] = column
    return kept


def _with_names(rows: Rows, options: ReadOptions) -> ReadOptions:
    """Options whose columns are names, where the user gave numbers from 1."""
    columns = list(rows.table.frame.columns)
    by_number = {str(number): name for name, number in rows.table.number_of.items()}

    def named(chosen: tuple[str, ...]) -> tuple[str, ...]:
        lower = {c.strip().lower(): c for c in columns}
        found = []
        for name in chosen:
            known = name if name in columns else lower.get(name.strip().lower())
            known = known or by_number.get(name.strip())
            if name in rows.peaks:
                known = rows.peaks[name].label
            if known is None:
                has = (
                    ", ".join(columns)
                    if rows.table.has_header
                    else f"numbers 1 to {len(columns)}"
                )
                raise RecordingError(f"{rows.path.name}: no column {name!r}; it has {has}.")
            found.append(known)
        return tuple(found)

    if not (options.first or options.second):
        return options
    return replace(options, first=named(options.first), second=named(options.second))


def _signals(
    rows: Rows, natures: Sequence[ColumnClass], options: ReadOptions, found: Found
) -> list[str]:
    """Columns that are signals; the others are listed, with the reason."""
    signals = [n.name for n in natures if n.nature == "signal"]
    left = [n for n in natures if n.nature not in ("signal",)]
    codes = [n for n in natures if n.nature == "codes" and n.reason.startswith("holds")]
    if codes and len(signals) < 2 and not any(meaning_of(s, "").kind for s in signals):
        refuse_codes(rows, codes)
    still = [n for n in natures if n.nature in ("constant", "empty")]
    if still and not signals:
        refuse_still(rows, still[0])
    if len(signals) == 1 and still and not meaning_of(signals[0], "").kind:
        # One of two people's columns stands still: tell it, do not read the other alone.
        others = [n for n in natures if n.nature in ("constant", "empty", "signal")]
        if len(others) == 2 and len(natures) <= 3:
            refuse_still(rows, still[0])
    people = {meaning_of(s, "").person for s in signals} - {None}
    lost = {meaning_of(n.name, "").person for n in still} - {None}
    if still and lost - people and len(people) == 1:
        refuse_still(rows, next(n for n in still if meaning_of(n.name, "").person in lost))
    for nature in left:
        leave_out(found, nature)
    if not signals:
        raise RecordingError(
            f"{rows.path.name}: none of its columns is a signal "
            f"({'; '.join(f'{n.name}: {n.reason}' for n in left[:8])}).{_thousands(rows)}"
        )
    del options
    return signals


def _thousands(rows: Rows) -> str:
    """What to do where numbers with separators of thousands were taken for words."""
    for name in rows.columns():
        for cell in rows.table.frame[name].dropna().astype(str).iloc[:500]:
            if (told := how_to_write(cell)) != how_to_write(""):
                return f" {told}"
    return ""


def _mask(
    values: dict[str, FloatArray],
    flags: Sequence[tuple[str, FloatArray]],
    rows: Rows,
    found: Found,
) -> None:
    """Rows that a flag declares worthless, missing in the face and interval columns."""
    mask = masks_rows(flags)
    if mask is None or not mask.any():
        return
    for name in values:
        values[name] = np.where(mask, np.nan, values[name])
    names = ", ".join(repr(name) for name, _ in flags)
    found.notes.append(
        f"{int(mask.sum())} of {len(mask)} rows set missing by {names} (lost face, movement or "
        "no contact)."
    )
    del rows
