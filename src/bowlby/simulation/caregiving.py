"""The figure of childhood and of life: three separate channels, one scalar cannot carry them.

Each turn the figure takes a stance {attuned, intrusive, dismissive, frightening}, drawn from a
softmax over what each is worth to it: contingency (reward from soothing, helped by oxytocin),
mentalising (how well need is noticed, which falls with the figure's own arousal) and threat
(unresolved fear). Sensitivity is not a parameter but a readout.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.random_words import drawn
from bowlby.maths.short_axis import softmax
from bowlby.mechanisms.mentalising import Mentalising
from bowlby.mechanisms.threat import Threat
from bowlby.simulation.bodies import weighted
from bowlby.simulation.dyad import Body, Figure, Switches

VISIBILITY = (0.55, 0.12, 0.05, 1.0)
"""How far each action shows need (approach, explore, withdraw, protest)."""


class Answer(NamedTuple):
    """The figure's turn.

    Attributes:
        stance: One-hot.
        worth: Log-weights from which it was drawn.
        mentalising: The figure's mentalising now.
        noticed: How far need was noticed (0 to 1).
    """

    stance: Float[Array, "u *dyads"]
    worth: Float[Array, "u *dyads"]
    mentalising: Float[Array, "*dyads"]
    noticed: Float[Array, "*dyads"]


def need_of(arousal: Scalar) -> Array:
    """Need for care (0 to 1): distance of arousal from its set point."""
    return jnp.minimum(jnp.abs(arousal), 2.0) / 2.0


def figure_mentalising(
    figure: Figure, body: Body, switches: Switches, *, width: float
) -> Array:
    """The figure's mentalising at its own arousal, 0 to 1."""
    window = Mentalising(best=1.0, width=width)
    open_ = window.capacity(body.arousal) / window.capacity(jnp.zeros(()))
    return figure.mentalising * jnp.minimum(
        switches.figure_arousal * open_ + 1.0 - switches.figure_arousal, 1.0
    )


def answer(
    action: Float[Array, "a *dyads"],
    need: Scalar,
    figure: Figure,
    body: Body,
    switches: Switches,
    *,
    uniform: Float[Array, "*dyads"],
) -> Answer:
    """The figure's stance towards a seeker.

    Args:
        action: What the seeker does, one-hot.
        need: The seeker's need (0 to 1).
        figure: Parameters.
        body: The figure's body.
        switches: Mechanisms in force.
        uniform: Random number for the choice.
    """
    m = figure_mentalising(figure, body, switches, width=1.3)
    alarm = jnp.maximum(body.arousal, 0.0) * switches.figure_arousal
    shown = weighted(VISIBILITY, action) * (0.4 + 0.6 * need)
    noticed = jax.nn.sigmoid(6.0 * (shown + 0.5 * m - 0.75))
    contingency = figure.contingency + switches.oxytocin * (body.oxytocin - 0.3)
    rejects = jax.nn.sigmoid(-2.0 * contingency)
    worth = jnp.stack(
        [
            1.0 + 0.35 * contingency + 3.0 * noticed * (1.0 - 0.8 * rejects),
            -1.2 + 1.2 * alarm + 2.2 * (1.0 - m) * (1.0 - 0.5 * shown),
            -0.2 + 1.8 * (1.0 - noticed) * need + (5.0 + 1.5 * alarm) * rejects * shown,
            Threat().logit(figure.threat, alarm),
        ]
    )
    stance = drawn(softmax(worth, axis=0), uniform)
    return Answer(stance, worth, m, noticed)
