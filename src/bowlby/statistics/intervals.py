"""Intervals of shares."""

from scipy.stats import binomtest


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
    low, high = binomtest(count, n).proportion_ci(1.0 - alpha, method="wilson")
    return float(low), float(high)
