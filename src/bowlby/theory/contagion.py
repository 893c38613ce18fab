"""Contagion: arousal is pulled towards the other's.

    drive = strength person's contagion contact (other - own)

Towards a calm figure contagion soothes; towards an aroused one it alarms. There is no reward
for being alike.

Source: ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Contagion(Mechanism):
    """Pull of the other's arousal."""

    to_seeker: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="factor on every care-seeker's contagion",
        source="ours: how strongly people are infected differs between them, not here",
    )
    to_figure: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="factor on every figure's contagion",
        source="ours: how strongly people are infected differs between them, not here",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "coupling": {"to_seeker": 0.0, "to_figure": 0.0},
        "figure_arousal": {"to_figure": 0.0},
    }

    def pull(
        self, own: Scalar, other: Scalar, contact: Scalar, strength: Scalar
    ) -> Float[Array, "*dyads"]:
        """Drive on one's own arousal (1/s).

        Args:
            own: Own arousal.
            other: The other's.
            contact: Contact (0 to 1).
            strength: Pull per unit of difference at full contact (1/s).
        """
        return strength * contact * (other - own)
