"""Whose outcome is lost: by lot, or by what is known or is not known of a client."""

import numpy as np
import pandas as pd
from scipy.optimize import root_scalar
from scipy.special import expit

from bowlby._types import BoolArray, FloatArray
from bowlby.courses.course import Course
from bowlby.courses.trial import reference_arm, trial_of
from bowlby.trials.baseline import baseline_of


def is_missing(design: Course, clients: pd.DataFrame, *, repetition: int = 0) -> BoolArray:
    """Whose outcomes are lost.

    By lot it is exactly the stated share, rounded. With `trial.missing_by` the log odds depend
    on what it names, and the share is that of the trial on average.

    Args:
        design: The trial.
        clients: A row per client, all outcomes there.
        repetition: 0 for the trial itself; each repetition has its own lot.
    """
    trial, n = trial_of(design), len(clients)
    rng = np.random.default_rng([design.seed, repetition, 2])
    slopes = {name: slope for name, slope in trial.missing_by.model_dump().items() if slope}
    if not slopes:
        lost = np.zeros(n, bool)
        lost[rng.permutation(n)[: round(trial.missing * n)]] = True
        return lost
    odds = sum(slope * _predictor(design, clients, name) for name, slope in slopes.items())
    return rng.random(n) < chances(np.asarray(odds, float), trial.missing)


def chances(log_odds: FloatArray, share: float) -> FloatArray:
    """Probabilities whose log odds differ as given and whose mean is the share."""

    def excess(base: float) -> float:
        return float(expit(base + log_odds).mean()) - share

    return expit(root_scalar(excess, bracket=(-60.0, 60.0)).root + log_odds)


def _predictor(design: Course, clients: pd.DataFrame, name: str) -> FloatArray:
    """What losing depends on; scores are standardised, and the mean where there is none."""
    if name == "left":
        return np.isfinite(clients["exit_session"].to_numpy(float)).astype(float)
    if name == "treated":
        return np.asarray(clients["arm"] != reference_arm(design), float)
    primary = trial_of(design).primary
    column = {
        "baseline": baseline_of(primary), "last_score": "on_treatment",
        "alliance": "alliance_client", "outcome": primary,
    }[name]  # fmt: skip
    values = clients[column].to_numpy(float)
    spread = np.nanstd(values)
    return np.nan_to_num((values - np.nanmean(values)) / spread) if spread else 0.0 * values
