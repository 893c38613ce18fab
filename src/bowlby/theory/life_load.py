"""Life load: what life brings differs between people, and from week to week.

    ln load = between z - between^2 / 2 + within x(week) - within^2 / 2
    x(week) = kept x(week - 1) + sqrt(1 - kept^2) z
    z(adult) = continuity z(family) + sqrt(1 - continuity^2) z(own)

It multiplies the rate of events; the mean over people is 1. In childhood it is the family's, an
encounter taking the place of a week.

Source: "disruptions that bring individuals for therapy", Holmes & Slade (2019), in words; the
numbers are ours: symptoms of untreated people then correlate near .75 over half a year
(docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class LifeLoad(Mechanism):
    """How far lives differ."""

    between: Scalar = parameter(
        0.7,
        low=0.0,
        high=2.0,
        unit="ln",
        meaning="standard deviation between people",
        source="ours: of people in one town, some have four times the events of others",
    )
    within: Scalar = parameter(
        0.5,
        low=0.0,
        high=2.0,
        unit="ln",
        meaning="standard deviation from week to week",
        source="ours: less than between people",
    )
    kept: Scalar = parameter(
        0.9,
        low=0.0,
        high=0.999,
        unit="1/week",
        meaning="correlation of one week with the next",
        source="ours: hard times last for months",
    )
    continuity: Scalar = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="r",
        meaning="correlation of adult with childhood load",
        source="ours: circumstances are passed on in part",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "life_load": {"between": 0.0, "within": 0.0}
    }

    def continued(self, family: Scalar, own: Scalar) -> Float[Array, "*dyads"]:
        """Standing of grown people, from that of the family they come from."""
        return self.continuity * family + (1.0 - self.continuity**2) ** 0.5 * own

    def loads(self, normals: Float[Array, "draw *dyads"]) -> Float[Array, "week *dyads"]:
        """What life brings in each week, relative to an ordinary one.

        Args:
            normals: Standard normal numbers (1 + weeks, dyads): the person's, then each week's.
        """
        course, fresh = [normals[1]], jnp.sqrt(1.0 - self.kept**2)
        for innovation in normals[2:]:
            course.append(self.kept * course[-1] + fresh * innovation)
        own = self.between * normals[0] - self.between**2 / 2.0
        return jnp.exp(own + self.within * jnp.stack(course) - self.within**2 / 2.0)
