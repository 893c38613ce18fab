"""What became of single clients: reliable change, leaving, sudden gains.

Sources:
    Jacobson & Truax (1991), Journal of Consulting and Clinical Psychology 59(1), 12-19.
    Tang & DeRubeis (1999), Journal of Consulting and Clinical Psychology 67(6), 894-904.
    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from bowlby._types import FloatArray


def reliable_change(error: float) -> float:
    """Smallest difference of two scores that measurement error rarely makes (5 %).

    1.96 times the standard error of a difference, sqrt(2) times the error of one score.

    Args:
        error: Standard deviation of the measurement error (SD).

    Source:
        Jacobson & Truax (1991), equation for RC; they estimate the error from the reliability,
        here it is known.
    """
    return float(stats.norm.isf(0.025) * np.sqrt(2.0) * error)


def clinical_cutoff(before: FloatArray) -> float:
    """Score where clients and population (mean 0, SD 1) meet, in units of their spreads.

    Source:
        Jacobson & Truax (1991), criterion c.
    """
    mean, sd = float(before.mean()), float(before.std(ddof=1))
    return mean / (1.0 + sd)


@dataclass(frozen=True)
class Survival:
    """Share of clients who are still in therapy.

    Attributes:
        session: Sessions, from 0.
        share: Share still there after each.
        low: Lower end of its interval.
        high: Upper end.
    """

    session: np.ndarray
    share: FloatArray
    low: FloatArray
    high: FloatArray


def survival(time: np.ndarray, has_left: np.ndarray, last: int, *, alpha: float) -> Survival:
    """Kaplan-Meier estimate with intervals on the log-log scale.

    Args:
        time: Session after which each client left, or the last one seen.
        has_left: Whether that was leaving; else the client is censored then.
        last: Sessions to go up to.
        alpha: One minus the level of the interval.

    Source:
        Kaplan & Meier (1958); Greenwood's variance, log-log interval of Kalbfleisch & Prentice
        (1980), The Statistical Analysis of Failure Time Data, 15.
    """
    session = np.arange(last + 1)
    events = np.array([(has_left & (time == s)).sum() for s in session])
    at_risk = np.array([(time >= s).sum() for s in session])
    there = np.maximum(at_risk, 1)
    share = np.asarray(np.cumprod(1.0 - events / there), np.float64)
    rest = np.maximum(at_risk - events, 1)
    greenwood = np.cumsum(events / (there * rest))
    low, high = share.copy(), share.copy()
    inner = (share > 0.0) & (share < 1.0)
    z = stats.norm.isf(alpha / 2)
    log = np.log(share[inner])
    spread = z * np.sqrt(greenwood[inner]) / np.abs(log)
    low[inner], high[inner] = share[inner] ** np.exp(spread), share[inner] ** np.exp(-spread)
    return Survival(session, share, low, high)


def sudden_gains(scores: FloatArray, *, error: float) -> list[int]:
    """Sessions after which a client is suddenly and lastingly better.

    Tang & DeRubeis's three criteria, on a score whose zero is the population's mean: from one
    session to the next the score falls (1) by more than reliable change (their 7 points of the
    BDI), (2) by at least a quarter of its distance from the population's mean (their quarter of
    the score), and (3) the three sessions before and the three after differ by a t-test with 4
    degrees of freedom at p < .05.

    Args:
        scores: Score of each attended session, in order (SD).
        error: Standard deviation of the measurement error (SD).

    Returns:
        Number of attended sessions before each gain.
    """
    limit = stats.t.isf(0.025, 4)
    found = []
    for i in range(3, len(scores) - 2):
        before, after = scores[i - 3 : i], scores[i : i + 3]
        fall = scores[i - 1] - scores[i]
        pooled = np.sqrt((before.var(ddof=1) + after.var(ddof=1)) / 3.0)
        if (
            fall > reliable_change(error)
            and fall >= 0.25 * scores[i - 1] > 0.0
            and before.mean() - after.mean() > limit * pooled
        ):
            found.append(i)
    return found


def wilson(count: int, n: int, *, alpha: float) -> tuple[float, float]:
    """Interval of a share.

    Source:
        Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    if n == 0:
        return float("nan"), float("nan")
    z, p = float(stats.norm.isf(alpha / 2)), count / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def correlation(x: FloatArray, y: FloatArray, *, alpha: float) -> dict[str, float | int]:
    """Pearson's r with Fisher's interval."""
    n = len(x)
    if n < 5 or x.std() == 0.0 or y.std() == 0.0:
        return {"n": n, "r": float("nan"), "low": float("nan"), "high": float("nan")}
    r = float(np.corrcoef(x, y)[0, 1])
    half = float(stats.norm.isf(alpha / 2)) / np.sqrt(n - 3)
    low, high = np.tanh([np.arctanh(r) - half, np.arctanh(r) + half])
    return {"n": n, "r": r, "low": float(low), "high": float(high)}
