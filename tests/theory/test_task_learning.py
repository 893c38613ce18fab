"""What is learnt about one person in minutes, against brute force and by hand."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.theory.task_learning import (
    DOUBTS,
    HELPS,
    TaskLearning,
    doubt_about,
    expected_help,
)

LAW = TaskLearning()
BASE = (0.8, 0.45, 0.45, 0.3)
HAZARD = 0.04


def unknown(attuned=5.0, others=5.0, law=LAW):
    counts = jnp.full((4, 4, 1, 1), others / 3.0).at[0].set(attuned)
    return law.unknown(counts, BASE, jnp.ones((1, 1)))


def learnt(told, *, law=LAW, prior=None, mentalising=1.0, hit=0.9, hazard=HAZARD):
    prior = unknown(law=law) if prior is None else prior
    belief, expected = law.begin(prior), []
    for helped in told:
        belief = law.change(belief, prior, hazard)
        expected.append(float(expected_help(belief)[0]))
        likely = (hit, 1.0 - hit) if helped else (1.0 - hit, hit)
        belief = law.learn(belief, *(jnp.full(1, p) for p in likely), mentalising)
    return belief, np.array(expected)


def test_the_filter_is_exact_bayes_over_every_path_of_a_short_sequence():
    told, hit = (1, 0, 0), 0.9
    prior = np.asarray(unknown()[:, 0], float)
    weights = np.exp(-0.5 * DOUBTS**2) / np.exp(-0.5 * DOUBTS**2).sum()
    wanted = np.zeros((len(DOUBTS), len(HELPS)))
    for i, h in enumerate(HAZARD * np.exp(DOUBTS)):
        for path in itertools.product(range(len(HELPS)), repeat=len(told)):
            # Before the first meeting too the person may change: into somebody as unknown.
            mass = weights[i] * prior[path[0]]
            for before, after in itertools.pairwise(path):
                mass *= (1.0 - h) * (before == after) + h * prior[after]
            for p, helped in zip(HELPS[list(path)], told, strict=True):
                right = p * hit + (1.0 - p) * (1.0 - hit)
                mass *= right if helped else 1.0 - right
            wanted[i, path[-1]] += mass
    belief, _ = learnt(told, hit=hit)
    np.testing.assert_allclose(belief[..., 0], wanted / wanted.sum(), atol=2e-6)


def test_where_nobody_changes_and_all_is_seen_counts_are_added():
    law = TaskLearning(carried=1.0, doubt=0.0)
    prior = unknown(6.0, 4.0, law)
    belief, _ = learnt([1, 1, 0, 1, 0, 1], law=law, prior=prior, hit=1.0, hazard=0.0)
    good, all_ = 6.0 + 4, 10.0 + 6
    assert float(expected_help(belief)[0]) == pytest.approx(good / all_, abs=2e-3)
    sd = np.sqrt(good * (all_ - good) / all_**2 / (all_ + 1))
    assert float(doubt_about(belief)[0]) == pytest.approx(sd, abs=2e-3)


def test_the_more_is_brought_the_less_is_learnt():
    few, many = (learnt([0] * 6, prior=unknown(c, c, TaskLearning(carried=1.0)))[1]
                 for c in (2.0, 20.0))  # fmt: skip
    assert few[0] - few[-1] > 2.0 * (many[0] - many[-1]) > 0.0


def test_who_brings_nothing_expects_what_newborns_do():
    nothing = LAW.OFF["brought_to_task"]
    law = TaskLearning(**nothing)
    np.testing.assert_allclose(unknown(30.0, 1.0, law), unknown(1.0, 30.0, law), atol=1e-6)
    assert float((unknown(30.0, 1.0)[:, 0] * HELPS).sum()) > 0.6


def test_a_shut_mind_learns_nothing():
    _, expected = learnt([0] * 8, mentalising=0.0)
    np.testing.assert_allclose(expected, expected[0], atol=1e-5)


def test_turns_teach_that_people_turn():
    steady, turning = [1] * 40, ([1] * 8 + [0] * 8) * 5
    belief, other = learnt(steady[:40])[0], learnt(turning[:40])[0]
    hazards = HAZARD * np.exp(DOUBTS)
    expected = [float(hazards @ np.asarray(b.sum((1, 2)))) for b in (belief, other)]
    assert expected[1] > 1.3 * expected[0]
    known = TaskLearning(**LAW.OFF["volatility"])
    weights = learnt(turning, law=known)[0].sum((1, 2))
    np.testing.assert_allclose(weights, learnt(steady, law=known)[0].sum((1, 2)), atol=1e-5)


def test_somebody_who_sees_and_thinks_well_learns_faster_where_people_turn():
    rng = np.random.default_rng(3)
    steady = (rng.random(90) < 0.75) * 1.0
    turning = (rng.random(90) < np.resize(np.repeat([0.8, 0.2], 20), 90)) * 1.0
    told = np.append(steady, turning)

    def faster(law):
        _, expected = learnt(told, law=law, hit=0.97)
        error, change = (told - expected)[:-1], np.diff(expected)
        steady, turning = (
            (error[part] @ change[part]) / (error[part] @ error[part])
            for part in (slice(30, 90), slice(120, 179))
        )
        return turning / steady

    assert faster(LAW) > faster(TaskLearning(**LAW.OFF["volatility"]))
    assert faster(LAW) > 1.1


def test_who_cannot_think_acts_on_what_comes_to_mind():
    helps, draws = unknown(8.0, 2.0), (np.arange(500) + 0.5) / 500
    mean = float((helps[:, 0] * HELPS).sum())

    def acted(m, law=LAW):
        return np.array([float(law.acted_on(helps, m, jnp.full(1, u))[0]) for u in draws[::10]])

    sd = np.sqrt(float((helps[:, 0] * (HELPS - mean) ** 2).sum()))
    np.testing.assert_allclose(acted(1.0), mean, atol=1e-6)
    assert acted(0.0).mean() == pytest.approx(mean, abs=0.02)
    assert acted(0.0).std() == pytest.approx(sd, rel=0.08)
    assert acted(0.5).std() == pytest.approx(sd / 2.0, rel=0.08)
    without = TaskLearning(**LAW.OFF["psychic_equivalence"])
    np.testing.assert_allclose(acted(0.0, without), mean, atol=1e-6)


def test_choices_are_as_steep_as_what_is_at_stake():
    assert float(TaskLearning(stake=0.4).follows(0.5, 5.0)) == pytest.approx(1.0)
