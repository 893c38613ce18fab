"""Those who leave: how many, whether scores foretell it, and what it does to the outcome.

The outcome of all who began comes from the course model (missing at random given the scores).
Whether that is right cannot be seen in the data, so the unseen scores are shifted by delta a
session and the delta is told at which the conclusion changes.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bowlby._types import FloatArray
from bowlby.outcomes import kalman
from bowlby.outcomes.course import CourseModel, Panel
from bowlby.statistics.survival import Survival, survival

DELTAS = np.round(np.arange(-1.0, 3.01, 0.25), 2)


@dataclass(frozen=True)
class Outcome:
    """Mean change to the planned session, several ways (negative is a fall).

    Attributes:
        planned: The session.
        last_score: First to last score, whenever that was.
        completers: Of those who have a score at the planned session or later.
        everyone: Of all who began, by the course model.
        error: Standard error of `everyone`.
        left: Share without a score at the planned session.
        deltas: Shift a session after leaving, in SEM-free points (towards worse).
        shifted: Change of everyone at each delta.
        tipping: Delta at which the 95 % interval of the change reaches 0; NaN if at none.
    """

    planned: int
    last_score: float
    completers: float
    everyone: float
    error: float
    left: float
    deltas: FloatArray
    shifted: FloatArray
    tipping: float


def outcome_of_all(model: CourseModel, data: Panel, planned: int) -> Outcome:
    """Mean change of all who began, with what leaving might do to it.

    Args:
        model: The fitted model.
        data: Scores of the clients.
        planned: Step of the planned session.
    """
    first = data.y[data.starts[:-1]]
    last = data.y[data.starts[1:] - 1]
    reached = data.time[data.starts[1:] - 1]
    stayed = reached >= planned
    end, unsure = _ends(model, data, planned)
    missed = np.maximum(planned - reached, 0).astype(float)
    change = end.mean(0) - first
    everyone = float(change.mean())
    error = float(np.sqrt(
        (change.var(ddof=1) + unsure.mean()) / len(first) + (end - first).mean(1).var()
    ))  # fmt: skip
    worse = -model.sign
    shifted = np.array([everyone + worse * d * missed.mean() for d in DELTAS])
    bound = everyone + worse * 1.96 * error
    mean_missed = float(missed.mean())
    tipping = -worse * bound / mean_missed if mean_missed > 0 and worse * bound < 0 else np.nan
    return Outcome(
        planned, float((last - first).mean()),
        float((last - first)[stayed].mean()) if stayed.any() else np.nan, everyone, error,
        float(1.0 - stayed.mean()), DELTAS, shifted, float(tipping),
    )  # fmt: skip


def _ends(model: CourseModel, data: Panel, planned: int) -> tuple[FloatArray, FloatArray]:
    """Level at the planned step of each client: mean by draw, and its variance."""
    draws = model.draws[:: max(1, len(model.draws) // 20)]
    n = len(data.clients)
    mean, variance = np.empty((len(draws), n)), np.empty(n)
    for i in range(n):
        time, y = data.of(i)
        keep = time <= planned
        if time[keep].size and time[keep][-1] == planned:
            mean[:, i], variance[i] = y[keep][-1], 0.0
            continue
        m, v = kalman.predictions(time[keep], y[keep], planned, draws)
        mean[:, i], variance[i] = m[:, planned], v[:, planned].mean()
    low = model.minimum if np.isfinite(model.minimum) else -np.inf
    high = model.maximum if np.isfinite(model.maximum) else np.inf
    return np.clip(mean, low, high), variance


def staying(data: Panel, left_early: np.ndarray, planned: int) -> Survival:
    """Share still in therapy after each session.

    Args:
        data: Scores of the clients.
        left_early: Whether each client's end was leaving; else the client is censored then.
        planned: Session to go up to.
    """
    time = np.minimum(data.time[data.starts[1:] - 1], planned)
    return survival(time, left_early & (time < planned), planned, alpha=0.05)


@dataclass(frozen=True)
class Leaving:
    """Does leaving follow the scores? Odds ratios of leaving after a session.

    Attributes:
        rows: predictor, odds_ratio, low, high, p; empty where it cannot be told.
        events: Clients who left.
        reason: Why there are no rows, or empty.
    """

    rows: pd.DataFrame
    events: int
    reason: str


def leaving_model(data: Panel, left_early: np.ndarray, planned: int, *, sd: float) -> Leaving:
    """Discrete-time model of leaving on the last score, the last change and the session.

    Args:
        data: Scores of the clients.
        left_early: Whether each client left.
        planned: Session from which nobody leaves early.
        sd: SD of scores, the unit of score and change.
    """
    from statsmodels.api import Logit

    rows = []
    for i in range(len(data.clients)):
        time, y = data.of(i)
        for j in range(1, len(time)):
            if time[j] < planned:
                is_last = j == len(time) - 1
                rows.append((y[j] / sd, (y[j] - y[j - 1]) / sd, time[j],
                             float(is_last and left_early[i])))  # fmt: skip
    names = ["score (per SD)", "last change (per SD)", "session"]
    nothing = pd.DataFrame(columns=["predictor", "odds_ratio", "low", "high", "p"])
    table = np.array(rows, float).reshape(-1, 4)
    events = int(table[:, 3].sum())
    if events < 30:
        return Leaving(nothing, events, f"{events} clients left; 30 are needed to tell")
    x = np.column_stack([np.ones(len(table)), table[:, :3]])
    fit = Logit(table[:, 3], x).fit(disp=0)
    bounds = np.exp(fit.conf_int())
    made = pd.DataFrame({
        "predictor": names, "odds_ratio": np.exp(fit.params[1:]), "low": bounds[1:, 0],
        "high": bounds[1:, 1], "p": fit.pvalues[1:],
    })  # fmt: skip
    return Leaving(made, events, "")


def dose(changes: pd.DataFrame, sessions: pd.Series) -> pd.DataFrame:
    """Share reliably improved by how long clients came: who stays is not what helps.

    Args:
        changes: client, improved.
        sessions: Sessions of each client, by client.

    Returns:
        length (group of sessions), clients, improved, share, mean_change_per_session.
    """
    table = changes.assign(sessions=changes.client.map(sessions))
    edges = np.unique(np.quantile(table.sessions, [0, 0.25, 0.5, 0.75, 1.0]).astype(int))
    if len(edges) < 2:
        edges = np.array([edges[0], edges[0] + 1])
    cuts = [edges[0] - 1, *edges[1:]]
    group = pd.cut(table.sessions, cuts)
    rows = []
    for interval, mine in table.groupby(group, observed=True):
        rate = (mine.change / mine.sessions.clip(lower=1)).mean()
        low, high = int(interval.left) + 1, int(interval.right)
        rows.append((f"{low} to {high}" if high > low else f"{low}", len(mine),
                     int(mine.improved.sum()), float(mine.improved.mean()),
                     float(rate)))  # fmt: skip
    columns = ["length", "clients", "improved", "share", "change_per_session"]
    return pd.DataFrame(rows, columns=columns)
