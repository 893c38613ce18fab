"""Perceived stance: how an act looks depends on whether it meets the moment.

    ln p(look | stance) + tilt,
    offered = answers + unasked [repair, nothing broken]
    missed = need max(1 - offered, 0)
    excess = over max(offered - need (1 - hidden [withdraws]) - free, 0)
    pushed = reactance (excess + asking unthinkable pressure)
    tilt = (-k (missed + pushed), k pushed, k missed, 0)
    fit = exp(-(missed + pushed))

Need that is not answered looks dismissive; more than is wanted, and more than can be thought
(`mentalising`), look intrusive, to some people more than to others. How the act is *perceived*
is the client's posterior over stance, under trust, arousal and relational model. No rule
"alliance first" is coded.

Source: "loom intrusively with over-empathic responses", "neither controlling nor ignoring",
Holmes & Slade (2019), in words; closed mentalising: Fonagy & Luyten (2009), Development and
Psychopathology 21, 1355-1381, in words; reactance: Beutler, Edwards & Someah (2018), Journal of
Clinical Psychology 74, 1952-1963, in words; the equations are ours
(docs/explanation/mechanisms.md).
"""

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import column, softmax
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.vocabulary import STANCES


class Shown(NamedTuple):
    """What an act meets.

    Attributes:
        need: The client's need (0 to 1).
        withdraws: 1 where the client withdraws.
        unthinkable: What the client cannot think now (0 to 1).
        reactance: How readily this client feels pushed (1 is average).
    """

    need: Float[Array, "*dyads"]
    withdraws: Scalar
    unthinkable: Scalar
    reactance: Scalar


class PerceivedStance(Mechanism):
    """How acts look."""

    tilt: Scalar = parameter(
        1.6,
        low=0.0,
        high=10.0,
        unit="nat",
        meaning="change of how an act looks by need that it misses or pushes",
        source="ours: at full need the best act looks no better than the worst",
    )
    asking: Scalar = parameter(
        40.0,
        low=0.0,
        high=500.0,
        unit="1",
        meaning="how far asking for what cannot be thought looks intrusive",
        source="ours: at full arousal a question looks as bad as looming",
    )
    over: Scalar = parameter(
        1.0,
        low=0.0,
        high=10.0,
        unit="1",
        meaning="how far more than is wanted looks intrusive",
        source="Holmes & Slade (2019), in words: looming by over-empathic responses",
    )
    free: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="what may be offered beyond what is wanted",
        source="ours: kindness in calm is welcome",
    )
    hidden: Scalar = parameter(
        0.4,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="need that one who withdraws does not want answered",
        source="ours: who withdraws asks for distance",
    )
    unasked: Scalar = parameter(
        0.4,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="what a repair offers beyond its answer where nothing is broken",
        source="ours: an apology for nothing is too much",
    )
    by_act: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far the act matters for its look",
        source="Holmes & Slade (2019), in words: timing is all",
    )
    usual: Scalar = parameter(
        (0.75, 0.1, 0.13, 0.02), low=0.0, high=1.0, unit="probability",
        meaning="how any act looks where acts do not matter",
        source="ours: the mean of a supportive protocol",
        over=STANCES,
    )  # fmt: skip
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "perceived_stance": {"by_act": 0.0},
        "asking": {"asking": 0.0},
        "excess": {"over": 0.0},
    }

    def fails(
        self, answers: Scalar, pressure: Scalar, unasked: Scalar, client: Shown
    ) -> tuple[Float[Array, "*dyads"], Float[Array, "*dyads"]]:
        """How far an act misses what is needed, and pushes what is not wanted (>= 0 each).

        Args:
            answers: How far it answers need (0 to 1).
            pressure: How much it asks.
            unasked: 1 for a repair where nothing is broken.
            client: What the client shows.
        """
        offered = answers + self.unasked * unasked
        missed = client.need * jnp.maximum(1.0 - offered, 0.0)
        wanted = client.need * (1.0 - self.hidden * client.withdraws)
        excess = self.over * jnp.maximum(offered - wanted - self.free, 0.0)
        asked = self.asking * client.unthinkable * pressure
        return missed, client.reactance * (excess + asked)

    def fit(self, answers: Scalar, pressure: Scalar, unasked: Scalar, client: Shown) -> Array:
        """How far an act is what the client needs and can use (0 to 1); as in `fails`."""
        missed, pushed = self.fails(answers, pressure, unasked, client)
        return jnp.exp(-(missed + pushed))

    def look(
        self,
        look: Float[Array, "u *dyads"],
        answers: Scalar,
        pressure: Scalar,
        unasked: Scalar,
        client: Shown,
    ) -> Float[Array, "u *dyads"]:
        """Likelihood of what an act shows under each stance.

        Args:
            look: The same when the act meets the moment.
            answers: How far it answers need (0 to 1).
            pressure: How much it asks (0 to 1).
            unasked: 1 for a repair where nothing is broken.
            client: What the client shows.
        """
        missed, pushed = self.fails(answers, pressure, unasked, client)
        none = jnp.zeros_like(client.need)
        tilt = self.tilt * jnp.stack([-(missed + pushed), pushed, missed, none])
        seen = softmax(jnp.log(look) + tilt, axis=0)
        return self.by_act * seen + (1.0 - self.by_act) * column(self.usual, none.ndim)
