"""Skin conductance: a slow level (tonic) and the responses riding on it (phasic)."""

from dataclasses import replace

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.preparation.clock import align, stretches
from bowlby.recordings.recording import RecordingError, Signal, SignalPair

CUTOFF_HZ = 0.05
# One period of the cut-off: on less than that level and response cannot be told apart.
SHORTEST_S = 1.0 / CUTOFF_HZ
_LOWEST_RATE_HZ = 0.5
# Skin conductance cannot change much within a second: holes up to this are drawn over.
BRIDGED_S = 1.0


def bridged(eda: FloatArray, *, rate_hz: float) -> tuple[FloatArray, int]:
    """The signal with holes of up to a second (or one sample) drawn over, and their samples.

    A straight line between the samples on both sides; longer holes stay missing.
    """
    most = max(1, int(BRIDGED_S * rate_hz))
    filled, count = np.array(eda), 0
    for start, stop in stretches(~np.isfinite(eda)):
        if start == 0 or stop == len(eda) or stop - start > most:
            continue
        share = np.arange(1, stop - start + 1) / (stop - start + 1)
        filled[start:stop] = (1 - share) * eda[start - 1] + share * eda[stop]
        count += stop - start
    return filled, count


def split_level_and_responses(
    eda: FloatArray, *, rate_hz: float
) -> tuple[FloatArray, FloatArray, float]:
    """Tonic and phasic part of each unbroken stretch of skin conductance.

    Args:
        eda: Skin conductance (uS), NaN where missing.
        rate_hz: Sampling rate (Hz), at least 0.5.

    Returns:
        Tonic level (uS), phasic responses (uS), and the length of the stretches too short to
        be split (s), which are missing in both.

    Source:
        Second-order Butterworth filters at 0.05 Hz run forwards and backwards: the
        "highpass" method of neurokit2 (Makowski et al. 2021) and of AcqKnowledge.
    """
    from scipy.signal import butter, sosfiltfilt

    low = butter(2, CUTOFF_HZ, btype="lowpass", fs=rate_hz, output="sos")
    high = butter(2, CUTOFF_HZ, btype="highpass", fs=rate_hz, output="sos")
    tonic, phasic = np.full((2, len(eda)), np.nan)
    too_short = 0
    for start, stop in stretches(np.isfinite(eda)):
        if stop - start < SHORTEST_S * rate_hz:
            too_short += stop - start
            continue
        tonic[start:stop] = sosfiltfilt(low, eda[start:stop])
        phasic[start:stop] = sosfiltfilt(high, eda[start:stop])
    return tonic, phasic, too_short / rate_hz


def skin_pairs(
    name: str,
    first: Signal,
    second: Signal,
    *,
    names: tuple[str, str],
    roles: tuple[str, str],
    where: str,
) -> tuple[SignalPair, ...]:
    """Both partners' tonic and phasic skin conductance at 4 Hz.

    Args:
        name: Name of the raw signal.
        first: First partner's skin conductance.
        second: Second partner's skin conductance.
        names: Names of the tonic and of the phasic pair.
        roles: Roles of the two partners.
        where: Recording and signal, for error messages.

    Raises:
        RecordingError: If the signals do not overlap, or are too slow to be split.
    """
    people: list[Signal] = []
    said: list[str] = []
    for role, signal in zip(roles, (first, second), strict=True):
        values, count = bridged(signal.values, rate_hz=signal.rate_hz)
        people.append(replace(signal, values=values))
        if count:
            said.append(
                f"Skin conductance: {count} samples in holes of up to {BRIDGED_S:g} s were "
                "drawn "
                f"over in {role}."
            )
    x, y, start_s, rate_hz = align(
        people[0], people[1], rate_hz=KINDS["eda"].rate_hz, roles=roles, where=where
    )
    if rate_hz < _LOWEST_RATE_HZ:
        raise RecordingError(
            f"{where}: skin conductance at {rate_hz:g} Hz is too slow to be split into level "
            f"and responses; at least {_LOWEST_RATE_HZ:g} Hz is needed. "
            f"Name the signal eda_tonic instead of {name} to compare it as it is."
        )
    steps = [
        *said,
        f"Skin conductance: both at {rate_hz:g} Hz.",
        f"Skin conductance: level below and responses above {CUTOFF_HZ:g} Hz "
        "(Butterworth, order 2, both directions; as neurokit2's highpass method).",
    ]
    parts: list[tuple[FloatArray, FloatArray]] = []
    for role, values in zip(roles, (x, y), strict=True):
        tonic, phasic, too_short_s = split_level_and_responses(values, rate_hz=rate_hz)
        parts.append((tonic, phasic))
        if too_short_s > 0:
            steps.append(
                f"Skin conductance: {too_short_s:.1f} s in stretches shorter than "
                f"{SHORTEST_S:g} s set missing in {role}."
            )
    return tuple(
        SignalPair(
            names[part],
            kind,
            parts[0][part],
            parts[1][part],
            rate_hz,
            start_s,
            first.unit or KINDS[kind].unit,
            roles,
            tuple(steps),
        )
        for part, kind in enumerate(("eda_tonic", "eda_phasic"))
    )
