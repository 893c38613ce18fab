"""Few samples a person, many dyads: hormones, session ratings, diaries.

With 2 to 20 points a person no window can be moved. What can be asked is asked over dyads: are
partners of a dyad alike in level, in change, and does one follow the other? Every null re-pairs
whole people, so that each keeps their own course and only who belongs to whom is undone.

Values of hormones are skewed: take their logarithm first (`log=True`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray
from bowlby.statistics.correlation import correlation
from bowlby.synchrony.significance import rank_p

if TYPE_CHECKING:
    import pandas as pd

_LEAST_DYADS = 5
_LARGEST_CONDITION = 1e8


@dataclass(frozen=True, eq=False)
class Samples:
    """Values of both people of many dyads at common occasions.

    Attributes:
        x: First person's values (dyads x occasions), NaN where missing.
        y: Second person's values.
        time: Time of each occasion, in the table's unit.
        dyads: The dyads.
        roles: Names of the first and the second person.
    """

    x: FloatArray
    y: FloatArray
    time: FloatArray
    dyads: tuple[str, ...]
    roles: tuple[str, str]


@dataclass(frozen=True)
class Together:
    """How alike partners are in one respect.

    Attributes:
        name: `level`, `change`, or the readout.
        r: Correlation of partners.
        low: Lower end of its 95 % interval.
        high: Upper end.
        p: Two-sided p among random re-pairings of whole people.
        dyads: Dyads used.
    """

    name: str
    r: float
    low: float
    high: float
    p: float
    dyads: int


@dataclass(frozen=True)
class Path:
    """One effect of the actor-partner model.

    Attributes:
        outcome: Whose next value is predicted.
        effect: `actor` (own earlier value) or `partner` (the other's earlier value).
        slope: Change of the outcome per unit of the predictor.
        low: Lower end of its 95 % interval.
        high: Upper end.
        p: Two-sided p, of partner effects among random re-pairings of whole people.
        dyads: Dyads used.
    """

    outcome: str
    effect: str
    slope: float
    low: float
    high: float
    p: float
    dyads: int


def samples_from_table(
    table: "pd.DataFrame",
    value: str,
    *,
    dyad: str = "dyad",
    role: str = "role",
    time: str = "time",
    log: bool = False,
    hour: str | None = None,
    given: Sequence[str] = (),
) -> Samples:
    """Arrange a long table, a row for each person and occasion.

    Args:
        table: The table.
        value: Column with the value.
        dyad: Column that tells dyads apart.
        role: Column that tells the two people of a dyad apart; two values.
        time: Column with the time or number of the occasion, the same for both.
        log: Take the natural logarithm.
        hour: Column with the hour of the day (0 to 24, or as 14:30). Two people who are sampled
            at one hour share its course; values are then what the hour does not tell.
        given: Columns of numbers whose part in the values is taken away too.

    Raises:
        ValueError: If a column is missing, there are not two roles, an occasion is given twice,
            a logarithm is asked of values that are not positive, there are too few dyads, or an
            hour is none.
    """
    import pandas as pd

    wanted = [value, dyad, role, time, *([hour] if hour else []), *given]
    for column in wanted:
        if column not in table:
            raise ValueError(
                f"No column {column!r}; the table has {', '.join(map(str, table.columns))}."
            )
    used = table[wanted].copy()
    if hour:
        used[hour] = _hours(used[hour])
    for column in (value, time, *given):
        used[column] = pd.to_numeric(used[column], errors="coerce")
    used = used.dropna()
    roles = sorted(used[role].astype(str).unique())
    if len(roles) != 2:
        raise ValueError(
            f"{role!r} has the values {', '.join(roles[:6])}; a dyad has two people. Name the "
            "column that tells them apart with --role."
        )
    twice = used[used.duplicated([dyad, role, time])]
    if len(twice):
        first = twice.iloc[0]
        raise ValueError(
            f"{dyad} {first[dyad]}, {first[role]} has two values at {time} {first[time]:g}; "
            "one is needed. Average them, or name another --time column."
        )
    if log:
        if (used[value] <= 0).any():
            raise ValueError(f"{value!r} has values at or below 0, which have no logarithm.")
        used[value] = np.log(used[value])
    for _, rows in used.groupby(used[role].astype(str)) if hour or given else ():
        told = [rows[column].to_numpy(float) for column in given]
        told += _course_of_day(rows[hour].to_numpy(float)) if hour else []
        used.loc[rows.index, value] = _not_told(rows[value].to_numpy(float), told)
    wide = used.assign(**{role: used[role].astype(str)}).pivot(
        index=dyad, columns=[role, time], values=value
    )
    times = np.sort(used[time].unique()).astype(float)
    x, y = (wide[one].reindex(columns=times).to_numpy(float) for one in roles)
    both = (np.isfinite(x) & np.isfinite(y)).any(axis=1)
    if both.sum() < _LEAST_DYADS:
        raise ValueError(
            f"{both.sum()} dyads have both people at one occasion; at least {_LEAST_DYADS} are "
            "needed."
        )
    names = tuple(str(d) for d in wide.index[both])
    return Samples(x[both], y[both], times, names, (roles[0], roles[1]))


def _hours(column: "pd.Series") -> "pd.Series":
    """Hours of the day as numbers."""
    import pandas as pd

    clock = column.astype(str).str.extract(r"^\s*(\d{1,2}):(\d{2})").astype(float)
    hours = pd.to_numeric(column, errors="coerce").fillna(clock[0] + clock[1] / 60.0)
    wrong = column[column.notna() & ~hours.between(0.0, 24.0)]
    if len(wrong):
        raise ValueError(
            f"{column.name!r} holds {wrong.iloc[0]!r}, which is no hour of the day; write 0 to "
            "24, or 14:30."
        )
    return hours


def _course_of_day(hours: FloatArray) -> list[FloatArray]:
    """Cosinor terms of a day and of half a day.

    Source:
        Cornelissen (2014), Theoretical Biology and Medical Modelling 11, 16.
    """
    turns = 2.0 * np.pi * hours / 24.0
    return [wave(k * turns) for k in (1, 2) for wave in (np.cos, np.sin)]


def _not_told(values: FloatArray, told: Sequence[FloatArray]) -> FloatArray:
    """Values less what others tell of them (least squares), around their own mean."""
    design = np.column_stack([np.ones(len(values)), *told])
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return np.asarray(values - fitted + values.mean(), np.float64)


def area_under_curve(values: FloatArray, time: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Area under each person's curve, from zero and from the first value.

    Args:
        values: Values (people x occasions); a person with a missing value has no area.
        time: Times of the occasions.

    Returns:
        AUC with respect to ground and with respect to increase (people).

    Source:
        Pruessner, Kirschbaum, Meinlschmid & Hellhammer (2003), Psychoneuroendocrinology 28,
        916-931.
    """
    ground = np.asarray(np.trapezoid(values, time, axis=1), np.float64)
    return ground, ground - values[:, 0] * (time[-1] - time[0])


def level_together(samples: Samples, *, permutations: int = 4999, seed: int = 1) -> Together:
    """Correlation of partners' mean levels over the occasions that both have."""
    both = np.isfinite(samples.x) & np.isfinite(samples.y)
    x, y = (_row_means(np.where(both, v, np.nan)) for v in (samples.x, samples.y))
    return _together("level", x, y, permutations, seed)


def areas_together(
    samples: Samples, *, permutations: int = 4999, seed: int = 1
) -> tuple[Together, ...]:
    """Correlation of partners' areas under the curve, from ground and of increase."""
    areas = (area_under_curve(v, samples.time) for v in (samples.x, samples.y))
    pairs = zip(("auc_ground", "auc_increase"), *areas, strict=True)
    return tuple(_together(name, x, y, permutations, seed) for name, x, y in pairs)


def change_together(samples: Samples, *, permutations: int = 4999, seed: int = 1) -> Together:
    """Correlation of partners' changes around their own mean and the usual course.

    The mean of all first (and of all second) people at each occasion is taken away, so that a
    course that everybody has, such as that of cortisol over a day, is not called synchrony.
    """

    def r_of(x: FloatArray, y: FloatArray) -> float:
        x, y = _changes(x, y)
        return float((x * y).sum() / np.sqrt((x**2).sum() * (y**2).sum()))

    x, y = _less_course(samples.x), _less_course(samples.y)
    drawn = _drawn(
        lambda order: _in_its_error(*_changes(x, y[order])), len(x), permutations, seed
    )
    low, high = _jackknife_interval(x, y, r_of)
    p = _two_sided_p(_in_its_error(*_changes(x, y)), drawn)
    return Together("change", r_of(x, y), low, high, p, len(x))


def actor_partner(
    samples: Samples, *, permutations: int = 999, seed: int = 1
) -> tuple[Path, ...]:
    """Does each person's next value follow their own, and their partner's, earlier one?

    The usual course is taken away, and each value is set against the mean of those that follow
    it in its dyad (forward orthogonal deviations), with earlier values as instruments: around a
    person's own mean over few occasions, effects of one partner would show up, reversed, in the
    other. Standard errors are robust to what a dyad shares; actor effects are t-tests over
    dyads, partner effects are ranked, in their errors, among re-pairings of whole people.

    Raises:
        ValueError: If there are fewer than three occasions, or earlier values do not vary.

    Source:
        Kenny, Kashy & Cook (2006), Dyadic Data Analysis (actor and partner); Arellano & Bover
        (1995), Journal of Econometrics 68, 29-51.
    """
    if samples.x.shape[1] < 3:
        raise ValueError(
            f"{samples.x.shape[1]} occasions; at least three are needed to predict one value "
            "from the one before."
        )
    x, y = _less_course(samples.x), _less_course(samples.y)
    found: list[Path] = []
    for own, other, role in ((x, y, samples.roles[0]), (y, x, samples.roles[1])):
        found += _instrumented(own, other, role, permutations, seed)
    return tuple(found)


def _instrumented(
    own: FloatArray, other: FloatArray, role: str, permutations: int, seed: int
) -> list[Path]:
    """Actor and partner effect on one person, by instrumental variables."""
    from scipy.stats import t

    slope, error, n = _solved(own, other)
    if n < _LEAST_DYADS:
        raise ValueError(
            f"{n} dyads have three occasions in a row for both people; at least {_LEAST_DYADS} "
            "are needed."
        )
    if not np.isfinite(slope).all():
        raise ValueError("Earlier values of the two people do not vary apart from one another.")

    def partner(order: np.ndarray) -> float:
        slope, error, _ = _solved(own, other[order])
        return float(slope[1] / error[1])

    drawn = np.abs(_drawn(partner, len(own), permutations, seed))
    at, df = np.abs(slope / error), n - 2
    half = float(t.isf(0.025, df)) * error
    p = float(2 * t.sf(at[0], df)), rank_p(float(at[1]), drawn)
    return [
        Path(
            role, effect, float(slope[k]), float(slope[k] - half[k]),
            float(slope[k] + half[k]), p[k], n,
        )
        for k, effect in enumerate(("actor", "partner"))
    ]  # fmt: skip


def _solved(own: FloatArray, other: FloatArray) -> tuple[FloatArray, FloatArray, int]:
    """Slopes of actor and partner, their robust errors (NaN if unknown), and the dyads used."""
    dyads = [_forward(*one) for one in zip(own, other, strict=True)]
    dyads = [one for one in dyads if len(one[0])]
    n, nothing = len(dyads), np.full(2, np.nan)
    if n < _LEAST_DYADS:
        return nothing, nothing, n
    crossed = np.sum([z.T @ x for _, x, z in dyads], axis=0)
    if np.linalg.cond(crossed) > _LARGEST_CONDITION:
        return nothing, nothing, n
    inverse = np.linalg.inv(crossed)
    slope = np.asarray(inverse @ np.sum([z.T @ y for y, _, z in dyads], axis=0), np.float64)
    scores = np.stack([z.T @ (y - x @ slope) for y, x, z in dyads])
    covariance = n / (n - 2) * inverse @ (scores.T @ scores) @ inverse.T
    return slope, np.sqrt(np.diag(covariance)), n


def _forward(own: FloatArray, other: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Outcome, predictors and instruments of one dyad (steps; steps x 2; steps x 2)."""
    rows = np.column_stack([own[1:], own[:-1], other[:-1]])
    rows = rows[np.isfinite(rows).all(axis=1)]
    ahead = np.arange(len(rows) - 1, 0, -1)
    if not len(ahead):
        return np.empty(0), np.empty((0, 2)), np.empty((0, 2))
    later = np.cumsum(rows[:0:-1], axis=0)[::-1] / ahead[:, None]
    moved = np.sqrt(ahead / (ahead + 1.0))[:, None] * (rows[:-1] - later)
    return moved[:, 0], moved[:, 1:], rows[:-1, 1:]


def _together(
    name: str, x: FloatArray, y: FloatArray, permutations: int, seed: int
) -> Together:
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if len(x) < _LEAST_DYADS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Together(name, np.nan, np.nan, np.nan, np.nan, len(x))
    found = correlation(x, y)
    x, y = x - x.mean(), y - y.mean()
    drawn = _drawn(lambda order: _in_its_error(x, y[order]), len(x), permutations, seed)
    p = _two_sided_p(_in_its_error(x, y), drawn)
    return Together(name, found.r, found.low, found.high, p, len(x))


def _drawn(
    again: Callable[[np.ndarray], float], n: int, permutations: int, seed: int
) -> FloatArray:
    """A statistic of random orders of `n` people or occasions, where it has a value."""
    rng = np.random.default_rng(seed)
    drawn = np.array([again(rng.permutation(n)) for _ in range(permutations)])
    return drawn[np.isfinite(drawn)]


def _two_sided_p(own: float, drawn: FloatArray) -> float:
    """Rank p by distance from the mean of what was drawn."""
    centre = drawn.mean()
    return rank_p(abs(own - centre), np.abs(drawn - centre))


def _in_its_error(x: FloatArray, y: FloatArray) -> float:
    """Sum of dyads' products in the error that it has without a relation.

    A bare correlation is larger by chance, either way, where some dyads vary more than others
    in both their people; re-paired people do not. This costs some power (.86 to .79 at r = .5
    of 30 dyads); errors from residuals keep it, but not the level (.12 and .17).

    Args:
        x: Values around their mean (dyads, or dyads x occasions).
        y: The other's.

    Source:
        DiCiccio & Romano (2017), Journal of the American Statistical Association 112,
        1211-1220.
    """
    of_dyad = (x * y).reshape(len(x), -1).sum(axis=1)
    error = float(np.sqrt((of_dyad**2).sum()))
    return float(of_dyad.sum()) / error if error > 0.0 else np.nan


def _row_means(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    return np.where(known, values, 0.0).sum(axis=1) / np.where(
        known.any(axis=1), known.sum(axis=1), np.nan
    )


def _less_course(values: FloatArray) -> FloatArray:
    """Values less the mean of all people at each occasion."""
    return values - _row_means(values.T)


def _changes(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both people's values around their mean over the occasions that both have, 0 elsewhere."""
    both = np.isfinite(x) & np.isfinite(y)
    count = np.maximum(both.sum(axis=1, keepdims=True), 1)

    def centred(values: FloatArray) -> FloatArray:
        values = np.where(both, values, 0.0)
        return np.where(both, values - values.sum(axis=1, keepdims=True) / count, 0.0)

    return centred(x), centred(y)


def _jackknife_interval(
    x: FloatArray, y: FloatArray, r_of: Callable[[FloatArray, FloatArray], float]
) -> tuple[float, float]:
    """95 % interval of a pooled correlation, from leaving out one dyad after the other.

    Source:
        Tukey's jackknife on Fisher's z, t quantile with a degree of freedom less than dyads.
    """
    from scipy.stats import t

    n = len(x)
    rest = ~np.eye(n, dtype=np.bool_)
    z = np.arctanh(np.clip([r_of(x[keep], y[keep]) for keep in rest], -0.999999, 0.999999))
    half = float(t.isf(0.025, n - 1)) * np.sqrt((n - 1) / n * ((z - z.mean()) ** 2).sum())
    centre = float(np.arctanh(np.clip(r_of(x, y), -0.999999, 0.999999)))
    return float(np.tanh(centre - half)), float(np.tanh(centre + half))
