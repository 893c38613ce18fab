"""Sample size of a comparison of two groups."""

import math


def clients_needed(
    difference: float, sd: float, *, power: float, alpha: float = 0.05, ratio: float = 1.0
) -> int:
    """People in the first of two groups that a two-sided t-test needs.

    Args:
        difference: Difference of means to be found.
        sd: Standard deviation within groups.
        power: Probability to find it.
        alpha: Level.
        ratio: Size of the second group over that of the first.

    Source:
        Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, chapter 2, as
        statsmodels computes it.
    """
    from statsmodels.stats.power import TTestIndPower

    found = TTestIndPower().solve_power(
        difference / sd, power=power, alpha=alpha, ratio=ratio, alternative="two-sided"
    )
    return math.ceil(float(found))
