"""Inter-beat intervals on a clock: the sum of intervals, held against the stamps.

Stamps of a phone tell when a beat arrived, not when it was; a sum of intervals runs late after
every beat that was lost and early after every one that was written twice. Together they tell.
"""

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channels import beats_from_file, ibi_in_ms
from bowlby.recordings.recording import Beats, RecordingError

SHORTEST_MS, LONGEST_MS = 200.0, 3000.0
_MOST_ABSURD = 0.2
# Fill values of Bluetooth and FIT for "no interval": no time passed.
_NO_INTERVAL = (65535.0, 65.535)
_LOST_BEAT = 0.75
_CORRECTED_S = 10.0


def beats_of_rows(
    values: FloatArray,
    times_s: FloatArray | None,
    *,
    unit: str,
    where: str,
    lines: np.ndarray,
    are_stamps: bool = False,
) -> Beats:
    """One person's beats from intervals and, if there are any, their stamps.

    Args:
        values: Intervals in ms or s, NaN where missing.
        times_s: Stamp of each interval (s), None for a bare list.
        unit: Unit of the intervals as written; empty if the median must tell.
        where: File and column, for messages.
        lines: Line of each row in the file.
        are_stamps: True if the times are a phone's or logger's stamps, when a beat arrived;
            else they are taken as the beats' own times as long as they increase.

    Returns:
        Beats at the stamps if these are beat times, else at the sum of intervals, begun anew
        wherever the stamps show lost beats or a pause.

    Raises:
        RecordingError: If there is no interval, most are absurd, or the stamps go back.
    """
    notes: list[str] = []
    is_fill = np.isin(values, _NO_INTERVAL)
    if is_fill.any():
        notes.append(
            f"{int(is_fill.sum())} rows of {values[is_fill][0]:g} mean that there was no "
            "interval and were left out."
        )
        values, lines = values[~is_fill], lines[~is_fill]
        times_s = None if times_s is None else times_s[~is_fill]
    ibi_ms = ibi_in_ms(values, unit)
    if not np.isfinite(ibi_ms).any():
        raise RecordingError(f"{where}: all inter-beat intervals are missing.")
    _check_absurd(values, ibi_ms, lines, where)
    if times_s is not None:
        ibi_ms, times_s, lines = _without_doubles(ibi_ms, times_s, lines, where, notes)
    spoilt = np.isfinite(ibi_ms) & ((ibi_ms < SHORTEST_MS) | (ibi_ms > LONGEST_MS))
    if spoilt.any():
        notes.append(
            f"{int(spoilt.sum())} intervals outside {SHORTEST_MS:g} to {LONGEST_MS:g} ms set "
            "missing."
        )
    lengths_s = _lengths_s(ibi_ms)
    if times_s is None:
        beat_s = np.cumsum(lengths_s)
    else:
        beat_s = _beat_times(times_s, lengths_s, where, notes, are_stamps=are_stamps)
    beats = beats_from_file(beat_s, np.where(spoilt, np.nan, ibi_ms), where=where)
    return Beats(beats.times_s, beats.ibi_ms, notes=tuple(notes))


def _check_absurd(
    values: FloatArray, ibi_ms: FloatArray, lines: np.ndarray, where: str
) -> None:
    absurd = np.isfinite(ibi_ms) & ((ibi_ms < SHORTEST_MS) | (ibi_ms > LONGEST_MS))
    share = absurd.sum() / np.isfinite(ibi_ms).sum()
    if share > _MOST_ABSURD:
        worst = int(np.argmax(absurd))
        file, _, column = where.partition(" (")
        raise RecordingError(
            f"{file}, line {lines[worst]}{', ' + column[:-1] if column else ''}: "
            f"{values[worst]:g} and {share:.0%} of all intervals lie outside {SHORTEST_MS:g} "
            "to "
            f"{LONGEST_MS:g} ms. Check that the column holds inter-beat intervals in ms or s, "
            "not heart rate."
        )


def _lengths_s(ibi_ms: FloatArray) -> FloatArray:
    """How long each interval lasted (s): the median where a missing or zero one cannot tell."""
    known = np.isfinite(ibi_ms) & (ibi_ms > 0)
    usual = float(np.median(ibi_ms[known])) if known.any() else np.nan
    return np.where(known, ibi_ms, usual) / 1000.0


def _without_doubles(
    ibi_ms: FloatArray,
    times_s: FloatArray,
    lines: np.ndarray,
    where: str,
    notes: list[str],
) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """Rows without repeated packets, where leaving them out brings sum and stamps together."""
    if not np.isfinite(times_s).all():
        raise RecordingError(
            f"{where}: some beats have no time (line "
            f"{lines[int(np.argmin(np.isfinite(times_s)))]}"
            "). Fill it in, or remove the column; the intervals then tell the times."
        )
    same = np.concatenate(([False], (np.diff(times_s) == 0) & (ibi_ms[1:] == ibi_ms[:-1])))
    if not same.any():
        return ibi_ms, times_s, lines
    lengths = _lengths_s(ibi_ms)
    span = float(times_s[-1] - times_s[0])
    with_them, without = lengths[1:].sum(), lengths[1:][~same[1:]].sum()
    if abs(without - span) >= abs(with_them - span):
        return ibi_ms, times_s, lines
    notes.append(
        f"{int(same.sum())} of {len(ibi_ms)} rows are repeated beats (same stamp, same "
        "interval) "
        f"and were left out: with them the intervals sum to {with_them:.1f} s where the stamps "
        f"span {span:.1f} s."
    )
    return ibi_ms[~same], times_s[~same], lines[~same]


def _beat_times(
    times_s: FloatArray,
    lengths_s: FloatArray,
    where: str,
    notes: list[str],
    *,
    are_stamps: bool,
) -> FloatArray:
    steps = np.diff(times_s)
    back = np.flatnonzero(steps < 0)
    usual = float(np.median(lengths_s))
    over = steps - lengths_s[1:]
    slack = max(0.05, 0.08 * usual)
    # A beat's own time is never sooner than its interval allows; a lost beat makes it later.
    are_beats = len(steps) > 0 and (
        not are_stamps
        or (np.mean(over > -slack) > 0.95 and np.mean(np.abs(over) < slack) > 0.3)
    )
    is_rare = len(back) <= max(1, 0.02 * len(steps))
    # A phone corrects its stamps now and then; the intervals keep the order.
    if are_stamps and len(back) and is_rare and -float(steps.min()) < _CORRECTED_S:
        notes.append(
            f"{len(back)} stamps are up to {-steps.min():.2f} s earlier than the one before; "
            "the "
            "intervals tell the order."
        )
        return _anchored(times_s, lengths_s, notes)
    if len(back):
        raise RecordingError(
            f"{where}: Beat {back[0] + 2} is not later than beat {back[0] + 1} (the time stamp "
            "is earlier than that of the beat before). Sort the rows by time, or remove the "
            "time column."
        )
    if are_beats and np.all(steps > 0):
        lost = int(np.sum(steps - lengths_s[1:] > 0.5 * usual))
        if lost:
            notes.append(f"{lost} holes between beats, by their stamps, stay missing.")
        return times_s
    return _anchored(times_s, lengths_s, notes)


def _anchored(times_s: FloatArray, lengths_s: FloatArray, notes: list[str]) -> FloatArray:
    """Sums of intervals, begun anew where the stamps have run ahead by a beat or more.

    A beat cannot arrive before it happened: the least delay from here to the end bounds what
    was lost up to here.
    """
    sums = np.cumsum(lengths_s)
    ahead = times_s - sums
    lost = np.minimum.accumulate(ahead[::-1])[::-1]
    shift = np.empty_like(sums)
    # The first beat's own stamp places the list, as long as nothing arrived sooner.
    now = float(lost[0])
    usual = float(np.median(lengths_s))
    breaks = 0
    for i, bound in enumerate(lost):
        if bound - now > _LOST_BEAT * usual:
            now = float(bound)
            breaks += 1
        shift[i] = now
    if breaks:
        missing = float(shift[-1] - shift[0])
        notes.append(
            f"The stamps run ahead of the sum of intervals {breaks} times, {missing:.1f} s in "
            "all: beats were lost there, and the time is missing."
        )
    drift = float(ahead[-1] - shift[-1])
    early = float(np.max(shift - ahead))
    if early > 3 * usual or drift > 10:
        notes.append(
            f"Sum of intervals and stamps disagree by {max(early, drift):.1f} s: check for "
            "repeated or lost beats."
        )
    return sums + shift
