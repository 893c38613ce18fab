"""Sudden gains and losses, beside the share that a smooth course would show.

Source:
    Tang & DeRubeis (1999), Journal of Consulting and Clinical Psychology 67(6), 894-904.
    Wiedemann et al. (2020), PLOS ONE 15(3), e0230276: R suddengains 0.7.2, whose every cell the
    tests hold.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from bowlby._types import FloatArray
from bowlby.outcomes.course import CourseModel
from bowlby.outcomes.forecasting import as_scored, simulate_courses

COURSES = 20_000


@dataclass(frozen=True)
class Criteria:
    """The three criteria of every interval (client, interval); NaN where data are wanting.

    Attributes:
        first: Fall of at least the cut-off.
        second: Fall of at least a share of the score before.
        third: Sessions before and after differ.
        is_gain: All three.
        session: Session before each interval.
    """

    first: FloatArray
    second: FloatArray
    third: FloatArray
    is_gain: FloatArray
    session: np.ndarray


def criteria(
    scores: FloatArray,
    *,
    cutoff: float,
    share: float = 0.25,
    critical: float | None = None,
    is_loss: bool = False,
    first_session: int = 1,
    convention: str = "bowlby",
) -> Criteria:
    """The criteria of Tang and DeRubeis for every interval.

    Args:
        scores: Scores where lower is better (client, session); NaN for missing.
        cutoff: Smallest fall; that of R suddengains is the reliable change.
        share: Share of the score before that must fall.
        critical: Critical t of the third criterion; by the sessions there are by default.
        is_loss: Whether to look for rises.
        first_session: Number of the first column.
        convention: `suddengains` for its second criterion of losses, which is met by whatever
            does not fall by that share; here the score must rise by it.
    """
    many = scores.shape[1]
    if many < 4:
        empty = np.empty((len(scores), 0))
        return Criteria(empty, empty, empty, empty, np.empty(0, int))
    sign = -1.0 if is_loss else 1.0
    at = np.arange(1, many - 2)
    before, after = scores[:, at], scores[:, at + 1]
    fall = sign * (before - after)
    gap = np.isnan(fall)
    first = np.where(gap, np.nan, fall >= cutoff)
    second = np.where(gap, np.nan, fall >= share * before)
    if is_loss and convention == "suddengains":
        second = np.where(gap, np.nan, before - after <= share * before)
    third = _third(scores, at, sign, critical)
    return Criteria(first, second, third, first * second * third, at + first_session)


def _third(
    scores: FloatArray, at: np.ndarray, sign: float, critical: float | None
) -> FloatArray:
    out = np.full((len(scores), len(at)), np.nan)
    for k, i in enumerate(at):
        m1, v1, n1 = _moments(scores[:, max(i - 2, 0) : i + 1])
        m2, v2, n2 = _moments(scores[:, i + 1 : i + 4])
        enough = (n1 >= 2) & (n2 >= 2)
        df = np.maximum(n1 + n2 - 2, 1)
        limit = _T_TABLE[df] if critical is None else critical
        pooled = np.sqrt(((n1 - 1) * v1 + (n2 - 1) * v2) / df)
        out[enough, k] = (sign * (m1 - m2) > limit * pooled)[enough]
    return out


_T_TABLE = np.array([np.nan, *(stats.t.isf(0.025, df) for df in range(1, 5))])


def _moments(x: FloatArray) -> tuple[FloatArray, FloatArray, np.ndarray]:
    """Mean, variance and number of what is there, by row."""
    has = np.isfinite(x)
    n = has.sum(1)
    safe = np.maximum(n, 1)
    mean = np.where(has, x, 0.0).sum(1) / safe
    off = np.where(has, x - mean[:, None], 0.0)
    return mean, (off**2).sum(1) / np.maximum(n - 1, 1), n


def sudden_gains(
    table: pd.DataFrame,
    *,
    cutoff: float,
    sign: int = -1,
    share: float = 0.25,
    critical: float | None = None,
) -> pd.DataFrame:
    """Every sudden gain and loss, with what became of it.

    Args:
        table: Scores (client x session), NaN for missing; columns are sessions, without intake.
        cutoff: Smallest fall.
        sign: +1 if higher is better, else -1.
        share: Share of the score before that must fall.
        critical: Critical t; by the sessions there are by default.

    Returns:
        client, kind (gain or loss), session (before it), before, after, size, reversed (lost
        half of it later), kept_3 (half of it still there three sessions on; None if not seen).
    """
    scores = -sign * _filled(table).to_numpy(float)
    sessions = _filled(table).columns.to_numpy()
    # Criterion 2 is about the score itself, so a higher-is-better scale takes its size.
    rows = []
    for kind in ("gain", "loss"):
        found = _found(scores, sign, cutoff, share, critical, is_loss=kind == "loss")
        for i, k in zip(*np.nonzero(found == 1.0), strict=True):
            rows.append(_told(table.index[i], kind, scores[i], k + 1, sessions, sign))
    columns = ["client", "kind", "session", "before", "after", "size", "reversed", "kept_3"]
    return pd.DataFrame(rows, columns=columns)


def _found(
    scores: FloatArray, sign: int, cutoff: float, share: float, critical: float | None, *,
    is_loss: bool,
) -> FloatArray:  # fmt: skip
    made = criteria(scores, cutoff=cutoff, share=share, critical=critical, is_loss=is_loss)
    if sign < 0:
        return made.is_gain
    at = made.session - 1
    fall = (scores[:, at] - scores[:, at + 1]) * (-1.0 if is_loss else 1.0)
    second = np.where(np.isnan(fall), np.nan, fall >= share * np.abs(scores[:, at]))
    return made.first * second * made.third


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a column for every session between the first and the last."""
    return table.reindex(columns=range(int(table.columns.min()), int(table.columns.max()) + 1))


def _told(
    client: object, kind: str, row: FloatArray, i: int, sessions: np.ndarray, sign: int
) -> tuple:
    turn = 1.0 if kind == "gain" else -1.0
    size = turn * (row[i] - row[i + 1])
    half = row[i + 1] + turn * size / 2.0
    later = row[i + 2 :]
    is_lost = bool(np.nanmax(turn * (later - half), initial=-np.inf) >= 0)
    third = row[i + 4] if i + 4 < len(row) else np.nan
    kept = None if np.isnan(third) else bool(turn * (third - half) < 0)
    return (
        client,
        kind,
        int(sessions[i]),
        -sign * row[i],
        -sign * row[i + 1],
        size,
        is_lost,
        kept,
    )


@dataclass(frozen=True)
class ChanceOfGains:
    """Share of clients with a gain that the smooth course model gives.

    Attributes:
        share: Expected share.
        low: Lower end of the 95 % range of samples of this size.
        high: Upper end.
        courses: Simulated courses.
    """

    share: float
    low: float
    high: float
    courses: int


def chance_of_gains(
    model: CourseModel, table: pd.DataFrame, *, origin: int, cutoff: float, share: float = 0.25,
    is_loss: bool = False, seed: int = 5,
) -> ChanceOfGains:  # fmt: skip
    """Share of clients with a sudden gain in smooth courses with the same gaps.

    Args:
        model: The fitted model.
        table: Scores (client x session), NaN for missing.
        origin: Session that is step 0 of the model.
        cutoff: Smallest fall.
        share: Share of the score before that must fall.
        is_loss: Whether to look for losses.
        seed: Of the simulation.
    """
    full = _filled(table)
    gaps = np.isnan(full.to_numpy(float))
    n, repeats = len(full), max(20, int(np.ceil(COURSES / max(len(full), 1))))
    first, last = int(full.columns[0]) - origin, int(full.columns[-1]) - origin
    rng = np.random.default_rng(seed)
    shares = []
    for r in range(repeats):
        numbers = model.draws[r % len(model.draws)]
        y = as_scored(model, simulate_courses(numbers, n, last, rng))[:, first:]
        y[gaps] = np.nan
        found = _found(-model.sign * y, model.sign, cutoff, share, None, is_loss=is_loss)
        shares.append((found == 1.0).any(1).mean())
    low, high = np.quantile(shares, [0.025, 0.975])
    return ChanceOfGains(float(np.mean(shares)), float(low), float(high), n * repeats)
