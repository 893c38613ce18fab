"""The active-inference therapist: each act by the client's expected free energy.

    G = risk - epistemic value
    risk = 2 need (1 - answers) + 1.5 pressure (need + .5 - .5 reading)
    epistemic = heard (1 - need) (.3 information + content)
    heard = clip(reading + .3 - pressure need, 0, 1)

Risk: need left unanswered and pressure beyond what trust bears. Epistemic value: what the act
tells about the old model, as far as it would be heard.

Source: ours (docs/explanation/mechanisms.md); expected free energy: Friston et al. (2016).
"""

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter

_WEIGHED = "ours: so that answering need comes first and interpretation waits for trust"


class TherapistChoice(Mechanism):
    """Weights of the active-inference therapist."""

    precision: Scalar = parameter(
        6.0, low=0.0, high=30.0, unit="1", meaning="policy precision", source=_WEIGHED
    )
    unanswered: Scalar = parameter(
        2.0,
        low=0.0,
        high=20.0,
        unit="nat",
        meaning="cost of need left unanswered",
        source=_WEIGHED,
    )
    pressure: Scalar = parameter(
        1.5, low=0.0, high=20.0, unit="nat", meaning="cost of pressure", source=_WEIGHED
    )
    distrust: Scalar = parameter(
        0.5,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="share of that cost by distrust",
        source=_WEIGHED,
    )
    information: Scalar = parameter(
        0.3,
        low=0.0,
        high=5.0,
        unit="nat",
        meaning="value of an act's information",
        source=_WEIGHED,
    )
    goodwill: Scalar = parameter(
        0.3,
        low=-1.0,
        high=1.0,
        unit="probability",
        meaning="hearing that is expected beyond the trust that is read",
        source=_WEIGHED,
    )

    def expected_free_energy(
        self,
        need: Scalar,
        reading: Scalar,
        answers: Scalar,
        pressure: Scalar,
        information: Scalar,
        content: Scalar,
    ) -> Float[Array, "act *dyads"]:
        """Expected free energy of acts (nat), from need and trust as read."""
        heard = jnp.clip(reading + self.goodwill - pressure * need, 0.0, 1.0)
        bears = need + self.distrust * (1.0 - reading)
        risk = self.unanswered * need * (1.0 - answers) + self.pressure * pressure * bears
        return risk - heard * (1.0 - need) * (self.information * information + content)
