"""Across a study: does synchrony differ between groups, or go with an outcome?

A multilevel model with a random intercept for each dyad where dyads have several sessions, and
ordinary least squares with robust standard errors (HC3) where each has one.
"""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bowlby.synchrony.old_names import renamed_columns

if TYPE_CHECKING:
    import pandas as pd


# Columns whose numbers are names of groups, as statistics programs code them.
_LABELS = ("group", "condition", "arm", "treatment", "diagnosis", "cohort", "centre", "site")
_MOST_CODES = 10


@dataclass(frozen=True)
class Association:
    """Synchrony against one column.

    Attributes:
        column: The column.
        contrast: What the slope compares, such as `"normal - dropout"` or `"per unit"`.
        slope: Difference in z against surrogates between groups or per unit.
        low: Lower end of the 95 % interval.
        high: Upper end.
        p: Two-sided p of the slope, from the model.
        p_permutation: Two-sided p from permuting the column over dyads.
        d: Cohen's d of two groups, or Pearson's r of a number.
        sessions: Sessions used.
        dyads: Dyads used.
        model: What was fitted.
    """

    column: str
    contrast: str
    slope: float
    low: float
    high: float
    p: float
    p_permutation: float
    d: float
    sessions: int
    dyads: int
    model: str


def associate(
    table: "pd.DataFrame",
    column: str,
    *,
    response: str = "z",
    dyad: str = "dyad",
    seed: int = 1,
    permutations: int = 4999,
) -> tuple[Association, ...]:
    """Relate synchrony to a grouping or an outcome.

    Args:
        table: A row per session, with the response, the column and the dyad.
        column: Group label (text) or outcome (number); rows without it are left out.
        response: Column with the synchrony estimate.
        dyad: Column that tells dyads apart.
        seed: Seed of the permutations.
        permutations: Random re-assignments of the column to dyads.

    Returns:
        One association for a number, one per pair of groups for a label.

    Raises:
        ValueError: If fewer than four dyads, or only one group, are left.
    """
    import pandas as pd

    used = renamed_columns(table)[[response, column, dyad]].dropna()
    used = used[used[column].astype(str) != ""]
    number = pd.to_numeric(used[column], errors="coerce")
    are_codes = column.lower() in _LABELS and number.nunique() <= _MOST_CODES
    if number.notna().all() and number.nunique() > 2 and not are_codes:
        rows = used.assign(predictor=number.astype(float))
        return (_associate(rows, column, "per unit", response, dyad, seed, permutations),)
    groups = sorted(used[column].astype(str).unique())
    if len(groups) < 2:
        raise ValueError(
            f"Column {column!r} has {len(groups)} group(s) with estimates; two are needed."
        )
    found = []
    for i, base in enumerate(groups):
        for other in groups[i + 1 :]:
            label = used[column].astype(str)
            rows = used[label.isin([base, other])].assign(
                predictor=(label == other).astype(float)
            )
            contrast = f"{other} - {base}"
            found.append(_associate(rows, column, contrast, response, dyad, seed, permutations))
    return tuple(found)


def _associate(
    rows: "pd.DataFrame",
    column: str,
    contrast: str,
    response: str,
    dyad: str,
    seed: int,
    permutations: int,
) -> Association:
    y, x = rows[response].to_numpy(float), rows["predictor"].to_numpy(float)
    dyads = rows[dyad].astype(str).to_numpy()
    names, index = np.unique(dyads, return_inverse=True)
    if len(names) < 4 or np.ptp(x) == 0:
        raise ValueError(
            f"{column!r} ({contrast}): {len(names)} dyads with estimates; at least four that "
            "differ are needed."
        )
    slope, low, high, p, model = _fit(y, x, dyads)
    per_dyad = np.bincount(index)
    dyad_y = np.bincount(index, y) / per_dyad
    dyad_x = np.bincount(index, x) / per_dyad
    rng = np.random.default_rng(seed)
    covariance = np.array(
        [np.dot(rng.permutation(dyad_x) - dyad_x.mean(), dyad_y) for _ in range(permutations)]
    )
    observed = np.dot(dyad_x - dyad_x.mean(), dyad_y)
    p_permutation = (1 + np.sum(np.abs(covariance) >= abs(observed) - 1e-12)) / (
        1 + permutations
    )
    return Association(
        column, contrast, slope, low, high, p, float(p_permutation),
        _standardised(dyad_y, dyad_x), len(y), len(names), model,
    )  # fmt: skip


def _fit(
    y: np.ndarray, x: np.ndarray, dyads: np.ndarray
) -> tuple[float, float, float, float, str]:
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    design = sm.add_constant(x)
    if len(np.unique(dyads)) == len(y):
        fit = sm.OLS(y, design).fit(cov_type="HC3")
        model = "least squares, HC3 standard errors (one session per dyad)"
    else:
        with warnings.catch_warnings():
            # A variance at zero is a legitimate estimate; the fit's numbers stand.
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", UserWarning)
            fit = sm.MixedLM(y, design, groups=dyads).fit(reml=True)
        model = "multilevel model, random intercept per dyad (REML)"
    low, high = np.asarray(fit.conf_int())[1]
    return float(fit.params[1]), float(low), float(high), float(fit.pvalues[1]), model


def _standardised(y: np.ndarray, x: np.ndarray) -> float:
    values = np.unique(x)
    if len(values) > 2:
        return float(np.corrcoef(x, y)[0, 1])
    a, b = y[x == values[1]], y[x == values[0]]
    if min(len(a), len(b)) < 2:
        return np.nan
    pooled = np.sqrt(
        ((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / (len(a) + len(b) - 2)
    )
    return float((a.mean() - b.mean()) / pooled)
