"""Tasks of learning about somebody unknown, played by the same minds; nothing stays learnt.

An adviser is right or wrong, and one follows the advice or does the opposite; the result is
shown either way. Somebody harms more often than not. Partners of one meeting are entrusted with
a share, and so is one who is fair, breaks trust, and is fair again. A caregiver says one thing
and a stranger another.

Source: stable and volatile blocks as in Browning, Behrens, Jocham, O'Reilly & Bishop (2015, Nat
Neurosci 18, 590-596); social advice as in Behrens, Hunt, Woolrich & Rushworth (2008, Nature
456, 245-249); somebody who harms, in words, Siegel, Mathys, Rutledge & Crockett (2018, Nat Hum
Behav 2, 750-756); trust formed, broken and restored over fifteen rounds, in words, Abramov et
al. (2020, PLoS ONE); two informants, in words, Corriveau et al. (2009, Child Dev 80, 750-761).
Learning rates and inverse temperatures are fitted to choices (`fitted`), as these studies did;
how a mind learns is `theory/task_learning.py`.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from bowlby.maths._arrays import Array, PRNGKeyArray, Scalar
from bowlby.maths.random_words import increments, random_words, uniforms
from bowlby.maths.short_axis import column, summed
from bowlby.simulation.companions import Known
from bowlby.simulation.company.investor import OFFENCE
from bowlby.simulation.dyad import Body, Experience, Pace, World, rested
from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores
from bowlby.simulation.instruments.trust_game import REPAID
from bowlby.simulation.lives import Client, Dyads, strong
from bowlby.theory.people import CareSeeker
from bowlby.theory.relational_models import expected_stance
from bowlby.theory.task_learning import doubt_about, expected_help
from bowlby.theory.vocabulary import APPROACH, ATTUNED, WITHDRAW

PHASES = {
    "forming": ("who is fair", 1.0),
    "broken": ("who now keeps all", 0.0),
    "restored": ("who is fair again", 1.0),
}
"""Phases with one partner: who it is then, and how often something is given back."""

PHASE = 5
"""Rounds of each."""

CODEBOOK: Codebook = {
    "advice_rate_stable": Readout("learning rate with an adviser who stays the same", "1"),
    "advice_rate_volatile": Readout("learning rate with an adviser who turns", "1"),
    "advice_after_turns": Readout("expectation moved by five meetings after a turn", "share"),
    "advice_by_oddballs": Readout("expectation moved by one odd advice", "share"),
    "advice_precision_calm": Readout("inverse temperature of choices", "1"),
    "advice_precision_upset": Readout("the same under negative arousal", "1"),
    "advice_right_calm": Readout("choices that turned out right", "share"),
    "advice_right_upset": Readout("the same under negative arousal", "share"),
    "harm_certainty": Readout("certainty about a harmful person: -ln SD of belief", "nat"),
    "harm_rate": Readout("learning about a harmful person", "1"),
    "invested_mean": Readout("what strangers are entrusted with", "share"),
    "invested_spread": Readout("SD of what strangers are entrusted with", "share"),
    "lottery_spread": Readout("SD of what a lottery is entrusted with", "share"),
    **{
        f"entrusted_{phase}": Readout(
            f"change of what a partner is entrusted with, {who}", "1/round"
        )
        for phase, (who, _) in PHASES.items()
    },
    "informant_unclear": Readout("caregiver followed where the eyes say nothing", "share"),
    "informant_contradicted": Readout("caregiver followed against the eyes", "share"),
}

MEETING_S = 10
"""Length of a meeting (s)."""

BLOCK = 90
"""Meetings of the stable and of the volatile block."""

STABLE = 0.75
"""How often the adviser is right in the stable block, and the harmful person harms."""

TURNS = 20
"""Meetings after which the adviser of the volatile block turns."""

TURNING = (0.8, 0.2)
"""How often it is right before a turn and after it, in turn."""

SHORT = 60
"""Meetings with and without negative arousal."""

HARMS = 40
"""Meetings with somebody who harms."""

GAMES = 20
"""Partners met once, and lotteries."""

SHARES = np.linspace(0.0, 1.0, 5)
"""What can be entrusted."""

GROWS = 3.0
"""Factor on what is entrusted, as in the trust game."""

CLAIMS = 4
"""Claims of each kind that informants make."""

AGAINST = 1.0 / 3.0
"""Odds that the eyes give the caregiver where they speak against it: hybrids of 75 and 25 %."""

AFTER = 5
"""Meetings after a turn over which expectations are compared."""

_FIRST_BLOCK = 2**20 + 400
_WORDS = 3

_RATES = 1.0 / (1.0 + np.exp(-np.linspace(-4.0, 2.5, 14)))
_PRECISIONS = np.exp(np.linspace(np.log(0.25), np.log(16.0), 10))


class Player(NamedTuple):
    """Who plays, in which world.

    Attributes:
        experience: What was learnt.
        body: The body at the start.
        seeker: What does not change.
        world: The theory.
    """

    experience: Experience
    body: Body
    seeker: CareSeeker
    world: World


class Played(NamedTuple):
    """Meetings as they were lived (meeting, dyad).

    Attributes:
        helped: 1 where the other helped.
        follows: 1 where the person relied on it, or the share that was entrusted.
        expected: Help expected before the meeting (0 to 1).
        doubt: Standard deviation of that belief.
        mentalising: 0 to 1.
    """

    helped: np.ndarray
    follows: np.ndarray
    expected: np.ndarray
    doubt: np.ndarray
    mentalising: np.ndarray


def score(client: Client, dyads: Dyads, known: Known, pace: Pace) -> Scores:
    """All tasks, a value per dyad.

    Args:
        client: Who plays.
        dyads: Who takes part.
        known: Who is at home with the client: the informant that is known.
        pace: Not used: a meeting lasts ten seconds.
    """
    del pace
    theory, keys = dyads.world.theory, dyads.keys
    player = strong(
        Player(client.experience, rested(client.body, theory), dyads.seeker, dyads.world)
    )
    n = len(keys)
    first = np.asarray(_drawn(keys, _FIRST_BLOCK, 1)[0, 0] < 0.5)
    advised = play(player, keys, 1, _schedule(first))
    stable, volatile = _blocks(advised, first)
    short = np.repeat(turning(SHORT)[:, None], n, 1)
    calm = play(player, keys, 2, short)
    upset = play(player, keys, 2, short, upset=1.0)
    harmed = play(player, keys, 3, np.full((HARMS, n), 1.0 - STABLE))
    fair = np.repeat([often for _, often in PHASES.values()], PHASE)
    shares = play(player, keys, 6, np.repeat(fair[:, None], n, 1), entrusts=True).follows
    return {
        "advice_rate_stable": fitted(stable.helped, stable.follows)[0],
        "advice_rate_volatile": fitted(volatile.helped, volatile.follows)[0],
        "advice_after_turns": after_turns(volatile.expected),
        "advice_by_oddballs": by_oddballs(stable.expected, stable.helped),
        "advice_precision_calm": fitted(calm.helped, calm.follows)[1],
        "advice_precision_upset": fitted(upset.helped, upset.follows)[1],
        "advice_right_calm": right(calm.helped, calm.follows),
        "advice_right_upset": right(upset.helped, upset.follows),
        "harm_certainty": -np.log(harmed.doubt[HARMS // 2 :]).mean(0),
        "harm_rate": rate_of_expectations(harmed.expected, harmed.helped),
        **_one_meeting(player, keys),
        **{
            f"entrusted_{phase}": np.polyfit(np.arange(PHASE), rows, 1)[0]
            for phase, rows in zip(PHASES, np.split(shares, len(PHASES)), strict=True)
        },
        **_informants(player, keys, known),
    }


def turning(meetings: int) -> np.ndarray:
    """How often an adviser who turns is right at each meeting."""
    return np.resize(np.repeat(TURNING, TURNS), meetings)


def play(
    player: Player,
    keys: PRNGKeyArray,
    number: int,
    helps: np.ndarray,
    *,
    upset: float = 0.0,
    entrusts: bool = False,
) -> Played:
    """Meetings with somebody who helps this often (meeting, dyad).

    Args:
        player: Who plays.
        keys: One per dyad.
        number: Which of the tasks: those of one number have the same chance.
        helps: How often the other helps at each meeting.
        upset: How much negative arousal is held (1: an ordinary body at the edge of distress).
        entrusts: Whether a share of `SHARES` is entrusted, rather than advice followed or not.
    """
    played = _play(
        player, keys, jnp.asarray(number), jnp.asarray(helps), jnp.asarray(upset),
        entrusts=entrusts,
    )  # fmt: skip
    return Played(*map(np.asarray, played))


@eqx.filter_jit
def _play(
    player: Player,
    keys: PRNGKeyArray,
    number: Array,
    helps: Array,
    upset: Array,
    *,
    entrusts: bool = False,
) -> tuple[Array, ...]:
    theory, mind = player.world.theory, player.seeker.mind
    learning, memory = theory.task_learning, player.experience.memory
    q_k = theory.relational_models.restaurant_prior(memory, mind.openness)
    unknown = learning.unknown(memory.counts, theory.relational_models.base_counts, q_k)
    at_first = expected_help(learning.begin(unknown))
    hazard = theory.relational_models.change * mind.hazard
    words = random_words(keys, _FIRST_BLOCK + number, helps.shape[0], _WORDS)

    def meeting(state, inputs):
        belief, arousal = state
        word, chance = inputs
        u, noise = uniforms(word[: _WORDS - 1]), increments(word[_WORDS - 1 :])[0]
        belief = learning.change(belief, unknown, hazard)
        expected, m = expected_help(belief), _mentalising(player, arousal)
        acted = learning.acted_on(belief.sum(0), m, u[2])
        gain = _back(acted) if entrusts else 2.0 * acted - 1.0
        odds = _relying(player, gain, expected - at_first)
        follows = _share(odds, u[1]) if entrusts else (u[1] < jax.nn.sigmoid(odds)) * 1.0
        helped = (u[0] < chance) * 1.0
        after = learning.learn(belief, helped, 1.0 - helped, m)
        later = _body_after(player, arousal, (1.0 - helped, follows, m, upset), noise)
        return (after, later), (helped, follows, expected, doubt_about(belief), m)

    start = learning.begin(unknown), player.body.arousal
    return jax.lax.scan(meeting, start, (words, helps))[1]


def _mentalising(player: Player, arousal: Scalar) -> Array:
    own = player.world.theory.mentalising
    return own.capacity(arousal, player.seeker.window, player.experience.mentalised)


def _back(p: Scalar) -> Scalar:
    """What entrusting the whole brings, if it is given back with probability p."""
    return GROWS * (p * REPAID[APPROACH] + (1.0 - p) * REPAID[WITHDRAW]) - 1.0


def _share(odds: Array, uniform: Array) -> Array:
    """A share of `SHARES`, each at the odds of the whole times itself."""
    weight = jnp.exp(column(SHARES, 1) * odds - jnp.maximum(odds, 0.0))
    edges = jnp.cumsum(weight, 0)
    return SHARES[0] + (uniform * edges[-1] > edges[:-1]).sum(0) * (SHARES[1] - SHARES[0])


def _relying(player: Player, expected, surprise) -> Array:
    """Log-odds of relying on the other."""
    theory, mind = player.world.theory, player.seeker.mind
    gamma = theory.policy_precision.value(
        mind.gamma, player.seeker.dopamine, player.body.oxytocin, surprise
    )
    return theory.task_learning.follows(expected, gamma)


def _body_after(player: Player, arousal, met, noise) -> Array:
    """Arousal after a meeting that offended or not."""
    theory, own, body = player.world.theory, player.seeker, player.body
    offended, follows, m, upset = met
    recovery_s = theory.self_soothing.recovery_s(
        player.experience.self_soothing,
        1.0 - follows,
        m,
        theory.arousal.recovery_s * own.recovery,
    )
    reactivity = (
        own.reactivity
        * theory.oxytocin.reactivity(body.oxytocin)
        * theory.stress_axis.reactivity(body.stress.adrenal)
    )
    held = jnp.asarray(theory.distress.edges)[1] / theory.arousal.recovery_s
    law = eqx.tree_at(lambda a: a.recovery_s, theory.arousal, recovery_s)
    drive = reactivity * (OFFENCE * offended + upset * held)
    return law.step(arousal, drive, reactivity * noise, dt_s=float(MEETING_S))


def _drawn(keys: PRNGKeyArray, number: int, meetings: int) -> Array:
    """Uniform numbers (meeting, 4, dyad)."""
    words = random_words(keys, jnp.asarray(number), meetings, 2)
    return jax.vmap(uniforms)(words)


def _schedule(first: np.ndarray) -> np.ndarray:
    """How often the adviser is right, for those who meet the stable block first or last."""
    stable, volatile = np.full(BLOCK, STABLE), turning(BLOCK)
    one, other = (
        np.concatenate(pair)[:, None] for pair in ((stable, volatile), (volatile, stable))
    )
    return np.where(first, one, other)


def _blocks(advised: Played, first: np.ndarray) -> tuple[Played, Played]:
    """The stable and the volatile block."""
    halves = [(rows[:BLOCK], rows[BLOCK:]) for rows in advised]
    stable = Played(*(np.where(first, one, other) for one, other in halves))
    return stable, Played(*(np.where(first, other, one) for one, other in halves))


def fitted(helped: np.ndarray, follows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Learning rate and inverse temperature of choices, a value per dyad.

        V' = V + rate (helped - V),  V = .5 at first
        P(follows) = sigmoid(precision (2 V - 1))

    Geometric means under a flat prior over a grid of the log-odds of the rate (-4 to 2.5) and
    the logarithm of the precision (.25 to 16).

    Args:
        helped: 1 where the other helped (meeting, dyad).
        follows: 1 where the person relied on it (meeting, dyad).
    """
    value = np.full((len(_RATES), helped.shape[1]), 0.5)
    fit = np.zeros((len(_PRECISIONS), *value.shape))
    precision, rate = _PRECISIONS[:, None, None], _RATES[:, None]
    for outcome, choice in zip(helped, follows, strict=True):
        sign = 2.0 * choice - 1.0
        fit -= np.logaddexp(0.0, -precision * sign * (2.0 * value - 1.0))
        value += rate * (outcome - value)
    weight = np.exp(fit - fit.max((0, 1)))
    weight /= weight.sum((0, 1))
    rates = np.exp((weight.sum(0) * np.log(rate)).sum(0))
    return rates, np.exp((weight.sum(1) * np.log(precision[:, 0])).sum(0))


def right(helped: np.ndarray, follows: np.ndarray) -> np.ndarray:
    """Share of choices that turned out right, a value per dyad; of each (meeting, dyad)."""
    return (helped == follows).mean(0)


def after_turns(expected: np.ndarray) -> np.ndarray:
    """Expectation moved towards the truth in the first meetings after a turn."""
    turns = np.arange(TURNS, len(expected) - AFTER, TURNS)
    sign = np.where(np.arange(len(turns)) % 2 == 0, -1.0, 1.0)[:, None]
    return (sign * (expected[turns + AFTER] - expected[turns])).mean(0)


def by_oddballs(expected: np.ndarray, helped: np.ndarray) -> np.ndarray:
    """Fall of expectation by one wrong advice after two right ones; missing where none is."""
    odd = (helped[2:-1] == 0) & (helped[1:-2] == 1) & (helped[:-3] == 1)
    fall = (expected[2:-1] - expected[3:]) * odd
    number = odd.sum(0)
    return np.where(number > 0, fall.sum(0) / np.maximum(number, 1), np.nan)


def rate_of_expectations(expected: np.ndarray, helped: np.ndarray) -> np.ndarray:
    """Change of the expectation per prediction error (regression through the origin)."""
    error, change = (helped - expected)[:-1], np.diff(expected, axis=0)
    return (error * change).sum(0) / (error**2).sum(0)


def _one_meeting(player: Player, keys: PRNGKeyArray) -> Scores:
    """Mean and spread of what strangers, and spread of what lotteries are entrusted with."""
    social, lottery = _entrusted(player, keys)
    return {
        "invested_mean": np.asarray(social).mean(0),
        "invested_spread": np.asarray(social).std(0),
        "lottery_spread": np.asarray(lottery).std(0),
    }


@eqx.filter_jit
def _entrusted(player: Player, keys: PRNGKeyArray) -> tuple[Array, Array]:
    """Shares entrusted to strangers, and to lotteries that pay as often as not."""
    theory, mind = player.world.theory, player.seeker.mind
    memory, models = player.experience.memory, theory.relational_models
    q_k = models.restaurant_prior(memory, mind.openness)
    unknown = theory.task_learning.unknown(memory.counts, models.base_counts, q_k)
    words = random_words(keys, jnp.asarray(_FIRST_BLOCK + 4), GAMES, _WORDS)

    def game(arousal, word):
        u, noise = uniforms(word[: _WORDS - 1]), increments(word[_WORDS - 1 :])[0]
        m, none = _mentalising(player, arousal), jnp.zeros_like(arousal)
        trust = theory.task_learning.acted_on(unknown, m, u[2])
        social = _relying(player, _back(trust), none)
        alone = theory.task_learning.follows(_back(0.5), mind.gamma) + none
        later = _body_after(player, arousal, (none, none + 1.0, m, none), noise)
        return later, (_share(social, u[0]), _share(alone, u[1]))

    return jax.lax.scan(game, player.body.arousal, words)[1]


def _informants(player: Player, keys: PRNGKeyArray, known: Known) -> Scores:
    """Claims of a caregiver that are followed against a stranger's."""
    odds = _informed(player, known.belief)
    u = _drawn(keys, _FIRST_BLOCK + 5, CLAIMS)
    kinds = ("informant_unclear", "informant_contradicted")
    return {
        name: np.asarray((u[:, i] < jax.nn.sigmoid(odds[i])).mean(0))
        for i, name in enumerate(kinds)
    }


@eqx.filter_jit
def _informed(player: Player, belief: Array) -> Array:
    """Log-odds of following the caregiver, where the eyes say nothing and where they object.

    Who is attuned tells what is so; who is not tells anything.
    """
    theory, mind, arousal = player.world.theory, player.seeker.mind, player.body.arousal
    memory, m = player.experience.memory, _mentalising(player, arousal)
    stranger = theory.relational_models.restaurant_prior(memory, mind.openness)
    approached = expected_stance(memory.counts)[ATTUNED, APPROACH]
    right = [0.5 + 0.5 * summed(approached * q_k, 0) for q_k in (belief, stranger)]
    said = jnp.log(right[0] / (1.0 - right[0])) - jnp.log(right[1] / (1.0 - right[1]))
    none = jnp.zeros_like(arousal)
    return jnp.stack(
        [
            _relying(player, 2.0 * jax.nn.sigmoid(said + m * seen) - 1.0, none)
            for seen in (0.0, np.log(AGAINST))
        ]
    )
