"""Learning in a task: what is learnt about one person in minutes.

    before anything is known    p ~ sum_k q(k) Beta(base + carried (counts_k - base))
    from meeting to meeting     p stays with 1 - h, and is drawn anew with h
                                ln h ~ N(ln hazard, doubt^2)
    what happened               q(p, h) proportional to q(p, h) P(helped or not | p)^m
    what is acted on            a = m E[p] + (1 - m) p',  p' ~ q(p)
    choice                      logit = gamma stake (2 a - 1)

p is how often this person helps, h the chance that it has changed since the last meeting, m
mentalising. Who can think acts on the mean of what is possible; who cannot takes what comes to
mind for what is so (psychic equivalence), and learns less. Relational models
(`relational_models`) are learnt over years from moments that are alike; meetings of a task are
told apart, so that the evidence of each counts in full.

Source: a change point at an unknown hazard is the normative learner of Behrens, Woolrich,
Walton & Rushworth (2007), Nature Neuroscience 10, 1214-1221, with a fixed chance of change in
the place of a random walk (Nassar, Wilson, Heasly & Gold 2010, Journal of Neuroscience 30,
12366-12378); psychic equivalence, in words, Fonagy & Target (1996), International Journal of
Psycho-Analysis 77, 217-233; to act on what is drawn from a belief as random exploration,
Gershman (2018), Cognition 173, 34-42. What is brought to a task, and that mentalising weighs
it all, is ours (docs/decisions/015-learning-about-somebody.md, 024-what-is-at-stake.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.random_words import drawn
from bowlby.maths.short_axis import column, summed
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.vocabulary import APPROACH, ATTUNED

HELPS = (np.arange(20) + 0.5) / 20
"""Grid of p: how often somebody helps."""

DOUBTS = np.arange(-2.0, 2.5)
"""Grid of ln h, in standard deviations about its mean."""

MOST = 0.5
"""Greatest hazard: beyond it, nobody would be the same from one meeting to the next."""

_WEIGHTS = np.exp(-0.5 * DOUBTS**2) / np.exp(-0.5 * DOUBTS**2).sum()

Belief = Float[Array, "hazard helps *dyads"]


class TaskLearning(Mechanism):
    """What is brought to a task, and how it is learnt from."""

    carried: Scalar = parameter(
        0.1,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="counts of a relational model that are brought to one person of its kind",
        source="ours: people of a kind differ, so that a tenth of what is known of it holds",
    )
    doubt: Scalar = parameter(
        1.0,
        low=0.0,
        high=2.0,
        unit="ln",
        meaning="standard deviation of the hazard that is thought possible",
        source="ours: a third to three times what one expects",
    )
    stake: Scalar = parameter(
        1.0,
        low=0.0,
        high=10.0,
        unit="nat",
        meaning="what is at stake in a meeting: between sure help and sure harm",
        source="ours: choices of inverse temperature 5 where all is known; studies of reversal "
        "find 3 to 6 (in words)",
    )
    comes_to_mind: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far who cannot think acts on one possibility instead of the mean of all",
        source="ours: wholly; 0: everybody acts on the mean",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "psychic_equivalence": {"comes_to_mind": 0.0},
        "brought_to_task": {"carried": 0.0},
        "volatility": {"doubt": 0.0},
    }

    def unknown(
        self,
        counts: Float[Array, "u a k *dyads"],
        base: Scalar,
        q_k: Float[Array, "k *dyads"],
    ) -> Float[Array, "helps *dyads"]:
        """How often somebody not yet met helps: probabilities over `HELPS`.

        Args:
            counts: What each relational model expects; help is an attuned answer to approach.
            base: What is expected without having met anybody (counts, by stance).
            q_k: Which model applies.
        """
        approached = counts[:, APPROACH]
        start = column(base, approached.ndim - 1)
        brought = start + self.carried * (approached - start)
        good, all_ = brought[ATTUNED], summed(brought, 0)
        p = column(HELPS, good.ndim)
        density = (good - 1.0) * jnp.log(p) + (all_ - good - 1.0) * jnp.log1p(-p)
        density = jnp.exp(density - density.max(0))
        return ((density / density.sum(0)) * q_k).sum(1)

    def begin(self, unknown: Float[Array, "helps *dyads"]) -> Belief:
        """Belief before the first meeting."""
        return column(_WEIGHTS, unknown.ndim) * unknown

    def change(
        self, belief: Belief, unknown: Float[Array, "helps *dyads"], hazard: Scalar
    ) -> Belief:
        """Belief at the next meeting: this person may have changed.

        Args:
            belief: After the last one.
            unknown: What somebody not yet met is like.
            hazard: Chance of a change that is expected.
        """
        spread = jnp.exp(self.doubt * column(DOUBTS, belief.ndim - 2))
        h = jnp.clip(hazard * spread, 0.0, MOST)[:, None]
        return (1.0 - h) * belief + h * belief.sum(1, keepdims=True) * unknown

    def learn(
        self, belief: Belief, helped: Scalar, not_helped: Scalar, mentalising: Scalar
    ) -> Belief:
        """Belief after what was seen.

        Args:
            belief: Before.
            helped: Likelihood of what was seen if the person helped.
            not_helped: The same if not.
            mentalising: 0 to 1.
        """
        p = column(HELPS, belief.ndim - 2)
        seen = (p * helped + (1.0 - p) * not_helped) ** mentalising
        after = belief * seen
        return after / after.sum((0, 1))

    def acted_on(
        self, helps: Float[Array, "helps *dyads"], mentalising: Scalar, uniform: Scalar
    ) -> Float[Array, "*dyads"]:
        """How often this person is taken to help.

        Args:
            helps: What is believed: probabilities over `HELPS`.
            mentalising: 0 to 1.
            uniform: Random number.
        """
        p, shut = column(HELPS, helps.ndim - 1), self.comes_to_mind * (1.0 - mentalising)
        comes = summed(p * drawn(helps, uniform), 0)
        return (1.0 - shut) * summed(p * helps, 0) + shut * comes

    def follows(self, expected: Scalar, gamma: Scalar) -> Float[Array, "*dyads"]:
        """Log-odds of relying on this person.

        Args:
            expected: How far relying is expected to turn out better than not (-1 to 1).
            gamma: Policy precision.
        """
        return gamma * self.stake * expected


def expected_help(belief: Belief) -> Float[Array, "*dyads"]:
    """E[p]."""
    return (belief.sum(0) * column(HELPS, belief.ndim - 2)).sum(0)


def doubt_about(belief: Belief) -> Float[Array, "*dyads"]:
    """Standard deviation of p."""
    p, q = column(HELPS, belief.ndim - 2), belief.sum(0)
    return jnp.sqrt((q * (p - expected_help(belief)) ** 2).sum(0))
