"""Self-report of attachment: anxiety and avoidance, from behaviour when distressed in life.

Avoidance is to withdraw. Anxiety is to seek contact, of the time in which one does not
withdraw, without trust that it will be answered: who withdraws more is not less anxious.

Source: the two dimensions of Brennan, Clark & Shaver (1998), in words; the measures are ours.
"""

from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores, mean_of
from bowlby.simulation.lives import Rows
from bowlby.simulation.measuring import Observer

CODEBOOK: Codebook = {
    "anxiety": Readout(
        "attachment anxiety: seeking contact when distressed in life, where one does not "
        "withdraw, without trust",
        "0 to 1",
    ),
    "avoidance": Readout("attachment avoidance: withdrawal when distressed in life", "0 to 1"),
}

WEEKS = 4
"""First weeks over which it is asked for."""


def score(rows: list[Rows], observer: Observer) -> Scores:
    """Scores of the first weeks of adult life, filled in before anything begins."""
    first = rows[:WEEKS]
    seeking = mean_of(first, "life_approach") + mean_of(first, "life_protest")
    withdrawal = mean_of(first, "life_withdrawal")
    latent = {
        "anxiety": seeking / (1.0 - withdrawal) * (1.0 - mean_of(first, "life_trust")),
        "avoidance": withdrawal,
    }
    return {
        name: observer.score(name, value, occasion="before") for name, value in latent.items()
    }
