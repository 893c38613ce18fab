"""Measures of the validation findings, written blind: without the published numbers or bands.

Those of the last part were written later (docs/decisions/021-tasks-and-telling.md): with the
claims and bands at hand, and before any of them was scored.

    bowlby evidence --findings validation.csv --functions benchmarks/validation_functions.py

The findings themselves are no part of this project. Only the samples that come with the package are used. Scores are observed ones; where the study's
score is not a readout, the measurement error of the nearest readout is added.
"""

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from bowlby.evidence.measures import measures
from bowlby.evidence.measures._effects import correlation, mean_z, standardised_difference
from bowlby.evidence.measures.sensitive_period import turns_to_anyone
from bowlby.evidence.measures.therapy import (
    CUT_OFF,
    ERROR,
    RELIABLE,
    borderline,
    clients,
    improvement,
    sessions_of,
)
from bowlby.evidence.measures.trust_game import borderline_features, by_borderline_features
from bowlby.evidence.samples import SESSIONS, Samples
from bowlby.simulation.instruments import READOUTS
from bowlby.simulation.population import therapist_population
from bowlby.statistics.effect_sizes import difference_of_shares
from bowlby.statistics.intraclass import intraclass_correlation
from bowlby.theory import Theory
from bowlby.trials.outcomes import sudden_gains

# --- helpers -------------------------------------------------------------------------------


def _standard(x) -> np.ndarray:
    x = np.asarray(x, float)
    return (x - np.nanmean(x)) / np.nanstd(x)


def _partial(x, y, *given) -> float:
    """Partial correlation of x and y, given others."""
    table = np.column_stack([np.asarray(v, float) for v in (x, y, *given)])
    table = table[np.isfinite(table).all(axis=1)]
    if len(table) < 5 or (table.std(axis=0) == 0.0).any():
        return float("nan")
    design = np.column_stack([np.ones(len(table)), table[:, 2:]])
    rest = table[:, :2] - design @ np.linalg.lstsq(design, table[:, :2], rcond=None)[0]
    return correlation(rest[:, 0], rest[:, 1])


def _slopes(y, *xs) -> np.ndarray:
    """Standardised slopes of y on several x."""
    table = np.column_stack([np.asarray(v, float) for v in (y, *xs)])
    table = table[np.isfinite(table).all(axis=1)]
    if len(table) < 5 or (table.std(axis=0) == 0.0).any():
        return np.full(len(xs), np.nan)
    table = (table - table.mean(axis=0)) / table.std(axis=0)
    return np.linalg.lstsq(table[:, 1:], table[:, 0], rcond=None)[0]


def _indirect(x, through, y) -> float:
    """Indirect path of x on y through a third, standardised (a times b given x)."""
    return correlation(x, through) * float(_slopes(y, through, x)[0])


def _rng(samples: Samples, salt: int) -> np.random.Generator:
    return np.random.default_rng([samples.seed, salt])


def _noisy(samples: Samples, salt: int, values, readout: str) -> np.ndarray:
    """Values with the measurement error of a readout."""
    values = np.asarray(values, float)
    return values + READOUTS[readout].noise * _rng(samples, salt).standard_normal(values.shape)


def _insecurity(table: pd.DataFrame) -> pd.Series:
    """Self-reported insecurity: anxiety and avoidance, each in SD."""
    return table.anxiety / table.anxiety.std() + table.avoidance / table.avoidance.std()


# --- attachment ----------------------------------------------------------------------------


def _is_maltreated(table: pd.DataFrame) -> pd.Series:
    """The tenth with most frightening behaviour (abuse) or least sensitivity, as scored."""
    abuse = table.threat_index >= table.threat_index.quantile(0.9)
    neglect = table.sensitivity_observed <= table.sensitivity_observed.quantile(0.1)
    return abuse | neglect


def _maltreated(samples: Samples) -> np.ndarray:
    """Patterns of maltreated children, of the families at high risk."""
    table = samples.readouts("high_risk")
    return table.pattern[_is_maltreated(table)].to_numpy()


@measures("maltreat-dis")
def maltreated_disorganised(samples: Samples) -> float:
    """Disorganised or not, maltreated (extreme tenths of high risk) against low risk (d)."""
    low = samples.readouts("low_risk").pattern
    return difference_of_shares(_maltreated(samples) == "D", low == "D")


@measures("maltreat-insec")
def maltreated_insecure(samples: Samples) -> float:
    """Insecure or not, maltreated (extreme tenths of high risk) against low risk (d)."""
    low = samples.readouts("low_risk").pattern
    return difference_of_shares(_maltreated(samples) != "B", low != "B")


def _sensitivity_with(slug: str, pattern: str) -> None:
    def compute(samples: Samples) -> float:
        table = samples.readouts("families")
        return correlation(table.sensitivity_observed, table.pattern == pattern)

    compute.__doc__ = f"Point-biserial r of observed sensitivity with {pattern} or not."
    measures(slug)(compute)


_sensitivity_with("sens-avoidant", "A")
_sensitivity_with("sens-resistant", "C")
_sensitivity_with("sens-disorganized", "D")


@measures("ment-partial")
def mentalising_beyond_sensitivity(samples: Samples) -> float:
    """Partial r of scored mentalising with secure or not, given observed sensitivity."""
    table = samples.readouts("families")
    secure = table.pattern == "B"
    return _partial(table.mentalising_observed, secure, table.sensitivity_observed)


@measures("ment-indirect")
def mentalising_through_sensitivity(samples: Samples) -> float:
    """Indirect path of scored mentalising on secure or not through observed sensitivity."""
    table = samples.readouts("families")
    secure = (table.pattern == "B").astype(float)
    return _indirect(table.mentalising_observed, table.sensitivity_observed, secure)


def _generations(samples: Samples) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Parents as interviewed, and their children."""
    return samples.readouts("families"), samples.readouts("children")


@measures("transmission-unresolved")
def transmission_of_unresolved(samples: Samples) -> float:
    """Phi of the parent unresolved or not with the child disorganised or not."""
    parents, children = _generations(samples)
    return correlation(parents.aai == "U", children.pattern == "D")


@measures("transmission-gap")
def transmission_gap(samples: Samples) -> float:
    """Partial r of parent F or not with child B or not, given the parent's observed sensitivity."""
    parents, children = _generations(samples)
    return _partial(parents.aai == "F", children.pattern == "B", children.sensitivity_observed)


@measures("unresolved-indirect")
def unresolved_through_fright(samples: Samples) -> float:
    """Indirect path of parent U or not on child D or not through scored frightening behaviour."""
    parents, children = _generations(samples)
    unresolved = (parents.aai == "U").astype(float)
    return _indirect(unresolved, children.threat_index, (children.pattern == "D").astype(float))


_PATTERNS = ("A", "B", "C", "D")


@measures("stability-4way")
def four_way_stability(samples: Samples) -> float:
    """Cohen's kappa of the four patterns at 14 months and at four years."""
    table = samples.readouts("seen_twice")
    first, second = (table[c].to_numpy() for c in ("pattern_first", "pattern"))
    expected = sum((first == p).mean() * (second == p).mean() for p in _PATTERNS)
    return float(((first == second).mean() - expected) / (1.0 - expected))


@measures("stability-secure-most")
def secure_most_stable(samples: Samples) -> float:
    """P(same class at four years) for B minus the largest of the others."""
    table = samples.readouts("seen_twice")
    kept = {p: float((table.pattern[table.pattern_first == p] == p).mean()) for p in _PATTERNS}
    return kept["B"] - max(kept[p] for p in "ACD")


def _internalising(slug: str, pattern: str, *, reverse: bool) -> None:
    def compute(samples: Samples) -> float:
        table = samples.readouts("grown")
        among = (table.pattern == pattern) != reverse
        score = table.internalising_before
        return standardised_difference(score[among], score[~among])

    which = f"not {pattern}" if reverse else pattern
    compute.__doc__ = f"Internalising in later life, {which} against the others (d)."
    measures(slug)(compute)


_internalising("insec-internalizing", "B", reverse=True)
_internalising("dis-internalizing-null", "D", reverse=False)
_internalising("avoid-internalizing", "A", reverse=False)


INTERVENTION = 0.33
"""How far interventions move observed sensitivity (d): given in the finding's own words."""


def _shifted_weights(table: pd.DataFrame, moved: dict[str, tuple[np.ndarray, float]]):
    """Weights that turn the caregivers into those after an intervention.

    Every named trait is moved by the same number of standard deviations, in the direction given,
    until mean observed sensitivity has risen by the strength of interventions.
    """
    sensitivity = table.sensitivity_observed.to_numpy()
    target = INTERVENTION * sensitivity.std(ddof=1)
    z = [(x - x.mean()) / x.std() * sign for x, sign in moved.values()]

    def weights(shift: float) -> np.ndarray:
        # Traits are normal and moved along themselves: a density ratio of two normals.
        covariance = np.atleast_2d(np.corrcoef(z)) if len(z) > 1 else np.ones((1, 1))
        direction = np.linalg.solve(covariance, np.full(len(z), shift))
        w = np.exp(np.stack(z, axis=1) @ direction - 0.5 * shift * direction.sum())
        return w / w.sum()

    def risen(shift: float) -> float:
        return float((weights(shift) * sensitivity).sum() - sensitivity.mean() - target)

    # The first crossing: beyond it a few families may carry nearly all weight.
    for shift in np.arange(0.1, 2.5, 0.1):
        if risen(shift) >= 0.0:
            return weights(brentq(risen, shift - 0.1, shift))
    return None


def _weighted_d(is_case: np.ndarray, weights: np.ndarray) -> float:
    """Weighted share against plain share as d (log odds ratio)."""
    n = len(is_case)
    share = ((weights * is_case).sum() * n + 0.5) / (n + 1.0)
    plain = (is_case.sum() + 0.5) / (n + 1.0)
    return float(
        (np.log(share / (1 - share)) - np.log(plain / (1 - plain))) * np.sqrt(3.0) / np.pi
    )


def _logit(p) -> np.ndarray:
    p = np.clip(np.asarray(p, float), 1e-6, 1 - 1e-6)
    return np.log(p / (1.0 - p))


@measures("interv-attach")
def intervention_with_security(samples: Samples) -> float:
    """Secure or not, with caregivers moved until observed sensitivity rose by d = .33 (d).

    Contingency and mentalising are moved by equally many SD; the families are reweighted by
    the ratio of the two densities, which is the same as drawing them so.
    """
    table = samples.readouts("families")
    weights = _shifted_weights(
        table,
        {
            "contingency": (table.caregiver_contingency.to_numpy(float), 1.0),
            "mentalising": (_logit(table.caregiver_mentalising), 1.0),
        },
    )
    if weights is None:
        return float("nan")
    return _weighted_d((table.pattern == "B").to_numpy(), weights)


@measures("interv-org")
def intervention_with_organisation(samples: Samples) -> float:
    """Organised or not at high risk, with caregivers moved as far as interventions do (d).

    All three channels are moved by equally many SD until observed sensitivity rose by d = .33.
    """
    table = samples.readouts("high_risk")
    weights = _shifted_weights(
        table,
        {
            "contingency": (table.caregiver_contingency.to_numpy(float), 1.0),
            "mentalising": (_logit(table.caregiver_mentalising), 1.0),
            "threat": (np.log(table.caregiver_threat.to_numpy(float)), -1.0),
        },
    )
    if weights is None:
        return float("nan")
    return _weighted_d((table.pattern != "D").to_numpy(), weights)


@measures("avo-bpd")
def avoidance_with_borderline(samples: Samples) -> float:
    """Correlation of attachment avoidance with the mean z of internalising and externalising."""
    table = samples.readouts("grown")
    return correlation(
        table.avoidance, mean_z(table[["internalising_before", "externalising_before"]])
    )


# --- synchrony -----------------------------------------------------------------------------


@measures("rsa-sync-risk")
def arrhythmia_at_risk(samples: Samples) -> float:
    """Synchrony of arrhythmia, lower half of risk minus upper half (d).

    Risk: scored frightening behaviour minus observed sensitivity, in SD.
    """
    table = samples.readouts("recorded_families")
    risk = _standard(table.threat_index) - _standard(table.sensitivity_observed)
    high = risk > np.median(risk)
    return standardised_difference(table.synchrony_rsa_r[~high], table.synchrony_rsa_r[high])


@measures("parenting-ans-null")
def parenting_with_arousal(samples: Samples) -> float:
    """Observed sensitivity with the child's arousal at rest, and with what stress adds to it.

    In the laboratory: at rest with the caregiver; stress with a stranger. The larger of the two
    correlations, so that they cannot cancel out.
    """
    table = samples.readouts("stressed_children")
    rest = table.lab_arousal_rest
    rs = [
        correlation(table.sensitivity_observed, rest),
        correlation(table.sensitivity_observed, table.lab_arousal_stranger - rest),
    ]
    return float(max(rs, key=abs))


@measures("ot-therapy-mediation")
def oxytocin_synchrony_mediates(samples: Samples) -> float:
    """Synchrony of oxytocin over 16 sessions with improvement, and between impairment and it.

    The smaller of r(synchrony, improvement) and minus the indirect path of social impairment
    (insecurity) on improvement through synchrony.
    """
    treated = clients(samples, "treated")
    sessions = sessions_of(samples, "treated", treated.index)
    sessions = sessions[sessions.session <= 16].copy()
    for salt, who in enumerate(("seeker", "figure")):
        sessions[who] = _noisy(samples, 240 + salt, sessions[f"oxytocin_{who}"], "oxytocin")
    together = pd.Series(
        {
            dyad: correlation(group.seeker, group.figure)
            for dyad, group in sessions.groupby("dyad")
            if len(group) >= 8
        }
    ).reindex(treated.index)
    gain = improvement(treated)
    impaired = _insecurity(treated)
    return min(correlation(together, gain), -_indirect(impaired, together, gain))


@measures("nvs-physio")
def bodies_with_alliance_and_outcome(samples: Samples) -> float:
    """Mean r of synchrony of hearts and of skin with alliance and with improvement."""
    table = samples.readouts("recorded")
    gain = improvement(table)
    rs = [
        correlation(table[f"synchrony_{signal}"], other)
        for signal in ("heart", "skin")
        for other in (table.alliance_client, gain)
    ]
    return float(np.mean(rs))


def _recorded_sessions(samples: Samples) -> pd.DataFrame:
    sessions = samples.sessions("recorded")
    return sessions[sessions.synchrony_skin.notna()]


@measures("eda-imagery-bond")
def skin_with_bond_in_emotion(samples: Samples) -> float:
    """R of skin synchrony with the bond in sessions of more distress minus that in others.

    Sessions stand in for segments; or mean synchrony, if that is smaller.
    """
    sessions = _recorded_sessions(samples)
    bond = _noisy(samples, 270, sessions.trust, "alliance_client")
    emotional = (sessions.distress > sessions.distress.median()).to_numpy()
    skin = sessions.synchrony_skin.to_numpy()
    difference = correlation(skin[emotional], bond[emotional]) - correlation(
        skin[~emotional], bond[~emotional]
    )
    return min(difference, float(skin.mean()))


@measures("eda-patient-leads")
def client_leads_in_skin(samples: Samples) -> float:
    """Lead of the client's skin over the therapist's, mean; or the in-phase r, if smaller."""
    sessions = _recorded_sessions(samples)
    return min(
        float(sessions.synchrony_skin_lead.mean()), float(sessions.synchrony_skin_r.mean())
    )


def _early_motion(samples: Samples) -> tuple[pd.DataFrame, pd.Series]:
    """Recorded therapies with the motion synchrony of their first recorded session."""
    sessions = samples.sessions("recorded")
    sessions = sessions[sessions.synchrony_motion.notna()]
    first = sessions[sessions.session == sessions.session.min()].set_index("dyad")
    table = samples.readouts("recorded").set_index("dyad")
    return table, first.synchrony_motion.reindex(table.index)


@measures("sync-dropout")
def motion_of_leavers(samples: Samples) -> float:
    """Motion synchrony of the first recorded session, those who stayed minus those who left (d)."""
    table, motion = _early_motion(samples)
    left = table.ended_by == "client"
    return standardised_difference(motion[~left], motion[left])


@measures("sync-invertedU")
def motion_of_improved(samples: Samples) -> float:
    """Early motion synchrony: leavers below the improved below completers not improved.

    The smaller of the two steps (SD of synchrony). Improved: more than the median completer,
    adjusted for symptoms before.
    """
    table, motion = _early_motion(samples)
    left = (table.ended_by == "client").to_numpy()
    gain = pd.Series(improvement(table), table.index)
    improved = ~left & (gain > gain[~left].median()).to_numpy()
    means = [motion[which].mean() for which in (left, improved, ~left & ~improved)]
    return float(min(np.diff(means)) / motion.std())


# --- sensitive periods ---------------------------------------------------------------------


@measures("beip-fc-secure")
def secure_in_foster_care(samples: Samples) -> float:
    """Share of B among those placed with families after two years in an institution."""
    return float((samples.readouts("adopted_late").pattern == "B").mean())


@measures("beip-cau-secure")
def secure_in_care_as_usual(samples: Samples) -> float:
    """Share of B with caregivers of institutions."""
    return float((samples.readouts("institution").pattern == "B").mean())


@measures("beip-before24")
def secure_by_age_at_placement(samples: Samples) -> float:
    """Secure or not, placed within the first year against after two years (d)."""
    early, late = (samples.readouts(f"adopted_{when}").pattern for when in ("early", "late"))
    return difference_of_shares(early == "B", late == "B")


# --- therapy -------------------------------------------------------------------------------


def _managed(samples: Samples, treated: pd.DataFrame) -> np.ndarray:
    """The therapist's mentalising, as an observer scores it."""
    return _noisy(samples, 470, treated.therapist_mentalising, "mentalising_observed")


@measures("alliance-adjusted")
def alliance_adjusted(samples: Samples) -> float:
    """Partial r of alliance with less symptoms after, given intake and therapist's competence.

    Competence is the therapist's mentalising as scored.
    """
    treated = clients(samples, "treated")
    return _partial(
        treated.alliance_client, -treated.internalising_after,
        treated.internalising_before, _managed(samples, treated),
    )  # fmt: skip


@measures("alliance-spiral")
def upward_spiral(samples: Samples) -> float:
    """Whether the path from alliance to next symptoms is stronger with alliance and with health.

    Lag-1 within clients over seven sessions, observed scores; cross-level interactions with a
    client's mean alliance (sign turned) and mean symptoms: the smaller of the two.
    """
    treated = clients(samples, "treated")
    early = sessions_of(samples, "treated", treated.index)
    early = early[early.session <= 7].sort_values(["dyad", "session"])
    table = pd.DataFrame(
        {
            "dyad": early.dyad.to_numpy(),
            "symptoms": early.symptoms.to_numpy()
            + ERROR * _rng(samples, 430).standard_normal(len(early)),
            "trust": _noisy(samples, 431, early.trust, "alliance_client"),
        }
    )
    level = table.groupby("dyad").transform("mean")
    within = table[["symptoms", "trust"]] - level
    within = within / within.std()
    level = (level - level.mean()) / level.std()
    before = within.groupby(table.dyad).shift(1)
    design = pd.DataFrame(
        {
            "trust": before.trust,
            "symptoms": before.symptoms,
            "by_trust": before.trust * level.trust,
            "by_symptoms": before.trust * level.symptoms,
            "next": within.symptoms,
        }
    ).dropna()
    x = design.drop(columns="next").to_numpy()
    slopes = np.linalg.lstsq(x, design.next.to_numpy(), rcond=None)[0]
    return float(min(-slopes[2], slopes[3]))


@measures("empathy-accuracy-less")
def accuracy_against_perceived(samples: Samples) -> float:
    """R with improvement: of feeling understood minus of being read rightly."""
    treated = clients(samples, "treated")
    gain = improvement(treated)
    return correlation(treated.understanding_perceived, gain) - correlation(
        treated.understanding_true, gain
    )


@measures("insight-outcome")
def insight_with_outcome(samples: Samples) -> float:
    """R of the gain in insight (rated with a reliability of .7) with adjusted improvement."""
    treated = clients(samples, "treated")
    sessions = sessions_of(samples, "treated", treated.index).sort_values("session")
    insight = sessions.groupby("dyad").insight
    gain = (insight.last() - insight.first()).reindex(treated.index).to_numpy()
    error = np.sqrt(0.3 / 0.7) * np.nanstd(gain)
    rated = gain + error * _rng(samples, 460).standard_normal(len(gain))
    return correlation(rated, improvement(treated))


@measures("ct-management")
def management_with_outcome(samples: Samples) -> float:
    """R of the therapist's mentalising, as an observer scores it, with adjusted improvement."""
    treated = clients(samples, "treated")
    return correlation(_managed(samples, treated), improvement(treated))


@measures("therapist-var-severity")
def therapists_by_severity(samples: Samples) -> float:
    """ICC of improvement by therapist: clients minus treated adults below the cut-off."""
    table = samples.readouts("clinic")
    treated = table[table.arm == "treated"]
    severe = treated.internalising_before > CUT_OFF
    shares = [
        intraclass_correlation(improvement(group), group.therapist)
        for group in (treated[severe], treated[~severe])
    ]
    return shares[0] - shares[1]


def _as_d(r: float) -> float:
    return float(2.0 * r / np.sqrt(1.0 - r * r))


@measures("att-avo-outcome-null")
def avoidance_with_outcome(samples: Samples) -> float:
    """Attachment avoidance with adjusted improvement: r as d."""
    treated = clients(samples, "treated")
    return _as_d(correlation(treated.avoidance, improvement(treated)))


def _benefit(samples: Samples) -> tuple[pd.DataFrame, pd.Series]:
    """Clients, and what the exploring, relational treatment gave more than the supportive one."""
    treated, supportive = clients(samples, "treated"), clients(samples, "supportive")
    after = supportive.internalising_after.reindex(treated.index)
    return treated, after - treated.internalising_after


@measures("att-interpersonal-mod")
def insecure_in_relational_therapy(samples: Samples) -> float:
    """R of insecurity with what relational treatment gives more than supportive treatment."""
    treated, benefit = _benefit(samples)
    return correlation(_insecurity(treated), benefit)


@measures("att-anx-alliance")
def anxiety_with_alliance(samples: Samples) -> float:
    """R of attachment anxiety with the client-rated alliance."""
    treated = clients(samples, "treated")
    return correlation(treated.anxiety, treated.alliance_client)


@measures("att-avo-alliance")
def avoidance_with_alliance(samples: Samples) -> float:
    """R of attachment avoidance with the client-rated alliance."""
    treated = clients(samples, "treated")
    return correlation(treated.avoidance, treated.alliance_client)


@measures("therapist-anx-slope")
def alliance_with_anxious_therapists(samples: Samples) -> float:
    """The therapist's anxiety with alliance at session 1, and with its decline to session 7.

    The smaller of r with the start and minus r with the slope.
    """
    treated = clients(samples, "treated")
    numbers = np.arange(int(treated.therapist.max()) + 1)
    skill_sd = samples.parameters.get("therapy.skill_sd", 0.7)
    traits = therapist_population(samples.seed, numbers, Theory(), skill_sd=skill_sd)
    anxiety = _noisy(samples, 530, traits["anxiety"], "anxiety")[
        treated.therapist.to_numpy(int)
    ]
    sessions = sessions_of(samples, "treated", treated.index)
    sessions = sessions[sessions.session <= 7].sort_values(["dyad", "session"])
    rated = pd.DataFrame(
        {
            "dyad": sessions.dyad.to_numpy(),
            "session": sessions.session.to_numpy(),
            "trust": _noisy(samples, 531, sessions.trust, "alliance_client"),
        }
    )
    start = rated[rated.session == 1].set_index("dyad").trust.reindex(treated.index)
    slope = pd.Series(
        {
            dyad: np.polyfit(group.session, group.trust, 1)[0]
            for dyad, group in rated.groupby("dyad")
            if len(group) >= 3
        }
    ).reindex(treated.index)
    return min(correlation(anxiety, start), -correlation(anxiety, slope))


@measures("tfp-secure-shift")
def shift_to_security(samples: Samples) -> float:
    """Insecure clients who no longer explain life by the old model, relational minus supportive.

    Share whose belief in the model of childhood is below one half in the last week of treatment
    (d from the odds ratio). There is no second interview: this stands in for it.
    """
    became = []
    for arm in ("treated", "supportive"):
        table = clients(samples, arm)
        insecure = table.index[table.aai != "F"]
        sessions = samples.sessions("clinic")
        among = (sessions.arm == arm) & (sessions.phase == "therapy")
        rows = sessions[among & sessions.dyad.isin(insecure)].sort_values("week")
        became.append((rows.groupby("dyad").life_model_belief_0.last() < 0.5).to_numpy())
    return difference_of_shares(*became)


def _suddenly_better(samples: Samples) -> tuple[pd.DataFrame, np.ndarray]:
    """Treated clients, and which of them had a sudden gain (Tang & DeRubeis 1999)."""
    treated = clients(samples, "treated")
    sessions = sessions_of(samples, "treated", treated.index).sort_values(["dyad", "session"])
    error = ERROR * _rng(samples, 560).standard_normal(len(sessions))
    observed = pd.Series(sessions.symptoms.to_numpy() + error, sessions.dyad.to_numpy())
    found = {
        dyad: bool(sudden_gains(scores.to_numpy(), error=ERROR))
        for dyad, scores in observed.groupby(level=0)
    }
    return treated, np.array([found.get(dyad, False) for dyad in treated.index])


@measures("sudden-gains-post")
def after_sudden_gains(samples: Samples) -> float:
    """Symptoms after treatment, clients without against with a sudden gain (g)."""
    treated, gained = _suddenly_better(samples)
    after = treated.internalising_after.to_numpy()
    return standardised_difference(after[~gained], after[gained])


@measures("sudden-gains-fu")
def long_after_sudden_gains(samples: Samples) -> float:
    """Symptoms at follow-up, clients without against with a sudden gain (g)."""
    treated, gained = _suddenly_better(samples)
    later = treated.internalising_follow_up.to_numpy()
    return standardised_difference(later[~gained], later[gained])


@measures("deterioration-rr")
def risk_of_deterioration(samples: Samples) -> float:
    """Share reliably worse, treated over waiting clients (half a case added to each)."""
    risks = []
    for arm in ("treated", "waiting"):
        table = clients(samples, arm)
        worse = table.internalising_after - table.internalising_before > RELIABLE
        risks.append((worse.sum() + 0.5) / (len(table) + 1.0))
    return float(risks[0] / risks[1])


@measures("dropout-moderators")
def who_leaves(samples: Samples) -> float:
    """Leaving: most borderline features against others, least skilled therapists against others.

    The smaller of the two (d from odds ratios): the fifth of the clients with most features, the
    third with the least mentalising therapists.
    """
    treated = clients(samples, "treated")
    left = treated.ended_by == "client"
    features, skill = borderline_features(treated), treated.therapist_mentalising
    disordered, trainee = features > features.quantile(0.8), skill <= skill.quantile(1 / 3)
    return min(
        difference_of_shares(left[disordered], left[~disordered]),
        difference_of_shares(left[trainee], left[~trainee]),
    )


@measures("ti-qor")
def transference_work_by_relations(samples: Samples) -> float:
    """What interpretation gives beyond support: insecure states of mind against secure ones (d)."""
    treated, benefit = _benefit(samples)
    mature = (treated.aai == "F").to_numpy()
    return standardised_difference(benefit[~mature], benefit[mature])


@measures("ti-qor-alliance")
def transference_work_in_good_alliance(samples: Samples) -> float:
    """Symptoms after, with minus without interpretation, secure clients in a good alliance (d).

    Good: above the median alliance of the own arm.
    """
    after = []
    for arm in ("treated", "supportive"):
        table = clients(samples, arm)
        good = (table.aai == "F") & (table.alliance_client > table.alliance_client.median())
        after.append(table.internalising_after[good])
    return standardised_difference(*after)


@measures("mbt-etcm-null")
def mentalising_against_support(samples: Samples) -> float:
    """Symptoms after, supportive against mentalising treatment, most borderline features (g).

    The fifth of all treated adults with most features.
    """
    table = samples.readouts("clinic")
    arms = [table[table.arm == arm] for arm in ("supportive", "treated")]
    after = []
    for arm in arms:
        features = borderline_features(arm)
        after.append(arm.internalising_after[features > features.quantile(0.8)])
    return standardised_difference(*after)


# --- addressed later -----------------------------------------------------------------------


@measures("cumrisk-dis")
def disorganised_under_hardship(samples: Samples) -> float:
    """Disorganised or not, families under several hardships against low risk (d)."""
    hard, low = (samples.readouts(name).pattern for name in ("hardship", "low_risk"))
    return difference_of_shares(hard == "D", low == "D")


@measures("cortisol-maltreat")
def cortisol_from_caregiver_to_child(samples: Samples) -> float:
    """Caregiver's cortisol at rest with the child's after stress, at equal cortisol at rest.

    The smaller of: the path in the maltreated, and what it is larger there than in the others.
    """
    table = samples.readouts("stressed_children")
    maltreated = _is_maltreated(table)
    here, elsewhere = (
        _slopes(
            rows.lab_cortisol_figure, rows.lab_figure_cortisol_rest, rows.lab_cortisol_rest
        )[0]
        for rows in (table[maltreated], table[~maltreated])
    )
    return float(min(here, here - elsewhere))


@measures("distance-lowers-eda")
def distance_in_a_first_hour(samples: Samples) -> float:
    """Concordance of skin and feeling understood, accepting minus distant (the smaller d)."""
    table = samples.readouts("interviewed").set_index("arm")
    return min(
        standardised_difference(table.loc["neutral", score], table.loc["distant", score])
        for score in ("concordance_skin", "understanding_perceived")
    )


@measures("stillface-carryover")
def carried_over_into_reunion(samples: Samples) -> float:
    """How far arousal at reunion lies between play and still face (distance to the nearer).

    As a share of the rise; negative where it is not between the two.
    """
    table = samples.readouts("stressed_children")
    play, still, reunion = (
        table[f"still_arousal_{part}"].mean() for part in ("play", "still", "reunion")
    )
    left = (reunion - play) / (still - play)
    return float(min(left, 1.0 - left))


@measures("stillface-sens")
def calmer_at_the_still_face(samples: Samples) -> float:
    """Calm at the still face with sensitivity, and with security (the smaller r).

    Less hyper-arousal stands for more positive affect.
    """
    table = samples.readouts("stressed_children")
    calm = -table.still_arousal_still
    return min(
        correlation(table.sensitivity_observed, calm),
        correlation(calm, (table.pattern == "B").astype(float)),
    )


@measures("beip-stranger")
def fostered_with_a_stranger(samples: Samples) -> float:
    """Share of those placed after two years who turn to a stranger as much as to a caregiver."""
    return turns_to_anyone(samples, "adopted_in_laboratory")


def _symptoms_beyond(samples: Samples, name: str) -> float:
    """Symptoms of adults who were adopted, above those of adults raised at home (d)."""
    adopted, home = samples.readouts(name), samples.readouts("grown")
    return standardised_difference(adopted.internalising_before, home.internalising_before)


@measures("era-under6")
def symptoms_after_short_deprivation(samples: Samples) -> float:
    """Symptoms of adults adopted within half a year, above those raised at home (d)."""
    return _symptoms_beyond(samples, "grown_adopted_early")


@measures("era-over6")
def symptoms_after_long_deprivation(samples: Samples) -> float:
    """Symptoms of adults adopted after a year and a half, above those raised at home (d)."""
    return _symptoms_beyond(samples, "grown_adopted_late")


def _reactivity(samples: Samples, name: str) -> pd.Series:
    table = samples.readouts(name)
    return table.lab_cortisol_alone - table.lab_cortisol_rest


@measures("puberty-recalibration")
def recalibrated_in_adolescence(samples: Samples) -> float:
    """Rise of cortisol by stress, at home minus adopted late: children, and less adolescents (d).

    The smaller of the two: positive when it is blunted in children and less so later.
    """
    blunted, later = (
        standardised_difference(_reactivity(samples, home), _reactivity(samples, adopted))
        for home, adopted in (
            ("stressed_children", "adopted_in_laboratory"),
            ("adolescents", "adopted_adolescents"),
        )
    )
    return min(blunted, blunted - later)


@measures("amygdala-buffer")
def calmed_as_a_child(samples: Samples) -> float:
    """What a caregiver calms under stress: children minus adolescents (d); with security (r).

    The smaller of the two.
    """
    calmed = [
        table.lab_arousal_alone - table.lab_arousal_figure
        for table in (samples.readouts("stressed_children"), samples.readouts("adolescents"))
    ]
    secure = samples.readouts("stressed_children").pattern == "B"
    return min(standardised_difference(*calmed), correlation(calmed[0], secure.astype(float)))


def _after(samples: Samples, arm: str) -> pd.DataFrame:
    return clients(samples, arm, "clinic_told")


@measures("rupture-training-null")
def trained_in_repair(samples: Samples) -> float:
    """Training in repair (a standard deviation of therapists) with less symptoms after (r)."""
    usual, trained = _after(samples, "usual"), _after(samples, "trained")
    d = standardised_difference(usual.internalising_after, trained.internalising_after)
    return float(d / np.sqrt(d * d + 4.0))


@measures("gel")
def recovered_by_length(samples: Samples) -> float:
    """Sessions with recovery of those whose therapy ended by agreement (r)."""
    treated = clients(samples, "treated")
    agreed = treated[treated.ended_by.isin(["enough", "agreed"])]
    recovered = (
        (agreed.internalising_before - agreed.internalising_after > RELIABLE)
        & (agreed.internalising_after < CUT_OFF)
    ).astype(float)
    return correlation(agreed.exit_session.fillna(SESSIONS), recovered)


@measures("feedback-d")
def told_therapists(samples: Samples) -> float:
    """Symptoms after, therapists as usual minus those who are told (d)."""
    usual, told = _after(samples, "usual"), _after(samples, "told")
    return standardised_difference(usual.internalising_after, told.internalising_after)


@measures("feedback-dropout")
def stay_with_told_therapists(samples: Samples) -> float:
    """Odds to stay to the end, therapists who are told over those as usual."""
    stay = [
        float((_after(samples, arm).ended_by != "client").mean()) for arm in ("told", "usual")
    ]
    told, usual = (share / (1.0 - share) for share in stay)
    return told / usual


@measures("bpd-input-insensitive")
def felt_by_offer(samples: Samples) -> float:
    """Arousal by how mean an offer is: controls minus those with borderline features (d)."""
    high, low = by_borderline_features(samples)
    return standardised_difference(low.trust_felt_by_offer, high.trust_felt_by_offer)


@measures("bpd-trust-formation")
def trust_forming(samples: Samples) -> float:
    """Borderline features with the change of what a fair partner is entrusted with, turned (r)."""
    table = samples.readouts("volunteers")
    return -correlation(borderline_features(table), table.entrusted_forming)


@measures("bpd-trust-violation")
def trust_restored(samples: Samples) -> float:
    """Borderline features with trust after its breach: its change, and that beyond forming (r).

    The smaller of the two.
    """
    table = samples.readouts("volunteers")
    faster = table.entrusted_restored - table.entrusted_forming
    return min(
        correlation(borderline_features(table), change)
        for change in (table.entrusted_restored, faster)
    )


@measures("bpd-oneshot-null")
def entrusted_once(samples: Samples) -> float:
    """What strangers met once are entrusted with, borderline features minus controls (d)."""
    high, low = by_borderline_features(samples)
    return standardised_difference(high.invested_mean, low.invested_mean)


@measures("bpd-treated-certain")
def certain_after_therapy(samples: Samples) -> float:
    """Certainty about a harmful person, waiting minus treated, most borderline features (d)."""
    waiting, treated = (borderline(samples, arm) for arm in ("waiting", "treated"))
    return standardised_difference(waiting.harm_certainty, treated.harm_certainty)


@measures("trust-avo-low")
def reliance_by_attachment(samples: Samples) -> float:
    """Reliance on the caregiver's claims: secure above avoidant, resistant above secure (d).

    The smaller of the two; patterns of fourteen months, both kinds of claims.
    """
    table = samples.readouts("seen_twice")
    relied = table.informant_unclear + table.informant_contradicted
    avoidant, secure, resistant = (relied[table.pattern_first == kind] for kind in "ABC")
    return min(
        standardised_difference(secure, avoidant), standardised_difference(resistant, secure)
    )


@measures("bpd-arousal-social")
def right_when_upset(samples: Samples) -> float:
    """Borderline features with what negative arousal takes of right choices (r).

    Feedback is social; there is no task without.
    """
    table = samples.readouts("volunteers")
    return correlation(
        borderline_features(table), table.advice_right_calm - table.advice_right_upset
    )
