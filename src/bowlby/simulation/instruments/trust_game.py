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

from bowlby.maths._arrays import Array, PRNGKeyArray
from bowlby.maths.random_words import random_words
from bowlby.maths.short_axis import weighted
from bowlby.simulation import population
from bowlby.simulation.company.investor import INVESTOR
from bowlby.simulation.dyad import Pace, People, new_body, rested
from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores
from bowlby.simulation.lives import Client, Dyads, strong
from bowlby.simulation.tick import Pair, chance_of, meet, tick, words_of
from bowlby.theory.bond import no_history
from bowlby.theory.vocabulary import APPROACH

CODEBOOK: Codebook = {
    "trust_repaid": Readout("trust game: share given back as a trustee", "share"),
    "trust_coaxed": Readout("trust game: low offers answered by approach", "share"),
    "trust_offer_slope": Readout("trust game: change of the investor's offer", "1/round"),
    "trust_felt_by_offer": Readout(
        "trust game: rise of arousal in a round by how mean its offer is", "arousal/share"
    ),
}

ROUNDS = 10

REPAID = (0.5, 0.33, 0.1, 0.1)
"""Share given back by each action (approach, explore, withdraw, protest)."""

LOW_OFFER = 0.35
"""An offer below it is a low one."""

FAIR = 1.0 / 3.0
"""Share given back at which the offer stays."""

ANSWERS = 0.6
"""Change of the next offer by what was given back beyond that."""

WHIM = 0.15
"""Standard deviation of the next offer besides."""

FIRST_OFFER = 0.5
"""The first offer."""

_FIRST_BLOCK = 2**20 + 200


class Rounds(NamedTuple):
    """The rounds as an experimenter sees them (round, dyad).

    Attributes:
        offer: Share offered.
        repaid: Share given back.
        approaches: 1 if the person approached, the most generous act.
        rise: Rise of arousal in the round.
    """

    offer: np.ndarray
    repaid: np.ndarray
    approaches: np.ndarray
    rise: np.ndarray


def score(client: Client, dyads: Dyads, pace: Pace) -> Scores:
    """A trust game; a value per dyad.

    Args:
        client: Who plays.
        dyads: Who takes part.
        pace: Length of a tick (a round), actions looked ahead.

    Returns:
        `trust_repaid` (mean share), `trust_coaxed` (share of low offers answered by approach;
        missing where there was none), `trust_offer_slope` (change of the offer per round) and
        `trust_felt_by_offer` (slope of the rise of arousal on what was not offered).
    """
    rounds = play_rounds(client, dyads, pace)
    low = rounds.offer < LOW_OFFER
    number, centred = low.sum(0), rounds.offer.mean(0) - rounds.offer
    coaxed = (low * rounds.approaches).sum(0) / np.maximum(number, 1)
    return {
        "trust_repaid": rounds.repaid.mean(0),
        "trust_coaxed": np.where(number > 0, coaxed, np.nan),
        "trust_offer_slope": np.polyfit(np.arange(ROUNDS), rounds.offer, 1)[0],
        "trust_felt_by_offer": (centred * rounds.rise).sum(0) / (centred**2).sum(0),
    }


def play_rounds(client: Client, dyads: Dyads, pace: Pace) -> Rounds:
    """The rounds of a trust game of everybody."""
    n, theory = len(dyads.keys), dyads.world.theory
    prior = theory.relational_models.restaurant_prior
    belief = prior(client.experience.memory, dyads.seeker.mind.openness)
    body = rested(client.body, theory)
    pair = strong(
        meet(
            belief,
            client.experience,
            body,
            new_body(theory, n),
            client.reading,
            no_history(n),
            theory,
        )
    )
    people = People(dyads.seeker, population.figures(n, {}), dyads.world)
    return Rounds(*map(np.asarray, _play(pair, dyads.keys, people, pace=pace)))


@eqx.filter_jit
def _play(
    pair: Pair, keys: PRNGKeyArray, people: People, *, pace: Pace
) -> tuple[Array, Array, Array, Array]:
    words = random_words(keys, jnp.asarray(_FIRST_BLOCK), ROUNDS, words_of(pace))

    def step(state, word):
        pair, offer = state
        chance = chance_of(word, pace)
        ticked = tick(pair, INVESTOR, people, None, offer, chance, pace)
        repaid = weighted(REPAID, ticked.turn.action)
        later = offer + ANSWERS * (repaid - FAIR) + WHIM * chance.noise[0, 1]
        approaches = ticked.turn.action[APPROACH]
        rise = ticked.after.body.arousal - pair.body.arousal
        return (ticked.after, jnp.clip(later, 0.0, 1.0)), (offer, repaid, approaches, rise)

    first = FIRST_OFFER * jnp.ones_like(pair.trust)
    _, rounds = jax.lax.scan(step, (pair, first), words)
    return rounds
