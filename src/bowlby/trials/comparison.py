"""Arms compared on one outcome: the model, every contrast, effect sizes."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from bowlby._types import FloatArray
from bowlby.courses.course import Course
from bowlby.courses.trial import (
    SCORES,
    STRATA,
    arm_names,
    reference_arm,
    treated_arms,
    trial_of,
)
from bowlby.statistics.effect_sizes import effect_size, pooled_sd
from bowlby.statistics.imputation import imputed, pooled
from bowlby.statistics.intraclass import intraclass_interval
from bowlby.statistics.mixed import Fit, Reason, fit_model
from bowlby.statistics.multiplicity import holm
from bowlby.trials.allocation import strata_of
from bowlby.trials.baseline import baseline_of

_WHY = {
    Reason.NONE: "",
    Reason.CONFOUNDED: "each arm has one therapist, so therapist and arm cannot be told apart",
    Reason.SINGULAR: "it is singular: therapists' means do not differ at all",
}

FEW_THERAPISTS = 5
"""Therapists in a single arm from which on the level is kept (benchmarks/trial_levels.py)."""

IMPUTATIONS = 20
"""Draws of what is missing, for the hypothetical estimand."""


def compare(design: Course, clients: pd.DataFrame, outcome: str) -> dict[str, Any]:
    """Outcome by baseline and arm, with therapists as a random effect.

    Contrasts are first minus second arm; lower scores are better, so a negative difference
    favours the first. Those with the reference arm decide the trial, with Holm's correction if
    there are several; the others describe.

    Args:
        design: The trial.
        clients: A row per client.
        outcome: Column to compare; clients without it are left out.
    """
    names, reference = arm_names(design), reference_arm(design)
    there, responses = observed(design, clients, outcome)
    before = there[baseline_of(outcome)].to_numpy(float)
    arm = there["arm"].to_numpy(str)
    dummies = np.column_stack([(arm == name).astype(float) for name in names])
    more, terms = covariates(design, there)
    # No separate intercept: a column per arm, the others from their means.
    x = _independent(np.column_stack([dummies, before - before.mean()]), more)
    therapist = there["therapist"].to_numpy(int)
    fits = [fit_model(y, x, therapist, is_bounded=False) for y in responses]
    y, fit = responses[0], fits[0]
    pairs = [(a, reference) for a in names if a != reference]
    pairs += [p for p in combinations(names, 2) if reference not in p]
    rows = [_contrast(design, fits, names, pair, y, arm, reference) for pair in pairs]
    _adjust([row for row in rows if row["decides"]])
    return {
        "outcome": outcome,
        "n": len(there),
        "estimand": _estimand(design, outcome),
        "imputations": len(fits) if len(fits) > 1 else 0,
        "model": {
            "kind": fit.kind,
            "reason": _WHY[fit.reason],
            "formula": " + ".join([f"{outcome} ~ {baseline_of(outcome)}", "arm", *terms])
            + (" + (1 | therapist)" if fit.kind == "mixed" else ""),
            "therapists": fit.clusters,
            "variance_between_therapists": fit.between,
            "variance_within": fit.within,
            "caution": _caution(design, fit),
        },
        "icc": therapist_icc(design, y - x @ fit.coefficients, there, fit),
        "arms": [_adjusted(design, fits, names, i) for i in range(len(names))],
        "contrasts": rows,
    }


def _estimand(design: Course, outcome: str) -> str:
    """Others than treatment policy are of the main outcome alone."""
    trial = trial_of(design)
    return trial.estimand if outcome == trial.primary else "treatment_policy"


def observed(
    design: Course, clients: pd.DataFrame, outcome: str
) -> tuple[pd.DataFrame, list[FloatArray]]:
    """Who is analysed and their responses: one, or one for each imputation.

    Leaving therapy is the intercurrent event. Treatment policy takes the outcome all the same;
    while on treatment, the last four weekly scores before it; hypothetically, the outcome had
    nobody left, imputed from arm, score before and those last scores (missing at random).

    Source:
        ICH (2019), E9(R1) addendum on estimands, section A.3.2.
    """
    estimand = _estimand(design, outcome)
    y = clients[outcome].to_numpy(float)
    if estimand == "treatment_policy":
        there = np.isfinite(y)
        return clients[there], [y[there]]
    has_left = np.isfinite(clients["exit_session"].to_numpy(float))
    last = clients["on_treatment"].to_numpy(float)
    if estimand == "while_on_treatment":
        y = np.where(has_left, last, y)
        there = np.isfinite(y)
        return clients[there], [y[there]]
    y = np.where(has_left, np.nan, y)
    arm = clients["arm"].to_numpy(str)
    dummies = [(arm == name).astype(float) for name in arm_names(design)]
    x = np.column_stack([*dummies, clients[baseline_of(outcome)].to_numpy(float), last])
    rng = np.random.default_rng([design.seed, len(clients), 5])
    return clients, [imputed(y, x, rng) for _ in range(IMPUTATIONS)]


def covariates(design: Course, clients: pd.DataFrame) -> tuple[FloatArray, list[str]]:
    """What randomisation was balanced for, sites and periods, as columns with mean 0.

    Source:
        Kahan & Morris (2012), BMJ 345, e5840 (an analysis adjusts for what was balanced).
    """
    levels = strata_of(design, {name: clients[name].to_numpy() for name in STRATA})
    for name, number in (("site", trial_of(design).sites), ("period", trial_of(design).steps)):
        if number > (name == "site") and name not in levels:
            levels[name] = clients[name].to_numpy(int)
    columns = [
        (values == level).astype(float)
        for values in levels.values()
        for level in np.unique(values)[1:]
    ]
    made = np.array(columns).reshape(len(columns), len(clients)).T
    terms = [f"stratum of {name}" if name in SCORES else name for name in levels]
    return made - made.mean(0), terms


def _most_df(design: Course, fit: Fit) -> float:
    """Degrees of freedom between therapists, where arms differ between therapists alone.

    Satterthwaite's are those in balanced designs; otherwise they are estimated, and with few
    therapists now and then far too many.

    Source:
        Li & Redden (2015), BMC Medical Research Methodology 15, 38 (between-within degrees of
        freedom in cluster randomised trials with few clusters).
    """
    trial = trial_of(design)
    is_between = trial.therapists == "nested" or trial.randomisation == "therapists"
    if fit.kind == "mixed" and all(treated_arms(design)) and is_between and not trial.steps:
        return float(fit.clusters - len(design.arms))
    return np.inf


def _caution(design: Course, fit: Fit) -> str:
    """What is to be said of the test, where its level is not kept."""
    with_therapists = sum(treated_arms(design))
    if fit.kind == "mixed" and with_therapists == 1 and fit.clusters < FEW_THERAPISTS:
        return (
            f"With {fit.clusters} therapists in the only arm that has any, the test finds up "
            "to twice as often as its level says what is not there; take "
            f"{FEW_THERAPISTS} or more"
        )
    return ""


def _independent(x: FloatArray, more: FloatArray) -> FloatArray:
    """The first columns, and of the others those that tell something new."""
    for column in more.T:
        wider = np.column_stack([x, column])
        if np.linalg.matrix_rank(wider) == wider.shape[1]:
            x = wider
    return x


def _adjusted(design: Course, fits: list[Fit], names: list[str], i: int) -> dict[str, Any]:
    weights = np.zeros(len(fits[0].coefficients))
    weights[i] = 1.0
    found = pooled([fit.contrast(weights) for fit in fits])
    low, high = found.interval(trial_of(design).alpha)
    return {"arm": names[i], "mean": found.estimate, "low": low, "high": high}


def _contrast(design, fits, names, pair, y, arm, reference) -> dict[str, Any]:
    first, second = pair
    weights = np.zeros(len(fits[0].coefficients))
    weights[names.index(first)], weights[names.index(second)] = 1.0, -1.0
    found = pooled([fit.contrast(weights) for fit in fits]).limited(_most_df(design, fits[0]))
    low, high = found.interval(trial_of(design).alpha)
    mine, other = y[arm == first], y[arm == second]
    sd = pooled_sd(mine, other)
    size = effect_size(
        found.estimate,
        found.error,
        df=found.df,
        sd=sd,
        sd_df=len(mine) + len(other) - 2,
        alpha=trial_of(design).alpha,
    )
    return {
        "first": first,
        "second": second,
        "decides": reference in pair,
        "difference": found.estimate,
        "error": found.error,
        "df": found.df,
        "low": low,
        "high": high,
        "p": found.p,
        "d": size.d,
        "g": size.g,
        "g_low": size.low,
        "g_high": size.high,
        "sd": sd,
    }


def _adjust(rows: list[dict[str, Any]]) -> None:
    """Holm's p-values of the contrasts that decide."""
    for row, p in zip(rows, holm([row["p"] for row in rows]), strict=True):
        row["p_holm"] = p


def therapist_icc(
    design: Course, residual: FloatArray, there: pd.DataFrame, fit: Fit
) -> dict[str, Any]:
    """Share of variance between therapists of an arm, with an interval."""
    treated = there["therapist"].to_numpy(int) >= 0
    low, high = intraclass_interval(
        residual[treated],
        there["therapist"].to_numpy(int)[treated],
        there["arm"].to_numpy(str)[treated],
        alpha=trial_of(design).alpha,
    )
    icc = max(fit.icc, 0.0) if np.isfinite(low) else None
    return {"icc": icc, "low": low, "high": high, "therapists": fit.clusters}
