"""A trust game, played by the same minds; borderline features are an index, no diagnosis."""

import pandas as pd

from bowlby.evidence.measures._effects import mean_z, standardised_difference
from bowlby.evidence.measures._registry import measures
from bowlby.evidence.samples import Samples


def borderline_features(table: pd.DataFrame) -> pd.Series:
    """Mean z of internalising, externalising and attachment anxiety."""
    return mean_z(table[["internalising_before", "externalising_before", "anxiety"]])


def by_borderline_features(samples: Samples) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The fifth with most borderline features, and the lower half as controls."""
    table = samples.readouts("volunteers")
    index = borderline_features(table)
    return table[index > index.quantile(0.8)], table[index < index.quantile(0.5)]


@measures("bpd-coax-ratio")
def coaxing(samples: Samples) -> float:
    """Share of low offers answered by approach: with borderline features over controls."""
    high, low = by_borderline_features(samples)
    return float(high.trust_coaxed.mean() / low.trust_coaxed.mean())


@measures("bpd-coop-decline")
def declining_cooperation(samples: Samples) -> float:
    """Slope of the investor's offers: controls minus those with borderline features (d)."""
    high, low = by_borderline_features(samples)
    return standardised_difference(low.trust_offer_slope, high.trust_offer_slope)
