"""Endings: absence pulls back to the old model, less where it was worked through.

    loss = unmourned - worked_through relief

after a break and after the last session. What is not worked through says "this one leaves too":

    left = d_old / (d_old + d_new) (1 - worked_through)
    dismissive counts of the new model + leaving left,    insight (1 - left)

with d the dismissal that a model expects. To name an absence is about something as far as one
is near: it answers, tells and names

    earlier^n    n sessions before the absence, of what it does in the last one.

A therapist who falters before the end mentalises
less, and absence is felt before it comes.

Source: endings are to be mourned (Holmes & Slade 2019, in words); the equation is ours
(docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import summed
from bowlby.theory.declared import Mechanism, parameter

_TINY = 1e-6


class Endings(Mechanism):
    """Loss after breaks and endings, and faltering."""

    unmourned: Scalar = parameter(
        0.9,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="pull to the old model by a sudden loss",
        source="ours: nearly all of what stress can bring back",
    )
    after_ending: Scalar = parameter(
        0.75,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="fall of that pull when an ending was worked through",
        source="ours: most of it",
    )
    after_break: Scalar = parameter(
        0.65,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="fall of that pull when a break was spoken of",
        source="ours: a little less: there was less time",
    )
    naming: Scalar = parameter(
        3.0, low=0.1, high=100.0, unit="acts",
        meaning="acts of naming an ending, heard, that work two thirds of it through",
        source="ours: half a minute heard in full",
    )  # fmt: skip
    earlier: Scalar = parameter(
        0.5, low=0.0, high=1.0, unit="share",
        meaning="what naming an absence is worth one session earlier",
        source="ours: a farewell months ahead is nobody's feeling yet",
    )  # fmt: skip
    leaving: Scalar = parameter(
        10.0,
        low=0.0,
        high=200.0,
        unit="counts",
        meaning="dismissive answers as which an ending that is not worked through counts",
        source="ours: as some minutes of being dismissed",
    )
    faltering_from: Scalar = parameter(
        0.6667,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of the sessions after which a faltering therapy falters",
        source="ours: the last third",
    )
    faltering: Scalar = parameter(
        0.4,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="mentalising that is left to a therapist who falters",
        source="ours: less than half",
    )
    foreboding: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="pull to the old model in the sessions of a faltering therapy",
        source="ours: half of a sudden loss",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "endings": {
            "unmourned": 0.0,
            "after_ending": 0.0,
            "after_break": 0.0,
            "foreboding": 0.0,
            "leaving": 0.0,
        },
        "endings_are_near": {"earlier": 1.0},
    }

    def loss_at_ending(self, worked_through: Scalar) -> Float[Array, "*dyads"]:
        """Pull to the old model in the week after the last session (0 to 1).

        Args:
            worked_through: How far the ending was spoken of and heard (0 to 1).
        """
        return self.unmourned - self.after_ending * worked_through

    def loss_after_break(self, worked_through: Scalar) -> Float[Array, "*dyads"]:
        """Pull to the old model in the first session after a break (0 to 1)."""
        return self.unmourned - self.after_break * worked_through

    def is_about(self, sessions_before: Scalar) -> Float[Array, "*dyads"]:
        """How far there is an absence to be named (0 to 1).

        Args:
            sessions_before: Sessions until the last one before an absence (0 is that one).
        """
        return self.earlier**sessions_before

    def worked_through(self, heard: Scalar) -> Float[Array, "*dyads"]:
        """How far acts of naming an absence that were heard work it through (0 to 1)."""
        return 1.0 - jnp.exp(-heard / self.naming)

    def left(
        self,
        expected: Float[Array, "k *dyads"],
        old: Float[Array, "k *dyads"],
        new: Float[Array, "k *dyads"],
        worked_through: Scalar,
    ) -> Float[Array, "*dyads"]:
        """How far an ending confirms the old model (0 to 1).

        Args:
            expected: Dismissal that each model expects.
            old: The model of childhood, as a distribution over models.
            new: Belief in the other models, of the therapist.
            worked_through: How far the ending was spoken of and heard (0 to 1).
        """
        theirs = summed(expected * (new + _TINY), 0) / summed(new + _TINY, 0)
        of_old = summed(expected * old, 0)
        is_on = (self.leaving > 0.0) * 1.0
        return is_on * of_old / (of_old + theirs) * (1.0 - worked_through)
