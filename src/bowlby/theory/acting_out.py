"""Acting out: aroused, with thinking shut, by those whom fright has made quick.

    acts = max(arousal, 0) (1 - m)^edge (1 + trigger fright) impulsivity

m is mentalising now, fright the frightening answers that the model in use expects. Distress
that is thought about is not acted out, and distress in quiet people is not either.

Source: action in place of thought when mentalising fails: Fonagy & Luyten (2009), Development
and Psychopathology 21, 1355-1381; quickness after fright, in Holmes & Slade (2019), in words.
The equation is ours.
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class ActingOut(Mechanism):
    """When arousal becomes action."""

    edge: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="how sharply thinking keeps from acting",
        source="ours: in proportion to what is not thought",
    )
    trigger: Scalar = parameter(
        1.0,
        low=0.0,
        high=20.0,
        unit="1",
        meaning="rise by the fright that is expected",
        source="ours: twice as quick where every answer frightens",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"hair_trigger": {"trigger": 0.0}}

    def level(
        self, arousal: Scalar, mentalising: Scalar, fright: Scalar, impulsivity: Scalar
    ) -> Float[Array, "*dyads"]:
        """Arousal that is acted out (>= 0).

        Args:
            arousal: Own arousal.
            mentalising: Own mentalising now, with the other's help (0 to 1).
            fright: Frightening answers expected (0 to 1).
            impulsivity: Constitution (1 is ordinary).
        """
        shut = (1.0 - mentalising) ** self.edge
        return jnp.maximum(arousal, 0.0) * shut * (1.0 + self.trigger * fright) * impulsivity
