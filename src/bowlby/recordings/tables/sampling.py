"""Columns as channels: on a regular clock, or as beats where each row is one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import meaning_of, words_of
from bowlby.recordings.channels import Channel
from bowlby.recordings.formats import Fact, ReadOptions
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.beats import LONGEST_MS, SHORTEST_MS, beats_of_rows
from bowlby.recordings.tables.columns import bracketed_unit, hinted_kind
from bowlby.recordings.tables.gridding import on_grid, own_rows
from bowlby.recordings.tables.rows import Found, Rows

_LISTS = (".rr", ".ibi", ".hrv")
_STAMP_WORDS = frozenset({"timestamp", "stamp", "phone", "datetime", "date"})
_HINT_WORD = {"eda_tonic": "scl", "eda_phasic": "scr", "face": "au1 r", "heart_rate": "hr"}


def interval_lists(
    rows: Rows, values: Mapping[str, FloatArray], options: ReadOptions
) -> tuple[str, ...]:
    """Columns of inter-beat intervals, one row a beat."""
    named = tuple(n for n in values if meaning_of(n, "").kind == "ibi")
    if rows.clock is not None and len(rows.clock.names) == 2 and rows.clock.names[1] in values:
        return (rows.clock.names[1],)
    if rows.assumed == "ibi" and not named:
        if len(values) == 1:
            return tuple(values)
        raise RecordingError(
            f"{rows.path.name}: which of {len(values)} columns holds the intervals is not "
            "clear. Name it RR or IBI in the header, or keep that column only."
        )
    may_be = rows.assumed != "motion" and options.kind in (None, "ibi")
    if not named and len(values) == 1 and may_be:
        (name,) = values
        is_known = meaning_of(name, "").kind or hinted_kind(rows.path) not in (None, "ibi")
        if not is_known and not rows.preamble.hint and rows.clock is None:
            known = values[name][np.isfinite(values[name])]
            ms = known * 1000 if len(known) and np.median(known) < 10 else known
            inside = float(np.mean((ms >= SHORTEST_MS) & (ms <= LONGEST_MS))) if len(ms) else 0
            # One interval is much like the next; a sampled signal may lie anywhere.
            is_narrow = len(ms) > 0 and float(np.std(ms)) < 0.35 * float(np.mean(ms))
            if (inside > 0.8 and is_narrow) or rows.path.suffix.lower() in _LISTS:
                return (name,)
    return named


def channels_of(
    rows: Rows,
    values: Mapping[str, FloatArray],
    options: ReadOptions,
    found: Found,
    where: str,
    *,
    lists: Sequence[str] | None = None,
) -> list[Channel]:
    """Columns as channels on their clocks."""
    lists = [n for n in values if meaning_of(n, "").kind == "ibi" or (
        n == "ibi" or (options.kind == "ibi" and meaning_of(n, "").kind is None)
    )] if lists is None else lists  # fmt: skip
    made: list[Channel] = []
    sampled: dict[str, FloatArray] = {}
    for name, column in values.items():
        if name in lists and not is_sampled(rows, column):
            made.append(_beat_channel(rows, name, column, where))
        else:
            sampled[name] = column
    if sampled:
        made += _sampled_channels(rows, sampled, options, found, where)
    order = list(values)
    return sorted(made, key=lambda channel: order.index(channel.label))


def is_sampled(rows: Rows, intervals: FloatArray) -> bool:
    """True for intervals that were resampled to even times, not one row a beat."""
    if rows.times_s is None or len(rows.times_s) < 8:
        return False
    steps = np.diff(rows.times_s)
    usual = float(np.median(steps))
    if usual <= 0 or float(np.mean(np.abs(steps / usual - 1) < 0.01)) < 0.99:
        return False
    known = intervals[np.isfinite(intervals)]
    median = float(np.median(known)) if len(known) else 0.0
    in_s = median if median < 10 else median / 1000
    return not 0.9 < usual / in_s < 1.1 if in_s else False


def _beat_channel(rows: Rows, name: str, column: FloatArray, where: str) -> Channel:
    times, lines = rows.times_s, rows.table.lines
    if times is None:
        # Lists side by side have their own lengths.
        last = (
            int(np.flatnonzero(np.isfinite(column))[-1]) + 1 if np.isfinite(column).any() else 0
        )
        column, lines = column[: max(last, 1)], lines[: max(last, 1)]
    else:
        keep = np.isfinite(times) & np.isfinite(column)
        if not keep.any():
            keep = np.isfinite(times)
        times, column, lines = times[keep], column[keep], lines[keep]
    unit = rows.table.units.get(name, "") or bracketed_unit(name)
    label = where if "," in where else name
    clock_words = {w for n in (rows.clock.names if rows.clock else ()) for w in words_of(n)}
    beats = beats_of_rows(
        column, times, unit=unit, where=f"{rows.path.name} ({label})", lines=lines,
        are_stamps=bool(clock_words & _STAMP_WORDS),
    )  # fmt: skip
    return Channel(name, np.empty(0), np.nan, "ms", beats=beats, hint="ibi")


def _rate_hz(rows: Rows, options: ReadOptions, found: Found) -> float:
    preamble = rows.preamble
    if options.rate_hz is not None:
        if preamble.rate_hz and abs(options.rate_hz / preamble.rate_hz - 1) > 0.01:
            found.notes.append(
                f"--rate says {options.rate_hz:g} Hz and {preamble.rate_source} of the file "
                f"{preamble.rate_hz:g} Hz; --rate was taken."
            )
        return options.rate_hz
    if preamble.rate_hz is not None:
        found.facts.append(
            Fact("rate_hz", f"{preamble.rate_hz:g}", preamble.rate_source, "likely")
        )
        return preamble.rate_hz
    raise RecordingError(
        f"{rows.path.name}: no column `time` and no sampling rate. The file does not hold its "
        "sampling rate. Give it in Hz, for example --rate 25 (or 29.97); for a video, its "
        "frames "
        "per second."
    )


def _sampled_channels(
    rows: Rows,
    values: Mapping[str, FloatArray],
    options: ReadOptions,
    found: Found,
    where: str,
) -> list[Channel]:
    units = {n: rows.table.units.get(n, "") or bracketed_unit(n) for n in values}
    if rows.times_s is None:
        rate_hz = _rate_hz(rows, options, found)
        return [Channel(n, v, rate_hz, units[n]) for n, v in values.items()]
    slow = {n: own for n, v in values.items() if (own := own_rows(v)) is not None}
    groups: list[tuple[list[str], np.ndarray | None]] = [
        ([n for n in values if n not in slow], None),
        *(([n], own) for n, own in slow.items()),
    ]
    channels: list[Channel] = []
    for names, own in groups:
        if not names:
            continue
        part = rows if own is None else rows.where(own)
        columns = [values[n] if own is None else values[n][own] for n in names]
        grid = on_grid(
            part.times_s, columns, part.table.lines, file=rows.path.name, where=where,  # pyright: ignore[reportArgumentType]
            rate_hz=options.rate_hz if own is None else None,
            resolution_s=rows.clock.resolution_s if rows.clock else 0.0,
        )  # fmt: skip
        notes = list(grid.notes)
        if own is not None:
            notes.append(
                f"Column {names[0]!r} fills every {len(own) / max(own.sum(), 1):.3g}th row: a "
                f"slower sensor, read at {grid.rate_hz:.4g} Hz."
            )
        stated = rows.preamble.rate_hz
        if own is None and stated and abs(grid.rate_hz / stated - 1) > 0.001:
            notes.append(
                f"{rows.preamble.rate_source} says {stated:g} Hz; the stamps say "
                f"{grid.rate_hz:.6g} Hz and were believed."
            )
        channels += [
            Channel(n, column, grid.rate_hz, units[n], grid.start_s, notes=tuple(notes))
            for n, column in zip(names, grid.columns, strict=True)
        ]
    return channels


def without_empty_end(channels: list[Channel], found: Found) -> list[Channel]:
    """Channels of one clock without the rows at the end in which none has a value."""
    clocks = {(c.rate_hz, c.start_s, len(c.values)) for c in channels if c.beats is None}
    if len(clocks) != 1:
        return channels
    sampled = [c for c in channels if c.beats is None]
    filled = np.logical_or.reduce([np.isfinite(c.values) for c in sampled])
    last = int(np.flatnonzero(filled)[-1]) + 1 if filled.any() else len(filled)
    if last == len(filled):
        return channels
    found.notes.append(f"The last {len(filled) - last} rows hold no value and were left out.")
    return [c if c.beats is not None else replace(c, values=c.values[:last]) for c in channels]


def axes_hinted(channels: list[Channel]) -> list[Channel]:
    """Channels x, y, z of one name as the axes of an accelerometer."""
    groups: dict[tuple[str, ...], dict[str, int]] = {}
    for i, channel in enumerate(channels):
        words = words_of(channel.label)
        axis = [word for word in words if word in ("x", "y", "z")]
        if len(axis) == 1 and channel.beats is None:
            rest = tuple(word for word in words if word != axis[0])
            groups.setdefault(rest, {})[axis[0]] = i
    axes = {i for found in groups.values() if len(found) == 3 for i in found.values()}
    return [
        replace(c, hint="acc") if i in axes and meaning_of(c.label, "").kind is None else c
        for i, c in enumerate(channels)
    ]


def hinted_channel(channel: Channel, hinted: str | None, rows: Rows) -> Channel:
    """The channel with the kind that file, folder or header tells."""
    if not hinted or hinted == "hormone":
        return channel
    del rows
    return replace(channel, hint=_HINT_WORD.get(hinted, hinted))
