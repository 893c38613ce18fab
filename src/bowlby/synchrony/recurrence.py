"""Cross-recurrence: when one person comes back to where the other is, was or will be.

Cell (i, j) is recurrent if the first person at moment i and the second at moment j are within
a radius of each other, or in the same category. Lines along diagonals are stretches that both
went through alike; the share of recurrent cells on each diagonal near the main one, the
diagonal-wise profile, tells at which lag the two meet most.

Source: Zbilut, Giuliani & Webber (1998), Physics Letters A 246, 122-128, for cross-recurrence;
Marwan, Romano, Thiel & Kurths (2007), Physics Reports 438, 237-329, for line measures;
Richardson & Dale (2005), Cognitive Science 29, 1045-1060, for the profile of categories.
"""

from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray
from bowlby.synchrony.estimate import NOTHING, Estimate
from bowlby.synchrony.stretches import coarsen

_LEAST_SAMPLES = 20


@dataclass(frozen=True, eq=False)
class RecurrenceProfile:
    """Recurrence by lag.

    Attributes:
        lag_s: Lags (s); positive means the first person leads.
        rate: Share of recurrent pairs at each lag, 0 to 1, NaN without a valid pair.
        coverage: Share of moments at which both were recorded, 0 to 1.
    """

    lag_s: FloatArray
    rate: FloatArray
    coverage: float

    @property
    def peak(self) -> float:
        """Highest rate."""
        return float(np.nanmax(self.rate))

    @property
    def peak_lag_s(self) -> float:
        """Lag of the highest rate (s), the mean of several equal ones."""
        return float(self.lag_s[self.rate == self.peak].mean())

    @property
    def lead(self) -> float:
        """Mean rate where the first leads minus where the second leads."""
        first, second = self.rate[self.lag_s > 0], self.rate[self.lag_s < 0]
        return float(np.nanmean(first) - np.nanmean(second))


@dataclass(frozen=True, eq=False)
class Recurrence:
    """Line measures of a cross-recurrence matrix and its diagonal-wise profile.

    Attributes:
        radius: Largest distance that counts as recurrent (SD; 0 for categories).
        recurrence_rate: Share of recurrent cells, 0 to 1.
        determinism: Share of recurrent cells on diagonal lines, 0 to 1.
        mean_line_s: Mean length of diagonal lines (s).
        longest_line_s: Longest diagonal line (s).
        entropy: Shannon entropy of the lengths of diagonal lines (nats).
        laminarity: Share of recurrent cells on straight lines, 0 to 1: one person stays where
            the other is at one moment; the mean of both ways round.
        trapping_s: Mean length of straight lines (s), both ways round.
        profile: Recurrence by lag.
    """

    radius: float
    recurrence_rate: float
    determinism: float
    mean_line_s: float
    longest_line_s: float
    entropy: float
    laminarity: float
    trapping_s: float
    profile: RecurrenceProfile


@dataclass(frozen=True)
class CrossRecurrence:
    """Highest point of the diagonal-wise recurrence profile.

    Determinism and the other line measures describe the whole matrix, which hardly changes if
    one person's time is shifted; near the main diagonal the matching moments are.

    Attributes:
        recurrence_rate: Share of recurrent cells that sets the radius (0 to 1); fixed, so
            that pairs with unlike distributions compare. 5 % is customary.
        max_lag_s: Largest lag, each way (s).
        rate_hz_max: Rate to which the series are averaged first (Hz).
    """

    recurrence_rate: float = 0.05
    max_lag_s: float = 5.0
    rate_hz_max: float = 2.0
    name = "cross_recurrence"
    title = "Cross-recurrence"

    def estimate(self, x: FloatArray, y: FloatArray, *, rate_hz: float) -> Estimate:
        """Highest rate of recurrence at any lag, and that lag, of what is no slow level."""
        pair = coarsen(x, y, rate_hz=rate_hz, rate_hz_max=self.rate_hz_max).without_level()
        if pair.valid.sum() < _LEAST_SAMPLES:
            return NOTHING
        u, v = _standardised(pair.x), _standardised(pair.y)
        radius = _radius(u, v, self.recurrence_rate)
        found = _profile(u, v, radius, pair.rate_hz, self.max_lag_s)
        return Estimate(found.peak, found.peak_lag_s, found.coverage)


def cross_recurrence(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    recurrence_rate: float = 0.05,
    max_lag_s: float = 5.0,
    min_line: int = 2,
    rate_hz_max: float = 2.0,
) -> Recurrence:
    """Cross-recurrence of two continuous series, standardised, without embedding.

    Args:
        x: First person's series, NaN where missing.
        y: Second person's series, on the same clock.
        rate_hz: Sampling rate of both (Hz).
        recurrence_rate: Share of recurrent cells that sets the radius (0 to 1).
        max_lag_s: Largest lag of the profile, each way (s).
        min_line: Cells of the shortest run that counts as a line.
        rate_hz_max: Rate to which the series are averaged first (Hz).

    Raises:
        ValueError: If there are fewer than 20 moments with both, a series never changes, or
            the recurrence rate is not between 0 and 1.
    """
    if not 0 < recurrence_rate < 1:
        raise ValueError(f"recurrence_rate={recurrence_rate} must be between 0 and 1.")
    pair = coarsen(x, y, rate_hz=rate_hz, rate_hz_max=rate_hz_max)
    if pair.valid.sum() < _LEAST_SAMPLES:
        raise ValueError(
            f"{pair.valid.sum()} moments at {pair.rate_hz:g} Hz have both partners changing; "
            f"{_LEAST_SAMPLES} are needed. Use a longer recording or a higher rate_hz_max."
        )
    u, v = _standardised(pair.x), _standardised(pair.y)
    radius = _radius(u, v, recurrence_rate)
    return _quantify(u, v, radius, pair.rate_hz, max_lag_s, min_line)


def categorical_recurrence(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    max_lag_s: float,
    min_line: int = 2,
    ignored: tuple[float, ...] = (),
) -> Recurrence:
    """Cross-recurrence of two series of codes: recurrent where the codes are the same.

    Args:
        x: First person's codes, NaN where missing.
        y: Second person's codes, on the same clock.
        rate_hz: Codes per second (Hz).
        max_lag_s: Largest lag of the profile, each way (s).
        min_line: Cells of the shortest run that counts as a line.
        ignored: Codes that match nothing, such as looking elsewhere.

    Raises:
        ValueError: If the lengths differ, or nothing was coded for both at one moment.
    """
    if x.shape != y.shape:
        raise ValueError(
            f"The partners have {len(x)} and {len(y)} codes; cut them to the same time first."
        )
    if not (np.isfinite(x) & np.isfinite(y)).any():
        raise ValueError("At no moment are both partners coded.")
    # Distinct infinities keep an ignored code valid but unlike every code.
    u = np.where(np.isin(x, ignored), np.inf, x)
    v = np.where(np.isin(y, ignored), -np.inf, y)
    return _quantify(u, v, 0.0, rate_hz, max_lag_s, min_line)


def _standardised(values):
    centred = values - np.nanmean(values)
    return centred / np.nanstd(centred)


def _radius(u, v, recurrence_rate) -> float:
    from bowlby.synchrony import _recurrence_kernels as kernels

    a, b = np.sort(u[~np.isnan(u)]), np.sort(v[~np.isnan(v)])
    target = int(np.ceil(recurrence_rate * len(a) * len(b)))
    # A little wider, so that rounding does not decide over the cell at the edge.
    return kernels.radius_for(a, b, target) * (1 + 1e-9)


def _profile(u, v, radius, rate_hz, max_lag_s) -> RecurrenceProfile:
    from bowlby.synchrony import _recurrence_kernels as kernels

    furthest = min(round(max_lag_s * rate_hz), len(u) - 1)
    recurrent, valid = kernels.profile(u, v, radius, furthest)
    return RecurrenceProfile(
        lag_s=np.arange(-furthest, furthest + 1) / rate_hz,
        rate=np.where(valid > 0, recurrent / np.maximum(valid, 1), np.nan),
        coverage=float((~np.isnan(u) & ~np.isnan(v)).mean()),
    )


def _quantify(u, v, radius, rate_hz, max_lag_s, min_line) -> Recurrence:
    from bowlby.synchrony import _recurrence_kernels as kernels

    diagonal = kernels.diagonal_lines(u, v, radius)
    straight = kernels.straight_lines(u, v, radius) + kernels.straight_lines(v, u, radius)
    cells = (~np.isnan(u)).sum() * (~np.isnan(v)).sum()
    determinism, mean_line, longest, entropy = _lines(diagonal, min_line)
    laminarity, trapping, _, _ = _lines(straight, min_line)
    return Recurrence(
        radius=radius,
        recurrence_rate=float((np.arange(len(diagonal)) * diagonal).sum() / cells),
        determinism=determinism,
        mean_line_s=mean_line / rate_hz,
        longest_line_s=longest / rate_hz,
        entropy=entropy,
        laminarity=laminarity,
        trapping_s=trapping / rate_hz,
        profile=_profile(u, v, radius, rate_hz, max_lag_s),
    )


def _lines(counts, shortest):
    """Share of cells on lines, mean and longest length, entropy; NaN without a line."""
    lengths = np.arange(len(counts))
    kept, cells = counts[shortest:], (lengths * counts).sum()
    if cells == 0:
        return np.nan, np.nan, 0, np.nan
    if kept.sum() == 0:
        return 0.0, np.nan, 0, np.nan
    on_lines = (lengths[shortest:] * kept).sum()
    share = kept[kept > 0] / kept.sum()
    return (
        float(on_lines / cells),
        float(on_lines / kept.sum()),
        int(lengths[shortest:][kept > 0].max()),
        float(-(share * np.log(share)).sum()),
    )
