"""Rupture and repair of trust.

Trust is followed twice: over a minute and a half and over ten minutes. A rupture begins when
the first falls below the second by `fall`. It is repaired when the first has regained the
second, which stands still from when the other owns its part. A rupture that nobody owns ends
as well: one comes to expect no more (`usual` sinks to `recent`). What is repaired is remembered
in the bond as good, and what ends unowned, or is open when the hour ends, as bad.

A therapist has one chance to notice a rupture: it is read, or not, as need is read when it
begins (`theory/therapist_reading.py`), so that who protests is seldom missed, and who withdraws
often. One that is noticed is taken up:

    P(noticed) = 1 - missed (1 - accuracy)        when it begins
    P(repair) = taken_up readiness mentalising    in every tick of a rupture that was noticed

Source: a sharp fall of the alliance, confrontation and withdrawal, Safran & Muran (2000);
clients hide what they mind and therapists seldom guess it, Hill, Thompson, Cogar & Denman
(1993), Journal of Counseling Psychology 40, 278-287. The detector is ours
(docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

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
        noticed: 1 where the other has noticed it.
    """

    recent: Float[Array, "*dyads"]
    usual: Float[Array, "*dyads"]
    ruptured: Float[Array, "*dyads"]
    owned: Float[Array, "*dyads"]
    noticed: Float[Array, "*dyads"]


class Turned(NamedTuple):
    """What became of ruptures in a step.

    Attributes:
        began: 1 where one began.
        repaired: 1 where one was repaired.
        left_open: 1 where one ended without having been owned.
    """

    began: Float[Array, "*dyads"]
    repaired: Float[Array, "*dyads"]
    left_open: Float[Array, "*dyads"]


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
        meaning="counts of a rupture repaired, or not, in the bond",
        source="ours: as three minutes of contact in need",
    )
    missed: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of the ruptures whose need is not read that are missed",
        source="ours: who does not see need does not see a rupture; 0: every one is noticed",
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
        "missed_ruptures": {"missed": 0.0},
        "keeping_away": {"distance": 0.0},
    }

    def step(
        self,
        course: TrustCourse,
        trust: Scalar,
        owns: Scalar,
        notices: Scalar,
        *,
        dt_s: Scalar,
    ) -> tuple[TrustCourse, Turned]:
        """Course after `dt_s` s, and what became of ruptures.

        Args:
            course: Before.
            trust: P(attuned) of what was perceived.
            owns: 1 where the other owns its part now.
            notices: 1 where the other would notice a rupture that begins now.
            dt_s: Length of the step (s).
        """
        towards_recent = 1.0 - jnp.exp(-dt_s / self.recent_s)
        towards_usual = 1.0 - jnp.exp(-dt_s / self.usual_s)
        recent = course.recent + (trust - course.recent) * towards_recent
        owned = course.ruptured * jnp.maximum(course.owned, owns)
        usual = course.usual + (1.0 - owned) * (trust - course.usual) * towards_usual
        began = (1.0 - course.ruptured) * (usual - recent > self.fall)
        ends = course.ruptured * (recent > usual - self.regained)
        repaired, left_open = owned * ends, (1.0 - owned) * ends
        ruptured = course.ruptured + began - ends
        noticed = began * notices + ruptured * (1.0 - began) * course.noticed
        after = TrustCourse(recent, usual, ruptured, owned, noticed)
        return after, Turned(began, repaired, left_open)

    def kept(self, bond: Relationship, repaired: Scalar, left_open: Scalar) -> Relationship:
        """The relationship with what repaired and open ruptures leave in it."""
        good = bond.good + self.remembered * repaired
        return Relationship(good, bond.bad + self.remembered * left_open, bond.hope)

    def nearness(self, ruptured: Scalar) -> Float[Array, "*dyads"]:
        """Factor on contact, 1 outside of ruptures."""
        return 1.0 - self.distance * ruptured

    def notices(self, accuracy: Scalar) -> Float[Array, "*dyads"]:
        """Chance that a rupture is noticed, by how surely need is read when it begins."""
        return 1.0 - self.missed * (1.0 - accuracy)

    def repairs(
        self, noticed: Scalar, readiness: Scalar, mentalising: Scalar
    ) -> Float[Array, "*dyads"]:
        """Chance that the therapist takes a noticed rupture up now."""
        return self.taken_up * noticed * readiness * mentalising
