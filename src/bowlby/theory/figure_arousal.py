"""The figure's own arousal: carers are bodies too.

    m_f(a) = m_f min(1, exp(-((a - optimum) / width)^2) / exp(-(optimum / width)^2))
    alarm = max(0, a)

A figure that is calm reads the care-seeker as well as it can; an aroused one reads less and is
nearer to looming, dismissing and frightening.

Source: Fonagy & Luyten (2009), Development and Psychopathology 21, 1355-1381, in words; the
equation is ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class FigureArousal(Mechanism):
    """The body of a caregiver, partner or therapist, and what its arousal does."""

    matters: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far a figure's own arousal matters",
        source="Holmes & Slade (2019), in words: carers must regulate themselves",
    )
    optimum: Scalar = parameter(
        0.2,
        low=-2.0,
        high=2.0,
        unit="arousal",
        meaning="arousal at which a figure mentalises best",
        source="ours: as in care-seekers",
    )
    window_at_home: Scalar = parameter(
        1.3,
        low=0.1,
        high=5.0,
        unit="arousal",
        meaning="width of a caregiver's or partner's window of tolerance",
        source="ours: as in care-seekers",
    )
    window_in_session: Scalar = parameter(
        0.9,
        low=0.1,
        high=5.0,
        unit="arousal",
        meaning="width of a therapist's window of tolerance",
        source="ours: fine attunement is lost sooner than good-enough care",
    )
    recovery_at_home_s: Scalar = parameter(
        40.0,
        low=1.0,
        high=3600.0,
        unit="s",
        meaning="time in which a caregiver or partner calms down",
        source="ours: adults soothe themselves",
    )
    recovery_in_session_s: Scalar = parameter(
        40.0,
        low=1.0,
        high=3600.0,
        unit="s",
        meaning="time in which an average therapist calms down",
        source="ours: as at home; it differs by skill (`therapists`)",
    )
    noise: Scalar = parameter(
        0.05,
        low=0.0,
        high=0.5,
        unit="1/sqrt(s)",
        meaning="standard deviation of a figure's arousal gained in one second",
        source="ours: a little steadier than care-seekers",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"figure_arousal": {"matters": 0.0}}

    def mentalising(
        self, best: Scalar, arousal: Scalar, width: Scalar
    ) -> Float[Array, "*dyads"]:
        """A figure's mentalising at its own arousal (0 to `best`)."""
        open_ = self._window(arousal, width) / self._window(jnp.zeros(()), width)
        return best * jnp.minimum(self.matters * open_ + 1.0 - self.matters, 1.0)

    def alarm(self, arousal: Scalar) -> Float[Array, "*dyads"]:
        """How far a figure is alarmed (arousal above its set point)."""
        return self.matters * jnp.maximum(arousal, 0.0)

    def _window(self, arousal, width):
        return jnp.exp(-(((arousal - self.optimum) / width) ** 2))
