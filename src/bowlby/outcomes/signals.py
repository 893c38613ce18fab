"""Off course or not, with a chance of ever alarming that is set.

A client's score at each session is compared with the course expected from the first score.
*Red* is beyond a limit chosen so that of clients who are on course only a set share (10 %) is
ever red over the planned sessions. *Amber* is beyond the usual 90 % line of one session, which
marks about one in three clients who are on course at some time.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import stats

from bowlby._types import FloatArray
from bowlby.outcomes.course import CourseModel, Panel
from bowlby.outcomes.forecasting import clipped, expected_from, simulate_courses

COURSES = 20_000
AMBER = float(stats.norm.isf(0.10))
SIGNALS = ("red", "amber", "green", "on course", "none yet")


@dataclass(frozen=True)
class Alarm:
    """The limits of the signal, and how often they are wrong.

    Attributes:
        planned: Sessions they hold for.
        red: Limit of red (SD of the prediction).
        ever: Share of clients on course who are ever red, as set.
        ever_amber: Share of clients on course who are ever beyond the amber line.
        found: Of clients who do not change on average, the share red by each session asked.
        found_amber: The same of amber.
    """

    planned: int
    red: float
    ever: float
    ever_amber: float
    found: dict[int, float]
    found_amber: dict[int, float]


def alarm(model: CourseModel, planned: int, *, ever: float = 0.10) -> Alarm:
    """Limits of the signal for a number of sessions, from 20,000 simulated courses.

    Args:
        model: The fitted model.
        planned: Sessions after the first score.
        ever: Share of clients on course who may ever be red.

    Raises:
        ValueError: If the share or the number of sessions makes no sense.
    """
    if not 0.0 < ever < 0.5:
        raise ValueError(f"--ever {ever:g}: give a share between 0 and 0.5, such as 0.10.")
    if planned < 1:
        raise ValueError(f"--planned {planned}: give 1 session or more.")
    return _alarm(tuple(model.numbers), model.sign, planned, ever)


@lru_cache(maxsize=8)
def _alarm(numbers: tuple[float, ...], sign: int, planned: int, ever: float) -> Alarm:
    p = np.array(numbers)
    rng = np.random.default_rng(4)
    worst = np.maximum.accumulate(
        _distance(p, sign, simulate_courses(p, COURSES, planned, rng)), 1
    )
    red = float(np.quantile(worst[:, -1], 1.0 - ever))
    still = simulate_courses(p, COURSES, planned, rng, slope=0.0)
    lost = np.maximum.accumulate(_distance(p, sign, still), 1)
    at = [s for s in (4, 8, 12, 20) if s <= planned] or [planned]
    return Alarm(
        planned, red, float((worst[:, -1] > red).mean()), float((worst[:, -1] > AMBER).mean()),
        {s: float((lost[:, s - 1] > red).mean()) for s in at},
        {s: float((lost[:, s - 1] > AMBER).mean()) for s in at},
    )  # fmt: skip


def _distance(p: FloatArray, sign: int, y: FloatArray) -> FloatArray:
    """How far above the expected course, to the worse side, in SDs (client, session from 1)."""
    mean, sd = expected_from(p[None], 0, y[:, 0], y.shape[1] - 1)
    return -sign * (y[:, 1:] - mean[:, 1:]) / sd[:, 1:]


def off_course(
    model: CourseModel, data: Panel, limits: Alarm, is_functional: np.ndarray
) -> pd.DataFrame:
    """The signal of every client at every session.

    Args:
        model: The fitted model.
        data: Scores of the clients.
        limits: Of `alarm`.
        is_functional: Whether each score is in the functional range.

    Returns:
        A row a score: client, time, value, expected, sd, z (towards worse), signal. `green` is
        three scores in a row in the functional range; past the planned sessions no red is
        given, since its false-alarm rate is not known there.
    """
    sizes = np.diff(data.starts)
    first = np.repeat(data.starts[:-1], sizes)
    rows = pd.DataFrame({"client": np.repeat(np.array(data.clients, object), sizes),
                         "time": data.time + data.origin, "value": data.y})  # fmt: skip
    expected, sd = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    place = np.arange(len(rows))
    later = place > first
    for start in np.unique(data.time[first]):
        at = np.flatnonzero(later & (data.time[first] == start))
        if not len(at):
            continue
        intakes, which = np.unique(data.y[first[at]], return_inverse=True)
        mean, spread = expected_from(model.draws, int(start), intakes, int(data.time[at].max()))
        expected[at] = clipped(model, mean[which, data.time[at]])
        sd[at] = spread[which, data.time[at]]
    z = -model.sign * (data.y - expected) / sd
    well = np.asarray(is_functional, bool)
    steady = well & np.roll(well, 1) & np.roll(well, 2) & (place - first >= 2)
    is_planned = data.time - data.time[first] <= limits.planned
    signal = np.select(
        [~later, (z > limits.red) & is_planned, z > AMBER, steady],
        ["none yet", "red", "amber", "green"], "on course",
    )  # fmt: skip
    return rows.assign(expected=expected, sd=sd, z=z, signal=signal)
