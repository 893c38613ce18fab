"""A grown mind: controllability and complexity of its models."""

import numpy as np

from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores
from bowlby.simulation.lives import Client

CODEBOOK: Codebook = {
    "controllability": Readout(
        "controllability (agency): mutual information of own acts and the other's answers",
        "nat",
    ),
    "complexity": Readout(
        "relational models in use: exp of the entropy of their weights", "number"
    ),
}


def score(client: Client) -> Scores:
    """Scores of the mind at the end."""
    memory = client.experience.memory
    counts, belief = np.asarray(memory.counts), np.asarray(client.life_model)
    stance = ((counts / counts.sum(0)) * belief).sum(2)  # u a
    policy = np.asarray(memory.habits)[2:].mean(0)
    policy = policy / policy.sum(0)
    mean = (stance * policy).sum(1)
    gained = (policy * (stance * np.log(stance / mean[:, None])).sum(0)).sum(0)
    weight = np.asarray(memory.weight)
    share = weight / weight.sum(0)
    used = np.exp(-(share * np.log(share + 1e-12)).sum(0))
    return {"controllability": gained, "complexity": used}
