"""Lists of inter-beat (RR) intervals, as Polar, Kubios, Movesense and others export them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channels import beats_from_file, channel_kind, ibi_in_ms, role_of_one
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.recording import Beats, Partner, RecordingError
from bowlby.recordings.text_table import TextTable, load_head, load_text, split_text

SHORTEST_MS, LONGEST_MS = 200.0, 3000.0
_MOST_ABSURD = 0.2
_INTERVAL = re.compile(
    r"^(rr|rri|ibi|nn)([ _-]?(data|intervals?))?([ _]*[\[(]?m?s[\])]?)?$", re.I
)
_A_NUMBER = re.compile(r"[+-]?\.?\d")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.,]*(Z|[+-]\d\d:?\d\d)?")
_BEAT_TIME = re.compile(r"(time|t|seconds)([ _]*[\[(]?m?s[\])]?)?")
# A batch of beats reaches a phone up to a few seconds late; a longer delay is a pause.
_PAUSE_S = 3.0
_SUFFIXES = (".rr", ".ibi", ".hrv", ".txt", ".csv")


def read_intervals(path: Path, options: ReadOptions) -> Reading:
    """Read one person's inter-beat intervals.

    A median below 10 means seconds, any other milliseconds. Time runs on by the sum of
    intervals, through spoilt ones too (one of unknown length counts as the median), unless the
    file has a column of beat times. Time stamps of a phone tell when the recording began and
    where it paused, not when each beat was: they come in batches. Intervals under 200 ms or
    over 3000 ms become missing; if they are more than a fifth, the file is refused.

    Raises:
        RecordingError: If the file holds no intervals, or absurd ones.
    """
    table, stamps_s = _interval_table(path, load_text(path))
    column = _interval_column(table)
    values = table.numbers()
    ibi_ms = ibi_in_ms(values[:, column], "")
    if not np.isfinite(ibi_ms).any():
        raise RecordingError(f"{path.name}: all inter-beat intervals are missing.")
    absurd = np.isfinite(ibi_ms) & ((ibi_ms < SHORTEST_MS) | (ibi_ms > LONGEST_MS))
    share = absurd.sum() / np.isfinite(ibi_ms).sum()
    if share > _MOST_ABSURD:
        worst = int(np.argmax(absurd))
        raise RecordingError(
            f"{path.name}, line {worst + table.header_lines + 1}: {values[worst, column]:g} "
            f"and {share:.0%} of all intervals lie outside {SHORTEST_MS:g} to {LONGEST_MS:g} "
            "ms. Check that the column holds inter-beat intervals in ms or s, not heart rate."
        )
    lengths_s = _lengths_s(ibi_ms)
    times_s, unix_start_s = _beat_times_s(table, values, column, lengths_s), None
    if times_s is None:
        arrivals_s = _arrivals_s(table, values, lengths_s) if stamps_s is None else stamps_s
        times_s = np.cumsum(lengths_s)
        if arrivals_s is not None:
            times_s = _between_pauses(path, arrivals_s, lengths_s)
            # Seconds since 2001 or later; smaller numbers count from the device's own start.
            if arrivals_s[0] > 1e9:
                unix_start_s = float(arrivals_s[0] - lengths_s[0])
                times_s = np.round(times_s - unix_start_s, 6)
    beats = beats_from_file(times_s, np.where(absurd, np.nan, ibi_ms), where=path.name)
    partner = Partner(role_of_one(path, options), {"ibi": beats})
    return Reading((partner,), unix_start_s=unix_start_s)


def cumulated_beats(values: FloatArray, *, where: str) -> Beats:
    """Beats of a list of intervals in ms or s, the first interval beginning at zero.

    Args:
        values: Inter-beat intervals, NaN where missing.
        where: File and channel, for messages.

    Raises:
        RecordingError: If all intervals are missing.
    """
    ibi_ms = ibi_in_ms(values, "")
    if not np.isfinite(ibi_ms).any():
        raise RecordingError(f"{where}: all inter-beat intervals are missing.")
    spoilt = (ibi_ms < SHORTEST_MS) | (ibi_ms > LONGEST_MS)
    times_s = np.cumsum(_lengths_s(ibi_ms))
    return beats_from_file(times_s, np.where(spoilt, np.nan, ibi_ms), where=where)


def _lengths_s(ibi_ms: FloatArray) -> FloatArray:
    """How long each interval lasted (s): the median where a missing or zero one cannot tell."""
    known = np.isfinite(ibi_ms) & (ibi_ms > 0)
    usual = float(np.median(ibi_ms[known])) if known.any() else np.nan
    return np.where(known, ibi_ms, usual) / 1000.0


def _interval_table(path: Path, text: str) -> tuple[TextTable, FloatArray | None]:
    """The table below any free-text lines, and its time stamps in words since 1970 (s)."""
    lines = text.rstrip("\n").split("\n")
    start = next((i for i, line in enumerate(lines[:200]) if _names_intervals(line)), 0)
    body = [_STAMP.sub("0", line) for line in lines[start:]]
    table = split_text(path, "\n".join(body) + "\n")
    rows = [
        (number, line)
        for number, line in enumerate(lines[start + table.header_lines :], start=1)
        if line.strip()
    ]
    found = [_STAMP.search(line) for _, line in rows]
    stamps_s = None
    if all(found):
        stamps_s = np.array(
            [
                _unix_s(stamp[0], f"{path.name}, line {number + start + table.header_lines}")
                for (number, _), stamp in zip(rows, found, strict=True)
                if stamp
            ]
        )
    return _at_line(path, table, start), stamps_s


def _names_intervals(line: str) -> bool:
    """True for a header; a row of numbers may hold the word too, as a signal's name."""
    cells = [cell.strip(' "') for cell in re.split(r"[;,\t]", line)]
    return any(map(_INTERVAL.search, cells)) and not any(map(_A_NUMBER.match, cells))


def _unix_s(stamp: str, where: str) -> float:
    """Seconds since 1970; a time without a zone is taken as UTC, alike for both people."""
    try:
        moment = datetime.fromisoformat(stamp.replace(",", "."))
    except ValueError as error:
        raise RecordingError(
            f"{where}: {stamp!r} is not a date and time. Write it as 2024-05-31T10:15:00.000."
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _between_pauses(path: Path, arrivals_s: FloatArray, lengths_s: FloatArray) -> FloatArray:
    """Beat times by the sum of intervals, begun anew after each pause (s)."""
    back = np.flatnonzero(np.diff(arrivals_s) < 0)
    if len(back):
        raise RecordingError(
            f"{path.name}: the time stamp of beat {back[0] + 2} is earlier than that of the "
            "beat before. Sort the rows by time, or remove the time column."
        )
    times_s = np.empty_like(arrivals_s)
    now_s = arrivals_s[0]
    for i, arrival_s in enumerate(arrivals_s):
        now_s += lengths_s[i] if i else 0.0
        now_s = arrival_s if arrival_s - now_s > _PAUSE_S else now_s
        times_s[i] = now_s
    return times_s


def _at_line(path: Path, table: TextTable, start: int) -> TextTable:
    return TextTable(
        path,
        table.text,
        table.delimiter,
        table.header,
        table.columns,
        table.header_lines + start,
    )


def _interval_column(table: TextTable) -> int:
    for i, name in enumerate(table.header):
        if _INTERVAL.search(name):
            return i
    if table.columns == 1:
        return 0
    raise RecordingError(
        f"{table.path.name}: which of {table.columns} columns holds the intervals is not "
        "clear. Name it RR or IBI in the header, or keep that column only."
    )


def _beat_times_s(
    table: TextTable, values: FloatArray, column: int, lengths_s: FloatArray
) -> FloatArray | None:
    """The file's own beat times (s)."""
    for i, name in enumerate(table.header):
        if i != column and _BEAT_TIME.fullmatch(name.lower()) and values[:, i].any():
            if not np.isfinite(values[:, i]).all():
                raise RecordingError(
                    f"{table.path.name}, column {name}: some beats have no time. Remove the "
                    "column; the intervals then tell the times."
                )
            return _in_seconds(values[:, i], lengths_s)
    return None


def _arrivals_s(
    table: TextTable, values: FloatArray, lengths_s: FloatArray
) -> FloatArray | None:
    """When each beat reached the device, from a numeric time stamp (s)."""
    for i, name in enumerate(table.header):
        if "timestamp" in re.sub(r"[ _]", "", name.lower()) and np.isfinite(values[:, i]).all():
            return _in_seconds(values[:, i], lengths_s)
    return None


def _in_seconds(times: FloatArray, lengths_s: FloatArray) -> FloatArray:
    """Times in s, ms, us or ns turned into s: whichever fits the sum of the intervals."""
    span, total_s = times[-1] - times[0], float(np.sum(lengths_s[1:]))
    if not (span > 0 and total_s > 0):
        return times
    thousands = int(np.clip(np.rint(np.log10(span / total_s) / 3), 0, 3))
    return times / 1000.0**thousands


def _is_more_than_intervals(column: str) -> bool:
    """True for columns of people and of other signals: such a table is tidy, not a list."""
    kind = channel_kind(column, ReadOptions())
    people = ("person", "participant", "participant_id", "role", "partner")
    return column.lower() in people or kind not in ("other", "ibi", "heart_rate")


def _recognises(path: Path) -> bool:
    if path.suffix.lower() not in _SUFFIXES:
        return False
    if path.suffix.lower() in (".rr", ".ibi", ".hrv"):
        return True
    try:
        table, _ = _interval_table(path, load_head(path))
        if any(_INTERVAL.search(name) for name in table.header):
            return not any(_is_more_than_intervals(name) for name in table.header)
        if table.columns > 1:
            return False
        values = table.numbers()[:, 0]
    except (RecordingError, ValueError):
        return False
    ibi_ms = ibi_in_ms(values, "")
    valid = ibi_ms[np.isfinite(ibi_ms)]
    inside = (valid >= SHORTEST_MS) & (valid <= LONGEST_MS)
    return len(valid) > 0 and inside.mean() > 1 - _MOST_ABSURD


FORMAT = Format(
    name="intervals",
    title="Inter-beat (RR) intervals: one a line, Polar, Kubios, Movesense",
    suffixes=_SUFFIXES,
    recognises=_recognises,
    read=read_intervals,
)
