"""What became of simulated clients, by the definitions real ones are judged by.

The definitions live in `bowlby.outcomes`; here they meet scores whose population has mean 0 and
SD 1 and whose measurement error is known.
"""

import numpy as np

from bowlby._types import FloatArray
from bowlby.outcomes.cutoffs import cutoff
from bowlby.outcomes.gains import criteria
from bowlby.outcomes.yardstick import critical


def reliable_change(error: float) -> float:
    """Smallest difference of two scores that measurement error rarely makes (5 %).

    Args:
        error: Standard deviation of the measurement error (SD).
    """
    return critical(0.95) * float(np.sqrt(2.0)) * error


def clinical_cutoff(before: FloatArray) -> float:
    """Score where clients and population (mean 0, SD 1) meet, in units of their spreads."""
    clinical = (float(before.mean()), float(before.std(ddof=1)))
    return cutoff("c", sign=-1, clinical=clinical, functional=(0.0, 1.0))


def sudden_gains(scores: FloatArray, *, error: float) -> list[int]:
    """Sessions after which a client is suddenly and lastingly better.

    Tang and DeRubeis's criteria on a score whose zero is the population's mean: the quarter is
    of the distance from that mean, so there is no gain from below it.

    Args:
        scores: Score of each attended session, in order (SD).
        error: Standard deviation of the measurement error (SD).

    Returns:
        Number of attended sessions before each gain.
    """
    found = criteria(np.asarray(scores, float)[None], cutoff=reliable_change(error))
    if not len(found.session):
        return []
    from_above = scores[found.session - 1] > 0.0
    return [int(s) for s in found.session[(found.is_gain[0] == 1.0) & from_above]]
