"""Therapy: alliance, ruptures, therapists, attachment of clients, dose and response.

The clinic's clients are the adults whose observed symptoms before treatment are at least half a
standard deviation above the population's mean. Improvement is symptoms before minus symptoms
after, adjusted for symptoms before where the studies did so.
"""

import numpy as np
import pandas as pd

from bowlby.evidence.measures._effects import correlation, standardised_difference
from bowlby.evidence.measures._registry import measures
from bowlby.evidence.measures.trust_game import borderline_features
from bowlby.evidence.samples import SAMPLES, SESSIONS, Samples
from bowlby.simulation.instruments import READOUTS
from bowlby.simulation.instruments.session_process import rated
from bowlby.simulation.instruments.symptoms import ACTED_NORM, WEEKS
from bowlby.statistics.correlation import residual
from bowlby.statistics.intraclass import intraclass_correlation
from bowlby.trials.outcomes import reliable_change

CUT_OFF: float = SAMPLES["clinic"]["recruiting"]["severity"]
"""Observed symptoms before treatment from which an adult is a client (SD)."""

ERROR = READOUTS["internalising_after"].noise
"""Standard error of measurement of the symptom score (SD)."""

RELIABLE = reliable_change(ERROR)
"""Reliable change (SD)."""


def clients(samples: Samples, arm: str, sample: str = "clinic") -> pd.DataFrame:
    """Readouts of the clients of an arm; clients who left keep their last state."""
    table = samples.readouts(sample)
    return table[(table.arm == arm) & (table.internalising_before > CUT_OFF)].set_index("dyad")


def improvement(table: pd.DataFrame) -> np.ndarray:
    """Symptoms after, sign turned, adjusted for symptoms before; of nobody, nothing."""
    if table.empty:
        return np.empty(0)
    return -residual(table.internalising_after, table.internalising_before)


def sessions_of(samples: Samples, arm: str, dyads: pd.Index) -> pd.DataFrame:
    """Sessions that took place of these dyads."""
    sessions = samples.sessions("clinic")
    chosen = sessions[
        (sessions.arm == arm) & (sessions.session > 0) & sessions.dyad.isin(dyads)
    ]
    return chosen[chosen.present > 0.5]


def _with_outcome(samples: Samples, column: str) -> float:
    treated = clients(samples, "treated")
    return correlation(treated[column], improvement(treated))


@measures("alliance-outcome")
def alliance_with_outcome(samples: Samples) -> float:
    """Correlation of client-rated alliance (sessions 3 to 6) with adjusted improvement."""
    return _with_outcome(samples, "alliance_client")


@measures("alliance-internet")
def alliance_without_bodies(samples: Samples) -> float:
    """Alliance with adjusted improvement where nothing that is done soothes by itself."""
    treated = clients(samples, "treated", "online")
    return correlation(treated.alliance_client, improvement(treated))


@measures("therapist-att-weak")
def therapists_attachment(samples: Samples) -> float:
    """Correlation of the therapist's own insecurity with adjusted improvement."""
    treated = clients(samples, "treated")
    insecure = treated.therapist_anxiety + treated.therapist_avoidance
    return correlation(insecure, improvement(treated))


def borderline(samples: Samples, arm: str) -> pd.DataFrame:
    """The fifth of an arm with most borderline features before treatment; no diagnosis."""
    table = samples.readouts("clinic")
    mine = table[table.arm == arm].set_index("dyad")
    before = table[table.arm == "treated"].set_index("dyad")
    index = borderline_features(before)
    return mine.loc[index.index[index > index.quantile(0.8)]]


def _problems(table: pd.DataFrame, when: str) -> pd.Series:
    return 0.5 * (table[f"internalising_{when}"] + table[f"externalising_{when}"])


@measures("bpd-therapy-smd")
def borderline_features_treated(samples: Samples) -> float:
    """Problems after, attachment-informed minus supportive treatment, most features (d)."""
    treated, usual = (borderline(samples, arm) for arm in ("treated", "supportive"))
    return standardised_difference(_problems(treated, "after"), _problems(usual, "after"))


@measures("mbt-selfharm")
def crises_of_action(samples: Samples) -> float:
    """Risk of a week of extreme acting out, attachment-informed over supportive treatment.

    Of those with most borderline features; the last four weeks of follow-up. Extreme is two
    standard deviations above the mean of untreated adults. Arousal that is acted out where
    thinking is shut stands for self-harm.
    """
    sessions = samples.sessions("clinic")
    last = sessions[sessions.week > sessions.week.max() - WEEKS]
    worst = last.groupby(["arm", "dyad"]).life_acting_out.max()
    extreme = worst > ACTED_NORM[0] + 2.0 * ACTED_NORM[1]
    risk = {
        arm: float(extreme[arm].reindex(borderline(samples, arm).index).mean())
        for arm in ("treated", "supportive")
    }
    return risk["treated"] / risk["supportive"] if risk["supportive"] > 0.0 else float("nan")


@measures("mbt-scm")
def both_improve_one_more(samples: Samples) -> float:
    """Fall of problems with most features: supportive, and what attachment-informed adds.

    The smaller of the two (SD).
    """
    fall = {
        arm: float((_problems(table, "before") - _problems(table, "after")).mean())
        for arm in ("treated", "supportive")
        for table in (borderline(samples, arm),)
    }
    return min(fall["supportive"], fall["treated"] - fall["supportive"])


@measures("empathy-outcome")
def empathy_with_outcome(samples: Samples) -> float:
    """Correlation of how understood the client feels with adjusted improvement."""
    return _with_outcome(samples, "understanding_perceived")


def _lagged(
    samples: Samples, cause: str, effect: str, *, arm: str = "treated", until: int = 7
) -> float:
    """Standardised lag-1 path within clients of an arm, over the sessions until one."""
    early = sessions_of(samples, arm, clients(samples, arm).index)
    early = early[early.session <= until].sort_values(["dyad", "session"])
    rng = np.random.default_rng(samples.seed)
    columns = {
        "symptoms": early.symptoms + ERROR * rng.standard_normal(len(early)),
        "alliance": rated(*early[["trust", "fit", "expects"]].to_numpy().T)
        + READOUTS["alliance_client"].noise * rng.standard_normal(len(early)),
        "interpretation": early.intervention_share_interpret,
    }
    table = pd.DataFrame(columns | {"dyad": early.dyad})
    centred = table[list(columns)] - table.groupby("dyad").transform("mean")
    centred = centred / centred.std()
    before = centred.groupby(table.dyad).shift(1)
    pairs = pd.concat(
        [before[[cause, effect]], centred[effect].rename("next")], axis=1
    ).dropna()
    weights = np.linalg.lstsq(pairs[[cause, effect]], pairs.next, rcond=None)[0]
    return float(weights[0])


@measures("alliance-lag-a2s")
def alliance_then_symptoms(samples: Samples) -> float:
    """Within-client path from alliance to symptoms at the next session, sessions 1 to 7."""
    return _lagged(samples, "alliance", "symptoms")


@measures("alliance-lag-s2a")
def symptoms_then_alliance(samples: Samples) -> float:
    """Within-client path from symptoms to alliance at the next session, sessions 1 to 7."""
    return _lagged(samples, "symptoms", "alliance")


@measures("alliance-reciprocal")
def reciprocal(samples: Samples) -> float:
    """The larger of the two lag-1 paths with its sign turned: positive if both are negative."""
    return -max(alliance_then_symptoms(samples), symptoms_then_alliance(samples))


@measures("rupture-repair")
def repair_with_outcome(samples: Samples) -> float:
    """Correlation of the share of ruptures that were repaired with adjusted improvement."""
    treated = clients(samples, "treated")
    share = treated.repairs / treated.ruptures.where(treated.ruptures > 0.0)
    return correlation(share, improvement(treated))


@measures("positive-regard")
def regard_with_outcome(samples: Samples) -> float:
    """Adjusted improvement above against below the median share of validation (g)."""
    treated = clients(samples, "treated")
    sessions = sessions_of(samples, "treated", treated.index)
    share = sessions.groupby("dyad").intervention_share_validate.mean().reindex(treated.index)
    above = (share > share.median()).to_numpy()
    gains = improvement(treated)
    return standardised_difference(gains[above], gains[~above])


def _reactions(samples: Samples) -> pd.Series:
    """Share of looming and dismissing acts per client."""
    treated = clients(samples, "treated")
    sessions = sessions_of(samples, "treated", treated.index)
    acts = sessions[["intervention_share_loom", "intervention_share_dismiss"]].sum(axis=1)
    return acts.groupby(sessions.dyad).mean().reindex(treated.index)


@measures("ct-reactions")
def reactions_with_outcome(samples: Samples) -> float:
    """Correlation of the therapist's looming and dismissing acts with adjusted improvement."""
    return correlation(_reactions(samples), improvement(clients(samples, "treated")))


@measures("ct-mgmt-reactions")
def management_with_reactions(samples: Samples) -> float:
    """Correlation of the therapist's mentalising, as scored by an observer, with such acts."""
    treated = clients(samples, "treated")
    rng = np.random.default_rng(samples.seed)
    error = READOUTS["mentalising_observed"].noise * rng.standard_normal(len(treated))
    scored = treated.therapist_mentalising + error
    return correlation(scored, _reactions(samples))


@measures("therapist-var")
def therapists_differ(samples: Samples) -> float:
    """Share of the variance of adjusted improvement that lies between therapists (ICC)."""
    treated = clients(samples, "treated")
    return intraclass_correlation(improvement(treated), treated.therapist)


@measures("att-anx-outcome")
def anxiety_with_outcome(samples: Samples) -> float:
    """Attachment anxiety with adjusted improvement: r as d = 2 r / sqrt(1 - r^2)."""
    return _as_d(_with_outcome(samples, "anxiety"))


@measures("att-sec-outcome")
def security_with_outcome(samples: Samples) -> float:
    """Security (anxiety and avoidance reversed) with adjusted improvement: r as d."""
    treated = clients(samples, "treated")
    return _as_d(correlation(_security(treated), improvement(treated)))


@measures("att-alliance")
def security_with_alliance(samples: Samples) -> float:
    """Correlation of attachment security with the client-rated alliance."""
    treated = clients(samples, "treated")
    return correlation(_security(treated), treated.alliance_client)


@measures("att-security-change")
def gain_in_security(samples: Samples) -> float:
    """Correlation of gains in security (less of the old model in life) with improvement."""
    treated = clients(samples, "treated")
    sessions = sessions_of(samples, "treated", treated.index).sort_values("session")
    old = sessions.groupby("dyad").life_model_belief_0
    gain = (old.first() - old.last()).reindex(treated.index)
    change = treated.internalising_before - treated.internalising_after
    return correlation(gain, change)


def _security(table: pd.DataFrame) -> pd.Series:
    return -(table.anxiety / table.anxiety.std() + table.avoidance / table.avoidance.std())


def _as_d(r: float) -> float:
    return float(2.0 * r / np.sqrt(1.0 - r * r))


def _improved(samples: Samples, arm: str, last: int, span: int = 2) -> np.ndarray:
    """Whether observed symptoms fell by half a standard deviation (liberal criterion)."""
    treated = clients(samples, arm)
    sessions = samples.sessions("clinic")
    among = (
        (sessions.arm == arm)
        & (sessions.phase == "therapy")
        & sessions.dyad.isin(treated.index)
    )
    late = sessions[among & (sessions.week < last) & (sessions.week >= last - span)]
    after = late.groupby("dyad").symptoms.mean().reindex(treated.index)
    rng = np.random.default_rng(samples.seed + last)
    observed = after + ERROR * rng.standard_normal(len(after))
    return (treated.internalising_before - observed > 0.5).to_numpy()


@measures("dose-8")
def improved_by_eight(samples: Samples) -> float:
    """Share of clients whose symptoms fell by .5 SD by session 8."""
    return float(_improved(samples, "treated", 8).mean())


@measures("dose-26")
def improved_by_twenty_six(samples: Samples) -> float:
    """Share of clients whose symptoms fell by .5 SD by session 26."""
    return float(_improved(samples, "treated", SESSIONS).mean())


@measures("dose-cs")
def sessions_to_recover(samples: Samples) -> float:
    """First session by which half the clients changed reliably and are below the cut-off."""
    treated = clients(samples, "treated")
    sessions = samples.sessions("clinic")
    among = (sessions.arm == "treated") & sessions.dyad.isin(treated.index)
    rows = sessions[among & (sessions.phase == "therapy")].pivot_table(
        index="dyad", columns="week", values="symptoms"
    )
    rng = np.random.default_rng(samples.seed)
    observed = rows + ERROR * rng.standard_normal(rows.shape)
    start = treated.internalising_before.reindex(rows.index).to_numpy()[:, None]
    recovered = (start - observed > RELIABLE) & (observed < CUT_OFF)
    share = recovered.cummax(axis=1).mean()
    reached = share[share >= 0.5]
    return float(reached.index[0] + 1) if len(reached) else float("inf")


@measures("deterioration-rate")
def deteriorated(samples: Samples) -> float:
    """Share of clients reliably worse at the end (Jacobson & Truax 1991)."""
    treated = clients(samples, "treated")
    return float((treated.internalising_after - treated.internalising_before > RELIABLE).mean())


def _responded(table: pd.DataFrame) -> float:
    """Share whose symptoms halved, on a scale whose zero is the healthy end (-1.5 SD)."""
    healthy = -1.5
    before, after = table.internalising_before - healthy, table.internalising_after - healthy
    return float((after <= 0.5 * before).mean())


@measures("response-therapy")
def response_to_therapy(samples: Samples) -> float:
    """Share of treated clients whose symptoms at least halved (zero at -1.5 SD)."""
    return _responded(clients(samples, "treated"))


@measures("response-control")
def response_of_controls(samples: Samples) -> float:
    """Share of waiting clients whose symptoms at least halved (zero at -1.5 SD)."""
    return _responded(clients(samples, "waiting"))


@measures("therapy-vs-control")
def therapy_against_waiting(samples: Samples) -> float:
    """Symptoms after, waiting against treated clients (g)."""
    waiting, treated = clients(samples, "waiting"), clients(samples, "treated")
    return standardised_difference(waiting.internalising_after, treated.internalising_after)


@measures("dropout-rate")
def dropped_out(samples: Samples) -> float:
    """Share of treated clients who leave before the agreed end."""
    return float((clients(samples, "treated").ended_by == "client").mean())


@measures("ti-main-null")
def interpretation_on_average(samples: Samples) -> float:
    """Symptoms after, supportive against moderately interpretive treatment (g)."""
    supportive, treated = clients(samples, "supportive"), clients(samples, "treated")
    return standardised_difference(supportive.internalising_after, treated.internalising_after)


@measures("ti-highdose")
def much_interpretation(samples: Samples) -> float:
    """Alliance and outcome, treated against interpretation throughout: the smaller d.

    Positive when a high dose goes with a weaker alliance and with a worse outcome.
    """
    treated, much = clients(samples, "treated"), clients(samples, "interpreting")
    return min(
        standardised_difference(treated.alliance_client, much.alliance_client),
        standardised_difference(much.internalising_after, treated.internalising_after),
    )


@measures("ti-reverse")
def interpretation_both_ways(samples: Samples) -> float:
    """Paths from interpretation to alliance at the next session and back: the larger, turned.

    Within clients of interpretation throughout, whose protocol does not look at trust: what a
    weak alliance does to interpretation there is what the therapist does by itself. Positive if
    each lowers, and a weak alliance raises, the other.
    """
    paths = (("interpretation", "alliance"), ("alliance", "interpretation"))
    return -max(_lagged(samples, *path, arm="interpreting", until=SESSIONS) for path in paths)
