"""Standardised differences: Cohen's d, Hedges' g, and their kin.

Sources:
    Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, chapter 2.
    Borenstein, Hedges, Higgins & Rothstein (2009), Introduction to Meta-Analysis, chapters 4
    and 7.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bowlby._types import FloatArray


def pooled_sd(first: FloatArray, second: FloatArray) -> float:
    """Standard deviation within two groups, each weighted by its degrees of freedom."""
    free_first, free_second = len(first) - 1, len(second) - 1
    squares = free_first * first.var(ddof=1) + free_second * second.var(ddof=1)
    return float(np.sqrt(squares / (free_first + free_second)))


def average_sd(first: FloatArray, second: FloatArray) -> float:
    """Root of the mean of two variances: for unlike spreads, both sides counting alike.

    Source:
        Cohen (1988), section 2.3, unequal standard deviations.
    """
    return float(np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2.0))


def cohens_d(
    first: ArrayLike,
    second: ArrayLike,
    *,
    sd: Callable[[FloatArray, FloatArray], float] = pooled_sd,
) -> float:
    """Cohen's d: mean of the first less mean of the second, in standard deviations.

    Args:
        first: Values of one group; those that are not finite are left out.
        second: Values of the other.
        sd: What to divide by, `pooled_sd` or `average_sd`.

    Returns:
        NaN if a group has fewer than two values or nothing varies.
    """
    first, second = (np.asarray(x, float)[np.isfinite(x)] for x in (first, second))
    if min(len(first), len(second)) < 2:
        return float("nan")
    spread = sd(first, second)
    return float((first.mean() - second.mean()) / spread) if spread > 0.0 else float("nan")


@dataclass(frozen=True)
class EffectSize:
    """A difference in standard deviations.

    Attributes:
        d: Cohen's d.
        g: Hedges' g: d without its bias in small samples.
        low: Lower end of the interval of g.
        high: Upper end.
    """

    d: float
    g: float
    low: float
    high: float


def effect_size(
    difference: float,
    error: float,
    *,
    df: float,
    sd: float,
    sd_df: float,
    alpha: float = 0.05,
) -> EffectSize:
    """Effect size of a difference that a model estimated, with an interval that fits its test.

    The interval holds every g that is not rejected: with e the difference's error in standard
    deviations, those for which

        (d - x)^2 <= t^2 e^2 + z^2 x^2 / (2 sd_df),    g = J x.

    The first term is the test of the difference, with its own degrees of freedom; the second is
    the error of the standard deviation, which vanishes at x = 0. The interval therefore holds 0
    exactly when p > alpha. Where the standard deviation is so uncertain that no g is too large
    (sd_df below 2 at alpha = .05), both ends are infinite.

    Args:
        difference: The estimate.
        error: Its standard error.
        df: Degrees of freedom of that error.
        sd: Standard deviation to divide by.
        sd_df: Degrees of freedom of `sd`.
        alpha: One minus the level of the interval.

    Source:
        Borenstein et al. (2009), equations 4.18 to 4.23, for d, J and the variance of the
        standard deviation. Ours: the variance is taken at the value in question, as Fieller
        (1954, Journal of the Royal Statistical Society B 16, 175-185) does for a ratio.
    """
    d, e = difference / sd, error / sd
    j = 1.0 - 3.0 / (4.0 * sd_df - 1.0)
    from scipy import stats

    t, z = float(stats.t.isf(alpha / 2, df)), float(stats.norm.isf(alpha / 2))
    known = 1.0 - z**2 / (2.0 * sd_df)
    if known <= 0.0:
        return EffectSize(d, j * d, -np.inf, np.inf)
    half = np.sqrt(d**2 - known * (d**2 - (t * e) ** 2))
    return EffectSize(d, j * d, float(j * (d - half) / known), float(j * (d + half) / known))


def difference_of_shares(first: ArrayLike, second: ArrayLike) -> float:
    """Difference of two proportions as d: the log odds ratio times sqrt(3) / pi.

    Half a case is added to each cell, so that empty cells stay finite.

    Source:
        Borenstein et al. (2009), chapter 7.
    """

    def log_odds(is_case: ArrayLike) -> float:
        cases, others = np.sum(is_case), np.sum(~np.asarray(is_case, bool))
        return float(np.log((cases + 0.5) / (others + 0.5)))

    return (log_odds(first) - log_odds(second)) * np.sqrt(3.0) / np.pi
