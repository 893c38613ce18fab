"""A class like that of the Adult Attachment Interview, from the model of childhood.

The three cut-offs were set so that the default population gives 58 % F, 23 % Ds and 19 % E, and
18 % U besides: those shares are fitted, nothing else is.

Source: Main & Goldwyn's classes, in words; shares: Bakermans-Kranenburg & van IJzendoorn
(2009), Attachment & Human Development 11, 223-263.
"""

import numpy as np

from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores
from bowlby.simulation.lives import Childhood, Dyads
from bowlby.simulation.population import READOUT_STREAM, normals

CODEBOOK: Codebook = {
    "aai": Readout("class like that of the Adult Attachment Interview", "F, Ds, E or U", 0.08),
}

DISMISSING, PREOCCUPIED, UNRESOLVED = 0.371, 0.151, 0.239
"""Cut-offs on expected answers."""


def score(childhood: Childhood, dyads: Dyads) -> Scores:
    """State of mind of each grown person."""
    memory = childhood.client.experience.memory
    expected = np.asarray(memory.counts / memory.counts.sum(0))
    model = (expected * np.asarray(childhood.client.old)).sum(2)
    errors = normals(dyads.keys, READOUT_STREAM, 12)[3:6]
    return {"aai": states_of_mind(model, errors)}


def states_of_mind(model: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Classes from the model of childhood p(u | a) and coder error (three rows)."""
    size = CODEBOOK["aai"].noise
    dismissing = model[2, 0] + size * noise[0]
    preoccupied = 0.5 * (model[0, 3] - model[0, 0]) + 0.5 * model[1].mean(0) + size * noise[1]
    unresolved = model[3].mean(0) + size * noise[2]
    found = np.where(
        dismissing > DISMISSING, "Ds", np.where(preoccupied > PREOCCUPIED, "E", "F")
    )
    return np.where(unresolved > UNRESOLVED, "U", found)
