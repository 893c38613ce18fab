"""Change as each client's own slope in a multilevel model.

score ~ time + (time | client), by restricted maximum likelihood, clients with three scores or
more. The index is the slope over its conditional SD. R clinicalsignificance takes the deviation
from the *mean* slope, so that in a group that improves as a whole those who improve less than
the others are called deteriorated; `convention="clinicalsignificance"` repeats that.
"""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bowlby.outcomes.yardstick import critical

if TYPE_CHECKING:
    from bowlby._types import FloatArray

LEAST = 3
"""Scores a client must have."""


@dataclass(frozen=True)
class Slopes:
    """The fitted model.

    Attributes:
        intercept: Mean at time 0.
        slope: Mean change per unit of time.
        covariance: Covariance of intercepts and slopes of clients.
        residual: Residual variance.
        loglik: Restricted log-likelihood.
        clients: client, intercept_deviation, slope_deviation, slope_sd, slope.
    """

    intercept: float
    slope: float
    covariance: "FloatArray"
    residual: float
    loglik: float
    clients: pd.DataFrame


def fit_slopes(scores: pd.DataFrame) -> Slopes:
    """Fit the model.

    Args:
        scores: client, time, value; rows without a value are left out.

    Raises:
        ValueError: If fewer than 5 clients have three scores.
    """
    from statsmodels.regression.mixed_linear_model import MixedLM
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    table = scores.dropna(subset=["value"])
    table = table[table.groupby("client").value.transform("size") >= LEAST]
    if table.client.nunique() < 5:
        raise ValueError(
            f"HLM needs 5 clients with {LEAST} scores or more; {table.client.nunique()} have."
        )
    design = np.column_stack([np.ones(len(table)), table.time.to_numpy(float)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        model = MixedLM(table.value.to_numpy(float), design, table.client.to_numpy(), design)
        fits = [model.fit(reml=True, method=[how]) for how in ("lbfgs", "powell")]
    fit: Any = max(fits, key=lambda one: one.llf)
    residual, covariance = float(fit.scale), np.asarray(fit.cov_re)
    rows = _clients(table, np.asarray(fit.fe_params), covariance, residual)
    return Slopes(
        float(fit.fe_params[0]), float(fit.fe_params[1]), covariance, residual, float(fit.llf),
        rows,
    )  # fmt: skip


def _clients(
    table: pd.DataFrame, mean: "FloatArray", covariance: "FloatArray", residual: float
) -> pd.DataFrame:
    """Each client's deviations, given the fit, with the conditional SD of the slope."""
    rows = []
    for client, mine in table.groupby("client", sort=True):
        z = np.column_stack([np.ones(len(mine)), mine.time.to_numpy(float)])
        total = z @ covariance @ z.T + residual * np.eye(len(mine))
        gain = covariance @ z.T @ np.linalg.inv(total)
        deviation = gain @ (mine.value.to_numpy(float) - z @ mean)
        conditional = covariance - gain @ z @ covariance
        rows.append((client, *deviation, np.sqrt(conditional[1, 1]), mean[1] + deviation[1]))
    columns = ["client", "intercept_deviation", "slope_deviation", "slope_sd", "slope"]
    return pd.DataFrame(rows, columns=columns)


def slope_change(
    slopes: Slopes, pairs: pd.DataFrame, *, sign: int, level: float = 0.95,
    convention: str = "bowlby",
) -> pd.DataFrame:  # fmt: skip
    """Change of every client by the multilevel slope; columns as of `change.change`.

    Args:
        slopes: The fitted model.
        pairs: client, before, after.
        sign: +1 if higher is better, else -1.
        level: Level of the index.
        convention: `clinicalsignificance` for the deviation from the mean slope.
    """
    table = pairs.merge(slopes.clients, on="client")
    slope = table.slope_deviation if convention == "clinicalsignificance" else table.slope
    index = slope / table.slope_sd
    z = critical(level)
    return pd.DataFrame(
        {
            "client": table.client, "before": table.before, "after": table.after,
            "change": table.after - table.before, "index": index, "improved_at": np.nan,
            "deteriorated_at": np.nan, "improved": sign * index > z,
            "deteriorated": sign * index < -z,
        }
    )  # fmt: skip
