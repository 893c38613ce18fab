"""Power in a plane: a trial repeated for every combination of some of its entries.

A combination is repeated until the interval of its power is narrow enough, or as often as is
allowed; each keeps what it did, so that an interrupted plane goes on, and a wider grid does
only what is new.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from bowlby.courses.course import Course
from bowlby.runs.kept import Kept
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import Workers
from bowlby.trials.power import power_summary, simulate_power

BATCH = 20
"""Repetitions after which it is looked whether the interval is narrow enough."""


@dataclass(frozen=True)
class Combination:
    """One design of a plane.

    Attributes:
        values: Its entries that differ, by name.
        design: The trial.
    """

    values: Mapping[str, Any]
    design: Course


def combinations(
    over: Mapping[str, Sequence[Any]], design_of: Callable[[Mapping[str, Any]], Course]
) -> list[Combination]:
    """Every combination, checked before anything runs.

    Args:
        over: Values of each entry.
        design_of: The trial with entries changed; raises if it cannot be.
    """
    made = [dict(zip(over, values, strict=True)) for values in product(*over.values())]
    return [Combination(values, design_of(values)) for values in made]


def simulate_plane(
    plane: Sequence[Combination],
    most: int,
    workers: Workers,
    kept_of: Callable[[Course], Kept],
    *,
    width: float = 0.0,
    on_progress: Progress = silent,
) -> pd.DataFrame:
    """Power of every combination: a row for each contrast that decides.

    Args:
        plane: The combinations.
        most: Repetitions of one combination at most.
        workers: Who does the repetitions.
        kept_of: Where the finished jobs of a design are kept.
        width: Width of the interval of power that is narrow enough; 0 to repeat as often as is
            allowed. Stopping looks at the width alone, so it does not bias the estimate as
            stopping at a result would; at most it is off by the few repetitions of a batch.
        on_progress: Called with a stage, the combinations done and their number.

    Returns:
        The entries, `first`, `second`, `clients`, `repetitions`, `power`, `low`, `high`,
        `mean_g`, `sd_g`.
    """
    rows = []
    for done, one in enumerate(plane):
        on_progress("Power", done, len(plane))
        rows += _power_of(one, most, workers, kept_of(one.design), width)
    on_progress("Power", len(plane), len(plane))
    return pd.DataFrame(rows)


def _power_of(
    one: Combination, most: int, workers: Workers, kept: Kept, width: float
) -> list[dict[str, Any]]:
    count = min(BATCH, most) if width else most
    while True:
        found = power_summary(one.design, simulate_power(one.design, count, workers, kept))
        decides = [row for row in found["contrasts"] if row["decides"]]
        if count >= most or max(row["high"] - row["low"] for row in decides) <= width:
            break
        count = min(count + BATCH, most)
    return [
        {**one.values, "first": row["first"], "second": row["second"],
         "clients": found["randomised"], "repetitions": count,
         **{name: row[name] for name in ("power", "low", "high", "mean_g", "sd_g")}}
        for row in decides
    ]  # fmt: skip
