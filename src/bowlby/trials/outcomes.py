"""What became of single clients: reliable change, sudden gains.

Sources:
    Jacobson & Truax (1991), Journal of Consulting and Clinical Psychology 59(1), 12-19.
    Tang & DeRubeis (1999), Journal of Consulting and Clinical Psychology 67(6), 894-904.
"""

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
