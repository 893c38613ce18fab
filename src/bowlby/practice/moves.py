"""What the trainee can do: nine of the engine's interventions."""

from functools import cache

import numpy as np

from bowlby.practice.language import SOURCE_LANGUAGE, UnknownError, catalogue
from bowlby.practice.messages import MoveChoice
from bowlby.theory.intervention_rows import words
from bowlby.theory.interventions import built_in

TRAINEES = (
    "hold", "validate", "mirror", "mentalise", "interpret", "challenge", "direct", "repair",
    "name_ending",
)  # fmt: skip
"""Interventions that a trainee can make, in the order of the keys 1 to 9."""


@cache
def moves(language: str = SOURCE_LANGUAGE) -> tuple[MoveChoice, ...]:
    """The same with their words, which have their home in the theory's interventions."""
    told = catalogue(language, "room").get("moves", {})
    return tuple(
        MoveChoice(
            name=name,
            key=key,
            label=told.get(name, {}).get("label", words()[name].label),
            hint=told.get(name, {}).get("hint", words()[name].hint),
        )
        for key, name in enumerate(TRAINEES, start=1)
    )


MOVES = moves()
"""The moves in the source language."""


def label(name: str, language: str = SOURCE_LANGUAGE) -> str:
    """The name of a move as the trainee reads it.

    Raises:
        UnknownError: If there is no such move.
    """
    for move in moves(language):
        if move.name == name:
            return move.label
    raise UnknownError("no_move", move=name[:40], known=", ".join(TRAINEES))


def override(name: str, ticks: int) -> np.ndarray:
    """A move as the engine takes it: one-hot (tick, intervention)."""
    label(name)
    names = built_in().names
    chosen = np.zeros((ticks, len(names)), np.float32)
    chosen[:, names.index(name)] = 1.0
    return chosen
