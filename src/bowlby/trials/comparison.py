"""Arms compared on one outcome: the model, every contrast, effect sizes."""

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from bowlby._types import FloatArray
from bowlby.courses.course import Course
from bowlby.courses.trial import arm_names, reference_arm, trial_of
from bowlby.trials.clients import baseline_of
from bowlby.trials.mixed import Contrast, Fit, fit_model


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
            "reason": fit.reason,
            "formula": f"{outcome} ~ {baseline_of(outcome)} + arm"
            + (" + (1 | therapist)" if fit.kind == "mixed" else ""),
            "therapists": fit.therapists,
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
    size = effect_size(found, y[arm == first], y[arm == second], alpha=trial_of(design).alpha)
    return {
        "first": first, "second": second, "decides": reference in pair,
        "difference": found.estimate, "error": found.error, "df": found.df,
        "low": low, "high": high, "p": found.p,
    } | size  # fmt: skip


def effect_size(
    found: Contrast, first: FloatArray, second: FloatArray, *, alpha: float
) -> dict[str, float]:
    """Cohen's d and Hedges' g of an adjusted difference, with an interval of g.

    The difference is divided by the standard deviation of the outcome within the two arms. The
    interval counts the error of both.

    Source:
        Borenstein et al. (2009), Introduction to Meta-Analysis, chapter 4, equations 4.18 to
        4.23; the variance of the difference is the model's.
    """
    free = len(first) + len(second) - 2
    pooled = (
        (len(first) - 1) * first.var(ddof=1) + (len(second) - 1) * second.var(ddof=1)
    ) / free
    sd = float(np.sqrt(pooled))
    d, j = found.estimate / sd, 1.0 - 3.0 / (4.0 * free - 1.0)
    error = j * np.sqrt((found.error / sd) ** 2 + d**2 / (2.0 * free))
    half = float(stats.norm.isf(alpha / 2) * error)
    return {"d": d, "g": j * d, "g_low": j * d - half, "g_high": j * d + half, "sd": sd}


def _adjust(rows: list[dict[str, Any]]) -> None:
    """Holm's p-values of the contrasts that decide."""
    order = sorted(range(len(rows)), key=lambda i: rows[i]["p"])
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(rows) - rank) * rows[i]["p"]))
        rows[i]["p_holm"] = highest


def therapist_icc(
    design: Course, residual: FloatArray, there: pd.DataFrame, fit: Fit
) -> dict[str, Any]:
    """Share of variance between therapists, with an interval by analysis of variance.

    Source:
        Searle (1971), Linear Models, section 9.8 (interval from the ratio of mean squares; here
        with the mean number of clients per therapist of unbalanced data).
    """
    therapist = there["therapist"].to_numpy(int)
    arm = there["arm"].to_numpy(str)[therapist >= 0]
    residual, therapist = residual[therapist >= 0], therapist[therapist >= 0]
    sizes = np.unique(therapist, return_counts=True)[1]
    n, k, arms = len(residual), len(sizes), len(np.unique(arm))
    if k <= arms or n <= k:
        return {"icc": None, "low": None, "high": None, "therapists": k}
    table = pd.DataFrame({"r": residual, "arm": arm, "t": therapist})
    table["r"] -= table.groupby("arm").r.transform("mean")
    mean = table.groupby("t").r.transform("mean").to_numpy()
    between = (mean**2).sum() / (k - arms)
    within = ((table.r.to_numpy() - mean) ** 2).sum() / (n - k)
    size = (n - (sizes**2).sum() / n) / (k - 1)
    ratio, alpha = between / within, trial_of(design).alpha
    low = ratio / stats.f.isf(alpha / 2, k - arms, n - k)
    high = ratio / stats.f.isf(1 - alpha / 2, k - arms, n - k)
    low, high = ((f - 1.0) / (f + size - 1.0) for f in (low, high))
    return {
        "icc": fit.icc, "low": max(0.0, float(low)), "high": max(0.0, float(high)),
        "therapists": k,
    }  # fmt: skip
