"""How model and published effects agree as a whole: a common factor, an order, nulls, errors.

Bands alone hardly tell a model from a guess, since most published effects are near |r| = .2 or
|d| = .3. So effects are compared as d (an r as 2 r / sqrt(1 - r^2)); a group counts once in
intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray
from bowlby.evidence.findings import Finding
from bowlby.evidence.scoring import Estimate, agrees, guess, published_number
from bowlby.statistics.correlation import correlation

_AS_D = {"d": False, "g": False, "SMD": False, "r": True, "beta": True}
"""Statistics that can be put on one scale, and whether they are correlations."""

FEWEST = 4
"""Effects below which nothing is said of their agreement."""


@dataclass(frozen=True)
class Agreement:
    """Model against published effects.

    Attributes:
        effects: Number of effects compared.
        factor: Best common factor: what the model's effects must be multiplied by.
        factor_low: Lower end of its 95 % bootstrap interval over groups.
        factor_high: Upper end.
        correlation: Correlation of model and published effects, as d.
        without_two: The same without the two largest published ones.
        error_r: Mean absolute error of correlations, of the model.
        error_r_guess: The same of the guess.
        error_d: Mean absolute error of differences, of the model.
        error_d_guess: The same of the guess.
        nulls_met: Nulls that are equivalent to null in the model.
        nulls: Nulls addressed.
        others_met: Levels, shapes and signs that are right, of which a guess says nothing.
        others: Those addressed.
    """

    effects: int
    factor: float
    factor_low: float
    factor_high: float
    correlation: float
    without_two: float
    error_r: float
    error_r_guess: float
    error_d: float
    error_d_guess: float
    nulls_met: int
    nulls: int
    others_met: int
    others: int


def agreement(
    findings: Sequence[Finding], found: Mapping[str, Estimate], *, seed: int = 0
) -> Agreement:
    """Agreement over the findings that are scored and that the model addresses."""
    scored = [f for f in findings if f.is_scored and f.slug in found]
    effects = [f for f in scored if f.scale == "effects" and f.statistic in _AS_D]
    model = np.array([found[f.slug].mean for f in effects])
    published = np.array([published_number(f) for f in effects])
    known = np.isfinite(model) & np.isfinite(published)
    effects = [f for f, ok in zip(effects, known, strict=True) if ok]
    model, published = model[known], published[known]
    is_r = np.array([_AS_D[f.statistic] for f in effects], bool)
    guessed = np.array([guess(f) for f in effects], float)
    x, y = _as_d(model, is_r), _as_d(published, is_r)
    low, high = _interval(x, y, [f.group for f in effects], seed)
    smaller = np.argsort(np.abs(y))[: max(len(y) - 2, 0)]
    nulls = [f for f in scored if f.scale == "nulls"]
    others = [f for f in scored if f.scale in ("levels", "shapes and signs")]
    return Agreement(
        len(effects), _factor(x, y), low, high, _r(x, y), _r(x[smaller], y[smaller]),
        _error(model, published, is_r), _error(guessed, published, is_r),
        _error(model, published, ~is_r), _error(guessed, published, ~is_r),
        sum(agrees(f, found[f.slug]) for f in nulls), len(nulls),
        sum(agrees(f, found[f.slug]) for f in others), len(others),
    )  # fmt: skip


def _as_d(effect: FloatArray, is_r: np.ndarray) -> FloatArray:
    r = np.where(is_r, np.clip(effect, -0.99, 0.99), 0.0)
    return np.where(is_r, 2.0 * r / np.sqrt(1.0 - r * r), effect)


def _factor(x: FloatArray, y: FloatArray) -> float:
    """Least-squares factor through the origin of y on x."""
    return float((x * y).sum() / (x * x).sum()) if len(x) >= FEWEST else float("nan")


def _r(x: FloatArray, y: FloatArray) -> float:
    return correlation(x, y).r if len(x) >= FEWEST else float("nan")


def _error(x: FloatArray, y: FloatArray, which: np.ndarray) -> float:
    return float(np.abs(x - y)[which].mean()) if which.any() else float("nan")


def _interval(
    x: FloatArray, y: FloatArray, groups: Sequence[str], seed: int
) -> tuple[float, float]:
    """95 % bootstrap interval of the common factor over groups of findings."""
    if len(x) < FEWEST:
        return float("nan"), float("nan")
    rng, names = np.random.default_rng(seed), np.unique(groups)
    members = [np.flatnonzero(np.asarray(groups) == name) for name in names]
    drawn = rng.integers(len(names), size=(2000, len(names)))
    factors = [
        _factor(x[at], y[at])
        for at in (np.concatenate([members[i] for i in row]) for row in drawn)
    ]
    low, high = np.nanquantile(factors, [0.025, 0.975])
    return float(low), float(high)
