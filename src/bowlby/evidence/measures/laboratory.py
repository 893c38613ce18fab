"""Under stress, alone and in company: social buffering and hand-holding."""

import pandas as pd

from bowlby.evidence.measures._effects import correlation, standardised_difference
from bowlby.evidence.measures._registry import measures
from bowlby.evidence.samples import Samples


def _above_rest(samples: Samples, name: str) -> float:
    """Cortisol above rest with the caregiver, over that with a stranger (ratio)."""
    table = samples.readouts(name)
    rest = table.lab_cortisol_rest.mean()
    return float(
        (table.lab_cortisol_figure.mean() - rest) / (table.lab_cortisol_stranger.mean() - rest)
    )


@measures("buffer-child")
def buffered(samples: Samples) -> float:
    """Children's cortisol above rest with the caregiver, over that with a stranger (ratio)."""
    return _above_rest(samples, "stressed_children")


@measures("buffer-adolescent-null")
def buffered_when_grown(samples: Samples) -> float:
    """The same ratio at the end of adolescence, which is lived (`[youth]`)."""
    return _above_rest(samples, "adolescents")


@measures("stillface-effect")
def still_face(samples: Samples) -> float:
    """Arousal at the still face above that of play, turning to it below (the smaller d)."""
    table = samples.readouts("stressed_children")
    return min(
        standardised_difference(table.still_arousal_still, table.still_arousal_play),
        standardised_difference(table.still_approach_play, table.still_approach_still),
    )


@measures("cortisol-challenge")
def mirrored_under_challenge(samples: Samples) -> float:
    """Correlation over dyads of the two's cortisol: child under stress minus at rest."""
    table = samples.readouts("stressed_children")
    return correlation(
        table.lab_cortisol_figure, table.lab_figure_cortisol_figure
    ) - correlation(table.lab_cortisol_rest, table.lab_figure_cortisol_rest)


@measures("handhold-partner")
def calmed_by_a_partner(samples: Samples) -> float:
    """Adults' hyper-arousal under stress, alone minus with the partner (d)."""
    table = samples.readouts("volunteers")
    return standardised_difference(table.lab_arousal_alone, table.lab_arousal_figure)


def _calmed_more_than_by_a_stranger(table: pd.DataFrame) -> pd.Series:
    return table.lab_arousal_stranger - table.lab_arousal_figure


@measures("handhold-status-null")
def calmed_by_a_partner_or_a_friend(samples: Samples) -> float:
    """What a partner calms more than a friend does, at equal expected support (d)."""
    table = samples.readouts("volunteers")
    calmed = table.lab_arousal_alone - table.lab_arousal_figure
    support = table.lab_expected_support
    slope = calmed.cov(support) / support.var()
    left = calmed - slope * support
    return standardised_difference(left[table.together == 1], left[table.together == 0])


@measures("handhold-quality")
def calmed_by_a_good_partner(samples: Samples) -> float:
    """Partner's contingency with what the partner calms more than a stranger does (r)."""
    table = samples.readouts("volunteers")
    return correlation(table.partner_contingency, _calmed_more_than_by_a_stranger(table))


@measures("handhold-support")
def calmed_by_an_expected_partner(samples: Samples) -> float:
    """Expected attunement with what the partner calms more than a stranger does (r)."""
    table = samples.readouts("volunteers")
    return correlation(table.lab_expected_support, _calmed_more_than_by_a_stranger(table))
