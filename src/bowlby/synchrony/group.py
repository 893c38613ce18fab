"""Across a study: does synchrony differ between groups, or go with an outcome?

What differs between dyads is tested with a random intercept for each dyad and Satterthwaite's
degrees of freedom where dyads have several sessions, and with ordinary least squares and robust
standard errors (HC3) where each has one. What changes within dyads, such as a condition that
each dyad went through or the number of the session, is tested by a slope or contrast per dyad.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bowlby._types import FloatArray
from bowlby.statistics.correlation import correlation
from bowlby.statistics.effect_sizes import average_sd, cohens_d
from bowlby.statistics.mixed import fit_model
from bowlby.statistics.within_clusters import slopes_within
from bowlby.synchrony.old_names import renamed_columns

if TYPE_CHECKING:
    import pandas as pd

_LEAST_DYADS = 4


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
        p_permutation: Two-sided p from permuting the column over dyads, or from turning the
            contrasts of random dyads round where the column changes within dyads.
        d: Cohen's d of two groups, or Pearson's r of a number; within dyads d in the average
            spread of the two conditions, or r around the dyads' means.
        sessions: Sessions used.
        dyads: Dyads used.
        model: What was fitted.
        p_holm: p corrected for the number of contrasts of the column (Holm).
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
    p_holm: float


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
        column: Group label (text, or anything in a column called `group` or `condition`) or
            outcome (number); rows without it are left out.
        response: Column with the synchrony estimate.
        dyad: Column that tells dyads apart.
        seed: Seed of the permutations.
        permutations: Random re-assignments.

    Returns:
        One association for a number, one per pair of groups for a label.

    Raises:
        ValueError: If fewer than four dyads, or only one group, are left.

    Source:
        Holm (1979), Scandinavian Journal of Statistics 6, 65-70, for several groups.
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
    return _corrected(found)


def _corrected(found: Sequence[Association]) -> tuple[Association, ...]:
    from statsmodels.stats.multitest import multipletests

    adjusted = np.asarray(multipletests([each.p for each in found], method="holm")[1])
    return tuple(replace(a, p_holm=float(p)) for a, p in zip(found, adjusted, strict=True))


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
    is_within = _changes_within(x, dyads)
    if is_within is not None:
        y, x, dyads = y[is_within], x[is_within], dyads[is_within]
    count = len(np.unique(dyads))
    if count < _LEAST_DYADS or np.ptp(x) == 0:
        where = " in which it changes" if is_within is not None else ""
        raise ValueError(
            f"{column!r} ({contrast}): {count} dyads with estimates{where}; at least four that "
            "differ are needed."
        )
    test = _fit(y, x, dyads)
    rng = np.random.default_rng(seed)
    if is_within is not None:
        p = slopes_within(y, x, dyads).sign_flip_p(rng, permutations)
        d = _standardised_within(y, x, dyads)
    else:
        p = _permuted_p(_means(y, dyads), _means(x, dyads), rng, permutations)
        d = _standardised(_means(y, dyads), _means(x, dyads))
    return Association(
        column=column,
        contrast=contrast,
        slope=test.slope,
        low=test.low,
        high=test.high,
        p=test.p,
        p_permutation=p,
        d=d,
        sessions=len(y),
        dyads=count,
        model=test.model,
        p_holm=test.p,
    )


def _changes_within(x: FloatArray, dyads: np.ndarray) -> np.ndarray | None:
    """Rows of the dyads in which the column changes, if it does in most of them."""
    index = np.unique(dyads, return_inverse=True)[1]
    changes = np.array([np.ptp(x[index == i]) > 0.0 for i in range(index.max() + 1)])
    return changes[index] if 2 * changes.sum() > len(changes) else None


class _Test(NamedTuple):
    slope: float
    low: float
    high: float
    p: float
    model: str


def _fit(y: FloatArray, x: FloatArray, dyads: np.ndarray) -> _Test:
    index = np.unique(dyads, return_inverse=True)[1]
    if index.max() + 1 == len(y):
        return _robust(y, x)
    if _changes_within(x, dyads) is not None:
        found = slopes_within(y, x, dyads).mean()
        model = "contrast within each dyad, t-test of their weighted mean"
    else:
        fit = fit_model(y, np.column_stack([np.ones(len(x)), x]), index)
        found = fit.contrast(np.array([0.0, 1.0]))
        model = (
            "multilevel model, random intercept per dyad (REML, Satterthwaite)"
            if fit.kind == "mixed"
            else f"multilevel model without its random intercept ({fit.reason})"
        )
    return _Test(found.estimate, *found.interval(0.05), found.p, model)


def _robust(y: FloatArray, x: FloatArray) -> _Test:
    import statsmodels.api as sm

    fit = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HC3")
    low, high = np.asarray(fit.conf_int())[1]
    return _Test(
        float(fit.params[1]), float(low), float(high), float(fit.pvalues[1]),
        "least squares, HC3 standard errors (one session per dyad)",
    )  # fmt: skip


def _means(values: FloatArray, dyads: np.ndarray) -> FloatArray:
    index = np.unique(dyads, return_inverse=True)[1]
    return np.bincount(index, values) / np.bincount(index)


def _permuted_p(
    y: FloatArray, x: FloatArray, rng: np.random.Generator, permutations: int
) -> float:
    """P from permuting one number per dyad over dyads."""
    apart = x - x.mean()
    drawn = np.abs([np.dot(rng.permutation(apart), y) for _ in range(permutations)])
    return float((1 + np.sum(drawn >= abs(np.dot(apart, y)) - 1e-12)) / (1 + permutations))


def _standardised(y: FloatArray, x: FloatArray) -> float:
    values = np.unique(x)
    if len(values) > 2:
        return correlation(x, y).r
    return cohens_d(y[x == values[1]], y[x == values[0]])


def _standardised_within(y: FloatArray, x: FloatArray, dyads: np.ndarray) -> float:
    """Cohen's d of the dyads' means in two conditions, or r around the dyads' means.

    Source:
        Lakens (2013), Frontiers in Psychology 4, 863 (d in the average spread, here the root of
        the mean variance); Bakdash & Marusich (2017), Frontiers in Psychology 8, 456 (r).
    """
    values, index = np.unique(x), np.unique(dyads, return_inverse=True)[1]
    if len(values) > 2:
        return correlation(x - _means(x, dyads)[index], y - _means(y, dyads)[index]).r
    first, second = (_means(y[x == v], dyads[x == v]) for v in (values[1], values[0]))
    return cohens_d(first, second, sd=average_sd)
