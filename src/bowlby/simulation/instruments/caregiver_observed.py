"""The caregiver as observers score it: sensitivity, mentalising, frightening behaviour."""

import numpy as np

from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores
from bowlby.simulation.lives import Childhood, Dyads
from bowlby.simulation.measuring import Observer
from bowlby.theory.vocabulary import ATTUNED, FRIGHTENING

CODEBOOK: Codebook = {
    "sensitivity_observed": Readout("observed share of attuned answers to distress", "0 to 1"),
    "mentalising_observed": Readout("caregiver's mentalising, as scored", "0 to 1"),
    "threat_index": Readout("caregiver's frightening behaviour, as scored", "share of turns"),
}


def score(childhood: Childhood, dyads: Dyads, observer: Observer) -> Scores:
    """Scores of the second half of childhood."""
    home = childhood.assessed.home
    answers = np.asarray(home["stance_distressed"])
    stance = np.asarray(home["stance"]) / np.asarray(home["ticks"])
    latent = {
        "sensitivity_observed": answers[ATTUNED] / (answers.sum(0) + 1e-6),
        "mentalising_observed": dyads.caregiver.mentalising,
        "threat_index": stance[FRIGHTENING],
    }
    return {
        name: observer.score(name, value, occasion="visit") for name, value in latent.items()
    }
