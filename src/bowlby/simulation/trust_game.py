"""A trust game, played by the same minds with somebody they do not know.

The person is the trustee. What the investor offers is read as a stance, a fair offer as attuned
and a mean one as dismissive: it is met with the expectations that one has of strangers, felt in
the body, and learnt from within the game; afterwards everything is as before. The investor's
next offer follows what was given back:

    offer' = offer + .6 (repaid - 1/3) + noise of .15, from 0 to 1

Source: ten rounds as in King-Casas et al. (2008, Science 321, 806-810); the investor's rule,
which act repays how much and how an offer looks are ours.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.agents.relational import APPROACH, restaurant_prior
from bowlby.maths._arrays import Array, PRNGKeyArray
from bowlby.maths.random_words import drawn, random_words
from bowlby.simulation import population, seeking
from bowlby.simulation.bodies import ContactTable, contact_table, weighted
from bowlby.simulation.course import Client, Dyads, effective, rested, strong
from bowlby.simulation.dyad import new_body
from bowlby.simulation.encounter import WORDS, Pair, People, lived, meet, split_words

ROUNDS = 10

REPAID = (0.5, 0.33, 0.1, 0.1)
"""Share given back by each action (approach, explore, withdraw, protest)."""

LOW_OFFER = 0.35
"""An offer below it is a low one."""

OFFENCE = 0.015
"""Arousal that a mean offer makes (1/s): a third of what being dismissed in need makes."""

_FIRST_BLOCK = 2**20 + 200


class Rounds(NamedTuple):
    """The rounds as an experimenter sees them (round, dyad).

    Attributes:
        offer: Share offered.
        repaid: Share given back.
        approaches: 1 if the person approached, the most generous act.
    """

    offer: np.ndarray
    repaid: np.ndarray
    approaches: np.ndarray


def play(client: Client, dyads: Dyads, *, depth: int) -> dict[str, np.ndarray]:
    """A trust game; a value per dyad.

    Args:
        client: Who plays.
        dyads: Who takes part.
        depth: Actions looked ahead.

    Returns:
        `trust_repaid` (mean share), `trust_coaxed` (share of low offers answered by approach;
        missing where there was none) and `trust_offer_slope` (change of the offer per round).
    """
    rounds = play_rounds(client, effective(dyads), depth=depth)
    low = rounds.offer < LOW_OFFER
    number = low.sum(0)
    coaxed = (low * rounds.approaches).sum(0) / np.maximum(number, 1)
    return {
        "trust_repaid": rounds.repaid.mean(0),
        "trust_coaxed": np.where(number > 0, coaxed, np.nan),
        "trust_offer_slope": np.polyfit(np.arange(ROUNDS), rounds.offer, 1)[0],
    }


def play_rounds(client: Client, dyads: Dyads, *, depth: int) -> Rounds:
    """The rounds of a trust game of everybody, with `effective` applied to the dyads."""
    n = len(dyads.keys)
    belief = restaurant_prior(client.experience.memory, dyads.seeker.mind.openness)
    pair = strong(
        meet(belief, client.experience, rested(client.body), new_body(n), client.reading)
    )
    people = People(dyads.seeker, population.figures(n, {}), dyads.switches)
    rounds = _play(pair, dyads.keys, people, contact_table(), depth=depth)
    return Rounds(*map(np.asarray, rounds))


@eqx.filter_jit
def _play(
    pair: Pair, keys: PRNGKeyArray, people: People, table: ContactTable, *, depth: int
) -> tuple[Array, Array, Array]:
    words = random_words(keys, jnp.asarray(_FIRST_BLOCK), ROUNDS, WORDS)
    n = pair.trust.shape[0]
    nothing, whole = jnp.zeros(n), jnp.ones(n)

    def step(state, word):
        pair, offer = state
        u, noise = split_words(word)
        turn = seeking.seek(
            pair.belief, pair.experience, pair.body, people.seeker, table, people.switches,
            trust=pair.trust, lent=0.0, uniform=u[0], depth=depth,
        )  # fmt: skip
        fair = (u[1] < offer) * 1.0
        stance = jnp.stack([fair, nothing, 1.0 - fair, nothing])
        after, _ = lived(
            pair, turn, people, u, noise,
            contact=whole, gain=nothing, kick=OFFENCE * (1.0 - fair),
            event_rate=0.0, figure_recovery_s=40.0,
            seen=drawn(seeking.likelihood(turn.cue_accuracy, stance), u[2]), is_seen=1.0,
            information=1.0, evidence=1.0, content=jnp.zeros_like(pair.belief[0]),
            plasticity=1.0, calm_learning=1.0, named=nothing, misled=nothing, m_figure=nothing,
        )  # fmt: skip
        repaid = weighted(REPAID, turn.action)
        later = offer + 0.6 * (repaid - 1.0 / 3.0) + 0.15 * noise[0, 1]
        return (after, jnp.clip(later, 0.0, 1.0)), (offer, repaid, turn.action[APPROACH])

    _, rounds = jax.lax.scan(step, (pair, 0.5 * whole), words)
    return rounds
