"""Self-report of attachment: anxiety and avoidance, from behaviour when distressed in life."""

import numpy as np

from bowlby.simulation.instruments.codebook import (
    Codebook,
    Readout,
    Scores,
    mean_of,
    with_error,
)
from bowlby.simulation.lives import Rows

CODEBOOK: Codebook = {
    "anxiety": Readout("attachment anxiety: protest when distressed in life", "0 to 1", 0.12),
    "avoidance": Readout(
        "attachment avoidance: withdrawal when distressed in life", "0 to 1", 0.12
    ),
}

WEEKS = 4
"""First weeks over which it is asked for."""


def score(rows: list[Rows], errors: np.ndarray) -> Scores:
    """Scores of the first weeks of adult life (two rows of standard normal errors)."""
    sources = {"anxiety": "life_protest", "avoidance": "life_withdrawal"}
    return {
        name: with_error(CODEBOOK[name], mean_of(rows[:WEEKS], source), error)
        for (name, source), error in zip(sources.items(), errors, strict=True)
    }
