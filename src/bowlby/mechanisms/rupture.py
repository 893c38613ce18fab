"""Rupture and repair of trust.

Trust is followed twice: over about ten ticks and over about sixty. A rupture begins when the
first falls below the second by `fall`; it is repaired when the first has regained the second.

Source: a sharp fall of the alliance, Safran & Muran (2000); the detector is ours
(docs/theory/mechanisms.md).
"""

import equinox as eqx

from bowlby.maths._arrays import Array, Float, Scalar


class TrustCourse(eqx.Module):
    """Trust in this other within an encounter.

    Attributes:
        recent: Mean over about ten ticks.
        usual: Mean over about sixty ticks.
        ruptured: 1 in a rupture, else 0.
    """

    recent: Float[Array, "*dyads"]
    usual: Float[Array, "*dyads"]
    ruptured: Float[Array, "*dyads"]


class Rupture(eqx.Module):
    """The detector.

    Attributes:
        fall: Fall of trust that is a rupture.
        recent_ticks: Memory of the recent mean (ticks).
        usual_ticks: Memory of the usual mean (ticks).
        regained: Distance to the usual trust at which it counts as repaired.
    """

    fall: Scalar = 0.2
    recent_ticks: Scalar = 10.0
    usual_ticks: Scalar = 60.0
    regained: Scalar = 0.05

    def step(
        self, course: TrustCourse, trust: Scalar
    ) -> tuple[TrustCourse, Float[Array, "*dyads"], Float[Array, "*dyads"]]:
        """Course after a tick, and 1 where a rupture began and where one was repaired."""
        recent = course.recent + (trust - course.recent) / self.recent_ticks
        usual = course.usual + (trust - course.usual) / self.usual_ticks
        began = (1.0 - course.ruptured) * (usual - recent > self.fall)
        repaired = course.ruptured * (recent > usual - self.regained)
        return TrustCourse(recent, usual, course.ruptured + began - repaired), began, repaired
