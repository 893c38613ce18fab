"""Two people's categories: states, gaze targets, codes of behaviour, second by second.

Codes have names and no size, so nothing here correlates them. The null shifts the second
person's codes round the session by a random time: both keep how often and how long they are in
each state, and only the match is at random. Cohen's kappa corrects for how often alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray, IntArray
from bowlby.synchrony.significance import Comparison, compare


@dataclass(frozen=True, eq=False)
class CodeAgreement:
    """How two people's codes go together.

    Attributes:
        agreement: Share of moments with the same code, against shifted codes.
        kappa: Cohen's kappa, against shifted codes.
        lag_s: Lags looked at (s); positive means the first person leads.
        profile: Share of the same code at each lag.
        low: Lower edge of the band in which 95 % of shifted profiles stay at all lags.
        high: Its upper edge.
        peak: Highest point of the profile, against the highest points of shifted profiles.
        peak_lag_s: Its lag (s).
        codes: The codes, in order.
        table: Moments by first (rows) and second person's code (columns).
        changes: Changes of the second person into each code (columns) within the horizon after
            the first changed into each code (rows).
        moments: Moments at which both were coded.
    """

    agreement: Comparison
    kappa: Comparison
    lag_s: FloatArray
    profile: FloatArray
    low: FloatArray
    high: FloatArray
    peak: Comparison
    peak_lag_s: float
    codes: tuple[float, ...]
    table: IntArray
    changes: IntArray
    moments: int


def code_agreement(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    max_lag_s: float = 5.0,
    horizon_s: float = 2.0,
    ignored: Sequence[float] = (),
    surrogates: int = 999,
    seed: int = 1,
) -> CodeAgreement:
    """Agreement, kappa, cross-recurrence by lag and contingent changes of two people's codes.

    Args:
        x: First person's codes, NaN where not coded.
        y: Second person's, as many.
        rate_hz: Codes a second (Hz).
        max_lag_s: Largest lag, each way (s).
        horizon_s: How long after a change of the first the second's change counts (s).
        ignored: Codes that match nothing, such as looking elsewhere.
        surrogates: Shifts, 0 for no test.
        seed: Their seed.

    Raises:
        ValueError: If the lengths differ, fewer than 20 moments are coded for both, or the
            session is too short to be shifted.

    Source:
        Cohen (1960), Educational and Psychological Measurement 20, 37-46; Richardson & Dale
        (2005), Cognitive Science 29, 1045-1060 (profile by lag).
    """
    if x.shape != y.shape:
        raise ValueError(f"The two have {len(x)} and {len(y)} codes; cut them to one time.")
    known = np.isfinite(x) & np.isfinite(y)
    if known.sum() < 20:
        raise ValueError(f"{known.sum()} moments are coded for both; 20 are needed.")
    codes = tuple(np.unique(np.concatenate([x[np.isfinite(x)], y[np.isfinite(y)]])).tolist())
    reach = min(round(max_lag_s * rate_hz), len(x) - 20)
    u, v = _indices(x, codes, ignored), _indices(y, codes, ignored, other=True)
    smallest = 2 * reach + 1
    if surrogates and 2 * smallest >= len(x):
        raise ValueError(
            f"{len(x) / rate_hz:.0f} s are too short to shift one person's codes by more than "
            f"{smallest / rate_hz:.0f} s each way. Use a shorter --max-lag."
        )
    rng = np.random.default_rng(seed)
    lags = np.arange(-reach, reach + 1)
    profile = _profile(u, v, lags)
    shifts = rng.integers(smallest, len(x) - smallest + 1, surrogates)
    turned = [np.roll(v, shift) for shift in shifts]
    profiles = np.array([_profile(u, w, lags) for w in turned]).reshape(-1, len(lags))
    low, high = _band(profiles)
    at = int(np.nanargmax(profile))
    kappas = np.array([_kappa(u, w, len(codes)) for w in turned])
    return CodeAgreement(
        agreement=compare(float(profile[reach]), profiles[:, reach], is_two_sided=True),
        kappa=compare(_kappa(u, v, len(codes)), kappas, is_two_sided=True),
        lag_s=lags / rate_hz,
        profile=profile,
        low=low,
        high=high,
        peak=compare(float(profile[at]), np.nanmax(profiles, axis=1) if surrogates else
                     np.empty(0)),
        peak_lag_s=float(lags[at] / rate_hz),
        codes=codes,
        table=_counts(x, y, codes),
        changes=_changes(x, y, codes, round(horizon_s * rate_hz)),
        moments=int(known.sum()),
    )  # fmt: skip


def _indices(
    values: FloatArray, codes: Sequence[float], ignored: Sequence[float], *, other: bool = False
) -> IntArray:
    """Number of each code; -1 where missing; a code that matches nothing where ignored."""
    found = np.searchsorted(np.array(codes), values).astype(np.int64)
    found[~np.isfinite(values)] = -1
    found[np.isin(values, list(ignored))] = len(codes) + int(other)
    return found


def _profile(u: IntArray, v: IntArray, lags: IntArray) -> FloatArray:
    """Share of equal codes at each lag among moments at which both are coded."""
    size = 1 << (len(u) + len(v) - 1).bit_length()
    known = [np.fft.rfft((w >= 0).astype(float), size) for w in (u, v)]
    valid = np.fft.irfft(np.conj(known[0]) * known[1], size)
    same = np.zeros(size)
    for code in np.intersect1d(u[u >= 0], v[v >= 0]):
        a, b = (np.fft.rfft((w == code).astype(float), size) for w in (u, v))
        same += np.fft.irfft(np.conj(a) * b, size)
    counts, matches = np.rint(valid[lags]), np.rint(same[lags])
    return np.where(counts > 0, matches / np.maximum(counts, 1), np.nan)


def _band(profiles: FloatArray) -> tuple[FloatArray, FloatArray]:
    if len(profiles) < 2:
        nothing = np.full(profiles.shape[1], np.nan)
        return nothing, nothing
    mean, sd = profiles.mean(axis=0), profiles.std(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.abs((profiles - mean) / sd)
    limit = float(np.nanquantile(np.nanmax(apart, axis=1), 0.95)) if (sd > 0).any() else 0.0
    return mean - limit * sd, mean + limit * sd


def _kappa(u: IntArray, v: IntArray, count: int) -> float:
    known = (u >= 0) & (v >= 0)
    a, b = u[known], v[known]
    shares = [np.bincount(w, minlength=count + 2) / len(w) for w in (a, b)]
    expected = float(shares[0] @ shares[1])
    return float((np.mean(a == b) - expected) / (1 - expected)) if expected < 1 else np.nan


def _counts(x: FloatArray, y: FloatArray, codes: Sequence[float]) -> IntArray:
    known = np.isfinite(x) & np.isfinite(y)
    a, b = (np.searchsorted(np.array(codes), w[known]) for w in (x, y))
    flat = np.bincount(a * len(codes) + b, minlength=len(codes) ** 2)
    return flat.reshape(len(codes), len(codes))


def _changes(x: FloatArray, y: FloatArray, codes: Sequence[float], horizon: int) -> IntArray:
    """Changes of the second within the horizon after each change of the first."""
    at = {}
    for place, values in enumerate((x, y)):
        known = np.isfinite(values[1:]) & np.isfinite(values[:-1])
        at[place] = np.flatnonzero(known & (values[1:] != values[:-1])) + 1
    table = np.zeros((len(codes), len(codes)), dtype=np.int64)
    for i in at[0]:
        following = at[1][(at[1] > i) & (at[1] <= i + horizon)]
        if len(following):
            row = int(np.searchsorted(np.array(codes), x[i]))
            table[row, int(np.searchsorted(np.array(codes), y[following[0]]))] += 1
    return table
