"""Columns that tell when each beat was: R-peaks in seconds, milliseconds or samples."""

from dataclasses import replace

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import words_of
from bowlby.recordings.channels import Channel, beats_from_file
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.beats import LONGEST_MS, SHORTEST_MS
from bowlby.recordings.tables.clocks import UNIT_S, is_time_name, stated_unit
from bowlby.recordings.tables.columns import bracketed_unit
from bowlby.recordings.tables.parsing import Table

_WORDS = frozenset({"rpeak", "rpeaks", "peak", "peaks", "beat", "beats", "rwave", "rwaves"})
_NOT_TIMES = frozenset({"amplitude", "amp", "height", "number", "count", "per", "bpm", "rate"})
_COUNTED = frozenset({"sample", "samples", "index", "idx", "frame", "frames", "position"})
_FEWEST = 8
_MOST_ODD = 0.2
# Steps that vary less than this share are a clock's.
_EVEN = 0.005


def with_peaks(table: Table, options: ReadOptions) -> tuple[Table, dict[str, Channel]]:
    """The table without its columns of beat times, and these as beats, by their names.

    Args:
        table: The table.
        options: `rate_hz` where peaks are counted in samples.

    Raises:
        RecordingError: If peaks are counted and nothing tells how fast.
    """
    found: dict[str, Channel] = {}
    for name in map(str, table.frame.columns):
        words = set(words_of(name))
        is_named = bool(words & _WORDS) and not words & _NOT_TIMES
        if table.frame[name].dtype.kind != "f" or not (is_named or _is_bare_list(table)):
            continue
        values = table.frame[name].to_numpy(float)
        values = values[np.isfinite(values)]
        if len(values) < _FEWEST or not np.all(np.diff(values) > 0):
            continue
        if np.median(np.diff(values)) == 1 and not np.any(values % 1):
            continue  # It numbers the beats.
        if not is_named and not _steps_like_beats(values):
            continue
        at_s = values * _seconds(table, name, words, values, options)
        ibi_ms = np.diff(at_s) * 1000
        odd = float(np.mean((ibi_ms < SHORTEST_MS) | (ibi_ms > LONGEST_MS)))
        if odd > _MOST_ODD:
            raise RecordingError(
                f"{table.path.name}, column {name}: as times of beats, {odd:.0%} of its steps "
                f"lie outside {SHORTEST_MS:g} to {LONGEST_MS:g} ms (the median is "
                f"{np.median(ibi_ms):.4g} ms). If it counts samples, --rate must be the "
                "recording's sampling rate; the column's name may tell s or ms."
            )
        ibi_ms[(ibi_ms < SHORTEST_MS) | (ibi_ms > LONGEST_MS)] = np.nan
        beats = beats_from_file(at_s[1:], ibi_ms, where=f"{table.path.name} ({name})")
        said = f"Column {name!r} tells when each beat was; intervals are its steps."
        beats = replace(beats, notes=(said,))
        rest = [w for w in words_of(name) if w not in UNIT_S and not is_time_name(w)]
        found[name] = Channel(f"{' '.join(rest)} ibi", np.empty(0), np.nan, "ms", beats=beats)
    if not found:
        return table, found
    return replace(table, frame=table.frame.drop(columns=list(found))), found


def _is_bare_list(table: Table) -> bool:
    return not table.has_header and len(table.frame.columns) == 1


def _steps_like_beats(values: FloatArray) -> bool:
    """True for times with parts of seconds whose steps differ as a heart's do."""
    steps = np.diff(values)
    ms = steps * 1000 if np.median(steps) < 10 else steps
    is_heart = (ms >= SHORTEST_MS) & (ms <= LONGEST_MS)
    is_even = float(np.std(ms)) < _EVEN * float(np.mean(ms))
    return bool(np.mean(is_heart) > 1 - _MOST_ODD) and not is_even


def _seconds(
    table: Table, name: str, words: set[str], values: FloatArray, options: ReadOptions
) -> float:
    """Length of one unit of the column (s)."""
    told = bracketed_unit(name) or table.units.get(name, "")
    unit = stated_unit(told) if told else stated_unit(name)
    if unit is not None and not words & _COUNTED:
        return unit
    step = float(np.median(np.diff(values)))
    is_counted = bool(words & _COUNTED) or bool(np.all(values == np.rint(values)))
    if not is_counted:
        return 1.0 if step < 10 else 1e-3
    if options.rate_hz is None:
        raise RecordingError(
            f"{table.path.name}, column {name}: tells beats in whole numbers, {step:g} from "
            "one to the next, and not whether these are samples or ms. Give the sampling rate "
            "of the recording it counts in, e.g. --rate 1000 (which is also right for ms)."
        )
    return 1.0 / options.rate_hz
