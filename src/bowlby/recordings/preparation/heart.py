"""Heart: beats found and corrected, the inter-beat interval on a clock, and RSA.

The partners are compared on the inter-beat interval (IBI) in milliseconds rather than on
heart rate: autonomic effects on the heart are close to linear in the interval (Berntson,
Cacioppo & Quigley 1995, Psychophysiology 32, 162-171), and RSA is defined on it.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.breathing import ADULT_BAND_HZ
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.preparation.clock import overlap_s, stretches
from bowlby.recordings.recording import Beats, RecordingError, Signal, SignalPair

IBI_HZ = 4.0
HOLE_S = 3.0
HOLE_IBIS = 2.5
RSA_WINDOW_S = 15.0
INFANT_BAND_HZ = (0.24, 1.04)
INFANT_ROLES = frozenset({"infant", "baby", "toddler", "child"})
_SHORTEST_ECG_S = 5.0
# Samples of a stretch that are looked at together, and how far pieces overlap (s).
_PIECE, _BESIDE_S = 1 << 21, 15.0
_CLOSEST_S = 0.2
_FEWEST_INTERVALS = 10
_SUSPICIOUS_SHARE = 0.2
_FINE_HZ = 10_000
# A pulse reaches finger or ear .2 to .3 s after the heart's beat.
PULSE_DELAY_S = 0.3


@dataclass(frozen=True, eq=False)
class CorrectedBeats:
    """Beats after artefact correction.

    Attributes:
        beats: Beats with spoilt intervals replaced.
        n_intervals: Intervals recorded.
        n_corrected: Intervals whose value was replaced.
        n_unchecked: Intervals in stretches of fewer than 10, left as recorded.
    """

    beats: Beats
    n_intervals: int
    n_corrected: int
    n_unchecked: int


def find_beats(signal: Signal) -> Beats:
    """Heartbeats in each unbroken stretch of an ECG or a pulse wave.

    A pause is never bridged: no interval spans it. Stretches shorter than 5 s are skipped.
    Peak times are refined between samples by a parabola through the three highest points.

    Args:
        signal: Electrocardiogram (`"ecg"`) or photoplethysmogram (`"ppg"`).

    Source:
        neurokit2 (Makowski et al. 2021): ecg_clean and ecg_peaks, or ppg_clean and ppg_peaks,
        each with its default method.
    """
    rate_hz = signal.rate_hz
    times: list[FloatArray] = []
    intervals: list[FloatArray] = []
    for start, stop in stretches(np.isfinite(signal.values)):
        if stop - start < _SHORTEST_ECG_S * rate_hz:
            continue
        at = _peaks(signal.values[start:stop], rate_hz, signal.kind)
        if len(at) < 2:
            continue
        at_s = signal.start_s + (start + at) / rate_hz
        times.append(at_s[1:])
        intervals.append(np.diff(at_s) * 1000.0)
    if not times:
        return Beats(np.empty(0), np.empty(0))
    return Beats(np.concatenate(times), np.concatenate(intervals))


def _peaks(values: FloatArray, rate_hz: float, kind: str) -> FloatArray:
    """Positions of the beats (samples), a very long stretch in pieces that overlap.

    A beat belongs to the piece in whose middle it lies, away from where filters begin and end.
    """
    beside = round(_BESIDE_S * rate_hz)
    found: list[FloatArray] = []
    for begin in range(0, len(values), _PIECE):
        end = begin + _PIECE
        if len(values) - end < 2 * beside:
            end = len(values)
        first = max(0, begin - beside)
        at = first + _peaks_of_piece(values[first : end + beside], rate_hz, kind)
        found.append(at[(at >= begin) & (at < end)])
        if end == len(values):
            break
    at = np.concatenate(found)
    # A beat at a seam is seen a little before it by one piece and behind it by the other.
    return at[np.diff(at, prepend=-np.inf) > _CLOSEST_S * rate_hz] if len(found) > 1 else at


def _peaks_of_piece(raw: FloatArray, rate_hz: float, kind: str) -> FloatArray:
    import neurokit2 as nk

    # neurokit2 takes fractional rates although it declares int.
    if kind == "ppg":
        clean = np.asarray(nk.ppg_clean(raw, sampling_rate=rate_hz))  # pyright: ignore[reportArgumentType]
        found = nk.ppg_peaks(clean, sampling_rate=rate_hz)[1]["PPG_Peaks"]  # pyright: ignore[reportArgumentType]
    else:
        clean = np.asarray(nk.ecg_clean(raw, sampling_rate=rate_hz))  # pyright: ignore[reportArgumentType]
        found = nk.ecg_peaks(clean, sampling_rate=rate_hz)[1]["ECG_R_Peaks"]  # pyright: ignore[reportArgumentType]
    return _refined(clean, np.asarray(found, dtype=np.int64))


def _refined(values: FloatArray, peaks: np.ndarray) -> FloatArray:
    """Position of each peak in samples, by the parabola through it and its neighbours."""
    middle = np.clip(peaks, 1, len(values) - 2)
    left, top, right = values[middle - 1], values[middle], values[middle + 1]
    bend = left - 2.0 * top + right
    is_peak = (bend < 0) & (top >= left) & (top >= right)
    shift = np.zeros(len(peaks))
    np.divide(left - right, 2.0 * bend, out=shift, where=is_peak)
    return np.where(is_peak, middle + shift, peaks)


def longest_interval_ms(ibi_ms: FloatArray) -> float:
    """Interval (ms) above which there is a hole, not a slow beat: 3 s or 2.5 medians."""
    is_there = ibi_ms[np.isfinite(ibi_ms)]
    median = float(np.median(is_there)) if len(is_there) else 0.0
    return max(HOLE_S * 1000.0, HOLE_IBIS * median)


def correct_beats(beats: Beats) -> CorrectedBeats:
    """Replace ectopic, missed, extra and misplaced beats in each unbroken run of beats.

    Source:
        Lipponen & Tarvainen (2019), J. Medical Engineering & Technology 43(3), 173-181, as
        implemented in neurokit2's signal_fixpeaks (method "Kubios").
    """
    import neurokit2 as nk

    times, ibi = beats.times_s, beats.ibi_ms
    n_intervals = int(np.sum(np.isfinite(ibi)))
    all_times: list[FloatArray] = []
    all_ibi: list[FloatArray] = []
    n_corrected = n_unchecked = 0
    for start, stop in _unbroken_runs(beats):
        if stop - start < _FEWEST_INTERVALS:
            n_unchecked += stop - start
            all_times.append(times[start:stop])
            all_ibi.append(ibi[start:stop])
            continue
        origin = times[start] - ibi[start] / 1000.0
        before = np.concatenate(([origin], times[start:stop]))
        ticks = np.rint((before - origin) * _FINE_HZ).astype(np.int64)
        _, fixed = nk.signal_fixpeaks(ticks, sampling_rate=_FINE_HZ, method="Kubios")
        after = np.unique(np.asarray(fixed, dtype=np.int64))
        # An interval is as recorded if both its beats are neighbours in the recording too.
        place = np.clip(np.searchsorted(ticks, after), 0, len(ticks) - 1)
        is_recorded = ticks[place] == after
        is_kept = is_recorded[1:] & is_recorded[:-1] & (np.diff(place) == 1)
        end_times = np.where(is_recorded, before[place], origin + after / _FINE_HZ)[1:]
        replaced = np.diff(after) * (1000.0 / _FINE_HZ)
        recorded = np.concatenate(([np.nan], ibi[start:stop]))[place[1:]]
        all_times.append(end_times)
        all_ibi.append(np.where(is_kept, recorded, replaced))
        n_corrected += int(np.sum(~is_kept))
    if not all_times:
        return CorrectedBeats(Beats(np.empty(0), np.empty(0)), n_intervals, 0, 0)
    fixed_beats = Beats(np.concatenate(all_times), np.concatenate(all_ibi))
    return CorrectedBeats(fixed_beats, n_intervals, n_corrected, n_unchecked)


def _unbroken_runs(beats: Beats) -> tuple[tuple[int, int], ...]:
    """Runs of intervals where each begins with the beat that ended the one before."""
    times, ibi = beats.times_s, beats.ibi_ms
    if len(ibi) == 0:
        return ()
    is_valid = np.isfinite(ibi) & (ibi > 0) & (ibi <= longest_interval_ms(ibi))
    runs: list[tuple[int, int]] = []
    for start, stop in stretches(is_valid):
        # Half an interval of slack lets rounded clocks pass and catches every missing beat.
        missing_s = np.diff(times[start:stop]) - ibi[start + 1 : stop] / 1000.0
        is_break = np.abs(missing_s) > 0.5 * float(np.median(ibi[start:stop])) / 1000.0
        cuts = [start, *(start + 1 + np.flatnonzero(is_break)).tolist(), stop]
        runs.extend(pairwise(cuts))
    return tuple(runs)


def ibi_at(beats: Beats, times_s: FloatArray) -> FloatArray:
    """Inter-beat interval (ms) at `times_s`, between beats that are close enough.

    Monotone cubic interpolation (Fritsch & Carlson 1980) of each interval, placed halfway
    between its two beats: placed at the beat that ends it, a series would be late by half its
    own mean interval, and of two hearts the faster would seem to lead. Where more than 3 s (or
    2.5 median intervals, if longer) pass between two valid intervals, the time between them is
    missing.

    Args:
        beats: Heartbeats; spoilt intervals are NaN.
        times_s: Times on the recording's clock (s), increasing.
    """
    from scipy.interpolate import PchipInterpolator

    limit_ms = longest_interval_ms(beats.ibi_ms)
    is_valid = np.isfinite(beats.ibi_ms) & (beats.ibi_ms > 0) & (beats.ibi_ms <= limit_ms)
    ibi = beats.ibi_ms[is_valid]
    beat_s = beats.times_s[is_valid] - ibi / 2000.0
    # Clocks and intervals that contradict one another may put a middle before the last one.
    is_later = np.diff(np.maximum.accumulate(beat_s), prepend=-np.inf) > 0.0
    beat_s, ibi = beat_s[is_later], ibi[is_later]
    values = np.full(len(times_s), np.nan)
    holes = np.flatnonzero(np.diff(beat_s) * 1000.0 > limit_ms) + 1
    for run in np.split(np.arange(len(beat_s)), holes):
        if len(run) < 2:
            continue
        is_inside = (times_s >= beat_s[run[0]]) & (times_s <= beat_s[run[-1]])
        if is_inside.any():
            values[is_inside] = PchipInterpolator(beat_s[run], ibi[run])(times_s[is_inside])
    return values


def interval_between_beats(beats: Beats, times_s: FloatArray) -> FloatArray:
    """The interval (ms) that the heart had at `times_s`, also between its beats.

    A recorded interval is the mean over its own length, so fast breathing comes out too small,
    and the more so the slower the heart. Here the number of beats so far is interpolated by a
    cubic spline through the beats, and the interval is the inverse of its slope. Where beats
    are not in an unbroken run it is missing.

    Args:
        beats: Heartbeats; spoilt intervals are NaN.
        times_s: Times on the recording's clock (s), increasing.

    Source:
        Mateo & Laguna (2000), IEEE Transactions on Biomedical Engineering 47, 985-996 (the
        heart timing signal, exact for integral pulse frequency modulation).
    """
    from scipy.interpolate import CubicSpline

    values = np.full(len(times_s), np.nan)
    for start, stop in _unbroken_runs(beats):
        length_s = beats.ibi_ms[start:stop] / 1000.0
        first_s = beats.times_s[start] - length_s[0]
        at_s = np.concatenate(([first_s], first_s + np.cumsum(length_s)))
        is_inside = (times_s >= at_s[0]) & (times_s <= at_s[-1])
        if is_inside.any() and stop - start >= _FEWEST_INTERVALS:
            rate = CubicSpline(at_s, np.arange(len(at_s)))(times_s[is_inside], 1)
            values[is_inside] = 1000.0 / np.maximum(rate, 1.0 / HOLE_S)
    return values


def respiratory_sinus_arrhythmia(
    ibi_ms: FloatArray,
    *,
    rate_hz: float,
    band_hz: tuple[float, float] = ADULT_BAND_HZ,
    window_s: float = RSA_WINDOW_S,
) -> FloatArray:
    """Natural logarithm of the moving variance of the IBI in the breathing band.

    Each unbroken stretch is filtered to `band_hz` (Butterworth, order 4, both directions, half
    of the power at the edges); the value at a sample is ln of the variance in the `window_s`
    around it. It is missing where that window reaches over the end of the stretch.

    Args:
        ibi_ms: Inter-beat interval on a regular clock (ms), NaN where missing.
        rate_hz: Sampling rate (Hz).
        band_hz: Breathing band (Hz): 0.12-0.40 for adults, 0.24-1.04 for infants.
        window_s: Length of the moving window (s).

    Returns:
        RSA (ln ms^2), as many samples as `ibi_ms`.

    Source:
        After Porges & Bohrer (1990), who take ln of the variance of the band-passed IBI; the
        Butterworth filter here replaces their moving polynomial. Robertson & Dowling (2003),
        Journal of Electromyography and Kinesiology 13, 569-573, for edges of two passes.
    """
    from scipy.signal import butter, sosfiltfilt

    edges = _edges_of_two_passes(band_hz, order=4)
    sections = butter(4, edges, btype="bandpass", fs=rate_hz, output="sos")
    half = round(window_s * rate_hz) // 2
    weights = np.full(2 * half + 1, 1.0 / (2 * half + 1))
    rsa = np.full(len(ibi_ms), np.nan)
    for start, stop in stretches(np.isfinite(ibi_ms)):
        if stop - start <= len(weights):
            continue
        wave = sosfiltfilt(sections, ibi_ms[start:stop])
        mean = np.convolve(wave, weights, mode="valid")
        variance = np.convolve(wave**2, weights, mode="valid") - mean**2
        inside = rsa[start + half : stop - half]
        np.log(variance, out=inside, where=variance > 1e-12)
    return rsa


def _edges_of_two_passes(band_hz: tuple[float, float], *, order: int) -> tuple[float, float]:
    """Edges (Hz) with which two passes have half of the power at those of `band_hz`."""
    low, high = band_hz
    width = (high - low) * (np.sqrt(2.0) - 1.0) ** (-0.5 / order)
    new_low = (np.sqrt(width**2 + 4.0 * low * high) - width) / 2.0
    return float(new_low), float(new_low + width)


def _pulse_delay(first: Signal | Beats, second: Signal | Beats) -> tuple[float, list[str]]:
    """How far a lag is unsure where one heart is known by its pulse (s), and what to say."""
    if {getattr(raw, "kind", "") for raw in (first, second)} != {"ecg", "ppg"}:
        return 0.0, []
    return PULSE_DELAY_S, [
        f"One heart by ECG, the other by its pulse, which comes up to {PULSE_DELAY_S:g} s "
        "later: lags hold that delay, and no leader is named."
    ]


def heart_pairs(
    first: Signal | Beats,
    second: Signal | Beats,
    *,
    names: tuple[str, str],
    roles: tuple[str, str],
    where: str,
    bands_hz: tuple[tuple[float, float] | None, tuple[float, float] | None] = (None, None),
) -> tuple[SignalPair, ...]:
    """Both partners' inter-beat interval at 4 Hz and RSA at 2 Hz.

    Args:
        first: First partner's ECG, pulse wave or beats.
        second: Second partner's.
        names: Names of the IBI and of the RSA pair.
        roles: Roles of the two partners; infants and children get the faster breathing band.
        where: Recording and signal, for error messages.
        bands_hz: Breathing band of each (Hz); None chooses by role.

    Raises:
        RecordingError: If no beats are found or the partners do not overlap in time.
    """
    steps: list[str] = []
    people: list[Beats] = []
    for role, raw in zip(roles, (first, second), strict=True):
        beats, said = _clean_beats(raw, role=role, where=where)
        people.append(beats)
        steps.extend(said)
    spans = [(float(b.times_s[0]), float(b.times_s[-1])) for b in people]
    start_s, stop_s = overlap_s(spans[0], spans[1], roles=roles, where=where, at_least_s=0.5)
    ticks = np.arange(np.ceil(start_s * IBI_HZ), np.floor(stop_s * IBI_HZ) + 1.0)
    times_s = ticks / IBI_HZ
    ibi = tuple(ibi_at(beats, times_s) for beats in people)
    limits_s = [longest_interval_ms(beats.ibi_ms) / 1000.0 for beats in people]
    steps.append(
        f"Inter-beat interval: both at {IBI_HZ:g} Hz, monotone cubic interpolation between "
        f"beats; holes over {max(limits_s):.1f} s stay missing."
    )
    bands = tuple(
        band or (INFANT_BAND_HZ if role.lower() in INFANT_ROLES else ADULT_BAND_HZ)
        for role, band in zip(roles, bands_hz, strict=True)
    )
    rsa = tuple(
        respiratory_sinus_arrhythmia(
            _where_missing(interval_between_beats(beats, times_s), values),
            rate_hz=IBI_HZ, band_hz=band,
        )[::2]
        for beats, values, band in zip(people, ibi, bands, strict=True)
    )  # fmt: skip
    rsa_step = (
        f"RSA: ln variance in moving windows of {RSA_WINDOW_S:g} s of the interval (heart "
        f"timing, Mateo & Laguna 2000) between {bands[0][0]:g} and {bands[0][1]:g} Hz in "
        f"{roles[0]}, {bands[1][0]:g} and {bands[1][1]:g} Hz in {roles[1]}, at 2 Hz (after "
        "Porges & Bohrer 1990)."
    )
    slow = [
        f"{role}'s heart is too slow to show breathing above {fastest:.2f} Hz."
        for role, beats, band in zip(roles, people, bands, strict=True)
        if (fastest := 500.0 / float(np.nanmedian(beats.ibi_ms))) < band[1]
    ]
    start_s = float(times_s[0])
    unsure_s, delay = _pulse_delay(first, second)
    said = (*steps, *delay)
    rsa_said = (*said, *slow, rsa_step)
    unit, rsa_hz = KINDS["rsa"].unit, IBI_HZ / 2
    return (
        SignalPair(
            names[0], "ibi", ibi[0], ibi[1], IBI_HZ, start_s, "ms", roles, said, unsure_s
        ),
        SignalPair(
            names[1], "rsa", rsa[0], rsa[1], rsa_hz, start_s, unit, roles, rsa_said, unsure_s
        ),
    )


def _where_missing(values: FloatArray, others: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values) & np.isfinite(others), values, others)


def _clean_beats(raw: Signal | Beats, *, role: str, where: str) -> tuple[Beats, list[str]]:
    """Corrected beats of one person, and what was done to them."""
    steps: list[str] = []
    if isinstance(raw, Signal):
        beats = find_beats(raw)
        steps.append(
            f"{KINDS[raw.kind].title}: {len(beats.times_s)} intervals found in {role} "
            f"(neurokit2 {raw.kind}_peaks)."
        )
    else:
        beats = raw
    fixed = correct_beats(beats)
    if len(fixed.beats.times_s) < 2:
        raise RecordingError(
            f"{where}: no heartbeats were found in {role}. Check the electrodes and the "
            "channel's name, or give the recorder's own beat file instead."
        )
    steps.append(
        f"{fixed.n_corrected} of {fixed.n_intervals} intervals corrected in {role} "
        "(Lipponen & Tarvainen 2019, neurokit2)."
    )
    if fixed.n_corrected > _SUSPICIOUS_SHARE * fixed.n_intervals:
        steps.append(
            f"More than {_SUSPICIOUS_SHARE:.0%} of the intervals of {role} had to be "
            "corrected: check the recording."
        )
    if fixed.n_unchecked:
        steps.append(
            f"{fixed.n_unchecked} intervals of {role} stand in runs shorter than "
            f"{_FEWEST_INTERVALS} and were left as recorded."
        )
    return fixed.beats, steps
