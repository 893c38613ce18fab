"""Effect sizes as the studies computed them."""

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from bowlby.statistics import correlation as pearson
from bowlby.statistics.effect_sizes import average_sd, cohens_d

if TYPE_CHECKING:
    import pandas as pd


def correlation(x: ArrayLike, y: ArrayLike) -> float:
    """Pearson's r over the pairs without missing values; NaN if one side does not vary."""
    return pearson.correlation(x, y).r


def standardised_difference(first: ArrayLike, second: ArrayLike) -> float:
    """Cohen's d in the root mean variance.

    Simulated groups are as large as one likes; their sizes must not weigh their spreads.
    """
    return cohens_d(first, second, sd=average_sd)


def mean_z(scores: "pd.DataFrame") -> "pd.Series":
    """Mean of the standardised columns, per row."""
    return ((scores - scores.mean()) / scores.std()).mean(axis=1)
