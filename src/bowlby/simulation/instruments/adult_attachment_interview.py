"""A class like that of the Adult Attachment Interview, from the model of childhood.

The three cut-offs were set so that the default population gives 58 % F, 23 % Ds and 19 % E, and
18 % U besides: those shares are fitted, nothing else is.

Source: Main & Goldwyn's classes, in words; shares: Bakermans-Kranenburg & van IJzendoorn
(2009), Attachment & Human Development 11, 223-263.
"""

import numpy as np

from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores
from bowlby.simulation.lives import Childhood
from bowlby.simulation.measuring import Observer

CODEBOOK: Codebook = {
    "aai": Readout("class like that of the Adult Attachment Interview", "F, Ds, E or U"),
    "dismissing_scored": Readout("dismissing answers expected, as told", "share"),
    "preoccupied_scored": Readout("unsettled answers expected, as told", "share"),
    "unresolved_scored": Readout("frightening answers expected, as told", "share"),
}

DISMISSING, PREOCCUPIED, UNRESOLVED = 0.335, 0.136, 0.234
"""Cut-offs on expected answers."""


def score(childhood: Childhood, observer: Observer) -> Scores:
    """State of mind of each grown person."""
    memory = childhood.client.experience.memory
    expected = np.asarray(memory.counts / memory.counts.sum(0))
    model = (expected * np.asarray(childhood.client.old)).sum(2)
    latent = {
        "dismissing_scored": model[2, 0],
        "preoccupied_scored": 0.5 * (model[0, 3] - model[0, 0]) + 0.5 * model[1].mean(0),
        "unresolved_scored": model[3].mean(0),
    }
    scored = {
        name: observer.score(name, value, occasion="interview")
        for name, value in latent.items()
    }
    return scored | {"aai": states_of_mind(*scored.values())}


def states_of_mind(
    dismissing: np.ndarray, preoccupied: np.ndarray, unresolved: np.ndarray
) -> np.ndarray:
    """Classes from scores of the interview."""
    found = np.where(
        dismissing > DISMISSING, "Ds", np.where(preoccupied > PREOCCUPIED, "E", "F")
    )
    return np.where(unresolved > UNRESOLVED, "U", found)
