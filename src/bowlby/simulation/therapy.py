"""The therapist: protocols as propensities, acts that are heard, and failures that arise.

A protocol is data: how readily each intervention is made when the client is felt to be calm or
distressed, distrusting or trusting, before and after a switch. The therapist does not see these
states; need and trust are read from what the client does, with an accuracy set by mentalising.

An act shows a cue that fits several stances. How it looks depends on whether it meets the
moment: need that is not answered looks dismissive, pressure on a person in need looks
intrusive. How it is
*heard* is the client's posterior over stance, under trust, arousal and relational model; its
cost is the arousal of feeling intruded upon. No rule "alliance first" is coded.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.random_words import drawn
from bowlby.maths.short_axis import softmax, summed
from bowlby.simulation.bodies import weighted
from bowlby.simulation.caregiving import VISIBILITY, figure_mentalising
from bowlby.simulation.dyad import Body, Figure, Switches

INTERVENTIONS = (
    "hold", "validate", "mirror", "mentalise", "interpret", "challenge", "direct", "repair",
    "loom", "dismiss", "name_ending",
)  # fmt: skip
REPAIR, LOOM, DISMISS, NAME_ENDING = 7, 8, 9, 10

LOOKS = (
    (0.62, 0.04, 0.32, 0.02),
    (0.88, 0.05, 0.06, 0.01),
    (0.80, 0.08, 0.11, 0.01),
    (0.70, 0.20, 0.09, 0.01),
    (0.55, 0.34, 0.09, 0.02),
    (0.35, 0.50, 0.10, 0.05),
    (0.45, 0.40, 0.13, 0.02),
    (0.90, 0.05, 0.04, 0.01),
    (0.08, 0.80, 0.08, 0.04),
    (0.05, 0.05, 0.88, 0.02),
    (0.66, 0.14, 0.18, 0.02),
)
"""How each intervention looks when it meets the moment: likelihood under each stance."""

ANSWERS = (0.5, 0.9, 0.7, 0.6, 0.3, 0.1, 0.4, 0.9, 0.2, 0.0, 0.5)
"""How far each answers need."""

PRESSURE = (0.0, 0.05, 0.15, 0.35, 0.55, 0.8, 0.5, 0.05, 1.0, 0.0, 0.3)
"""How much each asks of the client."""

INFORMATION = (0.6, 1.0, 1.0, 2.0, 4.0, 3.0, 1.0, 1.5, 1.0, 1.0, 1.5)
"""Weight of each as evidence, relative to an ordinary tick."""

CONTENT = (0.0, 0.0, 0.0, 0.15, 1.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0)
"""How far each speaks of the old model itself."""

NAMING = (0.0, 0.2, 0.3, 1.0, 0.3, 0.0, 0.0, 0.1, 0.0, 0.0, 0.6)
"""How far each helps to name a feeling."""

SOOTHING = (0.10, 0.22, 0.22, 0.18, 0.15, 0.10, 0.15, 0.22, 0.40, 0.0, 0.12)
"""Regulation by each at perfect attunement (1/s)."""

SESSION_CONTACT = (1.0, 0.5, 0.15, 0.8)
"""Contact that the client's action makes: reflecting together is contact too."""


class Protocol(eqx.Module):
    """What a therapist is inclined to do.

    Attributes:
        early: Propensity of each intervention (calm or distressed, distrusting or trusting).
        late: The same after the switch.
        switch_session: Session from which `late` holds.
        forced: 1 where the protocol itself is the failure (cold, looming): nothing else
            happens.
        chooses: 1 for the active-inference therapist, who weighs each act's expected free
            energy.
    """

    early: Float[Array, "act distressed trusting *dyads"]
    late: Float[Array, "act distressed trusting *dyads"]
    switch_session: Scalar
    forced: Scalar
    chooses: Scalar


class Act(NamedTuple):
    """The therapist's turn.

    Attributes:
        made: Intervention, one-hot.
        look: Likelihood of what is shown under each stance.
        mentalising: The therapist's mentalising now.
        felt_need: Need as the therapist reads it.
    """

    made: Float[Array, "act *dyads"]
    look: Float[Array, "u *dyads"]
    mentalising: Float[Array, "*dyads"]
    felt_need: Float[Array, "*dyads"]


def looks() -> Array:
    """`LOOKS` as an array (act, stance, 1)."""
    return jnp.asarray(LOOKS)[..., None]


def act(
    action: Float[Array, "a *dyads"],
    need: Scalar,
    reading: Scalar,
    ruptured: Scalar,
    propensity: Float[Array, "act distressed trusting *dyads"],
    protocol: Protocol,
    therapist: Figure,
    body: Body,
    switches: Switches,
    override: Float[Array, "act *dyads"],
    *,
    uniforms: Float[Array, "2 *dyads"],
) -> Act:
    """The therapist's intervention.

    Args:
        action: What the client does, one-hot.
        need: The client's need (0 to 1).
        reading: Trust as the therapist reads it from what the client does when distressed.
        ruptured: 1 in a rupture.
        propensity: The protocol's propensities in this session.
        protocol: The protocol.
        therapist: Parameters.
        body: The therapist's body.
        switches: Mechanisms in force.
        override: An intervention chosen by a person, one-hot; all 0 to follow the protocol.
        uniforms: Random numbers for reading and for the choice.
    """
    m = figure_mentalising(therapist, body, switches, width=0.9)
    accuracy = jax.nn.sigmoid(6.0 * (0.6 * weighted(VISIBILITY, action) + m - 0.75))
    guess = 0.35 + 0.3 * jnp.tanh(body.arousal)
    felt_need = jnp.where(uniforms[0] < accuracy, need, guess)
    inclined = _inclination(propensity, felt_need, reading)
    chosen = _weighing(felt_need, reading)
    usual = (1.0 - protocol.chooses) * inclined + protocol.chooses * chosen
    usual = usual / summed(usual, 0)
    probability = _with_failures(usual, ruptured, m, protocol, therapist, body, switches)
    own = drawn(probability, uniforms[1])
    made = jnp.where(summed(override, 0) > 0.5, override, own)
    return Act(made, shown(made, need, switches), m, felt_need)


def shown(made: Float[Array, "act *dyads"], need: Scalar, switches: Switches) -> Array:
    """Likelihood of what an act shows under each stance, as it meets the client's need."""
    look = summed(looks() * made[:, None], 0)
    missed = need * (1.0 - weighted(ANSWERS, made))
    pushed = need * weighted(PRESSURE, made)
    tilt = jnp.stack(
        [-1.6 * (missed + pushed), 1.6 * pushed, 1.6 * missed, jnp.zeros_like(need)]
    )
    seen = softmax(jnp.log(look) + tilt, axis=0)
    return switches.heard_as * seen + (1.0 - switches.heard_as) * jnp.asarray(
        (0.75, 0.1, 0.13, 0.02)
    ).reshape(4, *(1,) * need.ndim)


def _inclination(propensity, felt_need, reading):
    """Propensities at the state the therapist reads."""
    distressed = jax.nn.sigmoid((felt_need - 0.5) / 0.08)
    trusting = jax.nn.sigmoid((reading - 0.5) / 0.1)
    by_need = (1.0 - distressed) * propensity[:, 0] + distressed * propensity[:, 1]
    return (1.0 - trusting) * by_need[:, 0] + trusting * by_need[:, 1]


def _weighing(felt_need, reading):
    """Choice of the active-inference therapist: softmin of the client's expected free energy.

    Risk: need left unanswered and pressure beyond what trust bears. Epistemic value: what the
        act
    tells about the old model, as far as it would be heard.
    """
    column = tuple(
        jnp.asarray(values).reshape(-1, *(1,) * felt_need.ndim)
        for values in (ANSWERS, PRESSURE, INFORMATION, CONTENT)
    )
    answers, pressure, information, content = column
    heard = jnp.clip(reading + 0.3 - pressure * felt_need, 0.0, 1.0)
    risk = 2.0 * felt_need * (1.0 - answers) + 1.5 * pressure * (
        felt_need + 0.5 - 0.5 * reading
    )
    epistemic = heard * (1.0 - felt_need) * (0.3 * information + content)
    return softmax(-6.0 * (risk - epistemic), axis=0)


def _with_failures(usual, ruptured, m, protocol, therapist, body, switches):
    """Propensities with repair of a noticed rupture, and with the therapist's own failures.

    Looming and dismissing arise from own arousal, poor mentalising and own attachment.
    """
    alarm = 2.5 * jnp.maximum(body.arousal, 0.0) * switches.figure_arousal
    blind = 2.0 * (0.6 - m) - 4.2
    free = (1.0 - protocol.forced) * switches.own_failures
    looms = free * jax.nn.sigmoid(blind + alarm * (0.5 + therapist.anxiety) + therapist.anxiety)
    leaves = free * jax.nn.sigmoid(
        blind + alarm * (0.5 + therapist.avoidance) + therapist.avoidance
    )
    noticed = ruptured * therapist.repair * m * (1.0 - protocol.forced) * switches.repair
    kept = jnp.maximum(1.0 - looms - leaves, 0.05)
    probability = usual * (1.0 - noticed) * kept
    added = jnp.stack([noticed * kept, looms, leaves])
    failing = probability[REPAIR : DISMISS + 1] + added
    return jnp.concatenate([probability[:REPAIR], failing, probability[DISMISS + 1 :]])
