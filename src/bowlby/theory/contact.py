"""Contact: how near an action brings two people, and what each stance does there.

Attuned answers regulate, intrusion regulates a little and arouses more, dismissal arouses
those who came near, fright arouses most. Intrusion and fright make contact whatever the
care-seeker does.

Source: ours (docs/explanation/mechanisms.md).
"""

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import weighted
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.vocabulary import ACTIONS, FRIGHTENING, INTRUSIVE, PROTEST, STANCES


class Contact(Mechanism):
    """Proximity by action, regulation and arousal by stance."""

    proximity: Scalar = parameter(
        (1.0, 0.05, 0.05, 0.8), low=0.0, high=1.0, unit="share",
        meaning="contact that each action makes at home",
        source="ours: exploring and withdrawing leave the other",
        over=ACTIONS,
    )  # fmt: skip
    imposed: Scalar = parameter(
        0.8,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="contact that intrusion and fright make",
        source="ours: they do not wait to be asked",
    )
    regulation: Scalar = parameter(
        (0.22, 0.12, 0.0, 0.0), low=0.0, high=1.0, unit="1/s",
        meaning="regulation by each stance, for an ordinary figure",
        source="ours: attuned is near the best gain at an ordinary latency (regulation.py)",
        over=STANCES,
    )  # fmt: skip
    kick: Scalar = parameter(
        (0.0, 0.08, 0.035, 0.14), low=0.0, high=1.0, unit="1/s",
        meaning="arousal that each stance makes in full contact",
        source="ours: fright most, dismissal least",
        over=STANCES,
    )  # fmt: skip
    protest_cost: Scalar = parameter(
        0.035,
        low=0.0,
        high=1.0,
        unit="1/s",
        meaning="arousal that protesting makes",
        source="ours: crying is work",
    )
    separation: Scalar = parameter(
        0.06,
        low=0.0,
        high=1.0,
        unit="1/s",
        meaning="arousal that the absence of an expected figure makes",
        source="ours: as strong as being dismissed",
    )

    def made(
        self, action: Float[Array, "a *dyads"], stance: Float[Array, "u *dyads"]
    ) -> Float[Array, "*dyads"]:
        """Contact of an action and a stance, both one-hot or probabilities (0 to 1)."""
        sought = weighted(self.proximity, action)
        imposed = stance[INTRUSIVE] + stance[FRIGHTENING]
        return sought + imposed * (jnp.maximum(sought, self.imposed) - sought)

    def protest(
        self, action: Float[Array, "a *dyads"], contact: Scalar
    ) -> Float[Array, "*dyads"]:
        """Arousal that protesting makes where somebody is there (1/s)."""
        return self.protest_cost * action[PROTEST] * (contact > 0.0)
