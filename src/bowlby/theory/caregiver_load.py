"""Caregivers under load: hard times make care less contingent and less thoughtful.

    r -> r - cost ln load,    m -> m load^-blur

Source: the family stress model (Conger & Donnellan 2007, Annual Review of Psychology 58,
175-199), in words; the equation and its numbers are ours.
"""

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Scalar
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.people import AttachmentFigure


class CaregiverLoad(Mechanism):
    """What load takes of care."""

    cost: Scalar = parameter(
        0.4,
        low=0.0,
        high=3.0,
        unit="nat/ln",
        meaning="fall of the reward from soothing by load",
        source="ours: less than what caregivers differ by",
    )
    blur: Scalar = parameter(
        0.15,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="fall of mentalising by load (exponent)",
        source="ours: at twice the load a tenth of mentalising is lost",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "caregiver_load": {"cost": 0.0, "blur": 0.0}
    }

    def under(self, figure: AttachmentFigure, load: Scalar) -> AttachmentFigure:
        """The figure in times of such a load (1 is ordinary)."""
        return eqx.tree_at(
            lambda f: (f.contingency, f.mentalising),
            figure,
            (
                figure.contingency - self.cost * jnp.log(load),
                jnp.clip(figure.mentalising * load**-self.blur, 0.0, 1.0),
            ),
        )
