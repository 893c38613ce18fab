"""Partnership: partners come and go, friends and kin stay.

    P(couple parts in a week) = parts / 52 exp(strained (d - usual))
    P(somebody alone meets another) = meets / 52 exp(-withdrawn (G - ordinary))

d is distress as it is felt, G the expected free energy of life (hopelessness), both beyond that
of ordinary times (`illness.usual`, `illness.ordinary`). A new partner is somebody else, not yet
known; a parting is a severe event (`crises`). Whoever lives alone has a friend or kin, less
often than a partner and with a history of its own.

Source: attachment "throughout the life cycle", Holmes & Slade (2019), in words; of those from
25 to 54, 38 % live without a partner: Pew Research Center (2021); mental disorders come before
divorce: Breslau et al. (2011), Acta Psychiatrica Scandinavica 124, 474-486, in words. The
equations are ours.
"""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.bond import Relationship, no_history
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.illness import WEEKS_OF_A_YEAR


class Company(NamedTuple):
    """Who is there in a grown life besides its first partner.

    Attributes:
        together: 1 with a partner, 0 alone.
        later: Partners since the first one.
        standing: Standing of the present one among partners, a row a trait (`later` > 0).
        friend_model: Belief about the friend, over relational models.
        friend_bond: What the friend has shown.
    """

    together: Float[Array, "*dyads"]
    later: Float[Array, "*dyads"]
    standing: Float[Array, "trait *dyads"]
    friend_model: Float[Array, "k *dyads"]
    friend_bond: Relationship


TRAITS_OF_A_PARTNER = 3


def first_company(stranger: Float[Array, "k *dyads"]) -> Company:
    """The company of people who are met with their first partner, and who know no friend yet.

    Args:
        stranger: What is believed of somebody unknown.
    """
    n = stranger.shape[-1]
    zero = jnp.zeros(n)
    standing = jnp.zeros((TRAITS_OF_A_PARTNER, n))
    return Company(1.0 + zero, zero, standing, stranger, no_history(n))


class Partnership(Mechanism):
    """How partners come and go."""

    parts: Scalar = parameter(
        0.06,
        low=0.0,
        high=5.0,
        unit="1/year",
        meaning="rate at which couples part in ordinary times",
        source="of marriages a third in ten years, of other couples more (Copen et al. 2012, "
        "National Health Statistics Reports 49), in words",
    )
    strained: Scalar = parameter(
        0.8,
        low=0.0,
        high=5.0,
        unit="ln/distress",
        meaning="rise of that rate by felt distress",
        source="ours: half as often again at half a unit (Breslau et al. 2011, in words)",
    )
    meets: Scalar = parameter(
        0.12,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="rate at which people who live alone find a partner in ordinary times",
        source="a third live alone then (Pew Research Center 2021: 38 %)",
    )
    withdrawn: Scalar = parameter(
        0.5,
        low=0.0,
        high=5.0,
        unit="ln/nat",
        meaning="fall of that rate by hopelessness",
        source="ours: without hope nobody is looked for",
    )
    friends: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far friends and kin are there for people who live alone",
        source="ours: half as often as a partner",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"partnership": {"parts": 0.0}}

    def parting(self, beyond: Scalar) -> Scalar:
        """Rate at which a couple parts (1/week).

        Args:
            beyond: Felt distress beyond that of ordinary times.
        """
        return self.parts / WEEKS_OF_A_YEAR * jnp.exp(self.strained * beyond)

    def meeting(self, hopeless: Scalar) -> Scalar:
        """Rate at which somebody alone finds a partner (1/week).

        Args:
            hopeless: Expected free energy of life beyond that of ordinary times (nat).
        """
        return self.meets / WEEKS_OF_A_YEAR * jnp.exp(-self.withdrawn * hopeless)

    def lives_alone(self, beyond: Scalar, hopeless: Scalar) -> Float[Array, "*dyads"]:
        """Probability that somebody with such a life, met at any time, lives alone."""
        parting = self.parting(beyond)
        return parting / (parting + self.meeting(hopeless) + _NEVER)

    def changes(
        self, together: Scalar, beyond: Scalar, hopeless: Scalar, uniform: Scalar
    ) -> tuple[Float[Array, "*dyads"], Float[Array, "*dyads"]]:
        """Whether a week ends with a parting, or with somebody met (0 or 1 each).

        Args:
            together: 1 with a partner.
            beyond: Felt distress beyond that of ordinary times.
            hopeless: Expected free energy of life beyond that of ordinary times (nat).
            uniform: Random number.
        """
        parted = together * (uniform < -jnp.expm1(-self.parting(beyond)))
        met = (1.0 - together) * (uniform < -jnp.expm1(-self.meeting(hopeless)))
        return parted, met

    def absence(self, together: Scalar) -> Float[Array, "*dyads"]:
        """How far nobody is there (0 to 1)."""
        return (1.0 - together) * (1.0 - self.friends)


_NEVER = 1e-9
"""A rate that is as good as none."""
