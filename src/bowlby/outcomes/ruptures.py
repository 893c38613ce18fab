"""Ruptures and repairs in session ratings of the alliance.

A rating is a rupture if it lies below what the client's earlier ratings predict, by a margin
that only a set share of steady alliances ever crosses over the planned sessions:

    rating < mean - t(1 - alpha / (S - 4), nu + n - 1) s sqrt(1 + 1 / n)

with n earlier ratings, their mean, and s their SD shrunk towards the SD within clients of all:
s^2 = (nu s0^2 + sum of squares) / (nu + n - 1), nu = 4. From the fifth session on. Criteria in
use ("a drop of a point", "1 SD below the own mean") mark nearly every steady alliance; they are
here for comparison, with the shares that the calibration page measures.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from bowlby._types import FloatArray

SHRINKAGE = 4.0
FIRST = 5
ALPHA = 0.065
"""Shared out over the sessions as if they were apart; 4 % of steady alliances cross it."""
CEILING = 0.40
CRITERIA = ("predictive", "drop1", "own1sd", "own2sd", "xmr")
FALSE_SHARE = {
    "predictive": "about 4 of 100 steady alliances in 20 sessions",
    "drop1": "99 of 100 steady alliances in 20 sessions",
    "own1sd": "99 of 100 steady alliances in 20 sessions",
    "own2sd": "35 of 100 steady alliances in 20 sessions",
    "xmr": "2 to 13 of 100 steady alliances in 20 sessions, more if neighbours go together",
}


@dataclass(frozen=True)
class Ruptures:
    """Ruptures of all clients.

    Attributes:
        events: client, session, rating, expected, limit, repaired (None if not to be seen),
            repaired_at.
        clients: client, sessions, at_ceiling (share of ratings at the top), verdict: `none
            found`, `rupture`, `cannot tell` (at the ceiling) or `too few` (under five ratings).
        within_sd: SD within clients of all.
        criterion: Which rule.
        planned: Sessions the false-alarm share holds for.
    """

    events: pd.DataFrame
    clients: pd.DataFrame
    within_sd: float
    criterion: str
    planned: int


def pooled_within_sd(table: pd.DataFrame) -> float:
    """SD of ratings within clients.

    Raises:
        ValueError: If no client has two ratings.
    """
    by = table.groupby("client")["value"]
    df = float((by.size() - 1).clip(lower=0).sum())
    if df < 1:
        raise ValueError("Ruptures need a client with two ratings or more.")
    squares = float(((table["value"] - by.transform("mean")) ** 2).sum())
    return float(np.sqrt(squares / df))


def ruptures(
    table: pd.DataFrame,
    *,
    planned: int = 20,
    within_sd: float | None = None,
    maximum: float = float("nan"),
    criterion: str = "predictive",
) -> Ruptures:
    """Ruptures in the ratings of all clients, and whether each was repaired.

    Args:
        table: client, time, value (higher is a better alliance).
        planned: Sessions planned.
        within_sd: SD within clients; that of these ratings by default.
        maximum: Highest possible rating.
        criterion: One of `CRITERIA`.

    Raises:
        ValueError: If the criterion is not known or planned sessions are too few.
    """
    if criterion not in CRITERIA:
        raise ValueError(f"--criterion {criterion!r} is not one of {', '.join(CRITERIA)}.")
    if planned < FIRST:
        raise ValueError(
            f"--planned {planned}: ruptures are looked for from session {FIRST} on."
        )
    sd = pooled_within_sd(table) if within_sd is None else within_sd
    events, clients = [], []
    for client, mine in table.sort_values(["client", "time"]).groupby("client", sort=True):
        y = mine["value"].to_numpy(float)
        top = float((y >= maximum).mean()) if np.isfinite(maximum) else 0.0
        found = limits_of(y, sd, planned, criterion)
        hits = np.flatnonzero(y < found.limit)
        for i in hits:
            events.append((client, *_event(y, mine.time.to_numpy(), int(i), found, sd)))
        verdict = _verdict(len(y), len(hits), top)
        clients.append((client, len(y), top, verdict))
    return Ruptures(
        pd.DataFrame(events, columns=["client", "session", "rating", "expected", "limit",
                                      "repaired", "repaired_at"])
        .astype({"repaired_at": "Int64", "repaired": "boolean"}),
        pd.DataFrame(clients, columns=["client", "sessions", "at_ceiling", "verdict"]),
        sd, criterion, planned,
    )  # fmt: skip


def _verdict(n: int, hits: int, top: float) -> str:
    if hits:
        return "rupture"
    if n < FIRST:
        return "too few"
    return "cannot tell" if top > CEILING else "none found"


@dataclass(frozen=True)
class RatingLimits:
    """Limit of each rating of a client, and what was to be expected; NaN for none."""

    limit: FloatArray
    expected: FloatArray
    spread: FloatArray


def limits_of(y: FloatArray, sd: float, planned: int, criterion: str) -> RatingLimits:
    """Limits of a client's ratings, each from the earlier ones alone.

    Args:
        y: Ratings in order.
        sd: SD within clients.
        planned: Sessions planned.
        criterion: One of `CRITERIA`.
    """
    n = np.arange(len(y), dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.concatenate([[0.0], np.cumsum(y)[:-1]])
        mean = np.where(n > 0, total / n, np.nan)
        squares = np.concatenate([[0.0], np.cumsum(y**2)[:-1]]) - n * mean**2
        squares = np.maximum(squares, 0.0)
        s = np.sqrt((SHRINKAGE * sd**2 + squares) / (SHRINKAGE + n - 1.0))
    if criterion == "predictive":
        level = ALPHA / max(planned - FIRST + 1, 1)
        t = stats.t.isf(level, np.maximum(SHRINKAGE + n - 1.0, 1.0))
        limit = mean - t * s * np.sqrt(1.0 + 1.0 / np.maximum(n, 1.0))
        return RatingLimits(np.where(n >= FIRST - 1, limit, np.nan), mean, s)
    if criterion == "drop1":
        previous = np.concatenate([[np.nan], y[:-1]])
        return RatingLimits(previous - 1.0 + 1e-9, previous, s)
    if criterion == "xmr":
        moving = np.abs(np.diff(y)).mean() if len(y) > 1 else np.nan
        whole = np.full(len(y), y.mean())
        return RatingLimits(whole - 2.66 * moving, whole, s)
    times = 1.0 if criterion == "own1sd" else 2.0
    whole_sd = y.std(ddof=1) if len(y) > 1 else np.nan
    return RatingLimits(
        np.full(len(y), y.mean() - times * whole_sd), np.full(len(y), y.mean()), s
    )


def _event(
    y: FloatArray, time: np.ndarray, i: int, found: RatingLimits, sd: float
) -> tuple[int, float, float, float, bool | None, int | None]:
    """A rupture, and whether one of the next three came back to 1 s of the earlier mean."""
    spread = found.spread[i] if np.isfinite(found.spread[i]) else sd
    back = np.flatnonzero(y[i + 1 : i + 4] >= found.expected[i] - spread)
    repaired = True if len(back) else (None if len(y) - i - 1 < 3 else False)
    at = int(time[i + 1 + back[0]]) if len(back) else None
    return (
        int(time[i]), float(y[i]), float(found.expected[i]), float(found.limit[i]), repaired, at
    )  # fmt: skip
