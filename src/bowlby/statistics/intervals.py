"""Intervals of means, of shares, of their differences, and numbers needed to treat."""

import numpy as np
from numpy.typing import ArrayLike

from bowlby._types import FloatArray


def mean_half_width(values: ArrayLike, *, alpha: float = 0.05) -> FloatArray:
    """Half the width of the t interval of a mean; NaN of a single value.

    Args:
        values: Along the first axis.
        alpha: One minus the level of the interval.
    """
    each = np.asarray(values, float)
    n = len(each)
    if n < 2:
        return np.full(each.shape[1:], np.nan)
    from scipy.stats import t

    return np.asarray(t.isf(alpha / 2.0, n - 1) * each.std(0, ddof=1) / np.sqrt(n))


def share_interval(count: int, n: int, *, alpha: float = 0.05) -> tuple[float, float]:
    """Wilson's interval of a share; NaN of nobody.

    Args:
        count: Those who are meant.
        n: All.
        alpha: One minus the level of the interval.

    Source:
        Wilson (1927), Journal of the American Statistical Association 22, 209-212, as scipy
        computes it.
    """
    if n == 0:
        return float("nan"), float("nan")
    from scipy.stats import binomtest

    low, high = binomtest(count, n).proportion_ci(1.0 - alpha, method="wilson")
    return float(low), float(high)


def difference_interval(
    count: int, n: int, other_count: int, other_n: int, *, alpha: float = 0.05
) -> tuple[float, float]:
    """Newcombe's interval of a difference of two shares, from Wilson's of each.

    Source:
        Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    if n == 0 or other_n == 0:
        return float("nan"), float("nan")
    p, q = count / n, other_count / other_n
    low, high = share_interval(count, n, alpha=alpha)
    other_low, other_high = share_interval(other_count, other_n, alpha=alpha)
    return (
        p - q - float(np.hypot(p - low, other_high - q)),
        p - q + float(np.hypot(high - p, q - other_low)),
    )


def number_needed(
    difference: float, low: float, high: float
) -> tuple[float, float, float] | None:
    """Number needed to treat, with its interval; None where the difference may be none.

    Where the interval of a difference holds 0, that of the number runs through infinity to
    numbers needed to harm, and no number is meant.

    Args:
        difference: Share better off less share of the others.
        low: Lower end of its interval.
        high: Upper end.

    Source:
        Altman (1998), BMJ 317, 1309-1312.
    """
    return (1.0 / difference, 1.0 / high, 1.0 / low) if low > 0.0 else None
