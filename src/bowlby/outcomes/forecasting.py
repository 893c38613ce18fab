"""What was to be expected of a client, and what is to come, with bands."""

import numpy as np
import pandas as pd
from scipy import stats

from bowlby._types import FloatArray, IntArray
from bowlby.outcomes import kalman
from bowlby.outcomes.course import CourseModel, Panel

LEVELS = (0.80, 0.95)


def expect(model: CourseModel, time: IntArray, value: FloatArray, last: int) -> pd.DataFrame:
    """The course to be expected of a client, given the first score only.

    Args:
        model: The fitted model.
        time: Steps of the client's scores, from 0.
        value: The scores.
        last: Step to go up to.

    Returns:
        A row a step from the first score on: time, mean, sd, low80, high80, low95, high95.
    """
    return _bands(model, time[:1], value[:1], last, first=int(time[0]))


def forecast(model: CourseModel, time: IntArray, value: FloatArray, last: int) -> pd.DataFrame:
    """What is to come, given all scores so far; columns as of `expect`.

    Args:
        model: The fitted model.
        time: Steps of the client's scores, from 0.
        value: The scores.
        last: Step to go up to.
    """
    return _bands(model, time, value, last, first=int(time[-1]))


def smooth(model: CourseModel, time: IntArray, value: FloatArray) -> pd.DataFrame:
    """The client's true level at every step, given all scores: time, mean, sd."""
    last = int(time[-1])
    mean, variance = kalman.smoothed(time, value, last, model.numbers)
    table = pd.DataFrame({"time": np.arange(last + 1), "mean": mean, "sd": np.sqrt(variance)})
    return table[table.time >= time[0]].reset_index(drop=True)


def mixed(
    model: CourseModel, time: IntArray, value: FloatArray, last: int
) -> tuple[FloatArray, FloatArray]:
    """Mean and SD at each step, with how sure the model's numbers are in the SD."""
    mean, variance = kalman.predictions(time, value, last, model.draws)
    return mean.mean(0), np.sqrt(variance.mean(0) + mean.var(0))


def expected_from(
    draws: FloatArray, first: int, intake: FloatArray, last: int
) -> tuple[FloatArray, FloatArray]:
    """Mean and SD of scores at steps 0 to `last`, given first scores at one step.

    The mean is a line in the first score and the variance does not depend on it, so that many
    clients cost no more than two.

    Args:
        draws: Sets of the model's numbers.
        first: Step of the first score.
        intake: First scores.
        last: Step to go up to.

    Returns:
        Mean and SD (intake, step).
    """
    step = np.array([first], np.int64)
    (at0, variance), (at1, _) = (
        kalman.predictions(step, np.array([y]), last, draws) for y in (0.0, 1.0)
    )
    slope = at1 - at0
    mean = at0.mean(0) + intake[:, None] * slope.mean(0)
    joint = ((at0 - at0.mean(0)) * (slope - slope.mean(0))).mean(0)
    between = at0.var(0) + 2.0 * intake[:, None] * joint + intake[:, None] ** 2 * slope.var(0)
    return mean, np.sqrt(variance.mean(0) + np.maximum(between, 0.0))


def multiplier(model: CourseModel, level: float, ahead: FloatArray) -> FloatArray:
    """Half width of a band in SDs, by steps ahead.

    Errors a step ahead may have longer tails than the normal distribution; those of many steps
    are sums, whose excess kurtosis falls as one over their number.

    Args:
        model: The fitted model.
        level: Level of the band.
        ahead: Steps since the last score.
    """
    nu = np.clip(model.tail * np.maximum(ahead, 1.0), None, 1e6)
    if not np.isfinite(model.tail):
        return np.full(len(ahead), stats.norm.isf((1.0 - level) / 2.0))
    return stats.t.isf((1.0 - level) / 2.0, nu) * np.sqrt((nu - 2.0) / nu)


def _bands(
    model: CourseModel, time: IntArray, value: FloatArray, last: int, *, first: int
) -> pd.DataFrame:
    mean, sd = mixed(model, time, value, last)
    step = np.arange(last + 1)
    table = pd.DataFrame({"time": step, "mean": mean, "sd": sd})[step > first]
    return _with_bands(model, table.reset_index(drop=True), table.time.to_numpy() - first)


def _with_bands(model: CourseModel, table: pd.DataFrame, ahead: np.ndarray) -> pd.DataFrame:
    """The table of mean and sd with bands, within the scale."""
    for level in LEVELS:
        half = multiplier(model, level, ahead) * table.sd
        name = f"{100 * level:.0f}"
        table[f"low{name}"] = clipped(model, (table["mean"] - half).to_numpy())
        table[f"high{name}"] = clipped(model, (table["mean"] + half).to_numpy())
    table["mean"] = clipped(model, table["mean"].to_numpy())
    return table


def all_courses(model: CourseModel, data: Panel, ahead: int) -> pd.DataFrame:
    """Expected, smoothed and forecast course of every client.

    Args:
        model: The fitted model.
        data: Scores of the clients.
        ahead: Steps after the last score.

    Returns:
        client, kind (expected, smooth, forecast), time, mean, sd and the bands.
    """
    first, last = data.time[data.starts[:-1]], data.time[data.starts[1:] - 1]
    clients = np.array(data.clients, object)
    coming, spread = kalman.panel_forecasts(data.starts, data.time, data.y, model.draws, ahead)
    forecasts = pd.DataFrame({
        "client": np.repeat(clients, ahead), "kind": "forecast",
        "time": (last[:, None] + 1 + np.arange(ahead)).ravel(), "mean": coming.ravel(),
        "sd": spread.ravel(),
    })  # fmt: skip
    level, variance = kalman.panel_smoothed(data.starts, data.time, data.y, model.numbers)
    steps = np.arange(level.shape[1])
    who, at = np.nonzero((steps >= first[:, None]) & (steps <= last[:, None]))
    smoothed = pd.DataFrame({"client": clients[who], "kind": "smooth", "time": at,
                             "mean": level[who, at],
                             "sd": np.sqrt(variance[who, at])})  # fmt: skip
    expected = _all_expected(model, data, clients, first, last + ahead)
    parts = [
        _with_bands(model, expected, expected.pop("ahead").to_numpy()), smoothed,
        _with_bands(model, forecasts, np.tile(np.arange(1, ahead + 1), len(clients))),
    ]  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    table["time"] += data.origin
    return table.sort_values(["client", "kind", "time"], kind="stable", ignore_index=True)


def _all_expected(
    model: CourseModel, data: Panel, clients: np.ndarray, first: np.ndarray, last: np.ndarray
) -> pd.DataFrame:
    parts = []
    intake = data.y[data.starts[:-1]]
    for start in np.unique(first):
        mine = np.flatnonzero(first == start)
        values, which = np.unique(intake[mine], return_inverse=True)
        mean, sd = expected_from(model.draws, int(start), values, int(last[mine].max()))
        steps = np.arange(mean.shape[1])
        who, at = np.nonzero((steps > start) & (steps <= last[mine][:, None]))
        parts.append(pd.DataFrame({
            "client": clients[mine[who]], "kind": "expected", "time": at,
            "mean": mean[which[who], at], "sd": sd[which[who], at], "ahead": at - start,
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def clipped(model: CourseModel, x: FloatArray) -> FloatArray:
    """Scores kept within the instrument's range."""
    low = model.minimum if np.isfinite(model.minimum) else -np.inf
    high = model.maximum if np.isfinite(model.maximum) else np.inf
    return np.clip(x, low, high)


def simulate_courses(
    numbers: FloatArray, n: int, last: int, rng: np.random.Generator, *,
    slope: float | None = None,
) -> FloatArray:  # fmt: skip
    """Scores of simulated clients at steps 0 to `last` (client, step), without bounds.

    Args:
        numbers: The nine numbers of the model.
        n: Clients.
        last: Last step.
        rng: Random numbers.
        slope: Mean slope in place of the model's.
    """
    p = numbers
    z = rng.normal(size=(n, 2))
    level = p[kalman.LEVEL] + p[kalman.SPREAD] * z[:, 0]
    r = p[kalman.JOINT]
    mean_slope = p[kalman.SLOPE] if slope is None else slope
    tilt = mean_slope + p[kalman.SLOPE_SPREAD] * (r * z[:, 0] + np.sqrt(1 - r**2) * z[:, 1])
    out = np.empty((n, last + 1))
    for t in range(last + 1):
        if t > 0:
            level = level + tilt + p[kalman.DRIFT] * rng.normal(size=n)
            tilt = p[kalman.HOLD] * tilt + p[kalman.TURN] * rng.normal(size=n)
        out[:, t] = level + p[kalman.ERROR] * rng.normal(size=n)
    return out


def as_scored(model: CourseModel, y: FloatArray) -> FloatArray:
    """Simulated scores as the instrument would give them: within its range, whole if it is."""
    y = clipped(model, y)
    return np.round(y) if model.is_whole else y
