"""What the trainee can do: nine of the engine's interventions."""

import numpy as np

from bowlby.practice.messages import MoveChoice
from bowlby.simulation.therapy import INTERVENTIONS

MOVES = tuple(
    MoveChoice(name=name, key=key, label=label, hint=hint)
    for key, (name, label, hint) in enumerate(
        (
            ("hold", "Stay and wait", "Silence that keeps company"),
            ("validate", "Validate", "This feeling makes sense"),
            ("mirror", "Mirror", "Show what you see, a little softer"),
            ("mentalise", "Wonder together", "What might be going on in minds?"),
            ("interpret", "Interpret", "Link now with then"),
            ("challenge", "Challenge", "Question a belief or a habit"),
            ("direct", "Direct", "Suggest something to do"),
            ("repair", "Repair", "Own your part in a misstep"),
            ("name_ending", "Name the break or ending", "Time and loss, spoken of"),
        ),
        start=1,
    )
)
"""In the order of the keys 1 to 9."""

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
    chosen = np.zeros((ticks, len(INTERVENTIONS)), np.float32)
    chosen[:, INTERVENTIONS.index(name)] = 1.0
    return chosen
