"""The laboratory: the same stress alone, with a stranger and with one's attachment figure.

Nothing is learnt, and the same events and noise meet the same people in every condition: they
differ by company alone.

Source: the designs of Coan, Schaefer & Davidson (2006, Psychol Sci 17, 1032-1039) and Hostinar,
Johnson & Gunnar (2015, Dev Sci 18, 281-297); levels of stress are ours.
"""

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.agents.relational import restaurant_prior
from bowlby.maths._arrays import Float
from bowlby.simulation import population
from bowlby.simulation.bodies import contact_table
from bowlby.simulation.course import Client, Dyads, effective, rested, setting_of, strong
from bowlby.simulation.dyad import MODELS, Figure, new_body
from bowlby.simulation.encounter import BLOCK, People, care_block, meet, no_totals

STRESS = 2.0
"""Rate of events under stress, relative to an ordinary week."""

_FIRST_BLOCK = 2**20 + 100
"""Block of each dyad's random stream at which the laboratory begins."""

_STRANGER = 2**28 - 1


def laboratory(
    client: Client,
    dyads: Dyads,
    figure: Figure,
    belief: Float[jax.Array, "k *dyads"],
    *,
    depth: int,
) -> dict[str, np.ndarray]:
    """Eight minutes of stress and eight of recovery in four conditions, a value per dyad.

    Args:
        client: Who is stressed.
        dyads: Who takes part.
        figure: The caregiver or partner.
        belief: What is believed of it, over relational models.
        depth: Actions looked ahead.

    Returns:
        `lab_arousal_CONDITION` (mean hyper-arousal in the first eight minutes) and
        `lab_cortisol_CONDITION` (at the end) for the conditions `rest` (with the figure),
        `alone`, `stranger` and `figure`; the figure's own, `lab_figure_cortisol_rest` and
        `lab_figure_cortisol_figure`; and `lab_expected_support`, P(attuned) expected of the
        figure.
    """
    dyads = effective(dyads)
    n = len(dyads.keys)
    keys = jax.vmap(lambda key: jax.random.fold_in(key, _STRANGER))(dyads.keys)
    stranger = population.figures(n, population.partners(keys))
    unknown = restaurant_prior(client.experience.memory, dyads.seeker.mind.openness)
    conditions = {
        "rest": (figure, belief, 0.0, 1.0),
        "alone": (figure, belief, 1.0, STRESS),
        "stranger": (stranger, unknown, 0.0, STRESS),
        "figure": (figure, belief, 0.0, STRESS),
    }
    found: dict[str, np.ndarray] = {}
    for name, (other, expected, absent, stress) in conditions.items():
        pair = strong(
            meet(expected, client.experience, rested(client.body), new_body(n), client.reading)
        )
        if name == "figure":
            found["lab_expected_support"] = np.asarray(pair.trust)
        people, hyper = People(dyads.seeker, other, dyads.switches), []
        for block, load in enumerate((stress, 1.0)):
            pair, totals, _ = care_block(
                pair, no_totals(n, MODELS), dyads.keys, jnp.asarray(_FIRST_BLOCK + block),
                jnp.full(BLOCK, absent), people, contact_table(),
                setting_of(load, 0.0, separation=0.0), depth=depth, keeps_ticks=False,
            )  # fmt: skip
            hyper.append(np.asarray(totals["hyper"] / totals["ticks"]))
        found[f"lab_arousal_{name}"] = hyper[0]
        found[f"lab_cortisol_{name}"] = np.asarray(pair.body.stress.cortisol)
        if name in ("rest", "figure"):
            cortisol = pair.figure_body.stress.cortisol
            found[f"lab_figure_cortisol_{name}"] = np.asarray(cortisol)
    return found
