"""Arms compared on one outcome: the model, every contrast, effect sizes."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from bowlby._types import FloatArray
from bowlby.courses.course import Course
from bowlby.courses.trial import arm_names, reference_arm, trial_of
from bowlby.statistics.effect_sizes import effect_size, pooled_sd
from bowlby.statistics.intraclass import intraclass_interval
from bowlby.statistics.mixed import Fit, Reason, fit_model
from bowlby.trials.clients import baseline_of

_WHY = {
    Reason.NONE: "",
    Reason.CONFOUNDED: "each arm has one therapist, so therapist and arm cannot be told apart",
    Reason.SINGULAR: "it is singular: therapists differ no more than their clients do",
}


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
    there = clients[np.isfinite(clients[outcome].to_numpy(float))]
    y = there[outcome].to_numpy(float)
    before = there[baseline_of(outcome)].to_numpy(float)
    arm = there["arm"].to_numpy(str)
    dummies = np.column_stack([(arm == name).astype(float) for name in names])
    # No separate intercept: a column per arm, the baseline from its mean.
    x = np.column_stack([dummies, before - before.mean()])
    fit = fit_model(y, x, there["therapist"].to_numpy(int))
    pairs = [(a, reference) for a in names if a != reference]
    pairs += [p for p in combinations(names, 2) if reference not in p]
    rows = [_contrast(design, fit, names, pair, y, arm, reference) for pair in pairs]
    _adjust([row for row in rows if row["decides"]])
    return {
        "outcome": outcome,
        "n": len(there),
        "model": {
            "kind": fit.kind,
            "reason": _WHY[fit.reason],
            "formula": f"{outcome} ~ {baseline_of(outcome)} + arm"
            + (" + (1 | therapist)" if fit.kind == "mixed" else ""),
            "therapists": fit.clusters,
            "variance_between_therapists": fit.between,
            "variance_within": fit.within,
        },
        "icc": therapist_icc(design, y - x @ fit.coefficients, there, fit),
        "arms": [_adjusted(design, fit, names, i) for i in range(len(names))],
        "contrasts": rows,
    }


def _adjusted(design: Course, fit: Fit, names: list[str], i: int) -> dict[str, Any]:
    weights = np.zeros(len(fit.coefficients))
    weights[i] = 1.0
    found = fit.contrast(weights)
    low, high = found.interval(trial_of(design).alpha)
    return {"arm": names[i], "mean": found.estimate, "low": low, "high": high}


def _contrast(design, fit, names, pair, y, arm, reference) -> dict[str, Any]:
    first, second = pair
    weights = np.zeros(len(fit.coefficients))
    weights[names.index(first)], weights[names.index(second)] = 1.0, -1.0
    found = fit.contrast(weights)
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
    from statsmodels.stats.multitest import multipletests

    adjusted = np.asarray(multipletests([row["p"] for row in rows], method="holm")[1])
    for row, p in zip(rows, adjusted, strict=True):
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
    icc = fit.icc if np.isfinite(low) else None
    return {"icc": icc, "low": low, "high": high, "therapists": fit.clusters}
