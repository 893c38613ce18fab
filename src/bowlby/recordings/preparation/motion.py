"""Motion energy: repeated frames and outliers out, then a short moving average.

Source: Kleinbub & Ramseyer (2020), Psychotherapy Research, doi:10.1080/10503307.2020.1844334
(outliers over 10 SD, moving average of 0.5 s). The average here is centred on an odd number of
samples, so that it neither shifts nor shrinks the signal.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bowlby._types import FloatArray
from bowlby.recordings.preparation.clock import align, moving_mean, odd_count
from bowlby.recordings.recording import Signal, SignalPair

SMOOTH_S = 0.5
OUTLIER_SD = 10.0
# Frames that both people's columns repeat: at least so many, and so many times as often as by
# chance.
_FEWEST_REPEATS, _OVER_CHANCE = 5, 10.0


def without_outliers(
    values: FloatArray, *, limit_sd: float = OUTLIER_SD
) -> tuple[FloatArray, int]:
    """Samples over `limit_sd` SD above the mean set missing, and how many there were."""
    is_there = values[np.isfinite(values)]
    if len(is_there) == 0:
        return np.array(values), 0
    # From the person's mean, so that a constant offset of the camera changes nothing.
    is_outlier = values > np.mean(is_there) + limit_sd * np.std(is_there)
    return np.where(is_outlier, np.nan, values), int(is_outlier.sum())


def repeated_frames(x: FloatArray, y: FloatArray) -> NDArray[np.bool_]:
    """Frames that the camera showed twice, of two people whom one camera filmed.

    In such a frame nothing moved: both people's motion is 0 between frames in which both move,
    or both repeat the value before. One person's may by chance; both at the same places, ten
    times as often as two people who know nothing of one another, cannot.

    Args:
        x: First partner's motion energy, a value a frame.
        y: Second partner's, of the same frames.

    Returns:
        True where a frame is a repeat, of the length of `x`; nowhere if it may be chance.
    """
    is_repeat = np.zeros(len(x), dtype=bool)
    for marks in (_pauses, _echoes):
        a, b = marks(x), marks(y)
        both = a & b
        by_chance = float(a.sum()) * float(b.sum()) / len(x)
        if both.sum() >= max(_FEWEST_REPEATS, _OVER_CHANCE * by_chance):
            is_repeat |= both
    return is_repeat


def _pauses(values: FloatArray) -> NDArray[np.bool_]:
    """Single frames without motion, between two with."""
    is_one = np.zeros(len(values), dtype=bool)
    is_one[1:-1] = (values[1:-1] == 0) & (values[:-2] > 0) & (values[2:] > 0)
    return is_one


def _echoes(values: FloatArray) -> NDArray[np.bool_]:
    """Frames whose motion is the same as that of the frame before, and not 0."""
    return np.append(False, (values[1:] == values[:-1]) & (values[1:] != 0))


def _without_repeats(first: Signal, second: Signal) -> tuple[Signal, Signal, int]:
    """Both people's motion with repeated frames missing, and how many there were."""
    later = (second.start_s - first.start_s) * first.rate_hz
    if first.rate_hz != second.rate_hz or abs(later - round(later)) > 1e-3:
        return first, second, 0
    a, b = max(0, round(later)), max(0, -round(later))
    count = min(len(first.values) - a, len(second.values) - b)
    if count < 3:
        return first, second, 0
    is_repeat = repeated_frames(first.values[a : a + count], second.values[b : b + count])
    made = []
    for signal, at in ((first, a), (second, b)):
        values = np.array(signal.values)
        values[at : at + count][is_repeat] = np.nan
        made.append(replace(signal, values=values))
    return made[0], made[1], int(is_repeat.sum())


def smooth_as_rmea(values: FloatArray, *, duration_s: float, rate_hz: float) -> FloatArray:
    """Moving average as MEAsmooth of rMEA 1.3.0, with its quirks.

    At 25 Hz and 0.5 s, n = 12.5: 12 samples from 6 before to 5 after are summed and the sum is
    divided by 12.5, at the edges too.

    Args:
        values: Samples; a missing one makes its neighbours missing.
        duration_s: Length of the average (s).
        rate_hz: Sampling rate (Hz).

    Source:
        Behaviour of rMEA 1.3.0 on a real session, reproduced to rounding.
    """
    n = duration_s * rate_hz
    half = int(n // 2)
    if half < 1:
        return values
    total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(values))])
    holes = np.concatenate([[0], np.cumsum(~np.isfinite(values))])
    at = np.arange(len(values))
    start, end = np.maximum(at - half, 0), np.minimum(at + half, len(values))
    return np.where(holes[end] > holes[start], np.nan, (total[end] - total[start]) / n)


def motion_pairs(
    name: str,
    first: Signal,
    second: Signal,
    *,
    roles: tuple[str, str],
    where: str,
    smooth_s: float = SMOOTH_S,
    as_rmea: bool = False,
) -> tuple[SignalPair, ...]:
    """Both partners' motion energy at the slower of both rates.

    Args:
        name: Name of the signal.
        first: First partner's motion energy.
        second: Second partner's motion energy.
        roles: Roles of the two partners.
        where: Recording and signal, for error messages.
        smooth_s: Length of the moving average (s), 0 for none.
        as_rmea: Keep outliers and smooth as rMEA does.

    Raises:
        RecordingError: If the signals do not overlap in time.
    """
    steps: list[str] = []
    clean: list[Signal] = []
    if not as_rmea:
        first, second, n_repeats = _without_repeats(first, second)
        if n_repeats:
            steps.append(
                f"Motion: {n_repeats} frames repeat the one before in both people, as a camera "
                "repeats them, and are missing."
            )
    for role, signal in zip(roles, (first, second), strict=True):
        values, n_outliers = (signal.values, 0) if as_rmea else without_outliers(signal.values)
        if n_outliers:
            steps.append(
                f"Motion: {_samples(n_outliers)} more than {OUTLIER_SD:g} SD above the mean "
                f"set missing in {role} (Kleinbub & Ramseyer 2020)."
            )
        n_negative = int(np.sum(signal.values < 0))
        if n_negative:
            steps.append(
                f"Motion: {_samples(n_negative)} below zero kept in {role}; "
                "motion energy is never negative, so check that the file holds raw values."
            )
        average = smooth_as_rmea if as_rmea else moving_mean
        smooth = average(values, duration_s=smooth_s, rate_hz=signal.rate_hz)
        clean.append(Signal(signal.kind, smooth, signal.rate_hz, signal.unit, signal.start_s))
    counts = tuple(odd_count(smooth_s, signal.rate_hz) for signal in (first, second))
    if as_rmea and smooth_s > 0:
        steps.append(f"Motion: moving average of {smooth_s:g} s as MEAsmooth of rMEA 1.3.0.")
    elif max(counts) > 1:
        samples = f"{counts[0]}" if counts[0] == counts[1] else f"{counts[0]} and {counts[1]}"
        steps.append(f"Motion: centred moving average of {smooth_s:g} s ({samples} samples).")
    x, y, start_s, rate_hz = align(clean[0], clean[1], roles=roles, where=where)
    if first.rate_hz != second.rate_hz:
        steps.append(
            f"Motion: both at {rate_hz:g} Hz, the slower of {first.rate_hz:g} and "
            f"{second.rate_hz:g} Hz."
        )
    return (
        SignalPair(name, "motion", x, y, rate_hz, start_s, first.unit, roles, tuple(steps)),
    )


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count} samples"
