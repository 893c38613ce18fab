"""Synchrony: hormones of two people, and the best strength of regulation."""

import numpy as np
import pandas as pd

from bowlby.evidence.measures._effects import correlation, standardised_difference
from bowlby.evidence.measures._registry import measures
from bowlby.evidence.samples import GAINS, Samples


def _treated(samples: Samples) -> pd.DataFrame:
    sessions = samples.sessions("clinic")
    return sessions[(sessions.arm == "treated") & (sessions.phase == "therapy")]


def _within(sessions: pd.DataFrame, first: str, second: str) -> float:
    """Mean over dyads of the correlation of two variables over sessions."""
    rs = [
        correlation(group[first], group[second])
        for _, group in sessions.dropna(subset=[first, second]).groupby("dyad")
        if len(group) >= 8
    ]
    return float(np.nanmean(rs)) if rs else float("nan")


@measures("cortisol-sync-pos")
def cortisol_synchrony(samples: Samples) -> float:
    """Correlation over sessions of the two persons' cortisol within a dyad, mean over dyads."""
    return _within(_treated(samples), "cortisol_seeker", "cortisol_figure")


@measures("ot-synchrony")
def oxytocin_with_contact(samples: Samples) -> float:
    """Correlation over dyads of oxytocin with the share of shared, attuned contact."""
    sessions = _treated(samples)
    means = sessions.groupby("dyad")[["oxytocin_seeker", "stance_share_attuned"]].mean()
    return correlation(means.oxytocin_seeker, means.stance_share_attuned)


@measures("ot-secure-response")
def oxytocin_of_the_secure(samples: Samples) -> float:
    """Oxytocin in sessions, states of mind F against Ds (d)."""
    table = samples.readouts("clinic")
    treated = table[table.arm == "treated"]
    secure, dismissing = (treated.oxytocin[treated.aai == kind] for kind in ("F", "Ds"))
    return standardised_difference(secure, dismissing)


@measures("midrange-attach")
def best_gain(samples: Samples) -> float:
    """Curvature of the share of B over the logarithm of regulation's strength, sign turned."""
    secure = [(samples.readouts(f"gain_{gain:g}").pattern == "B").mean() for gain in GAINS]
    return -float(np.polyfit(np.log(GAINS), secure, 2)[0])
