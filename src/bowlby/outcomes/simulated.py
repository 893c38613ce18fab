"""A simulated service: clients with known courses, therapists, leaving. Always labelled so."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from bowlby.outcomes.forecasting import simulate_courses

TRUTH = np.array([16.5, 4.0, -0.75, 0.45, -0.35, 0.7, 0.05, 0.93, 2.1])
"""Numbers of the course model, in PHQ-9 points: what the service is made with."""


@dataclass(frozen=True)
class Service:
    """A simulated service.

    Attributes:
        scores: client, therapist, instrument, scale, date, session, value: PHQ-9 and SRS.
        clients: client, therapist, service, began, ended, ended_by, planned_sessions.
        answers: client, date, session, phq9_1 ... phq9_9 of the first six clients.
        icc: Share of variance of the slope-driven end between therapists it was made with.
    """

    scores: pd.DataFrame
    clients: pd.DataFrame
    answers: pd.DataFrame
    icc: float


def simulate_service(
    *, clients: int = 150, therapists: int = 15, planned: int = 12, icc: float = 0.08,
    seed: int = 1,
) -> Service:  # fmt: skip
    """Make a service.

    Clients leave after a session with a chance that rises with the last score, or end by
    agreement when two scores in a row are below 6; therapists differ in their clients' slopes.

    Args:
        clients: How many.
        therapists: How many.
        planned: Sessions planned.
        icc: Share of the end's variance between therapists.
        seed: Of everything random.
    """
    rng = np.random.default_rng(seed)
    y = simulate_courses(TRUTH, clients, planned, rng)
    therapist = rng.permutation(np.arange(clients) % therapists)
    spread = float(y[:, -1].std())
    own = np.sqrt(icc / (1.0 - icc)) * spread * rng.normal(size=therapists)
    y = y + own[therapist][:, None] * np.arange(planned + 1) / planned
    y = np.clip(np.round(y), 0, 27)
    last, ended_by = _ends(y, planned, rng)
    y[np.arange(planned + 1) > last[:, None]] = np.nan
    gaps = rng.random(y.shape) < 0.06
    gaps[:, 0] = False
    y[gaps] = np.nan
    names = np.array([f"S{i + 1:03d}" for i in range(clients)])
    staff = np.array([f"T{i + 1:02d}" for i in range(therapists)])
    began = pd.Timestamp("2024-01-08") + pd.to_timedelta(7 * rng.integers(0, 40, clients), "D")
    scores = _long(y, names, staff[therapist], began, "phq9", "total")
    alliance = _long(_alliance(y, rng), names, staff[therapist], began, "srs", "total")
    about = pd.DataFrame({
        "client": names, "therapist": staff[therapist], "service": "demo", "began": began,
        "ended": began + pd.to_timedelta(7 * last, "D"), "ended_by": ended_by,
        "planned_sessions": planned,
    })  # fmt: skip
    table = pd.concat([scores, alliance], ignore_index=True)
    return Service(table, about, _answers(scores, names[:6], rng), icc)


def _ends(
    y: np.ndarray, planned: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Last session of each client, and who ended."""
    last = np.full(len(y), planned)
    by = np.full(len(y), "agreed", object)
    for i, row in enumerate(y):
        for t in range(1, planned):
            chance = 1.0 / (1.0 + np.exp(4.2 - 0.09 * row[t]))
            if rng.random() < chance:
                last[i], by[i] = t, "client"
                break
            if t >= 4 and row[t] < 6 and row[t - 1] < 6 and rng.random() < 0.5:
                last[i] = t
                break
    return last, by


def _alliance(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Session ratings (0 to 40): steady, with a rupture in one of six clients."""
    n, many = y.shape
    base = np.clip(rng.normal(35.0, 2.0, n), 28, 38)
    ratings = base[:, None] + rng.normal(0.0, 1.4, (n, many))
    for i in np.flatnonzero(rng.random(n) < 1 / 6):
        at = int(rng.integers(5, many - 1))
        ratings[i, at] -= rng.uniform(7, 10)
    ratings = np.clip(np.round(ratings, 1), 0, 40)
    ratings[np.isnan(y)] = np.nan
    ratings[:, 0] = np.nan
    return ratings


def _long(
    y: np.ndarray, names: np.ndarray, therapist: np.ndarray, began: pd.DatetimeIndex,
    instrument: str, scale: str,
) -> pd.DataFrame:  # fmt: skip
    who, session = np.nonzero(np.isfinite(y))
    return pd.DataFrame({
        "client": names[who], "therapist": therapist[who], "instrument": instrument,
        "scale": scale, "date": began[who] + pd.to_timedelta(7 * session, "D"),
        "session": session, "value": y[who, session],
    })  # fmt: skip


def _answers(scores: pd.DataFrame, names: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Answers to nine items that add up to the scores."""
    mine = scores[scores.client.isin(names)]
    rows = []
    for row in cast("Iterable[Any]", mine.itertuples()):
        items = np.zeros(9, int)
        for _ in range(int(row.value)):
            open_ = np.flatnonzero(items < np.where(np.arange(9) == 8, 1, 3))
            chosen = open_ if len(open_) else np.array([8])
            items[rng.choice(chosen)] += 1
        rows.append((row.client, row.date, row.session, *items))
    columns = ["client", "date", "session", *(f"phq9_{i}" for i in range(1, 10))]
    return pd.DataFrame(rows, columns=columns)


def write_service(folder: Path, service: Service) -> None:
    """Write scores.csv, clients.csv and answers.csv."""
    for name in ("scores", "clients", "answers"):
        table = getattr(service, name)
        table.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%d")
