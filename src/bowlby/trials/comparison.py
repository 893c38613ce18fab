"""Arms compared on one outcome: the model, every contrast, effect sizes."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from bowlby._types import FloatArray
from bowlby.courses.course import Course
from bowlby.courses.trial import (
    MOST_LOST,
    SCORES,
    STRATA,
    allocation_of,
    arm_names,
    reference_arm,
    regimes_of,
    treated_arms,
    trial_of,
)
from bowlby.statistics.effect_sizes import effect_size, pooled_sd
from bowlby.statistics.imputation import imputed, pooled
from bowlby.statistics.intraclass import intraclass_interval
from bowlby.statistics.mixed import Fit, Reason, fit_model, with_equal_clusters
from bowlby.statistics.multiplicity import holm
from bowlby.statistics.weighted import WeightedFit, fit_weighted, weighted_sd
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
    """What a trial compares: its arms, or the regimes of a sequential one.

    Args:
        design: The trial.
        clients: A row per client.
        outcome: Column to compare; clients without it are left out.
    """
    found = compare_arms(design, clients, outcome)
    if trial_of(design).second_stage is None:
        return found
    return found | compare_regimes(design, clients, outcome, found)


def compare_arms(design: Course, clients: pd.DataFrame, outcome: str) -> dict[str, Any]:
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
    groups = {name: y[arm == name] for name in names}
    equal = with_equal_clusters(y, x, therapist) if _is_partly_nested(design, fit) else None
    rows = [
        _contrast(
            design, fits, names, pair, sd=pooled_sd(*(groups[each] for each in pair)),
            sd_df=sum(len(groups[each]) for each in pair) - 2,
            limit=equal.contrast(_weights(fit, names, pair)).df
            if equal
            else _most_df(design, fit),
            decides=reference in pair,
        )
        for pair in pairs
    ]  # fmt: skip
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


def _is_partly_nested(design: Course, fit: Fit) -> bool:
    """Whether therapists are in some arms only, and their variance could be estimated.

    Where the therapists of one arm come out alike by chance, Satterthwaite's degrees of freedom
    are nearly those of clients. They are held to what they would be if therapists were alike:
    with two therapists that is about 4.
    """
    has_variance = fit.kind == "mixed" or fit.reason is Reason.SINGULAR
    return has_variance and not all(treated_arms(design))


def _weights(fit: Fit | WeightedFit, names: list[str], pair: tuple[str, str]) -> FloatArray:
    """The first of a pair less the second."""
    weights = np.zeros(len(fit.coefficients))
    weights[names.index(pair[0])], weights[names.index(pair[1])] = 1.0, -1.0
    return weights


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


def _adjusted(
    design: Course, fits: Sequence[Fit | WeightedFit], names: list[str], i: int
) -> dict[str, Any]:
    weights = np.zeros(len(fits[0].coefficients))
    weights[i] = 1.0
    found = pooled([fit.contrast(weights) for fit in fits])
    low, high = found.interval(trial_of(design).alpha)
    return {"arm": names[i], "mean": found.estimate, "low": low, "high": high}


def compare_regimes(
    design: Course, clients: pd.DataFrame, outcome: str, arms: Mapping[str, Any]
) -> dict[str, Any]:
    """Outcome by baseline and regime, everybody weighted by what the lot made of them.

    Who went on as they began is consistent with every regime of their arm and stands for all of
    them; who was randomised again stands for as many as there were options. Weights are known
    by design. Contrasts with the first regime of the reference arm decide.

    Args:
        design: The trial.
        clients: A row per client.
        outcome: Column to compare.
        arms: The comparison of the arms, whatever followed.

    Source:
        Nahum-Shani et al. (2012), Psychological Methods 17, 457-477. Orellana, Rotnitzky &
        Robins (2010), International Journal of Biostatistics 6(2), 8 (replication, weights).
    """
    regimes = regimes_of(design)
    there, responses = observed(design, clients, outcome)
    person, group, weight = replicated(design, there)
    before = there[baseline_of(outcome)].to_numpy(float)
    rows = np.column_stack([(group == i).astype(float) for i in range(len(regimes))])
    x = _independent(
        np.column_stack([rows, (before - before.mean())[person]]),
        covariates(design, there)[0][person],
    )
    y = responses[0][person]
    fit = fit_weighted(y, x, weight, person, there["therapist"].to_numpy(int)[person])
    names = [regime.name for regime in regimes]
    first = next(r.name for r in regimes if r.arm == reference_arm(design))
    pairs = [(a, first) for a in names if a != first]
    pairs += [p for p in combinations(names, 2) if first not in p]
    sds = {name: weighted_sd(y[group == i], weight[group == i]) for i, name in enumerate(names)}
    found = []
    for pair in pairs:
        sd = float(np.sqrt(np.mean([sds[name] ** 2 for name in pair])))
        both = np.isin(group, [names.index(name) for name in pair])
        found.append(_contrast(
            design, [fit], names, pair, sd=sd, sd_df=len(np.unique(person[both])) - 2,
            limit=np.inf, decides=first in pair,
        ))  # fmt: skip
    _adjust([row for row in found if row["decides"]])
    caution = _regimes_caution(design, there)
    formula = arms["model"]["formula"].split(" + (1 |")[0].replace(" + arm", " + regime")
    return {
        "model": arms["model"] | {
            "kind": "weighted", "reason": "", "formula": formula, "caution": caution,
        },
        "arms": [_adjusted(design, [fit], names, i) for i in range(len(names))],
        "contrasts": found,
        "first_stage": {
            "contrasts": [
                {name: value for name, value in row.items() if name != "p_holm"}
                | {"decides": False}
                for row in arms["contrasts"]
            ],
            "model": arms["model"],
        },
    }  # fmt: skip


def replicated(
    design: Course, clients: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray, FloatArray]:
    """A row for each client and regime that the client is consistent with.

    Returns:
        Position of each row's client, number of its regime, and its weight.
    """
    weights = np.array(allocation_of(design), float)
    chance = dict(zip(arm_names(design), weights / weights.sum(), strict=True))
    stage = trial_of(design).second_stage
    rows: list[tuple[int, int, float]] = []
    seen = zip(clients["arm"], clients["option"], strict=True)
    for at, (arm, option) in enumerate(seen):
        options = stage.options.get(arm, ()) if stage else ()
        for number, regime in enumerate(regimes_of(design)):
            if regime.arm != arm or (option and option != options[regime.option]):
                continue
            rows.append((at, number, (len(options) if option else 1) / chance[arm]))
    person, group, weight = zip(*rows, strict=True)
    return np.array(person), np.array(group), np.array(weight)


def _regimes_caution(design: Course, there: pd.DataFrame) -> str:
    """What is to be said where an option has hardly anybody."""
    stage = trial_of(design).second_stage
    few = [
        f"{option} of {arm}"
        for arm, options in (stage.options if stage else {}).items()
        for option in options
        if ((there["arm"] == arm) & (there["option"] == option)).sum() < MOST_LOST
    ]
    return (
        f"Fewer than {MOST_LOST} clients went on with {', '.join(few)}, so that what is said "
        "of it rests on those who responded; take more clients, or another criterion"
        if few
        else ""
    )


def _contrast(
    design: Course, fits: Sequence[Fit | WeightedFit], names: list[str], pair: tuple[str, str],
    *, sd: float, sd_df: int, limit: float, decides: bool,
) -> dict[str, Any]:  # fmt: skip
    first, second = pair
    weights = _weights(fits[0], names, pair)
    found = pooled([fit.contrast(weights) for fit in fits]).limited(limit)
    alpha = trial_of(design).alpha
    low, high = found.interval(alpha)
    size = effect_size(
        found.estimate, found.error, df=found.df, sd=sd, sd_df=sd_df, alpha=alpha
    )
    return {
        "first": first,
        "second": second,
        "decides": decides,
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
