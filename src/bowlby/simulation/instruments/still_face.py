"""The still face: play, a caregiver who answers nothing, play again.

Nothing is learnt, and few events come from outside.

Source: the procedure of Tronick, Als, Adamson, Wise & Brazelton (1978), Journal of the American
Academy of Child Psychiatry 17, 1-13, in words; parts of two minutes.
"""

import jax.numpy as jnp
import numpy as np

from bowlby.simulation.companions import Known
from bowlby.simulation.company.caregiver import CAREGIVER, at_home
from bowlby.simulation.company.still import STILL
from bowlby.simulation.dyad import Pace, People, new_body, rested
from bowlby.simulation.encounter import block
from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores
from bowlby.simulation.lives import Client, Dyads, strong
from bowlby.simulation.observables import zero_sums
from bowlby.simulation.tick import meet
from bowlby.theory.vocabulary import APPROACH

QUIET = 0.25
"""Rate of events in the laboratory, relative to an ordinary week."""

TICKS = 12
"""Length of each part."""

PARTS = {"play": CAREGIVER, "still": STILL, "reunion": CAREGIVER}
"""Who is met in each part: the same person."""

_FIRST_BLOCK = 2**20 + 300

CODEBOOK: Codebook = {
    **{f"still_arousal_{part}": Readout(f"hyper-arousal, {part}", "arousal") for part in PARTS},
    **{
        f"still_approach_{part}": Readout(f"turning to the caregiver, {part}", "share")
        for part in PARTS
    },
}


def score(client: Client, dyads: Dyads, known: Known, pace: Pace) -> Scores:
    """Arousal and turning to the caregiver in each part, a value per dyad.

    Args:
        client: The child.
        dyads: Who takes part.
        known: The caregiver, as the child knows it.
        pace: Length of a tick, actions looked ahead.
    """
    n, theory = len(dyads.keys), dyads.world.theory
    pair = strong(
        meet(
            known.belief, client.experience, rested(client.body, theory), new_body(theory, n),
            client.reading, known.bond, theory,
        )
    )  # fmt: skip
    people, room = (
        People(dyads.seeker, known.figure, dyads.world),
        at_home(jnp.full(n, QUIET), 0.0, separation=0.0),
    )
    found: Scores = {}
    for number, (part, figure) in enumerate(PARTS.items()):
        pair, sums, _ = block(
            pair,
            zero_sums(n, theory),
            dyads.keys,
            jnp.asarray(_FIRST_BLOCK + number),
            jnp.zeros(TICKS),
            people,
            room,
            figure=figure,
            pace=pace,
            keeps_ticks=False,
        )
        found[f"still_arousal_{part}"] = np.asarray(sums["hyper"] / sums["ticks"])
        found[f"still_approach_{part}"] = np.asarray(sums["action"][APPROACH] / sums["ticks"])
    return found
