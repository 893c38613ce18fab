"""Differences between therapists, with how unsure they are: never a league table.

    score after ~ score before + case mix + (1 | therapist)

The share of variance between therapists (ICC) has an exact interval; a single therapist's
deviation is shrunken, and its interval includes that the ICC is not known. Names are not kept:
results are in order of the estimate, without a label.

Sources:
    Harville & Fenech (1985), Biometrics 41(1), 137-152 (exact interval of a variance ratio
    in an unbalanced mixed model).
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from scipy import optimize, stats

from bowlby._types import FloatArray
from bowlby.statistics.mixed import fit_model

LEAST_RELIABILITY = 0.70
LARGEST = 100.0
DRAWS = 60


@dataclass(frozen=True)
class TherapistEffects:
    """How much therapists differ.

    Attributes:
        icc: Share of variance between therapists (REML).
        low: Lower end of its 95 % interval.
        high: Upper end.
        table: clients, estimate (deviation of the score after, points), low, high,
            reliability, is_apart; a row a therapist, in order of the estimate, no names.
        therapists: How many.
        clients: How many.
        median_clients: Per therapist.
        needed: Clients a therapist needs for a reliability of .70 at this ICC.
    """

    icc: float
    low: float
    high: float
    table: pd.DataFrame
    therapists: int
    clients: int
    median_clients: float
    needed: float


def therapist_effects(
    clients: pd.DataFrame, *, covariates: tuple[str, ...] = (), level: float = 0.95
) -> TherapistEffects:
    """Differences between therapists in the score after, given the score before.

    Args:
        clients: client, therapist, before, after, and covariates (numbers).
        covariates: Columns of the case mix.
        level: Level of the intervals.

    Raises:
        ValueError: If there are fewer than five therapists with two clients.
    """
    table = clients[clients.therapist.astype(str) != ""].dropna(
        subset=["before", "after", *covariates]
    )
    sizes = table.groupby("therapist").size()
    if (sizes >= 2).sum() < 5:
        raise ValueError(
            f"Differences between therapists need 5 therapists with 2 clients or more who have "
            f"two scores; {(sizes >= 2).sum()} have."
        )
    names, place = np.unique(table.therapist.astype(str), return_inverse=True)
    x = np.column_stack([np.ones(len(table)), table[["before", *covariates]].to_numpy(float)])
    x = x[:, [0, *(i for i in range(1, x.shape[1]) if x[:, i].std() > 0)]]
    y = table.after.to_numpy(float)
    pivot = _pivot(y, x, place, len(names))
    tail = (1.0 - level) / 2.0
    low, high = (_ratio_at(pivot, float(stats.f.ppf(p, *pivot.df))) for p in (1.0 - tail, tail))
    fit = fit_model(y, x, place)
    icc = fit.icc if fit.kind == "mixed" else 0.0
    rows = _shrunken(y, x, place, len(names), pivot, level)
    many = np.bincount(place)
    rows = rows.assign(clients=many, reliability=many * icc / (1.0 + (many - 1) * icc))
    rows = rows.sort_values("estimate", ignore_index=True)
    need = LEAST_RELIABILITY / (1 - LEAST_RELIABILITY) * (1 - icc) / icc if icc > 0 else np.inf
    return TherapistEffects(
        icc, low / (1.0 + low), high / (1.0 + high),
        rows[["clients", "estimate", "low", "high", "reliability", "is_apart"]],
        len(names), len(y), float(np.median(many)), need,
    )  # fmt: skip


@dataclass(frozen=True)
class _Pivot:
    """F(ratio) = [sum w^2 / (1 + ratio l) / k] / [rest / f] has an F distribution.

    Attributes:
        w: Therapist contrasts in the directions in which they are independent.
        l: Their eigenvalues.
        rest: Residual sum of squares within therapists.
        df: Degrees of freedom k and f.
    """

    w: FloatArray
    l: FloatArray
    rest: float
    df: tuple[int, int]

    def value(self, ratio: float) -> float:
        """The pivot at a ratio of variances."""
        k, f = self.df
        return float((self.w**2 / (1.0 + ratio * self.l)).sum() / k / (self.rest / f))


def _pivot(y: FloatArray, x: FloatArray, place: np.ndarray, many: int) -> _Pivot:
    q, _ = np.linalg.qr(x)
    z = np.zeros((len(y), many))
    z[np.arange(len(y)), place] = 1.0
    mz, my = z - q @ (q.T @ z), y - q @ (q.T @ y)
    values, vectors = np.linalg.eigh(z.T @ mz)
    kept = values > 1e-8 * values.max()
    values, vectors = values[kept], vectors[:, kept]
    w = vectors.T @ (z.T @ my) / np.sqrt(values)
    rest = float(my @ my - w @ w)
    return _Pivot(w, values, rest, (len(values), len(y) - x.shape[1] - len(values)))


def _ratio_at(pivot: _Pivot, target: float) -> float:
    """The ratio at which the pivot, which falls in it, has a value; 0 where it never does."""
    if pivot.value(0.0) <= target:
        return 0.0
    if pivot.value(LARGEST) >= target:
        return LARGEST
    found = optimize.brentq(lambda ratio: pivot.value(ratio) - target, 0.0, LARGEST)
    return cast("float", found)


def _shrunken(
    y: FloatArray, x: FloatArray, place: np.ndarray, many: int, pivot: _Pivot, level: float
) -> pd.DataFrame:
    """Each therapist's deviation, over what the ratio may be."""
    rng = np.random.default_rng(9)
    targets = stats.f.ppf((np.arange(DRAWS) + 0.5) / DRAWS, *pivot.df)
    grid = np.concatenate([[0.0], np.geomspace(1e-5, LARGEST, 400)])
    falling = np.array([pivot.value(ratio) for ratio in grid])
    ratios = np.interp(-targets, -falling, grid)
    sizes = np.bincount(place, minlength=many).astype(float)
    middle, spread = np.empty((DRAWS, many)), np.empty((DRAWS, many))
    residual = pivot.rest / pivot.df[1]
    for d, ratio in enumerate(ratios):
        b = _generalised(y, x, place, sizes, ratio)
        off = np.bincount(place, y - x @ b, minlength=many) / sizes
        shrink = sizes * ratio / (1.0 + sizes * ratio)
        middle[d] = shrink * off
        spread[d] = np.sqrt(residual * ratio / (1.0 + sizes * ratio))
    draws = middle[:, None, :] + spread[:, None, :] * rng.normal(size=(DRAWS, 20, many))
    draws = draws.reshape(-1, many)
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail], axis=0)
    # A spike at 0 (no difference between therapists) must not call a therapist apart.
    apart = (low > 0.0) | (high < 0.0)
    return pd.DataFrame(
        {"estimate": draws.mean(0), "low": low, "high": high, "is_apart": apart}
    )  # fmt: skip


def _generalised(
    y: FloatArray, x: FloatArray, place: np.ndarray, sizes: FloatArray, ratio: float
) -> FloatArray:
    """Generalised least squares at a ratio: each row less a share of its therapist's mean."""
    share = 1.0 - 1.0 / np.sqrt(1.0 + sizes * ratio)
    data = np.column_stack([x, y])
    means = np.stack([np.bincount(place, c) for c in data.T], 1) / sizes[:, None]
    turned = data - (share[:, None] * means)[place]
    b = np.linalg.lstsq(turned[:, :-1], turned[:, -1], rcond=None)[0]
    return np.asarray(b, np.float64)
