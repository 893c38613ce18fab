"""A fingerprint of the engine: twenty readouts of 64 dyads, with bands of three standard errors.

It guards against accidents, not against errors: the numbers are the engine's own. Where a change
of the model is meant, make it anew and say so in the commit:

    python tests/simulation/test_fingerprint.py > tests/reference/fingerprint.csv
"""

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from bowlby.courses.course import build_course
from bowlby.simulation.simulate import simulate

REFERENCE = Path(__file__).parents[1] / "reference" / "fingerprint.csv"
BAND = 3.0
COURSE = {
    "dyads": 64,
    "seed": 17,
    "keep": "encounters",
    "childhood": {"encounters": 6, "ticks": 150},
    "life": {"waiting_weeks": 4, "ticks": 50, "follow_up_weeks": 4, "stress": {"11": 3.0}},
    "therapy": {"sessions": 12, "ticks": 150, "switch_session": 6, "breaks": [5]},
    "arms": [{"therapist": "population"}],
    "caseload": 1,
}
READOUTS = (
    "sensitivity_observed", "threat_index", "anxiety", "avoidance", "internalising_before",
    "internalising_after", "internalising_follow_up", "externalising_after", "alliance_client",
    "understanding_true", "cortisol", "oxytocin", "surprise_bound", "ruptures", "repairs",
    "controllability", "complexity",
)  # fmt: skip
SHARES = {
    "secure": lambda seen, _: seen.pattern == "B",
    "left": lambda seen, _: seen.ended_by == "client",
    "dismissed_or_loomed": lambda _, course: course.intervention_share.sel(
        intervention=["loom", "dismiss"]
    ).sum("intervention").mean("encounter"),
}  # fmt: skip


def seen_of_each():
    """Readout to a value per dyad."""
    tree = simulate(build_course(COURSE))
    seen, course = tree["readouts"].to_dataset(), tree["encounters"].to_dataset()
    found = {name: np.asarray(seen[name], float) for name in READOUTS}
    return found | {n: np.asarray(of(seen, course), float) for n, of in SHARES.items()}


def reference():
    with REFERENCE.open(encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["readout"]: (float(row["mean"]), float(row["error"])) for row in rows}


@pytest.fixture(scope="module")
def means():
    return {name: np.nanmean(values) for name, values in seen_of_each().items()}


@pytest.mark.parametrize("name", [*READOUTS, *SHARES])
def test_the_engine_is_the_one_that_was_decided(name, means):
    mean, error = reference()[name]
    assert abs(means[name] - mean) <= BAND * error


def _table():
    """The reference as a file."""
    lines = ["# Means and standard errors over 64 dyads; how it is made: see the test"]
    lines.append("readout,mean,error")
    for name, values in seen_of_each().items():
        error = np.nanstd(values, ddof=1) / np.sqrt(np.isfinite(values).sum())
        lines.append(f"{name},{np.nanmean(values):.6g},{error:.6g}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(_table())
