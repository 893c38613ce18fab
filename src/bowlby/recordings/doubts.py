"""What `bowlby inspect` doubts in a recording, as corrections that a person may accept."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.corrections import COLUMNS, Correction
from bowlby.recordings.recording import Beats, Recording, Signal
from bowlby.recordings.stretches import stretches

_FLAT_S = 10.0
_CAN_BE_FLAT = ("motion", "dial", "face", "temperature", "heart_rate", "other")
# Kleckner et al. (2018), IEEE Transactions on Biomedical Engineering 65, 1460-1467.
_EDA_STEEPEST = 10.0
_EDA_AROUND_S = 5.0
_NEIGHBOURS = 11
_TOO_SHORT, _TOO_LONG = 0.7, 1.4


def doubts(recording: Recording, *, finds_beats: bool = False) -> tuple[Correction, ...]:
    """Beats and stretches that look spoilt, in the order of the people, signals and time.

    Beats: an interval of less than .7 of the median of its eleven neighbours that makes a usual
    one with the next (an extra beat), one of about twice it or more (a missed beat), a short
    and a long one in turn (an ectopic beat). Signals: the same value for 10 s and more; skin
    conductance that changes by more than 10 uS/s, with 5 s around.

    Args:
        recording: The recording.
        finds_beats: Look for heartbeats in ECG and pulse waves, which takes a while.
    """
    found: list[Correction] = []
    for partner in (recording.first, recording.second):
        for name, signal in partner.signals.items():
            key = (recording.name, partner.role, name)
            if isinstance(signal, Signal) and finds_beats and signal.kind in ("ecg", "ppg"):
                from bowlby.recordings.preparation.heart import find_beats

                found += _beats(find_beats(signal), key)
            if isinstance(signal, Beats):
                found += _beats(signal, key)
            else:
                found += _flat(signal, key)
                if signal.kind == "eda":
                    found += _jumps(signal, key)
    return tuple(found)


def _beats(beats: Beats, key: tuple[str, str, str]) -> Iterator[Correction]:
    times, ibi = beats.times_s, beats.ibi_ms
    usual = _local_median(ibi)
    with np.errstate(invalid="ignore"):
        ratio = ibi / usual
    i = 0
    while i < len(ibi):
        following = ratio[i + 1] if i + 1 < len(ibi) else np.nan
        begins = times[i] - ibi[i] / 1000.0
        if ratio[i] < _TOO_SHORT and 0.8 <= ratio[i] + following <= 1.2:
            yield Correction("remove_beat", _ms(times[i]), None, None, *key, "extra beat")
            i += 2
        elif ratio[i] < _TOO_SHORT and following > 2 - _TOO_SHORT - 0.1:
            # A little wider than the two beats, which a table holds to the millisecond.
            begin, end = _ms(times[i] - 0.002), _ms(times[i + 1] + 0.002)
            yield Correction("leave_out", begin, end, None, *key, "ectopic beat")
            i += 2
        elif ratio[i] > _TOO_LONG and ibi[i] <= 6000:
            parts = max(2, round(float(ratio[i])))
            for part in range(1, parts):
                at = begins + part * ibi[i] / 1000.0 / parts
                yield Correction("add_beat", _ms(at), None, None, *key, "missed beat")
            i += 1
        else:
            i += 1


def _ms(time_s: float) -> float:
    return round(float(time_s), 3)


def _local_median(values: FloatArray) -> FloatArray:
    if len(values) < _NEIGHBOURS:
        known = values[np.isfinite(values)]
        return np.full(len(values), np.median(known) if len(known) else np.nan)
    half = _NEIGHBOURS // 2
    padded = np.pad(values, half, mode="reflect")
    around = np.lib.stride_tricks.sliding_window_view(padded, _NEIGHBOURS)
    known = np.isfinite(around).any(axis=1)
    found = np.full(len(values), np.nan)
    found[known] = np.nanmedian(around[known], axis=1)
    return found


def _flat(signal: Signal, key: tuple[str, str, str]) -> Iterator[Correction]:
    if signal.kind in _CAN_BE_FLAT:
        return
    same = np.concatenate([np.diff(signal.values) == 0, [False]])
    for a, b in stretches(same):
        if (b - a) >= _FLAT_S * signal.rate_hz:
            begin, end = (signal.start_s + i / signal.rate_hz for i in (a, b))
            yield Correction("leave_out", _ms(begin), _ms(end), None, *key, "flat")


def _jumps(signal: Signal, key: tuple[str, str, str]) -> Iterator[Correction]:
    apart = max(1, round(signal.rate_hz / 4))
    if len(signal.values) <= apart:
        return
    change = np.abs(signal.values[apart:] - signal.values[:-apart])
    with np.errstate(invalid="ignore"):
        steep = change * signal.rate_hz / apart > _EDA_STEEPEST
    around = round(_EDA_AROUND_S * signal.rate_hz)
    wide = np.convolve(steep, np.ones(2 * around + 1), "same") > 0
    for a, b in stretches(wide):
        begin, end = (signal.start_s + i / signal.rate_hz for i in (a, b))
        yield Correction("leave_out", _ms(begin), _ms(end), None, *key, "jump")


def write_doubts(path: Path, found: tuple[Correction, ...]) -> None:
    """Write doubts as a table of corrections, none of which is used before a person says so."""
    import pandas as pd

    rows = [
        (c.recording, c.person, c.signal, c.action, c.begin_s, c.end_s, c.to_s, c.why, "no")
        for c in found
    ]
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(path, index=False, lineterminator="\n")
