"""Social baseline: what is borne and soothed together, as far as one is safe with the other.

    regulation reaches by    floor + (1 - floor) safety
    an event weighs          1 - shared safety

Source: "arousal is managed with the help of a trusted intimate other", Holmes & Slade (2019), in
words; load sharing: Coan & Sbarra (2015), Current Opinion in Psychology 1, 87-91, in words; the
equations are ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

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
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "social_baseline": {"stranger": 1.0, "shared": 0.0}
    }

    def reach(self, safety: Scalar) -> Float[Array, "*dyads"]:
        """Share of the other's regulation that reaches (0 to 1)."""
        return self.stranger + (1.0 - self.stranger) * safety

    def weight(self, safety: Scalar) -> Float[Array, "*dyads"]:
        """Factor on events where somebody is there with whom one is so safe."""
        return 1.0 - self.shared * safety
