"""Directed influence: how far one person's past helps to foretell the other.

With residual variances of two regressions on `order` past samples, one on a person's own past
and one on both pasts,

    F(x -> y) = ln(var(y | own past) / var(y | both pasts)),

0 if the other's past adds nothing. This is prediction, not causation: a common cause, or a
third rhythm, can produce it.

Source: Granger (1969), Econometrica 37, 424-438; Geweke (1982), Journal of the American
Statistical Association 77, 304-313, for the logarithmic measure. Ours: a row of the regression
that touches a gap is left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bowlby._types import FloatArray
from bowlby.recordings.kinds import KINDS
from bowlby.synchrony.estimate import NOTHING, Estimate
from bowlby.synchrony.stretches import coarsen

_ROWS_PER_PARAMETER = 5
_SMALLEST_SHARE = 1e-12


@dataclass(frozen=True)
class Influence:
    """How far each person's past foretells the other.

    Attributes:
        x_to_y: Logarithm of the ratio of residual variances, 0 or more; NaN if unknown.
        y_to_x: The same the other way round.
        order: Past samples in the regressions; 0 if unknown.
        rows: Episodes used.
        rate_hz: Rate at which the regressions ran (Hz).
    """

    x_to_y: float
    y_to_x: float
    order: int
    rows: int
    rate_hz: float

    @property
    def past_s(self) -> float:
        """How far back the regressions looked (s)."""
        return self.order / self.rate_hz


@dataclass(frozen=True)
class DirectedInfluence:
    """Sum of both directions of influence.

    It tells nothing of what happens at the same moment: identical series have nothing left to
    foretell in each other, and score 0.

    Attributes:
        past_s: Longest past looked at (s); the best order up to it is chosen. 5 s is the
            longest lag customary for motion.
        rate_hz_max: Rate to which the series are averaged first (Hz). At 2 Hz, 5 s are 10
            samples; at a camera's rate they would be over 100 and mostly redundant.
    """

    past_s: float = 5.0
    rate_hz_max: float = 2.0
    name = "directed_influence"
    title = "Directed influence"
    ignores_level = True

    @property
    def periods_s(self) -> tuple[float, float]:
        """Periods of which a signal must hold something (s): what changes within the past.

        Unrelated skin levels, which are filtered to be slower, had p <= .05 in 17 %.
        """
        return 2.0 / self.rate_hz_max, 2.0 * self.past_s

    def estimate(self, x: FloatArray, y: FloatArray, *, rate_hz: float) -> Estimate:
        """Sum of both influences on what is no slow level; it has no lag."""
        pair = coarsen(x, y, rate_hz=rate_hz, rate_hz_max=self.rate_hz_max).without_level()
        found = directed_influence(
            pair.x, pair.y, rate_hz=pair.rate_hz, past_s=self.past_s,
            rate_hz_max=self.rate_hz_max,
        )  # fmt: skip
        if found.order == 0:
            return NOTHING
        samples = int(len(x) * found.rate_hz / rate_hz + 1e-9)
        return Estimate(found.x_to_y + found.y_to_x, np.nan, found.rows / samples)


def foresight(what: str, kind: str, signal: str) -> str:
    """A warning where preparing a signal has looked into the future; empty if it has not.

    Args:
        what: The measure that asks what the past foretells.
        kind: Key of `KINDS`.
        signal: The signal's name.
    """
    ahead_s = KINDS[kind].ahead_s
    if not ahead_s:
        return ""
    return (
        f"{what} of {signal}: preparing it looked {ahead_s:g} s ahead, so that a response "
        "shows before it begins and the past foretells too much. For who leads take the lag of "
        "the windowed correlation, which this does not move."
    )


def directed_influence(
    x: FloatArray,
    y: FloatArray,
    *,
    rate_hz: float,
    past_s: float = 5.0,
    rate_hz_max: float = 2.0,
    order: int | None = None,
) -> Influence:
    """Logarithmic variance ratios of both directions.

    Args:
        x: First person's series, NaN where missing.
        y: Second person's series, on the same clock.
        rate_hz: Sampling rate of both (Hz).
        past_s: Longest past looked at (s).
        rate_hz_max: Rate to which the series are averaged first (Hz).
        order: Past samples to use; None chooses the smallest Bayesian information criterion.

    Raises:
        ValueError: If the past is not positive, or the lengths differ.
    """
    if not past_s > 0 or (order is not None and order < 1):
        raise ValueError(f"past_s={past_s} must be positive and order={order} at least 1.")
    pair = coarsen(x, y, rate_hz=rate_hz, rate_hz_max=rate_hz_max)
    both = np.stack([pair.x, pair.y])
    nothing = Influence(np.nan, np.nan, 0, 0, pair.rate_hz)
    if order is None:
        order = _best_order(both, max(1, round(past_s * pair.rate_hz)))
    rows = _rows(both, order) if order else None
    if rows is None:
        return nothing
    now, past = rows
    (x_alone,) = _residual(now[:1], past[0::2])
    (y_alone,) = _residual(now[1:], past[1::2])
    x_given_both, y_given_both = _residual(now, past)
    return Influence(
        x_to_y=float(np.log(y_alone / y_given_both)),
        y_to_x=float(np.log(x_alone / x_given_both)),
        order=order,
        rows=now.shape[1],
        rate_hz=pair.rate_hz,
    )


def _rows(both, order):
    """Centred present (2 x rows) and past (2 order x rows: x, y one back, x, y two back...).

    None if there are too few rows without a gap, or nothing changes in them.
    """
    if both.shape[1] <= order:
        return None
    windows = sliding_window_view(both, order + 1, axis=1)
    windows = windows[:, ~np.isnan(windows[0]).any(axis=1)]
    count = windows.shape[1]
    if count < _ROWS_PER_PARAMETER * (2 * order + 1):
        return None
    stacked = windows.transpose(2, 0, 1)[::-1].reshape(-1, count)
    # The intercept is in the means.
    stacked = stacked - stacked.mean(axis=1, keepdims=True)
    spread = stacked[:2].std(axis=1)
    if not (spread > 0).all():
        return None
    stacked /= np.tile(spread, order + 1)[:, None]
    return stacked[:2], stacked[2:]


def _residual(now, past):
    """Residual sum of squares of each target."""
    from bowlby.synchrony._regression_kernels import explained

    total = (now**2).sum(axis=1)
    residual = total - (explained(past, now) ** 2).sum(axis=0)
    return np.maximum(residual, _SMALLEST_SHARE * total)


def _best_order(both, largest) -> int:
    """Order of the smallest BIC, all on the rows of the largest order; 0 if there are none."""
    from bowlby.synchrony._regression_kernels import explained

    rows = _rows(both, largest)
    while rows is None and largest > 1:
        largest //= 2
        rows = _rows(both, largest)
    if rows is None:
        return 0
    now, past = rows
    count = now.shape[1]
    along = explained(past, now).reshape(largest, 2, 2)
    so_far = np.cumsum(np.einsum("kai,kaj->kij", along, along), axis=0)
    covariance = (np.einsum("ik,jk->ij", now, now) - so_far) / count
    orders = np.arange(1, largest + 1)
    size = np.maximum(np.linalg.det(covariance), _SMALLEST_SHARE)
    return int(orders[np.argmin(np.log(size) + 4 * orders * np.log(count) / count)])
