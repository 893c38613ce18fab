"""Interim looks with group-sequential bounds, and the sample size estimated again, blinded."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from bowlby.courses.course import Course
from bowlby.courses.trial import allocation_of, trial_of
from bowlby.statistics.group_sequential import bounds
from bowlby.statistics.sample_size import clients_needed
from bowlby.trials.allocation import clients_of
from bowlby.trials.baseline import baseline_of
from bowlby.trials.comparison import compare

EFFICACY, GOES_ON = "stopped for efficacy", "went on"


def monitoring(design: Course, clients: pd.DataFrame) -> dict[str, Any] | None:
    """Each look at the first clients whose outcome was in, and whether a bound was crossed.

    Looks are at shares of the clients, which are the shares of information in a balanced
    trial. The statistic is the normal deviate with the p-value of the analysis, so that small
    trials keep their degrees of freedom.
    """
    trial = trial_of(design)
    if not trial.looks:
        return None
    shares = [*trial.looks, 1.0]
    limits = bounds(shares, alpha=trial.alpha, spending=trial.spending)
    rows: list[dict[str, Any]] = []
    for share, limit in zip(shares, limits, strict=True):
        first = clients.iloc[: round(share * len(clients))]
        found = compare(design, first, trial.primary)["contrasts"][0]
        z = float(np.sign(found["difference"]) * stats.norm.isf(found["p"] / 2.0))
        rows.append(
            {"share": share, "clients": len(first), "bound": limit,
             "nominal_p": float(2.0 * stats.norm.sf(limit)), "p": found["p"], "z": z,
             "difference": found["difference"], "is_crossed": abs(z) >= limit,
             "week": float(first["enrolled_week"].max())}
        )  # fmt: skip
    at = next((row for row in rows if row["is_crossed"]), None)
    return {
        "spending": trial.spending, "looks": rows, "is_found": at is not None,
        "clients": at["clients"] if at else len(clients),
        "verdict": EFFICACY if at and at is not rows[-1] else GOES_ON,
    }  # fmt: skip


def re_estimation(design: Course, clients: pd.DataFrame) -> dict[str, Any] | None:
    """Clients needed by the spread at the first look (or half-way), arms not looked at.

    The spread is that of outcomes around their regression on the score before, in all arms
    together; with arms apart it would be smaller by what they differ, so that the number is
    rather too large. It is told and not acted upon.

    Source:
        Kieser & Friede (2003), Statistics in Medicine 22, 3571-3581 (one-sample variance).
    """
    trial = trial_of(design)
    if not trial.planned_difference:
        return None
    share = trial.looks[0] if trial.looks else 0.5
    first = clients.iloc[: round(share * len(clients))].dropna(subset=[trial.primary])
    y, before = (first[c].to_numpy(float) for c in (trial.primary, baseline_of(trial.primary)))
    x = np.column_stack([np.ones(len(y)), before])
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    sd = float(np.sqrt((residual**2).sum() / (len(y) - 2)))
    weights = allocation_of(design)
    needed = clients_needed(
        trial.planned_difference, sd, power=trial.planned_power, alpha=trial.alpha,
        ratio=weights[-1] / weights[0],
    )  # fmt: skip
    return {
        "share": share, "clients": len(first), "sd": sd, "needed_in_first_arm": needed,
        "planned_in_first_arm": clients_of(design) * weights[0] // sum(weights),
        "difference": trial.planned_difference, "power": trial.planned_power,
    }  # fmt: skip
