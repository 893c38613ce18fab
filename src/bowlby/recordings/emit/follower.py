"""A second person planted onto a real first one, for tests of power."""

import numpy as np

from bowlby._types import BoolArray, FloatArray

_HALVINGS = 14  # Leaves the share within 0.0001.
_REFINEMENTS = 20


def planted_follower(
    x: FloatArray,
    *,
    rate_hz: float,
    lag_s: float,
    correlation: float,
    rng: np.random.Generator,
) -> FloatArray:
    """A series with the same values as `x` in another order, which follows `x` by `lag_s`.

    The follower's normal scores are a mixture of the delayed normal scores of `x` and of
    those of a phase-randomised `x`, which has its spectrum but nothing else in common with it.
    Its values are those of `x`, so both have the same distribution; the share is chosen
    such that the Pearson correlation at the lag is `correlation` in this very sample. With 0
    it is therefore smaller than chance would leave it: no stand-in for an unrelated person.

    Args:
        x: First person's series, NaN where missing. The follower is missing there as well.
        rate_hz: Sampling rate (Hz).
        lag_s: Time by which the follower is late (s); negative if it leads.
        correlation: Pearson correlation of x(t) with y(t + lag).
        rng: Random numbers.

    Raises:
        ValueError: If `x` is constant or too short, or the correlation cannot be reached with
            the distribution of `x`.

    Source:
        Phase randomisation with the values kept: Schreiber & Schmitz (1996), Physical Review
        Letters 77, 635-638. The mixture is ours.
    """
    is_there = np.isfinite(x)
    n_values = len(np.unique(x[is_there]))
    if abs(lag_s) * rate_hz > len(x) - 3 or n_values < 2:
        raise ValueError(
            f"A follower needs a series that varies and is longer than its lag; got {len(x)} "
            f"samples at {rate_hz} Hz of {n_values} different values for lag_s={lag_s}."
        )
    scores = _normal_scores(x, is_there)
    leading = _delayed(scores, lag_s * rate_hz)
    own = _unrelated(x, is_there, rng)
    ranked = np.sort(x[is_there])

    def follower(share: float) -> FloatArray:
        mixed = share * leading + np.sqrt(1.0 - share**2) * own
        y = np.full(len(x), np.nan)
        order = np.argsort(mixed[is_there], kind="stable")
        places = np.flatnonzero(is_there)[order]
        y[places] = ranked
        return y

    low, high = -1.0, 1.0
    reach = tuple(_lagged_r(x, follower(share), lag_s * rate_hz) for share in (low, high))
    if not reach[0] <= correlation <= reach[1]:
        raise ValueError(
            f"correlation={correlation} cannot be reached at lag_s={lag_s} with this series; "
            f"it lies between {reach[0]:.2f} and {reach[1]:.2f}."
        )
    for _ in range(_HALVINGS):
        share = 0.5 * (low + high)
        if _lagged_r(x, follower(share), lag_s * rate_hz) < correlation:
            low = share
        else:
            high = share
    return follower(0.5 * (low + high))


def _normal_scores(x: FloatArray, is_there: BoolArray) -> FloatArray:
    """Normal quantile of each sample's rank; ties share their mean rank, gaps are 0."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    scores = np.zeros(len(x))
    scores[is_there] = ndtri((rankdata(x[is_there]) - 0.5) / is_there.sum())
    return (scores - scores.mean()) / scores.std()


def _delayed(values: FloatArray, delay: float) -> FloatArray:
    """Values `delay` samples later, linear between samples; the end wraps to the beginning."""
    whole = int(np.floor(delay))
    share = delay - whole
    return (1.0 - share) * np.roll(values, whole) + share * np.roll(values, whole + 1)


def _unrelated(x: FloatArray, is_there: BoolArray, rng: np.random.Generator) -> FloatArray:
    """Normal scores of a series with the spectrum and values of `x` but random phases."""
    filled = np.where(is_there, x, np.median(x[is_there]))
    ranked = np.sort(filled)
    power = np.abs(np.fft.rfft(filled))
    phases = np.exp(2j * np.pi * rng.uniform(size=len(power)))
    series = filled
    for _ in range(_REFINEMENTS):
        series = np.fft.irfft(power * phases, len(x))
        mapped = np.empty(len(x))
        mapped[np.argsort(series, kind="stable")] = ranked
        phases = np.exp(1j * np.angle(np.fft.rfft(mapped)))
    return _normal_scores(series, np.ones(len(x), dtype=np.bool_))


def _lagged_r(x: FloatArray, y: FloatArray, delay: float) -> float:
    """Pearson correlation of x(t) with y(t + delay samples), over samples that are there."""
    later = np.arange(len(x)) + round(delay)
    is_inside = (later >= 0) & (later < len(x))
    first, second = x[is_inside], y[later[is_inside]]
    is_there = np.isfinite(first) & np.isfinite(second)
    return float(np.corrcoef(first[is_there], second[is_there])[0, 1])
