"""The years between childhood and thirty: other people leave their part.

    x = w own + (1 - w) other        for all that was learnt

`other` is what the same temperament learns from another caregiver. Arousal and hormones do not
last for years: the body begins at rest.

Source: attachment "throughout the life cycle", Holmes & Slade (2019), in words; correlations of
infancy with adulthood of .14 to .39: Pinquart, Feussner & Ahnert (2013), Attachment & Human
Development 15, 189-218; Fraley (2002), Personality and Social Psychology Review 6, 123-151. The
equation is ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax

from bowlby.maths._arrays import Scalar
from bowlby.theory.declared import Mechanism, parameter


class YearsBetween(Mechanism):
    """Stability of what a childhood left."""

    own: Scalar = parameter(
        0.2,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of one's own childhood in what an adult has learnt",
        source="gives correlations near .24; published .14 to .39 (Pinquart et al. 2013)",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"years_between": {"own": 1.0}}

    def grown(self, experience: Any, other: Any) -> Any:
        """An adult's experience, from that of its childhood and that of another one.

        Which relationships are remembered stays one's own: model k of one childhood is met by
        model k of the other.
        """
        mixed = jax.tree.map(
            lambda own, others: self.own * own + (1.0 - self.own) * others, experience, other
        )
        return eqx.tree_at(lambda e: e.memory.weight, mixed, experience.memory.weight)
