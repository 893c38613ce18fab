"""Studies without an effect that a hostile reviewer would try, beside those of the page's designs.

Every function takes a random generator and returns a table of sessions, the column that is asked
about, and the column of therapists, if any.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

Rng = np.random.Generator
Design = tuple[pd.DataFrame, str, str | None]


def _table(column: str, x, dyad, z, therapist=None) -> Design:
    rows = pd.DataFrame({"dyad": dyad, "z": z, column: x})
    if therapist is None:
        return rows, column, None
    return rows.assign(therapist=therapist), column, "therapist"


def _groups(sizes: tuple[int, ...], spreads: tuple[float, ...]) -> Callable[[Rng], Design]:
    def make(rng: Rng) -> Design:
        group = np.repeat(np.arange(len(sizes)), sizes)
        z = rng.normal(size=len(group)) * np.array(spreads)[group]
        return _table("group", np.array(list("abcd"))[group], np.arange(len(group)), z)

    return make


def _ceiling(rng: Rng) -> Design:
    outcome = np.minimum(rng.normal(1, 1, 30), 1.0).round(1)
    return _table("outcome", outcome, np.arange(30), rng.normal(size=30))


def _spread_with_outcome(rng: Rng) -> Design:
    outcome = rng.lognormal(0, 0.5, 24)
    return _table("outcome", outcome, np.arange(24), rng.normal(size=24) * (0.3 + outcome))


def _heavy(rng: Rng) -> Design:
    return _table("group", ["a", "b"] * 8, np.arange(16), rng.standard_t(2, 16))


def _sessions(dyad, icc: float, rng: Rng):
    level = rng.normal(size=dyad.max() + 1)[dyad]
    return np.sqrt(icc) * level + np.sqrt(1 - icc) * rng.normal(size=len(dyad))


def _unequal_sessions(rng: Rng) -> Design:
    dyad = np.repeat(np.arange(12), rng.choice([1, 2, 3, 10], 12))
    return _table("group", np.array(["a", "b"])[dyad % 2], dyad, _sessions(dyad, 0.4, rng))


def _sessions_by_group(rng: Rng) -> Design:
    group = np.arange(16) % 2
    dyad = np.repeat(np.arange(16), np.where(group, 1, 8))
    return _table("group", np.array(["a", "b"])[group[dyad]], dyad, _sessions(dyad, 0.3, rng))


def _carried_on(column: str) -> Callable[[Rng], Design]:
    """Sessions follow one another with an autocorrelation of .7."""

    def make(rng: Rng) -> Design:
        dyad, session = np.divmod(np.arange(100), 10)
        z = np.empty((10, 10))
        z[:, 0] = rng.normal(size=10)
        for t in range(1, 10):
            z[:, t] = 0.7 * z[:, t - 1] + np.sqrt(0.51) * rng.normal(size=10)
        x = session if column == "session" else np.where(session < 5, "a", "b")
        return _table(column, x, dyad, z.ravel())

    return make


def _missing_sessions(rng: Rng) -> Design:
    dyad, session = np.divmod(np.arange(72), 6)
    condition = session % 2
    z = rng.normal(size=12)[dyad] + 0.5 * rng.normal(size=12)[dyad] * condition
    z = z + rng.normal(size=72)
    kept = rng.random(72) < 0.5
    table, column, _ = _table("condition", np.array(["a", "b"])[condition], dyad, z)
    return table[kept], column, None


def _therapists(of_what: str) -> Callable[[Rng], Design]:
    """Eight therapists of five dyads, two sessions each, who differ in level and in effect."""

    def make(rng: Rng) -> Design:
        dyad, session = np.divmod(np.arange(80), 2)
        therapist = dyad // 5
        x = {"theirs": therapist % 2, "their dyads": dyad % 2, "their sessions": session}[
            of_what
        ]
        slope = rng.normal(0, 0.8 * (of_what != "theirs"), 8)[therapist]
        z = rng.normal(0, 0.5, 8)[therapist] + rng.normal(0, 0.5, 40)[dyad] + slope * x
        column = "condition" if of_what == "their sessions" else "group"
        z = z + rng.normal(size=80)
        return _table(column, np.array(["a", "b"])[x], dyad, z, therapist)

    return make


HOSTILE_DESIGNS: dict[str, Callable[[Rng], Design]] = {
    "4 + 16 dyads": _groups((4, 16), (1.0, 1.0)),
    "4 + 16 dyads, the few twice as unlike": _groups((4, 16), (2.0, 1.0)),
    "6 + 18 dyads, the few twice as unlike": _groups((6, 18), (2.0, 1.0)),
    "4 + 8 + 16 dyads, the few more unlike": _groups((4, 8, 16), (2.0, 1.0, 0.7)),
    "8 + 8 dyads, t with 2 degrees of freedom": _heavy,
    "an outcome with a ceiling, 30 dyads": _ceiling,
    "spread grows with the outcome, 24 dyads": _spread_with_outcome,
    "1 to 10 sessions, 12 dyads": _unequal_sessions,
    "8 sessions in one group, 1 in the other": _sessions_by_group,
    "trend of 10 sessions that carry on": _carried_on("session"),
    "condition of 5 + 5 sessions that carry on": _carried_on("condition"),
    "two conditions, half of the sessions missing": _missing_sessions,
    "8 therapists, the group is theirs": _therapists("theirs"),
    "8 therapists who differ in the effect of a group": _therapists("their dyads"),
    "8 therapists who differ in the effect of a condition": _therapists("their sessions"),
}
"""Group studies in which nothing differs on average."""
