"""Synchrony: bodies and hormones of two people, and the best strength of regulation.

Hearts, skin, breath and motion are measured in signals that people emit, with the code that
measures real recordings; a session's synchrony is in standard deviations of its surrogates.
"""

import numpy as np
import pandas as pd

from bowlby.evidence.measures._effects import correlation, standardised_difference
from bowlby.evidence.measures._registry import measures
from bowlby.evidence.measures.therapy import improvement
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


def _recorded(samples: Samples) -> pd.DataFrame:
    """Readouts of the recorded therapies."""
    return samples.readouts("recorded")


def _recorded_sessions(samples: Samples) -> pd.DataFrame:
    """Recorded sessions of the therapies."""
    sessions = samples.sessions("recorded")
    return sessions[sessions.synchrony_skin.notna()]


def _above_strangers(samples: Samples, signal: str) -> float:
    """Mean synchrony of a signal in real dyads minus that in pseudo-dyads."""
    table = _recorded(samples)
    own = f"synchrony_{signal}"
    return float((table[own] - table[f"{own}_strangers"]).mean())


@measures("hr-lag")
def lag_of_hearts(samples: Samples) -> float:
    """One second minus the median distance from 0 of the lag of most synchrony (s)."""
    lags = samples.readouts("recorded_families").synchrony_lag_s
    return 1.0 - float(np.nanmedian(np.abs(lags)))


@measures("rsa-sync-pos")
def arrhythmia_together(samples: Samples) -> float:
    """Correlation of mother's and child's respiratory sinus arrhythmia, mean over dyads."""
    return float(samples.readouts("recorded_families").synchrony_rsa_r.mean())


@measures("nvs-alliance")
def motion_with_alliance(samples: Samples) -> float:
    """Correlation of motion synchrony with the client's alliance."""
    table = _recorded(samples)
    return correlation(table.synchrony_motion, table.alliance_client)


@measures("nvs-symptom")
def motion_with_symptoms(samples: Samples) -> float:
    """Correlation of motion synchrony with adjusted improvement of symptoms."""
    table = _recorded(samples)
    return correlation(table.synchrony_motion, improvement(table))


@measures("nvs-overall-null")
def motion_with_both(samples: Samples) -> float:
    """Mean of the correlations of motion synchrony with alliance and with improvement."""
    return 0.5 * (motion_with_alliance(samples) + motion_with_symptoms(samples))


@measures("eda-empathy")
def skin_with_empathy(samples: Samples) -> float:
    """Correlation of concordance of skin conductance in one session with feeling understood.

    One session of an established dyad: the middle one of those recorded.
    """
    sessions = _recorded_sessions(samples)
    recorded = np.unique(sessions.session)
    one = sessions[sessions.session == recorded[len(recorded) // 2]]
    felt = _recorded(samples).set_index("dyad").understanding_perceived
    return correlation(one.concordance_skin, felt.loc[one.dyad])


@measures("eda-session-variance")
def skin_varies_between_sessions(samples: Samples) -> float:
    """Variance of skin synchrony between sessions minus between dyads, as shares of all.

    The variance between dyads is that of their means less what sessions alone give them.
    """
    by_dyad = _recorded_sessions(samples).groupby("dyad").synchrony_skin
    within = float(by_dyad.var().mean())
    between = float(by_dyad.mean().var()) - within / float(by_dyad.count().mean())
    between = max(between, 0.0)
    return (within - between) / (within + between)


@measures("eda-therapist-led-emotion")
def led_and_relieved(samples: Samples) -> float:
    """Correlation over sessions of the client's distress with the client's lead (skin)."""
    sessions = _recorded_sessions(samples)
    return correlation(sessions.synchrony_skin_lead, sessions.distress)


@measures("tm2020-physio")
def bodies_above_surrogates(samples: Samples) -> float:
    """Mean synchrony of breath, heart and heart rate variability: the smallest of the three."""
    table = _recorded(samples)
    return float(table[["synchrony_breath", "synchrony_heart", "synchrony_rsa"]].mean().min())


@measures("genuine-vs-pseudo")
def hearts_of_strangers(samples: Samples) -> float:
    """Synchrony of hearts: real minus pseudo-dyads, mean."""
    return _above_strangers(samples, "heart")


@measures("rt2011")
def motion_of_strangers(samples: Samples) -> float:
    """Synchrony of motion: real minus pseudo-dyads, mean."""
    return _above_strangers(samples, "motion")
