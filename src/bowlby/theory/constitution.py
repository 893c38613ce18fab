"""Constitution: what people bring with them differs, and temperament is not attachment.

    trait = centre exp(spread z)            of those that are above 0
    logit share = logit centre + spread z   of shares
    z = (h / 2) z(parent) + sqrt(1 - (h / 2)^2) z(own)

Each trait has a normal number of its own: axes of the body, feeling, thinking, exploring and
company hardly share anything. h is the heritability; a child shares half of it with a parent,
who also raises it.

Source: no correlation between axes is the rule between physiological systems (Fahrenberg &
Foerster 1982, Biological Psychology 15, 301-324, in words); heritability of temperament and
personality: Vukasovic & Bratko (2015), Psychological Bulletin 141, 769-785 (.40). Spreads are
ours.
"""

from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter

TRAITS = (
    "recovery", "contagion", "stress_response", "oxytocin_release", "window", "interoception",
    "cue_accuracy", "self_soothing", "exploration", "openness", "impulsivity", "affect",
    "reactance", "expectation",
)  # fmt: skip
"""Traits of a care-seeker that differ at birth, besides reactivity (`client.reactivity_sd`)."""

STANDING = ("reactivity", *TRAITS)
"""Rows of people's standing among others."""

SHARES = frozenset({"interoception", "cue_accuracy", "self_soothing", "expectation"})
"""Those that are shares."""

SHIFTS = frozenset({"affect"})
"""Those that are differences from others."""

_OURS = "ours: some people have it twice as much as others"

Normals = Float[Array, "trait *dyads"]


class Constitution(Mechanism):
    """How far people differ at birth."""

    spread: Scalar = parameter(
        (0.3, 0.4, 0.5, 0.4, 0.25, 0.5, 0.4, 0.8, 0.3, 0.4, 0.4, 1.0, 0.4, 0.8),
        low=0.0,
        high=2.0,
        unit="ln, logit or SD",
        meaning="standard deviation between people",
        source=_OURS,
        over=TRAITS,
    )
    heritability: Scalar = parameter(
        0.4,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of the differences that is inherited additively",
        source="Vukasovic & Bratko (2015), Psychological Bulletin 141, 769-785",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "constitution": {"spread": 0.0},
        "heritability": {"heritability": 0.0},
    }

    def of_siblings(self, family: Normals, own: Normals) -> Normals:
        """What is not handed on by the parent who is met, of children of one family.

        With that parent's part, full siblings correlate as a child does with a parent.

        Args:
            family: Normal numbers that siblings share.
            own: Normal numbers of each child.
        """
        parent = 0.5 * self.heritability
        shared = parent / (1.0 + parent)
        return jnp.sqrt(shared) * family + jnp.sqrt(1.0 - shared) * own

    def inherited(self, parent: Normals, own: Normals) -> Normals:
        """Standing of children among others, from that of a parent and chance."""
        shared = 0.5 * self.heritability
        return shared * parent + jnp.sqrt(1.0 - shared**2) * own

    def trait(self, name: str, centre: Scalar, standing: Normals) -> Float[Array, "*dyads"]:
        """A trait of people from their standing (normal numbers, a row a trait)."""
        shift = self.spread[TRAITS.index(name)] * standing[STANDING.index(name)]
        if name in SHIFTS:
            return centre + shift
        if name in SHARES:
            centre = jnp.asarray(centre)
            return jax.nn.sigmoid(jnp.log(centre) - jnp.log1p(-centre) + shift)
        return centre * jnp.exp(shift)
