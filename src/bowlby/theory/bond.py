"""Bond: what one relationship has shown of itself.

    db+ = rate c (apart + (1 - apart) need) iota P(attuned) dt,    db- likewise with 1 - P
    w = prior_weight A,    n = b+ + b-
    T = (b+ + w p) / (n + w),    safety = T n / (n + w)

The relational model in use is the prior of the relationship: p, the attuned answers that it
expects, with the weight of its own counts A. Trust T is what is expected of this one person,
safety is trust as far as it is founded on what this person has shown.

Source: "the centrality, specificity and continuity of relationships", Holmes & Slade (2019), in
words; a beta-binomial with the working model as prior, ours (docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import summed
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.vocabulary import ATTUNED


class Relationship(eqx.Module):
    """The history of one relationship.

    Attributes:
        good: Counts of attuned contact.
        bad: Counts of contact that was not.
        hope: Reward beyond what was expected, lately (signed).
    """

    good: Float[Array, "*dyads"]
    bad: Float[Array, "*dyads"]
    hope: Float[Array, "*dyads"]


def no_history(n: int) -> Relationship:
    """A relationship of two people who have not met."""
    zero = jnp.zeros(n)
    return Relationship(zero, zero, zero)


class Bond(Mechanism):
    """Trust and safety in one person."""

    counted: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far a relationship has a history of its own",
        source="Holmes & Slade (2019), in words: centrality, specificity, continuity",
    )
    prior_weight: Scalar = parameter(
        4.0,
        low=0.1,
        high=100.0,
        unit="1",
        meaning="weight of the relational model's counts as prior of a relationship",
        source="ours: 2 to 8 change little; a first session founds little safety",
    )
    rate: Scalar = parameter(
        0.1,
        low=0.0,
        high=1.0,
        unit="1/s",
        meaning="counts of full contact in need",
        source="ours: one in ten seconds, the unit of a turn",
    )
    calm: Scalar = parameter(
        0.2,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="what contact in calm tells of the other, relative to contact in need",
        source="attachment is learnt in need: Petters (2006), in words",
    )
    most: Scalar = parameter(
        200.0,
        low=10.0,
        high=10000.0,
        unit="counts",
        meaning="most counts of a relationship; older ones fade",
        source="ours: half an hour of full contact in need",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"bond": {"counted": 0.0}}

    def trust_and_safety(
        self,
        history: Relationship,
        belief: Float[Array, "k *dyads"],
        counts: Float[Array, "u a k *dyads"],
    ) -> tuple[Float[Array, "*dyads"], Float[Array, "*dyads"]]:
        """Trust in this person and safety with it (0 to 1 each).

        Args:
            history: What the relationship has shown.
            belief: Which relational model applies.
            counts: What each model expects.
        """
        total = summed(counts, 0)
        expected = summed((counts[ATTUNED] / total).mean(0) * belief, 0)
        weight = self.prior_weight * summed(total.mean(0) * belief, 0)
        good, n = self.counted * history.good, self.counted * (history.good + history.bad)
        trust = (good + weight * expected) / (n + weight)
        return trust, trust * n / (n + weight)

    def step(
        self,
        history: Relationship,
        attuned: Scalar,
        told: Scalar,
        need: Scalar,
        *,
        dt_s: Scalar,
    ) -> Relationship:
        """The relationship after `dt_s` seconds; its hope is `bowlby.theory.hope`'s affair.

        Args:
            history: Before.
            attuned: How far the other is perceived as attuned (0 to 1).
            told: Contact with somebody there, as far as it tells of the other (0 to 1).
            need: Need (0 to 1).
            dt_s: Length of the step (s).
        """
        seen = self.rate * dt_s * told * (self.calm + (1.0 - self.calm) * need)
        good, bad = history.good + seen * attuned, history.bad + seen * (1.0 - attuned)
        kept = jnp.minimum(1.0, self.most / jnp.maximum(good + bad, self.most))
        return Relationship(good * kept, bad * kept, history.hope)
