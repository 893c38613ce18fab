"""What the trainee can do: nine of the engine's interventions."""

import numpy as np

from bowlby.practice.messages import MoveChoice
from bowlby.theory.intervention_rows import words
from bowlby.theory.interventions import built_in

TRAINEES = (
    "hold", "validate", "mirror", "mentalise", "interpret", "challenge", "direct", "repair",
    "name_ending",
)  # fmt: skip
"""Interventions that a trainee can make, in the order of the keys 1 to 9."""

MOVES = tuple(
    MoveChoice(name=name, key=key, label=words()[name].label, hint=words()[name].hint)
    for key, name in enumerate(TRAINEES, start=1)
)
"""The same with their words, which have their home in the theory's interventions."""

_LABELS = {move.name: move.label for move in MOVES}


def label(name: str) -> str:
    """The name of a move as the trainee reads it.

    Raises:
        ValueError: If there is no such move.
    """
    if name not in _LABELS:
        raise ValueError(f"There is no move {name!r}; choose one of {', '.join(_LABELS)}.")
    return _LABELS[name]


def override(name: str, ticks: int) -> np.ndarray:
    """A move as the engine takes it: one-hot (tick, intervention)."""
    label(name)
    names = built_in().names
    chosen = np.zeros((ticks, len(names)), np.float32)
    chosen[:, names.index(name)] = 1.0
    return chosen
