"""Concordance index: how often two people's arousal rises and falls together.

Slopes are taken in a short moving window, correlated between the two people over a longer one,
and the index is

    ln(sum of positive correlations / |sum of negative correlations|).

0 says as much together as against each other.

Source: Marci & Orr (2006), Applied Psychophysiology and Biofeedback 31, 115-128; Marci, Ham,
Moran & Orr (2007), Journal of Nervous and Mental Disease 195, 103-111: 5 s slopes, 15 s
correlations, moving by 1 s.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bowlby._types import FloatArray
from bowlby.synchrony.estimate import NOTHING, Estimate
from bowlby.synchrony.stretches import coarsen

# Without one negative correlation the ratio is infinite; neither sum counts as less than this
# share of the two, so that the index stays within +-6.9.
_SMALLEST_SHARE = 0.001


@dataclass(frozen=True, eq=False)
class Concordance:
    """Correlation of slopes over time, and the index.

    Attributes:
        time_s: Middle of each correlation window (s).
        r: Pearson correlation of the slopes, NaN at gaps and where a slope never changes.
        index: Logarithm of the ratio of positive to negative sums; NaN without a correlation.
    """

    time_s: FloatArray
    r: FloatArray
    index: float


@dataclass(frozen=True)
class ConcordanceIndex:
    """The concordance index of Marci and colleagues.

    Attributes:
        slope_s: Window of a slope (s); the published 5 s fit skin conductance.
        correlation_s: Window of a correlation (s), published as 15 s.
        step_s: Time between windows (s), published as 1 s.
        rate_hz_max: Rate to which the series are averaged first (Hz).
    """

    slope_s: float = 5.0
    correlation_s: float = 15.0
    step_s: float = 1.0
    rate_hz_max: float = 4.0
    name = "concordance_index"
    title = "Concordance index"

    def estimate(self, x: FloatArray, y: FloatArray, *, rate_hz: float) -> Estimate:
        """The index, and the share of correlation windows that had a value."""
        pair = coarsen(x, y, rate_hz=rate_hz, rate_hz_max=self.rate_hz_max)
        found = concordance(
            pair.x, pair.y, rate_hz=pair.rate_hz, slope_s=self.slope_s,
            correlation_s=self.correlation_s, step_s=self.step_s,
        )  # fmt: skip
        if not np.isfinite(found.index):
            return NOTHING
        return Estimate(found.index, np.nan, float(np.isfinite(found.r).mean()))


def concordance(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    slope_s: float = 5.0,
    correlation_s: float = 15.0,
    step_s: float = 1.0,
) -> Concordance:
    """Correlate two people's moving slopes and sum up where they agree and disagree.

    Args:
        x: First person's series, NaN where missing.
        y: Second person's series, on the same clock.
        rate_hz: Sampling rate of both (Hz).
        slope_s: Window of a slope (s), made at least 2 samples.
        correlation_s: Window of a correlation (s), made at least 3 slopes.
        step_s: Time between slopes, and between correlations (s), made at least 1 sample.

    Raises:
        ValueError: If a time is not positive, or the lengths differ.
    """
    for name, value in (
        ("slope_s", slope_s), ("correlation_s", correlation_s), ("step_s", step_s)
    ):  # fmt: skip
        if not value > 0:
            raise ValueError(f"{name}={value} must be positive.")
    if x.shape != y.shape:
        raise ValueError(
            f"The partners have {len(x)} and {len(y)} samples; cut them to the same time first."
        )
    step = max(1, round(step_s * rate_hz))
    per_slope = max(2, round(slope_s * rate_hz))
    per_r = max(3, round(correlation_s * rate_hz / step))
    if len(x) < per_slope + (per_r - 1) * step:
        return Concordance(np.empty(0), np.empty(0), np.nan)
    r = _correlations(
        sliding_window_view(_slopes(x, per_slope, step), per_r),
        sliding_window_view(_slopes(y, per_slope, step), per_r),
    )
    middle = 0.5 * (per_slope - 1 + (per_r - 1) * step)
    time_s = (middle + step * np.arange(len(r), dtype=np.float64)) / rate_hz
    return Concordance(time_s, r, _index(r))


def _slopes(values, length, step):
    """Least-squares slope in each window, in arbitrary units; NaN if a sample is missing."""
    weights = np.arange(length) - (length - 1) / 2
    return sliding_window_view(values, length)[::step] @ weights


def _correlations(u, v):
    u = u - u.mean(axis=1, keepdims=True)
    v = v - v.mean(axis=1, keepdims=True)
    products, u_sum, v_sum = (u * v).sum(axis=1), (u * u).sum(axis=1), (v * v).sum(axis=1)
    changes = _is_more_than_rounding(u_sum) & _is_more_than_rounding(v_sum)
    size = np.sqrt(np.where(changes, u_sum * v_sum, 1.0))
    return np.where(changes, np.clip(products / size, -1, 1), np.nan)


def _is_more_than_rounding(squares):
    """Where slopes changed, judged by where they changed most; False at gaps."""
    return squares > 1e-20 * np.nanmax(squares, initial=0.0)


def _index(r) -> float:
    known = r[np.isfinite(r)]
    together, against = known[known > 0].sum(), -known[known < 0].sum()
    total = together + against
    if not total > 0:
        return np.nan
    least = _SMALLEST_SHARE * total
    return float(np.log(max(together, least) / max(against, least)))
