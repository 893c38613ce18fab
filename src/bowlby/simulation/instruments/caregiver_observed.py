"""The caregiver as observers score it: sensitivity, mentalising, frightening behaviour."""

import numpy as np

from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores, with_error
from bowlby.simulation.lives import Childhood, Dyads
from bowlby.simulation.population import READOUT_STREAM, normals
from bowlby.theory.vocabulary import ATTUNED, FRIGHTENING

CODEBOOK: Codebook = {
    "sensitivity_observed": Readout(
        "observed share of attuned answers to distress", "0 to 1", 0.45
    ),
    "mentalising_observed": Readout("caregiver's mentalising, as scored", "0 to 1", 0.2),
    "threat_index": Readout(
        "caregiver's frightening behaviour, as scored", "share of turns", 0.06
    ),
}


def score(childhood: Childhood, dyads: Dyads) -> Scores:
    """Scores of the second half of childhood."""
    home = childhood.assessed.home
    answers = np.asarray(home["stance_distressed"])
    stance = np.asarray(home["stance"]) / np.asarray(home["ticks"])
    latent = {
        "sensitivity_observed": answers[ATTUNED] / (answers.sum(0) + 1e-6),
        "mentalising_observed": dyads.caregiver.mentalising,
        "threat_index": stance[FRIGHTENING],
    }
    errors = normals(dyads.keys, READOUT_STREAM, 12)[6:9]
    return {
        name: with_error(CODEBOOK[name], value, error)
        for (name, value), error in zip(latent.items(), errors, strict=True)
    }
