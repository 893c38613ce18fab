"""From an estimate and its surrogates to p-values, bands and synchronous episodes.

Everything is a rank among surrogates, p = (1 + b) / (1 + B) with b surrogates at least as large
(Phipson & Smyth, 2010), so no distribution is assumed and p is never 0.
"""

from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray, IntArray

LEVEL = 0.05
"""Level at which synchrony is said to be shown and a leader is named; what cannot fall below it
is not tested."""


@dataclass(frozen=True)
class Comparison:
    """An estimate against its surrogates.

    Attributes:
        estimate: The recording's value.
        null_mean: Mean of the surrogates' values.
        null_sd: Their standard deviation.
        z: (estimate - null_mean) / null_sd.
        p: Share of surrogates at least as large, the recording counted; NaN without any.
    """

    estimate: float
    null_mean: float
    null_sd: float
    z: float
    p: float


def compare(estimate: float, null: FloatArray, *, is_two_sided: bool = False) -> Comparison:
    """Rank an estimate among surrogate values; surrogates without a value are left out.

    Args:
        estimate: The recording's value.
        null: Surrogates' values, NaN where a surrogate has none.
        is_two_sided: Count distance from the surrogates' mean, either way.
    """
    null = null[np.isfinite(null)]
    if len(null) < 2 or not np.isfinite(estimate):
        return Comparison(estimate, np.nan, np.nan, np.nan, np.nan)
    mean, sd = float(null.mean()), float(null.std(ddof=1))
    distance, distances = (
        (abs(estimate - mean), np.abs(null - mean)) if is_two_sided else (estimate, null)
    )
    z = (estimate - mean) / sd if sd > 0 else np.nan
    return Comparison(estimate, mean, sd, z, rank_p(distance, distances))


def rank_p(value: float, null: FloatArray) -> float:
    """Rank p = (1 + b) / (1 + B); values equal up to rounding count as at least as large.

    Source:
        Phipson & Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9.
    """
    tie = 1e-12 * max(1.0, abs(value))
    return float((1 + np.sum(null >= value - tie)) / (1 + len(null)))


def smallest_p(identical: int, count: int) -> float:
    """Smallest p that can occur when some surrogates are the recording itself.

    Args:
        identical: Surrogates that pair the same moments as the recording.
        count: All surrogates.
    """
    return (1 + identical) / (1 + count) if count else float("nan")


@dataclass(frozen=True, eq=False)
class LagBands:
    """Mean profile over lags against its surrogates.

    Attributes:
        null_mean: Mean surrogate profile (lags).
        low: Pointwise 2.5 % quantile (lags).
        high: Pointwise 97.5 % quantile (lags).
        family_high: Value that 95 % of surrogates do not exceed at any lag.
        p: Pointwise p at each lag.
        p_family: p at each lag, corrected for having looked at all lags.
    """

    null_mean: FloatArray
    low: FloatArray
    high: FloatArray
    family_high: float
    p: FloatArray
    p_family: FloatArray


def lag_bands(profile: FloatArray, null: FloatArray, *, is_absolute: bool) -> LagBands:
    """Compare a lag profile with surrogate profiles, lag by lag and over all lags.

    The family-wise p ranks each lag's height among the surrogates' highest points (max-T,
    Westfall & Young, 1993). Signed profiles are compared by distance from zero.

    Args:
        profile: Mean over windows at each lag (lags).
        null: Surrogates' profiles (surrogates x lags).
        is_absolute: True if the profile averages absolute values.
    """
    height, heights = (profile, null) if is_absolute else (np.abs(profile), np.abs(null))
    highest = np.nanmax(heights, axis=1)
    low, high = _quantiles(null, [0.025, 0.975])
    return LagBands(
        null_mean=np.nanmean(null, axis=0),
        low=low,
        high=high,
        family_high=float(np.quantile(highest, 0.95)),
        p=np.array([rank_p(h, heights[:, k]) for k, h in enumerate(height)]),
        p_family=np.array([rank_p(h, highest) for h in height]),
    )


@dataclass(frozen=True, eq=False)
class Episodes:
    """Synchronous episodes: runs of windows above what surrogates reach.

    Attributes:
        cluster: Number of the episode a window belongs to, from 1; 0 for none (windows).
        p: p of the window's episode by its mass, corrected for all episodes; NaN for none
            (windows).
        null_mean: Mean of surrogates in each window (windows).
        null_high: 95 % quantile of surrogates in each window (windows).
    """

    cluster: IntArray
    p: FloatArray
    null_mean: FloatArray
    null_high: FloatArray


def synchronous_episodes(window: FloatArray, null: FloatArray) -> Episodes:
    """Find synchronous episodes by cluster mass.

    A window counts when it exceeds 95 % of the surrogates in the same window; neighbours form a
    run, whose mass is the sum of its standardised excesses. Each run is ranked among the
    heaviest runs of the surrogates, so p holds for all runs together.

    Args:
        window: Value of each window (windows).
        null: Surrogates' values (surrogates x windows).

    Source:
        Maris & Oostenveld (2007), Journal of Neuroscience Methods 164, 177-190.
    """
    used = np.isfinite(null).any(axis=0)
    mean, high, sd = np.full((3, len(window)), np.nan)
    mean[used] = np.nanmean(null[:, used], axis=0)
    high[used] = _quantiles(null[:, used], 0.95)
    sd[used] = np.nanstd(null[:, used], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess, excesses = (window - mean) / sd, (null - mean) / sd
    runs = _runs(np.nan_to_num(window, nan=-np.inf) > high)
    heaviest = np.array(
        [
            max((e[run].sum() for run in _runs(row)), default=0.0)
            for e, row in zip(excesses, np.nan_to_num(null, nan=-np.inf) > high, strict=True)
        ]
    )
    cluster, p = np.zeros(len(window), dtype=np.int64), np.full(len(window), np.nan)
    for number, run in enumerate(runs, start=1):
        cluster[run] = number
        p[run] = rank_p(excess[run].sum(), heaviest)
    return Episodes(cluster, p, mean, high)


def block_bootstrap_se(
    values: FloatArray, *, block: int, rng: np.random.Generator, draws: int = 500
) -> float:
    """Standard error of a mean over overlapping windows, by circular moving blocks.

    Args:
        values: Values in time order; missing ones are left out.
        block: Windows in a block, at least as many as overlap.
        rng: Random generator.
        draws: Bootstrap samples.

    Source:
        Politis & Romano (1992), circular block bootstrap.
    """
    values = values[np.isfinite(values)]
    n = len(values)
    if n < 2:
        return np.nan
    weights = block_draws(n, block=block, draws=draws, rng=rng)
    return float((weights @ values / n).std(ddof=1))


def block_draws(n: int, *, block: int, draws: int, rng: np.random.Generator) -> FloatArray:
    """How often each of `n` values is drawn, by circular blocks (draws x values).

    Source:
        Politis & Romano (1992), circular block bootstrap.
    """
    block = min(block, n)
    starts = rng.integers(0, n, size=(draws, -(-n // block)))
    index = ((starts[:, :, None] + np.arange(block)) % n).reshape(draws, -1)[:, :n]
    weights = np.zeros((draws, n))
    np.add.at(weights, (np.arange(draws)[:, None], index), 1.0)
    return weights


def _quantiles(null: FloatArray, q: float | list[float]) -> FloatArray:
    """Quantiles over surrogates; where none is missing, without numpy's loop over columns."""
    return (np.quantile if np.isfinite(null).all() else np.nanquantile)(null, q, axis=0)


def _runs(flags: np.ndarray) -> list[slice]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return [slice(a, b) for a, b in edges.reshape(-1, 2)]
