"""The laboratory: the same stress alone, with a stranger and with one's attachment figure.

Nothing is learnt, and the same events and noise meet the same people in every condition: they
differ by company alone.

Source: the designs of Coan, Schaefer & Davidson (2006, Psychol Sci 17, 1032-1039) and Hostinar,
Johnson & Gunnar (2015, Dev Sci 18, 281-297); sixteen minutes of stress, as in the Trier Social
Stress Test (Kirschbaum, Pirke & Hellhammer 1993, Neuropsychobiology 28, 76-81: fifteen), saliva
half an hour after its onset (Dickerson & Kemeny 2004, Psychological Bulletin 130, 355-391:
cortisol is highest after 21 to 40 minutes); levels of stress are ours.
"""

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.simulation import population
from bowlby.simulation.companions import Known
from bowlby.simulation.company.caregiver import CAREGIVER, at_home
from bowlby.simulation.dyad import Pace, People, new_body, rested
from bowlby.simulation.encounter import BLOCK, block
from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores
from bowlby.simulation.lives import Client, Dyads, strong
from bowlby.simulation.observables import zero_sums
from bowlby.simulation.tick import meet
from bowlby.theory.bond import no_history
from bowlby.theory.vocabulary import APPROACH

STRESS = 6.0
"""Rate of events under stress, relative to an ordinary week."""

_STRESSED, _BLOCKS = 2, 4
"""Blocks of stress, and all of them; a block is eight minutes."""

_FIRST_BLOCK = 2**20 + 100
"""Block of each dyad's random stream at which the laboratory begins."""

_STRANGER = 2**28 - 1


CODEBOOK: Codebook = {
    "lab_expected_support": Readout("attuned answers expected of the figure", "share"),
    **{
        f"lab_arousal_{condition}": Readout(f"hyper-arousal {how}", "arousal")
        for condition, how in (
            ("rest", "with the figure, without stress"),
            ("alone", "under stress, alone"),
            ("stranger", "under stress, with a stranger"),
            ("figure", "under stress, with the figure"),
        )
    },
    **{
        f"lab_cortisol_{condition}": Readout(f"cortisol {how}", "rest = 1")
        for condition, how in (
            ("rest", "with the figure, without stress"),
            ("alone", "after stress, alone"),
            ("stranger", "after stress, with a stranger"),
            ("figure", "after stress, with the figure"),
        )
    },
    **{
        f"lab_approach_{condition}": Readout(f"turning under stress to {whom}", "share")
        for condition, whom in (("stranger", "a stranger"), ("figure", "the figure"))
    },
    "lab_figure_cortisol_rest": Readout("the figure's cortisol, without stress", "rest = 1"),
    "lab_figure_cortisol_figure": Readout(
        "the figure's cortisol after the seeker's stress", "rest = 1"
    ),
}


def score(
    client: Client,
    dyads: Dyads,
    known: Known,
    pace: Pace,
) -> Scores:
    """Sixteen minutes of stress and sixteen of recovery in four conditions, a value per dyad.

    Args:
        client: Who is stressed.
        dyads: Who takes part.
        known: Who is at home with the client by now.
        pace: Length of a tick, actions looked ahead.

    Returns:
        `lab_arousal_CONDITION` (mean hyper-arousal under stress) and
        `lab_cortisol_CONDITION` (at the end) for the conditions `rest` (with the figure),
        `alone`, `stranger` and `figure`; the figure's own, `lab_figure_cortisol_rest` and
        `lab_figure_cortisol_figure`; and `lab_expected_support`, P(attuned) expected of the
        figure.
    """
    n, theory = len(dyads.keys), dyads.world.theory
    keys = jax.vmap(lambda key: jax.random.fold_in(key, _STRANGER))(dyads.keys)
    stranger = population.figures(n, population.partners(keys, theory))
    prior = theory.relational_models.restaurant_prior
    unknown = prior(client.experience.memory, dyads.seeker.mind.openness)
    conditions = {
        "rest": (known, 0.0, 1.0),
        "alone": (known, 1.0, STRESS),
        "stranger": (Known(stranger, unknown, no_history(n), known.helps), 0.0, STRESS),
        "figure": (known, 0.0, STRESS),
    }
    found: Scores = {}
    for name, (other, absent, stress) in conditions.items():
        body = new_body(theory, n)
        pair = strong(
            meet(
                other.belief, client.experience, rested(client.body, theory), body,
                client.reading, other.bond, theory,
            )
        )  # fmt: skip
        if name == "figure":
            found["lab_expected_support"] = np.asarray(pair.trust)
        people = People(dyads.seeker, other.figure, dyads.world)
        hyper, turned = [], []
        for number in range(_BLOCKS):
            load = stress if number < _STRESSED else 1.0
            pair, sums, _ = block(
                pair,
                zero_sums(n, theory),
                dyads.keys,
                jnp.asarray(_FIRST_BLOCK + number),
                jnp.full((BLOCK, n), absent),
                people,
                at_home(jnp.full(n, load), 0.0, separation=0.0, helps=other.helps),
                figure=CAREGIVER,
                pace=pace,
                keeps_ticks=False,
            )
            hyper.append(np.asarray(sums["hyper"] / sums["ticks"]))
            turned.append(np.asarray(sums["action"][APPROACH] / sums["ticks"]))
        found[f"lab_arousal_{name}"] = np.mean(hyper[:_STRESSED], axis=0)
        if name in ("stranger", "figure"):
            found[f"lab_approach_{name}"] = np.mean(turned[:_STRESSED], axis=0)
        found[f"lab_cortisol_{name}"] = np.asarray(pair.body.stress.cortisol)
        if name in ("rest", "figure"):
            cortisol = pair.figure_body.stress.cortisol
            found[f"lab_figure_cortisol_{name}"] = np.asarray(cortisol)
    return found
