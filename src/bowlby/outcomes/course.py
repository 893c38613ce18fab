"""One model of the course of an instrument's scores; everything else follows from it.

A client's true level moves by a slope that itself changes (see kalman.py). Nine numbers, found
by likelihood over all clients, gaps skipped and never filled; scores missing at random are no
harm. phi = 1 without steps is the linear growth model.

Weak priors keep numbers that the data do not speak of away from their edges: the error is
centred on the instrument's own standard error where that is known. How sure the numbers are is
kept (draws from their posterior, by importance resampling of its normal approximation) and
widens every band. Bands take the shape of the errors found: a t distribution where a few are
far out, so that 80 % bands are not too wide nor 95 % bands too narrow.

Source:
    Durbin & Koopman (2012), Time Series Analysis by State Space Methods, 2nd ed., chapter 4.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import minimize

from bowlby._types import FloatArray, IntArray
from bowlby.outcomes import kalman

LEAST_CLIENTS, LEAST_SCORES = 30, 4
"""Clients with that many scores each, below which no course is expected."""
DRAWS, PROPOSALS = 80, 600
SOME_CLIENTS = 300
"""Sets of the nine numbers that stand for how sure they are."""
NAMES = ("level", "level_sd", "slope", "slope_sd", "level_slope_r", "level_step_sd",
         "slope_step_sd", "slope_held", "error_sd")  # fmt: skip


@dataclass(frozen=True)
class CourseModel:
    """The fitted model.

    Attributes:
        numbers: The nine numbers (see `NAMES`).
        draws: Sets of the numbers, as sure as they are (set, number).
        clients: Clients it was fitted to.
        scores: Their scores.
        minimum: Lowest possible score (NaN if not known).
        maximum: Highest possible score.
        sign: +1 if higher is better, else -1.
        unit: `session` or `week`.
        loglik: Log-likelihood.
        is_whole: Whether scores are whole numbers.
        tail: Degrees of freedom of the standardised one-step errors (t), inf for normal.
    """

    numbers: FloatArray
    draws: FloatArray
    clients: int
    scores: int
    minimum: float
    maximum: float
    sign: int
    unit: str
    loglik: float
    is_whole: bool
    tail: float = float("inf")

    def described(self) -> dict[str, float]:
        """The nine numbers by name."""
        return dict(zip(NAMES, map(float, self.numbers), strict=True))


@dataclass(frozen=True)
class Panel:
    """Scores of many clients, as the filter takes them.

    Attributes:
        clients: Ids, in order.
        starts: Place of each client's first score, and the number of scores.
        time: Steps from 0.
        y: Scores.
        origin: Time that is step 0.
    """

    clients: tuple[str, ...]
    starts: IntArray
    time: IntArray
    y: FloatArray
    origin: int

    def of(self, i: int) -> tuple[IntArray, FloatArray]:
        """Steps and scores of one client."""
        at = slice(self.starts[i], self.starts[i + 1])
        return self.time[at], self.y[at]


def panel(scores: pd.DataFrame, origin: int | None = None) -> Panel:
    """The panel of a table of client, time (whole) and value.

    Args:
        scores: The table; rows without a value are left out.
        origin: Time that is step 0; the first of all by default.
    """
    table = scores.dropna(subset=["value"]).sort_values(["client", "time"], kind="stable")
    start = int(table.time.min()) if origin is None else origin
    clients, first = np.unique(table.client.to_numpy(), return_index=True)
    return Panel(
        tuple(clients), np.append(first, len(table)).astype(np.int64),
        (table.time.to_numpy() - start).astype(np.int64), table.value.to_numpy(float), start,
    )  # fmt: skip


def _numbers(free: FloatArray) -> FloatArray:
    p = np.asarray(free, float).copy()
    for i in (kalman.SPREAD, kalman.SLOPE_SPREAD, kalman.DRIFT, kalman.TURN, kalman.ERROR):
        p[i] = np.exp(min(p[i], 50.0))
    p[kalman.JOINT] = 0.95 * np.tanh(p[kalman.JOINT])
    p[kalman.HOLD] = 1.0 / (1.0 + np.exp(-p[kalman.HOLD]))
    return p


def fit_course(
    scores: pd.DataFrame,
    *,
    sign: int = -1,
    sem: float = float("nan"),
    minimum: float = float("nan"),
    maximum: float = float("nan"),
    unit: str = "session",
    least_clients: int = LEAST_CLIENTS,
) -> CourseModel:
    """Fit the model to a service's scores.

    Args:
        scores: client, time (whole sessions or weeks), value.
        sign: +1 if higher is better, else -1.
        sem: Standard error of one measurement; NaN if not known.
        minimum: Lowest possible score.
        maximum: Highest possible score.
        unit: What a step of time is.
        least_clients: Clients with 4 scores below which nothing is fitted.

    Raises:
        ValueError: If fewer than 30 clients have 4 scores.
    """
    data = panel(scores)
    sizes = np.diff(data.starts)
    enough = int((sizes >= LEAST_SCORES).sum())
    if enough < least_clients:
        raise ValueError(
            f"An expected course needs {least_clients} clients with {LEAST_SCORES} scores or "
            f"more; {enough} have. Single scores and their error are shown instead."
        )
    spread = float(data.y.std())
    if not spread > 0:
        raise ValueError("All scores are equal: there is no course to fit.")
    centre, width = _priors(data, spread, sem)

    def penalised(free: FloatArray) -> float:
        return _penalised(data, free, centre, width)

    starts = _starts(centre)
    if len(data.clients) > 2 * SOME_CLIENTS:
        some = _some(data)
        starts = [_best(lambda free: _penalised(some, free, centre, width), starts)]
    best = _best(penalised, starts)
    numbers = _numbers(best)
    return CourseModel(
        numbers, _posterior(penalised, best), len(data.clients), len(data.y), minimum, maximum,
        sign, unit, kalman.loglik(data.starts, data.time, data.y, numbers),
        bool(np.all(data.y == np.round(data.y))), _tail(data, numbers),
    )  # fmt: skip


def _penalised(data: Panel, free: FloatArray, centre: FloatArray, width: FloatArray) -> float:
    prior = 0.5 * float((((free - centre) / width) ** 2).sum())
    value = -kalman.loglik(data.starts, data.time, data.y, _numbers(free)) + prior
    return value if np.isfinite(value) else 1e12


def _some(data: Panel) -> Panel:
    """Every so-maniest client, to begin the search of a large service with."""
    every = len(data.clients) // SOME_CLIENTS
    chosen = range(0, len(data.clients), every)
    parts = [data.of(i) for i in chosen]
    starts = np.cumsum([0, *(len(t) for t, _ in parts)]).astype(np.int64)
    return Panel(
        tuple(data.clients[i] for i in chosen), starts, np.concatenate([t for t, _ in parts]),
        np.concatenate([y for _, y in parts]), data.origin,
    )  # fmt: skip


def _best(function: Callable[[FloatArray], float], starts: list[FloatArray]) -> FloatArray:
    return min((_searched(function, start) for start in starts), key=lambda one: one[1])[0]


def _posterior(penalised: Callable[[FloatArray], float], best: FloatArray) -> FloatArray:
    """Sets of the numbers from their posterior (set, number); the same every time."""
    rng = np.random.default_rng(20)
    root = 1.2 * np.linalg.cholesky(np.linalg.inv(_hessian(penalised, best)))
    z = rng.normal(size=(PROPOSALS, len(best)))
    free = best + z @ root.T
    weight = np.array([-penalised(one) for one in free]) + 0.5 * (z**2).sum(1)
    weight = np.exp(weight - weight.max())
    at = np.cumsum(weight) / weight.sum()
    chosen = np.searchsorted(at, (rng.random() + np.arange(DRAWS)) / DRAWS)
    return np.array([_numbers(free[i]) for i in np.minimum(chosen, PROPOSALS - 1)])


def _tail(data: Panel, numbers: FloatArray) -> float:
    """Degrees of freedom of the standardised errors one step ahead; inf for a normal."""
    errors = kalman.standardised(data.starts, data.time, data.y, numbers)

    def value(nu: float) -> float:
        scale = np.sqrt((nu - 2.0) / nu)
        # An exponential prior on 1/nu: without clear tails the shape stays normal.
        return float(stats.t.logpdf(errors, nu, scale=scale).sum()) - 10.0 / nu

    normal = float(stats.norm.logpdf(errors).sum())
    tried = {nu: value(nu) for nu in (3.5, 4.0, 5.0, 6.0, 8.0, 12.0, 20.0, 40.0)}
    best = max(tried, key=lambda nu: tried[nu])
    return best if tried[best] > normal else float("inf")


def _priors(data: Panel, spread: float, sem: float) -> tuple[FloatArray, FloatArray]:
    """Centres and widths of the weak priors, in the scores' own units."""
    first = data.y[data.starts[:-1]]
    last = data.y[data.starts[1:] - 1]
    steps = max(float(np.mean(data.time[data.starts[1:] - 1])), 1.0)
    fall = float(np.mean(last - first)) / steps
    error = sem if np.isfinite(sem) else 0.4 * spread
    centre = np.array([
        first.mean(), np.log(max(first.std(), 0.1 * spread)), fall, np.log(0.1 * spread),
        0.0, np.log(0.2 * spread), np.log(0.05 * spread), 2.0, np.log(error),
    ])  # fmt: skip
    width = np.array([
        10.0 * spread, 1.5, spread, 1.5, 1.0, 1.5, 1.5, 1.5, 0.3 if np.isfinite(sem) else 1.0,
    ])  # fmt: skip
    return centre, width


def _starts(centre: FloatArray) -> list[FloatArray]:
    """Where to begin: the priors' centres, and a straight, smooth course."""
    smooth = centre.copy()
    smooth[[kalman.DRIFT, kalman.TURN]] -= 2.0
    smooth[kalman.HOLD] = 4.0
    return [centre, smooth]


def _searched(
    function: Callable[[FloatArray], float], start: FloatArray
) -> tuple[FloatArray, float]:
    found = minimize(function, start, method="L-BFGS-B", options={"maxiter": 300})
    again = minimize(function, found.x, method="BFGS", options={"gtol": 1e-3, "maxiter": 100})
    return (again.x, float(again.fun)) if again.fun < found.fun else (found.x, float(found.fun))


def _hessian(function: Callable[[FloatArray], float], at: FloatArray) -> FloatArray:
    """Second derivatives by central differences, kept positive."""
    n, h = len(at), 1e-3 * np.maximum(1.0, np.abs(at) * 0.1)
    steps = np.diag(h)
    out = np.empty((n, n))
    for i in range(n):
        for j in range(i, n):
            a, b = steps[i], steps[j]
            value = (
                function(at + a + b) - function(at + a - b)
                - function(at - a + b) + function(at - a - b)
            ) / (4.0 * h[i] * h[j])  # fmt: skip
            out[i, j] = out[j, i] = value
    values, vectors = np.linalg.eigh(out)
    return (vectors * np.maximum(values, 1e-3)) @ vectors.T
