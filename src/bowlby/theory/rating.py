"""Rating: what is felt of somebody is rated against what was expected of them.

    rated = felt - against (expected - usual),    from 0 to 1

`expected` is what somebody trusted that a helper would be like before they met, `usual` what
people expect on average. Who expects little finds an ordinary helper good, and who has been
cared for well does not rate one the higher for it. What is expected also colours what is felt
(`transference`), so that both together go with ratings but weakly.

Source: satisfaction follows what was met and how far that was more than expected: Oliver
(1980), Journal of Marketing Research 17, 460-469; over 150 records, what is expected goes with
ratings by r = .29: Schiebler, Lee & Brodbeck (2025), Journal of the Academy of Marketing
Science, doi 10.1007/s11747-024-01078-x. The equation is ours.
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class Rating(Mechanism):
    """What a relationship is compared with when it is rated."""

    against: Scalar = parameter(
        0.4,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far a rating is of what was more or less than expected",
        source="what is expected then goes with ratings of the bond near r = .29, as over all "
        "services (Schiebler et al. 2025)",
    )
    usual: Scalar = parameter(
        0.43,
        low=0.0,
        high=1.0,
        unit="probability",
        meaning="trust that people have in a helper before they meet",
        source="ours: mean of untreated adults",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"frame_of_reference": {"against": 0.0}}

    def rated(self, felt: Scalar, expected: Scalar) -> Float[Array, "*dyads"]:
        """What is rated (0 to 1).

        Args:
            felt: What is felt (0 to 1).
            expected: What was expected before (0 to 1).
        """
        return jnp.clip(felt - self.against * (expected - self.usual), 0.0, 1.0)
