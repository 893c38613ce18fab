"""Tasks of learning about somebody (`simulation/instruments/learning_task.py`), by symptoms.

Borderline features are an index, as in the trust game; no diagnosis.
"""

import numpy as np
import pandas as pd

from bowlby.evidence.measures._effects import correlation, mean_z, standardised_difference
from bowlby.evidence.measures._registry import measures
from bowlby.evidence.measures.trust_game import by_borderline_features
from bowlby.evidence.samples import Samples


def _adaptation(table: pd.DataFrame) -> np.ndarray:
    """How much faster an adviser who turns is learnt about than a stable one (ln)."""
    return np.log(table.advice_rate_volatile.to_numpy() / table.advice_rate_stable.to_numpy())


def _trait_anxiety(table: pd.DataFrame) -> pd.Series:
    """Mean z of internalising and attachment anxiety: what is asked about being anxious."""
    return mean_z(table[["internalising_before", "anxiety"]])


@measures("bpd-volatility-blunt")
def borderline_adaptation(samples: Samples) -> float:
    """Adaptation of the fitted learning rate to volatility, controls minus borderline (d).

    How much social cues weigh against others is not measured: there are no others.
    """
    high, low = by_borderline_features(samples)
    return standardised_difference(_adaptation(low), _adaptation(high))


@measures("anx-volatility-blunt")
def anxious_adaptation(samples: Samples) -> float:
    """Correlation of trait anxiety with adaptation to volatility, sign turned."""
    table = samples.readouts("volunteers")
    return -correlation(_trait_anxiety(table), _adaptation(table))


@measures("intern-volatility-blunt")
def internalising_adaptation(samples: Samples) -> float:
    """Correlation of internalising with adaptation to volatility, sign turned."""
    table = samples.readouts("volunteers")
    return -correlation(table.internalising_before, _adaptation(table))


@measures("intern-volatility-null")
def internalising_with_rates(samples: Samples) -> float:
    """Correlation of internalising with adaptation to volatility."""
    return -internalising_adaptation(samples)


@measures("anx-statejumps")
def anxious_switches(samples: Samples) -> float:
    """Correlation of trait anxiety with moves after turns, and with those by oddballs turned.

    The smaller of the two: positive when the anxious move more by turns and less by oddballs.
    """
    table = samples.readouts("volunteers")
    anxiety, odd = _trait_anxiety(table), table.advice_by_oddballs
    known = odd.notna()
    return min(
        correlation(anxiety, table.advice_after_turns), -correlation(anxiety[known], odd[known])
    )


@measures("bpd-bad-certain")
def certain_of_harm(samples: Samples) -> float:
    """Certainty about a harmful person, borderline minus controls, and learning, turned (d).

    The smaller of the two: positive when beliefs are surer and move less.
    """
    high, low = by_borderline_features(samples)
    return min(
        standardised_difference(high.harm_certainty, low.harm_certainty),
        standardised_difference(low.harm_rate, high.harm_rate),
    )


@measures("bpd-emotion-explore")
def emotion_and_randomness(samples: Samples) -> float:
    """Loss of precision of choices (ln) by negative arousal: of all, and with borderline (d).

    The smaller of the two: its mean over its standard deviation, and borderline minus controls.
    """
    lost = [
        np.log(table.advice_precision_calm / table.advice_precision_upset)
        for table in (samples.readouts("volunteers"), *by_borderline_features(samples))
    ]
    return min(float(lost[0].mean() / lost[0].std()), standardised_difference(*lost[1:]))


@measures("bpd-inconsistency")
def inconsistency(samples: Samples) -> float:
    """Spread of what strangers are entrusted with, borderline minus controls (d).

    The smallest of: that; that less the same of lotteries; that less the same of the depressed
    (the fifth with the highest internalising among those without borderline features).
    """
    table = samples.readouts("volunteers")
    high, low = by_borderline_features(samples)
    others = table[~table.index.isin(high.index)]
    depressed = others[others.internalising_before > others.internalising_before.quantile(0.8)]

    def more(group: pd.DataFrame, score: str) -> float:
        return standardised_difference(group[score], low[score])

    social = more(high, "invested_spread")
    return min(
        social,
        social - more(high, "lottery_spread"),
        social - more(depressed, "invested_spread"),
    )


@measures("trust-secure-flexible")
def flexible_reliance(samples: Samples) -> float:
    """What the eyes take from the caregiver's claims: secure at 14 months minus others (d).

    The smallest difference from children who were avoidant, resistant or disorganised.
    """
    table = samples.readouts("seen_twice")
    taken = table.informant_unclear - table.informant_contradicted
    secure = taken[table.pattern_first == "B"]
    return min(
        standardised_difference(secure, taken[table.pattern_first == kind]) for kind in "ACD"
    )
