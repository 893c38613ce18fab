"""Rupture and repair of trust.

Trust is followed twice: over a minute and a half and over ten minutes. A rupture begins when
the first falls below the second by `fall`, which then stands still; it is repaired when the
first has regained the second *and* the other has owned it. A repaired rupture and one that is
open at the end are remembered in the bond. A therapist who notices takes it up:

    P(repair) = taken_up readiness mentalising    in a rupture

Source: a sharp fall of the alliance, Safran & Muran (2000); the detector is ours
(docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.bond import Relationship
from bowlby.theory.declared import Mechanism, parameter


class TrustCourse(eqx.Module):
    """Trust in this other within an encounter.

    Attributes:
        recent: Mean over the last minutes.
        usual: Mean over the last ten minutes.
        ruptured: 1 in a rupture, else 0.
        owned: 1 where the other has owned its part in it.
    """

    recent: Float[Array, "*dyads"]
    usual: Float[Array, "*dyads"]
    ruptured: Float[Array, "*dyads"]
    owned: Float[Array, "*dyads"]


class Rupture(Mechanism):
    """The detector, and what a therapist makes of it."""

    fall: Scalar = parameter(
        0.14,
        low=0.0,
        high=1.0,
        unit="probability",
        meaning="fall of trust that is a rupture",
        source="ours: a few ruptures in an ordinary session (Safran & Muran 2000, in words)",
    )
    recent_s: Scalar = parameter(
        94.91,
        low=5.0,
        high=3600.0,
        unit="s",
        meaning="memory of the recent mean of trust",
        source="ours: a tenth in ten seconds",
    )
    usual_s: Scalar = parameter(
        594.99,
        low=5.0,
        high=36000.0,
        unit="s",
        meaning="memory of the usual mean of trust",
        source="ours: a sixtieth in ten seconds",
    )
    regained: Scalar = parameter(
        0.05,
        low=0.0,
        high=1.0,
        unit="probability",
        meaning="distance to the usual trust at which a rupture counts as repaired",
        source="ours: within the noise of a minute",
    )
    remembered: Scalar = parameter(
        20.0,
        low=0.0,
        high=200.0,
        unit="counts",
        meaning="counts of a rupture repaired, or left open, in the bond",
        source="ours: as three minutes of contact in need",
    )
    taken_up: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="factor on every therapist's readiness to repair",
        source="ours: how ready one is differs between therapists, not here",
    )
    distance: Scalar = parameter(
        0.6,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="contact that is lost while ruptured",
        source="ours: most of it (Safran & Muran 2000, in words)",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "repair": {"taken_up": 0.0},
        "keeping_away": {"distance": 0.0},
    }

    def step(
        self, course: TrustCourse, trust: Scalar, owns: Scalar, *, dt_s: Scalar
    ) -> tuple[TrustCourse, Float[Array, "*dyads"], Float[Array, "*dyads"]]:
        """Course after `dt_s` s; 1 where a rupture began, and where one was repaired.

        Args:
            course: Before.
            trust: P(attuned) of what was perceived.
            owns: 1 where the other owns its part now.
            dt_s: Length of the step (s).
        """
        towards_recent = 1.0 - jnp.exp(-dt_s / self.recent_s)
        towards_usual = 1.0 - jnp.exp(-dt_s / self.usual_s)
        recent = course.recent + (trust - course.recent) * towards_recent
        still = 1.0 - course.ruptured
        usual = course.usual + still * (trust - course.usual) * towards_usual
        owned = course.ruptured * jnp.maximum(course.owned, owns)
        began = (1.0 - course.ruptured) * (usual - recent > self.fall)
        repaired = owned * (recent > usual - self.regained)
        ruptured = course.ruptured + began - repaired
        return TrustCourse(recent, usual, ruptured, owned), began, repaired

    def kept(self, bond: Relationship, repaired: Scalar, left_open: Scalar) -> Relationship:
        """The relationship with what repaired and open ruptures leave in it."""
        good = bond.good + self.remembered * repaired
        return Relationship(good, bond.bad + self.remembered * left_open, bond.hope)

    def nearness(self, ruptured: Scalar) -> Float[Array, "*dyads"]:
        """Factor on contact, 1 outside of ruptures."""
        return 1.0 - self.distance * ruptured

    def noticed(
        self, ruptured: Scalar, readiness: Scalar, mentalising: Scalar
    ) -> Float[Array, "*dyads"]:
        """Chance that the therapist takes a rupture up now."""
        return self.taken_up * ruptured * readiness * mentalising
