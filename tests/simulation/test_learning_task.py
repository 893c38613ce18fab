"""Tasks of learning about somebody, played by the same minds."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.courses.course import build_course
from bowlby.simulation.arms import dyads_of
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.companions import Known
from bowlby.simulation.dyad import Pace
from bowlby.simulation.instruments import learning_task
from bowlby.simulation.instruments.learning_task import Player
from bowlby.simulation.lives import strong
from bowlby.simulation.schedule import schedule_of
from bowlby.theory import Theory

N = 64


@pytest.fixture(scope="module")
def grown():
    course = build_course(
        {"kind": "childhood", "dyads": N, "childhood": {"encounters": 2, "ticks": 50}}
    )
    dyads = dyads_of(course, np.arange(N), Theory())
    return dyads, grow_up(dyads, schedule_of(course))


@pytest.fixture(scope="module")
def player(grown):
    dyads, childhood = grown
    client = childhood.client
    return strong(Player(client.experience, client.body, dyads.seeker, dyads.world))


@pytest.fixture(scope="module")
def scores(grown):
    dyads, childhood = grown
    known = Known(dyads.caregiver, childhood.child.old, childhood.bond)
    return learning_task.score(childhood.client, dyads, known, Pace())


def harmed(player, keys):
    return learning_task.play(player, keys, 3, np.full((40, N), 0.25))


def test_everything_in_the_codebook_is_scored(scores):
    assert scores.keys() == learning_task.CODEBOOK.keys()
    for name in ("advice_rate_stable", "advice_rate_volatile", "informant_unclear"):
        assert ((scores[name] >= 0.0) & (scores[name] <= 1.0)).all()
    assert np.isfinite(scores["harm_certainty"]).all()


def test_people_learn_who_is_right(player, grown):
    played = learning_task.play(player, grown[0].keys, 2, np.full((60, N), 0.9))
    assert (played.expected[-1] > played.expected[0]).mean() > 0.9
    assert played.follows[30:].mean() > played.follows[:5].mean()


def test_what_somebody_expects_moves_what_is_believed_of_harm(player, grown):
    keys = grown[0].keys
    counts = player.experience.memory.counts
    hopeful, mistrustful = (
        eqx.tree_at(lambda p: p.experience.memory.counts, player, changed)
        for changed in (counts.at[0].set(60.0), counts.at[1:].set(60.0))
    )
    hope, mistrust = harmed(hopeful, keys), harmed(mistrustful, keys)
    assert (hope.expected[0] > mistrust.expected[0]).all()
    assert mistrust.doubt[20:].mean() < hope.doubt[20:].mean()


def test_negative_arousal_shuts_minds_and_choices_follow_what_is_learnt_less(player, grown):
    keys = grown[0].keys
    helps = np.repeat(learning_task.turning(60)[:, None], N, 1)
    calm, upset = (
        learning_task.play(player, keys, 2, helps, upset=upset) for upset in (0.0, 1.0)
    )
    np.testing.assert_array_equal(calm.helped, upset.helped)
    assert upset.mentalising.mean() < calm.mentalising.mean() - 0.1
    assert np.ptp(upset.expected, axis=0).mean() < np.ptp(calm.expected, axis=0).mean()


def test_a_wider_window_keeps_thinking_open(player, grown):
    wide = eqx.tree_at(lambda p: p.seeker.window, player, 3.0 * player.seeker.window)
    narrow, open_ = (harmed(p, grown[0].keys) for p in (player, wide))
    assert (open_.mentalising.mean(0) >= narrow.mentalising.mean(0)).all()


def test_a_caregiver_who_is_trusted_is_followed_and_the_eyes_take_some_of_it(player):
    known = jnp.zeros((3, N)).at[0].set(1.0)
    counts = player.experience.memory.counts
    trusted = counts.at[0, 0, 0].set(60.0)
    warm = eqx.tree_at(lambda p: p.experience.memory.counts, player, trusted)
    # Strangers are expected to be like nobody met.
    weight = jnp.zeros((3, N)).at[1].set(1.0)
    warm, usual = (
        eqx.tree_at(lambda p: p.experience.memory.weight, p, weight) for p in (warm, player)
    )
    unclear, against = learning_task._informed(warm, known)
    assert (unclear >= learning_task._informed(usual, known)[0]).all()
    assert (against < unclear).all()


def test_rates_and_precisions_of_known_learners_are_found():
    rng = np.random.default_rng(1)
    helped = (rng.random((90, 400)) < learning_task.turning(90)[:, None]) * 1.0
    rates, value, follows = np.repeat([0.05, 0.5], 200), np.full(400, 0.5), []
    for outcome in helped:
        follows.append(rng.random(400) < 1.0 / (1.0 + np.exp(-4.0 * (2.0 * value - 1.0))))
        value = value + rates * (outcome - value)
    rate, precision = learning_task.fitted(helped, np.array(follows) * 1.0)
    slow, fast = np.median(rate[:200]), np.median(rate[200:])
    assert slow < 0.12
    assert fast == pytest.approx(0.5, abs=0.15)
    assert np.median(precision) == pytest.approx(4.0, abs=1.5)


def test_moves_of_a_series_by_hand():
    steps = np.repeat([0.8, 0.2, 0.8, 0.2], 20)[:, None]
    # Expectations are those before a meeting: a turn is known one meeting later.
    assert learning_task.after_turns(np.roll(steps, 1, 0)) == pytest.approx(0.6)
    helped = np.array([1, 1, 0, 1, 1, 1.0])[:, None]
    expected = np.array([0.5, 0.6, 0.7, 0.6, 0.65, 0.7])[:, None]
    assert learning_task.by_oddballs(expected, helped) == pytest.approx(0.1)
    assert np.isnan(learning_task.by_oddballs(expected, np.ones((6, 1)))).all()
    told = np.array([1.0, 0.0, 1.0, 1.0])
    value = [0.5]
    for outcome in told[:-1]:
        value.append(value[-1] + 0.3 * (outcome - value[-1]))
    found = learning_task.rate_of_expectations(np.array(value)[:, None], told[:, None])
    assert found == pytest.approx(0.3)


def test_a_partner_is_entrusted_with_more_while_fair_less_once_broken_and_more_again(scores):
    forming, broken, restored = (
        scores[f"entrusted_{phase}"].mean() for phase in ("forming", "broken", "restored")
    )
    assert broken < 0.0 < restored
    assert forming > broken


def test_shares_are_entrusted_and_more_to_who_is_trusted(player, grown):
    fair = np.ones((15, N))
    played = learning_task.play(player, grown[0].keys, 6, fair, entrusts=True)
    assert np.isin(played.follows, learning_task.SHARES).all()
    counts = player.experience.memory.counts
    hopeful, mistrustful = (
        eqx.tree_at(lambda p: p.experience.memory.counts, player, changed)
        for changed in (counts.at[0].set(60.0), counts.at[1:].set(60.0))
    )
    hope, mistrust = (
        learning_task.play(p, grown[0].keys, 6, fair, entrusts=True).follows[0].mean()
        for p in (hopeful, mistrustful)
    )
    assert hope > mistrust
    once, never = (
        learning_task._one_meeting(p, grown[0].keys)["invested_mean"].mean()
        for p in (hopeful, mistrustful)
    )
    assert once > never


def test_negative_arousal_takes_right_choices(scores):
    assert learning_task.right(np.array([[1.0], [0.0]]), np.array([[1.0], [1.0]])) == [0.5]
    lost = scores["advice_right_calm"] - scores["advice_right_upset"]
    assert lost.mean() > 0.0
