"""One trial under two theories: the same candidates, randomised alike, side by side."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bowlby.courses.course import Course
from bowlby.courses.theories import theory_name
from bowlby.trials.analysis import analyse
from bowlby.trials.simulating import Trial

_OF_CONTRAST = ("difference", "low", "high", "g", "p", "p_holm")


def compared(
    found: Mapping[str, Any], trial: Trial, design: Course, other: Trial
) -> dict[str, Any]:
    """The analysis with the main outcome of another theory beside its own.

    Args:
        found: Analysis of the trial under the default theory.
        trial: That trial.
        design: The trial under the other theory.
        other: What was observed under it.
    """
    own = analyse(design, other.clients, other.sessions, assessed=other.assessed)
    pairs = zip(found["primary"]["contrasts"], own["primary"]["contrasts"], strict=True)
    means = zip(found["primary"]["arms"], own["primary"]["arms"], strict=True)
    changes = zip(found["change"]["arms"], own["change"]["arms"], strict=True)
    return {
        **found,
        "theories": {
            "names": ["default", theory_name(design)],
            "outcome": found["primary"]["outcome"],
            "assessed": [trial.assessed, other.assessed],
            "contrasts": [
                {
                    **{name: first[name] for name in ("first", "second", "decides")},
                    "default": _numbers(first), "own": _numbers(second),
                }
                for first, second in pairs
            ],
            "arms": [
                {"arm": first["arm"], "default": first["mean"], "own": second["mean"]}
                for first, second in means
            ],
            "improved": [
                {"arm": first["arm"], "default": first["improved"]["share"],
                 "own": second["improved"]["share"]}
                for first, second in changes
            ],
        },
        "other": own,
    }  # fmt: skip


def stacked(trial: Trial, design: Course, other: Trial) -> Trial:
    """Clients and weeks under both theories; arms of the other are `ARM (my_theory)`."""
    name = theory_name(design)

    def both(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
        renamed = second.assign(arm=second["arm"] + f" ({name})", theory=name)
        return pd.concat([first.assign(theory="default"), renamed], ignore_index=True)

    return Trial(
        both(trial.clients, other.clients), both(trial.sessions, other.sessions), trial.assessed
    )


def _numbers(contrast: Mapping[str, Any]) -> dict[str, Any]:
    return {name: contrast.get(name) for name in _OF_CONTRAST}
