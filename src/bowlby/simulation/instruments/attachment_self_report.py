"""Self-report of attachment: what one would do, distressed, with who is at home.

Asked about and not counted: who is seldom distressed can tell as well as who often is.
Avoidance is to withdraw, as log-odds, in which a scale of many items is even (Rasch). Anxiety
is to seek contact, of the time in which one does not withdraw, without trust that it will be
answered: who withdraws more is not less anxious.

Source: the two dimensions of Brennan, Clark & Shaver (1998), in words; the measures are ours.
"""

import numpy as np
from scipy.special import logit

from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores, mean_of
from bowlby.simulation.lives import Rows
from bowlby.simulation.measuring import Observer

CODEBOOK: Codebook = {
    "anxiety": Readout(
        "attachment anxiety: seeking contact if distressed in life, where one does not "
        "withdraw, without trust",
        "0 to 1",
    ),
    "avoidance": Readout("attachment avoidance: withdrawal if distressed in life", "log-odds"),
}

WEEKS = 4
"""First weeks over which it is asked for."""

NEVER = 1e-4
"""Probability below which one would never do so."""


def score(rows: list[Rows], observer: Observer) -> Scores:
    """Scores of the first weeks of adult life, filled in before anything begins."""
    first = rows[:WEEKS]
    seeking = mean_of(first, "life_approach") + mean_of(first, "life_protest")
    withdrawal = np.clip(mean_of(first, "life_withdrawal"), NEVER, 1.0 - NEVER)
    latent = {
        "anxiety": seeking / (1.0 - withdrawal) * (1.0 - mean_of(first, "life_trust")),
        "avoidance": logit(withdrawal),
    }
    return {
        name: observer.score(name, value, occasion="before") for name, value in latent.items()
    }
