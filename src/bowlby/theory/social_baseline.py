"""Social baseline: what is borne and soothed together, as far as one is safe with the other.

    regulation reaches by    floor + (1 - floor) safety
    an event weighs          1 - shared (1 - (1 - safety) (1 - held))
    held = kept S of the last session, fading after the ending as far as that was worked through

Source: "arousal is managed with the help of a trusted intimate other", Holmes & Slade (2019),
in words; load sharing: Coan & Sbarra (2015), Current Opinion in Psychology 1, 87-91, in words;
the equations are ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class SocialBaseline(Mechanism):
    """What safety does for the body."""

    stranger: Scalar = parameter(
        0.08,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="regulation that reaches from somebody with whom one is not yet safe",
        source="ours: strangers calm a little (Coan, Schaefer & Davidson 2006, in words)",
    )
    shared: Scalar = parameter(
        0.6,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of an event that full safety takes",
        source="ours: buffering is partial",
    )
    kept: Scalar = parameter(
        0.8,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="safety with a therapist that is kept in mind between the sessions",
        source="ours: evocative memory of a secure base, most of it",
    )
    fading_weeks: Scalar = parameter(
        8.0,
        low=0.5,
        high=500.0,
        unit="weeks",
        meaning="time constant with which it fades after the ending",
        source="ours: two months",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "social_baseline": {"stranger": 1.0, "shared": 0.0},
        "kept_in_mind": {"kept": 0.0},
    }

    def reach(self, safety: Scalar) -> Float[Array, "*dyads"]:
        """Share of the other's regulation that reaches (0 to 1)."""
        return self.stranger + (1.0 - self.stranger) * safety

    def weight(self, safety: Scalar, held: Scalar) -> Float[Array, "*dyads"]:
        """Factor on events.

        Args:
            safety: With somebody who is there (0 to 1).
            held: Safety that is kept in mind of somebody else (0 to 1).
        """
        return 1.0 - self.shared * (1.0 - (1.0 - safety) * (1.0 - held))

    def held(self, safety: Scalar) -> Float[Array, "*dyads"]:
        """Safety that is kept in mind until the next session (0 to 1)."""
        return self.kept * safety

    def faded(self, held: Scalar) -> Float[Array, "*dyads"]:
        """What is left of it after a week without a session to come."""
        return held * jnp.exp(-1.0 / self.fading_weeks)
