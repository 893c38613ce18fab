"""Across a study: does synchrony differ between groups, or go with an outcome?

What differs between dyads is tested with a random intercept for each dyad and Satterthwaite's
degrees of freedom where dyads have several sessions, and with ordinary least squares and robust
standard errors (HC2, Bell-McCaffrey; those of Welch's t-test between two groups) where each has
one. What changes within dyads, such as a condition that each dyad went through or the number of
the session, is tested by a slope or contrast per dyad.

Where therapists see several dyads each, a column that is theirs is tested and permuted on their
means; one that changes among their dyads by a contrast per therapist, as therapists may differ
in it too. With fewer than four such therapists a random intercept of each is all that can be
had, and the result holds for these therapists.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bowlby._types import FloatArray
from bowlby.statistics.correlation import correlation
from bowlby.statistics.effect_sizes import average_sd, cohens_d
from bowlby.statistics.least_squares import robust_slope
from bowlby.statistics.mixed import fit_model
from bowlby.statistics.multiplicity import holm
from bowlby.statistics.within_clusters import SlopesWithin, slopes_within
from bowlby.synchrony.old_names import COLUMNS, renamed_columns
from bowlby.synchrony.permuting import Permuting, permuted_p
from bowlby.synchrony.significance import LEVEL

if TYPE_CHECKING:
    import pandas as pd

_LEAST_DYADS = 4
_LEAST_THERAPISTS = 4
_LEAST_OF_GROUP = 2


# Columns whose numbers are names of groups, as statistics programs code them.
_LABELS = ("group", "condition", "arm", "treatment", "diagnosis", "cohort", "centre", "site")
_MOST_CODES = 10
# Columns whose numbers are quantities however few they are.
_QUANTITIES = (
    "session",
    "outcome",
    "age",
    "minute",
    "minutes",
    "week",
    "time",
    "dose",
    "score",
)
_FEW_CODES = 5
_MISSING_CODES = (99.0, 999.0, 9999.0, -9.0, -99.0, -999.0, -9999.0)


@dataclass(frozen=True)
class Association:
    """Synchrony against one column.

    Attributes:
        column: The column.
        contrast: What the slope compares, such as `"normal - dropout"` or `"per unit"`.
        slope: Difference of the response between groups or per unit.
        low: Lower end of the 95 % interval.
        high: Upper end.
        p: Two-sided p of the slope, from the model.
        p_permutation: Two-sided p from permuting the column over dyads (within therapists, or
            over therapists where the column is theirs), or from turning the contrasts of random
            dyads round where the column changes within dyads.
        d: Cohen's d of two groups, or Pearson's r of a number; within dyads d in the average
            spread of the two conditions, or r around the dyads' means.
        sessions: Sessions used.
        dyads: Dyads used.
        model: What was fitted.
        p_holm: p corrected for the number of contrasts of the column (Holm).
        p_omnibus: p of any difference between all groups of the column, by permutation; look at
            contrasts where it is small.
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
    p_omnibus: float = np.nan


def associate(
    table: "pd.DataFrame",
    column: str,
    *,
    response: str = "z",
    dyad: str = "dyad",
    therapist: str | None = None,
    kind: str | None = None,
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
        therapist: Column that tells therapists apart, who may see several dyads.
        kind: `"names"` if the column's numbers are names of groups, `"number"` if they are
            quantities; None tells by the column's name and values.
        seed: Seed of the permutations.
        permutations: Random re-assignments.

    Returns:
        One association for a number, one per pair of groups for a label.

    Raises:
        ValueError: If fewer than four dyads, or only one group, are left, if the column may be
            names or quantities, or if it holds a code for missing values.

    Source:
        Holm (1979), Scandinavian Journal of Statistics 6, 65-70, for several groups.
    """
    import pandas as pd

    response = COLUMNS.get(response, response)
    wanted = [response, column, dyad, *([therapist] if therapist else [])]
    used = renamed_columns(table)[list(dict.fromkeys(wanted))]
    used = used.dropna(subset=[response, column, dyad])
    used = used[used[column].astype(str) != ""]
    # A dyad whose therapist is not known is taken for a therapist of its own.
    own = used[dyad].astype(str) + " alone"
    used = used.assign(_cluster=used[therapist].fillna(own).astype(str) if therapist else own)
    number = pd.to_numeric(used[column], errors="coerce")
    are_numbers = bool(number.notna().all())
    if are_numbers:
        _refuse_missing_codes(column, number.to_numpy(float))
    elif column.lower() not in _LABELS:
        _refuse_words_among_numbers(column, used[column], number)
    args = (response, dyad, seed, permutations)
    if are_numbers and number.nunique() > 2 and _are_quantities(column, number, kind):
        rows = used.assign(predictor=number.astype(float))
        return (_associate(rows, column, "per unit", *args),)
    dyads_of = used.groupby(used[column].astype(str))[dyad].nunique()
    groups = sorted(dyads_of.index[dyads_of >= _LEAST_OF_GROUP])
    lone = [str(name) for name in dyads_of.index if name not in groups]
    if len(groups) < 2:
        found = ", ".join(f"{name}: {count}" for name, count in dyads_of.items()) or "none"
        raise ValueError(
            f"Column {column!r} has {len(groups)} group(s) of {_LEAST_OF_GROUP} dyads or more "
            f"with estimates (dyads of {found}); two are needed."
        )
    used = used[used[column].astype(str).isin(groups)]
    found = []
    for i, base in enumerate(groups):
        for other in groups[i + 1 :]:
            label = used[column].astype(str)
            rows = used[label.isin([base, other])].assign(
                predictor=(label == other).astype(float)
            )
            contrast = f"{other} - {base}"
            found.append(_associate(rows, column, contrast, *args))
    if lone:
        told = f"; left out: {', '.join(lone)}, with one dyad"
        found = [replace(each, model=each.model + told) for each in found]
    return _corrected(found, _omnibus_p(used, column, *args) if len(groups) > 2 else np.nan)


def _are_quantities(column: str, number: "pd.Series", kind: str | None) -> bool:
    """Whether numbers are quantities; asks where they may be names of groups."""
    if kind is not None:
        return kind == "number"
    if column.lower() in _LABELS and number.nunique() <= _MOST_CODES:
        return False
    counts = number.value_counts()
    are_few = len(counts) <= _FEW_CODES and bool((counts >= 2).all())
    if column.lower() in _QUANTITIES or not are_few or (number % 1 != 0).any():
        return True
    values = ", ".join(f"{v:g}" for v in sorted(counts.index))
    raise ValueError(
        f"{column!r} has the values {values}: groups, or quantities? Say --by {column}:names "
        f"or --by {column}:number."
    )


def _refuse_missing_codes(column: str, number: FloatArray) -> None:
    """Refuse a code for missing values among outcomes: far from all others, and written so."""
    if not np.isfinite(number).all():
        raise ValueError(
            f"{column!r} is infinite in {(~np.isfinite(number)).sum()} rows. Leave those cells "
            "empty."
        )
    for code in _MISSING_CODES:
        rest = number[number != code]
        if 0 < len(rest) < len(number) and abs(code) > 3.0 * max(1.0, np.abs(rest).max()):
            raise ValueError(
                f"{column!r} is {code:g} in {len(number) - len(rest)} rows and at most "
                f"{rest.max():g} in all others: a code for a missing value? Leave those cells "
                "empty."
            )


def _refuse_words_among_numbers(column: str, values: "pd.Series", number: "pd.Series") -> None:
    """Refuse a word for missing values in a column of numbers."""
    words = values[number.isna()].astype(str).unique()
    if 2 * number.notna().sum() > len(values):
        raise ValueError(
            f"{column!r} holds {', '.join(map(repr, words[:3]))} beside numbers: a word for a "
            "missing value? Leave those cells empty."
        )


def _omnibus_p(
    used: "pd.DataFrame", column: str, response: str, dyad: str, seed: int, permutations: int
) -> float:
    """P of any difference between groups: spread of group means among permutations.

    Groups of dyads may differ in how unlike their dyads are: their means are weighted as in
    Welch's analysis of variance (Welch, 1951, Biometrika 38, 330-336).

    The column is permuted within dyads where it changes there, else over dyads (within their
    therapist, or over therapists).
    """
    y = used[response].to_numpy(float)
    groups, x = np.unique(used[column].astype(str).to_numpy(), return_inverse=True)
    dyads = np.unique(used[dyad].astype(str).to_numpy(), return_inverse=True)[1]
    rng = np.random.default_rng(seed)
    changes = _changes_within(x.astype(float), dyads)
    if changes is not None:
        y, x, dyads = y[changes], x[changes], dyads[changes]
        y = y - (np.bincount(dyads, y) / np.maximum(np.bincount(dyads), 1))[dyads]
        order = Permuting(x, dyads, rng)
    else:
        first = np.unique(dyads, return_index=True)[1]
        cluster = used["_cluster"].to_numpy()[first]
        y, x = _means(y, dyads), x[first]
        order = Permuting(x, cluster, rng)

    least = 1e-9 * float(((y - y.mean()) ** 2).mean()) or 1.0

    def spread(labels: np.ndarray) -> float:
        """Welch's sum of squares between groups, or within dyads the plain one."""
        count = np.maximum(np.bincount(labels, minlength=len(groups)), 1)
        mean = np.bincount(labels, y, minlength=len(groups)) / count
        weight = count.astype(float)
        if changes is None:
            rest = np.bincount(labels, (y - mean[labels]) ** 2, minlength=len(groups))
            weight = count / np.maximum(rest / np.maximum(count - 1, 1), least)
        return float(weight @ (mean - weight @ mean / weight.sum()) ** 2)

    own = spread(x)
    drawn = np.array([spread(order.draw()) for _ in range(min(permutations, 1999))])
    return float((1 + np.sum(drawn >= own - 1e-12)) / (1 + len(drawn)))


def _corrected(found: Sequence[Association], p_omnibus: float) -> tuple[Association, ...]:
    adjusted = holm([each.p for each in found])
    return tuple(
        replace(a, p_holm=float(p), p_omnibus=p_omnibus)
        for a, p in zip(found, adjusted, strict=True)
    )


def _p_between(
    y: FloatArray,
    x: FloatArray,
    cluster: np.ndarray,
    permutations: int,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """The p of dyads' means by permutation within therapists, and the smallest it could be."""
    has_therapists = len(np.unique(cluster)) < len(y)
    slopes = _therapists_slopes(y, x, cluster) if has_therapists else None
    if slopes is not None:
        return slopes.sign_flip_p(rng, permutations), 2.0 ** (1 - len(slopes.slope))
    order = Permuting(x, cluster, rng)
    return permuted_p(y, order, permutations), order.smallest_p


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
    dyads, cluster = rows[dyad].astype(str).to_numpy(), rows["_cluster"].to_numpy()
    is_within = _changes_within(x, dyads)
    if is_within is not None:
        y, x, dyads = y[is_within], x[is_within], dyads[is_within]
        cluster = cluster[is_within]
    count = len(np.unique(dyads))
    if count < _LEAST_DYADS or np.ptp(x) == 0:
        where = " in which it changes" if is_within is not None else ""
        raise ValueError(
            f"{column!r} ({contrast}): {count} dyads with estimates{where}; at least four that "
            "differ are needed."
        )
    of_dyad = cluster[np.unique(dyads, return_index=True)[1]]
    has_therapists = len(np.unique(of_dyad)) < count
    what = f"{column!r} ({contrast})"
    test = _fit_therapists(y, x, dyads, of_dyad, what) if has_therapists else _fit(y, x, dyads)
    if not np.isfinite(test.p):
        raise ValueError(
            f"{what}: too few dyads differ in it to fit a model ({test.model}). Leave it out "
            "or add recordings."
        )
    rng = np.random.default_rng(seed)
    if is_within is not None:
        # Dyads of one therapist may respond alike: they are turned round together.
        therapists = of_dyad if len(np.unique(of_dyad)) > 1 else np.arange(count)
        p = slopes_within(y, x, dyads).sign_flip_p(rng, permutations, therapists)
        smallest = 2.0 ** (1 - len(np.unique(therapists)))
        d = _standardised_within(y, x, dyads)
    else:
        means = _means(y, dyads), _means(x, dyads)
        p, smallest = _p_between(*means, of_dyad, permutations, rng)
        d = _standardised(*means)
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
        model=f"{test.model}; permutation cannot give p below {smallest:.2g}"
        if smallest > LEVEL
        else test.model,
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
        return _Test(
            *robust_slope(y, x),
            "least squares, HC2 standard errors, Bell-McCaffrey degrees of freedom (one "
            "session per dyad)",
        )
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


def _fit_therapists(
    y: FloatArray, x: FloatArray, dyads: np.ndarray, therapist: np.ndarray, column: str
) -> _Test:
    """Test with therapists as the highest level.

    A column that changes within dyads gives a contrast per dyad, whose mean has a random
    intercept of the therapist; another gives the dyads' means the same.
    """
    if _changes_within(x, dyads) is not None:
        slopes = slopes_within(y, x, dyads)
        if len(slopes.slope) != len(therapist):
            return _fit(y, x, dyads)
        values, design, weights = slopes.slope, np.ones((len(therapist), 1)), np.ones(1)
        of_what = "contrast within each dyad"
    else:
        values, means = _means(y, dyads), _means(x, dyads)
        slopes = _therapists_slopes(values, means, therapist)
        if slopes is not None:
            found = slopes.mean()
            return _Test(
                found.estimate, *found.interval(0.05), found.p,
                "contrast per therapist (means of dyads), t-test of their weighted mean",
            )  # fmt: skip
        design, weights = np.column_stack([np.ones(len(means)), means]), np.array([0.0, 1.0])
        of_what = "means of dyads"
    index = np.unique(therapist, return_inverse=True)[1]
    if index.max() == 0:
        found = fit_model(values, design, np.full(len(values), -1)).contrast(weights)
        model = f"{of_what}; all have one therapist, for whom alone this holds"
    elif _is_constant_in(design[:, -1], index) and design.shape[1] > 1:
        count = index.max() + 1
        if count < _LEAST_THERAPISTS:
            raise ValueError(
                f"{column} is the same for all dyads of a therapist, and the differences of "
                f"{count} therapists cannot be told from it; at least {_LEAST_THERAPISTS} are "
                "needed. Leave out the column therapist if only these are of interest."
            )
        of_therapist = np.column_stack([_means(c, index) for c in design.T])
        found = fit_model(
            _means(values, index), of_therapist, np.full(len(of_therapist), -1)
        ).contrast(weights)
        model = f"means of therapists ({of_what}), as the column is theirs"
    else:
        fit = fit_model(values, design, index)
        found = fit.contrast(weights)
        ending = "" if fit.kind == "mixed" else f" left out ({fit.reason})"
        model = f"{of_what}, random intercept per therapist (REML, Satterthwaite){ending}"
    return _Test(found.estimate, *found.interval(0.05), found.p, model)


def _therapists_slopes(
    y: FloatArray, x: FloatArray, therapist: np.ndarray
) -> SlopesWithin | None:
    """Slopes of the therapists among whose dyads the column changes, where it does for most.

    Therapists may differ in what the column means for their dyads, which a random intercept
    alone would take for more certainty than there is. Too few of them give no slopes.
    """
    changes = _changes_within(x, therapist)
    if changes is None or len(np.unique(therapist[changes])) < _LEAST_THERAPISTS:
        return None
    return slopes_within(y, x, therapist)


def _is_constant_in(x: FloatArray, index: np.ndarray) -> bool:
    return all(np.ptp(x[index == i]) == 0.0 for i in range(index.max() + 1))


def _means(values: FloatArray, dyads: np.ndarray) -> FloatArray:
    index = np.unique(dyads, return_inverse=True)[1]
    return np.bincount(index, values) / np.bincount(index)


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
