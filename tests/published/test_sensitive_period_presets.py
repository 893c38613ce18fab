from itertools import product
from math import prod
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowlby.published import panchanathan2016, walasek2022
from bowlby.published._sensitive_periods import (
    Ecology,
    best_plan,
    diminishing,
    grow,
    increasing,
    linear,
)

REFERENCE = pd.read_csv(
    Path(__file__).parents[1] / "reference" / "panchanathan2016.csv",
    comment="#",
    index_col="name",
)
SHAPES = (linear, increasing, diminishing)
STEADY = Ecology(0.6, (0.75,) * 10)
probability = st.floats(0.05, 0.95)


@pytest.fixture(scope="module")
def clones():
    return panchanathan2016.run()


@pytest.fixture(scope="module")
def flips():
    return walasek2022.run()


@pytest.mark.parametrize("name", REFERENCE.index)
def test_sensitive_period_number_is_met(clones, name):
    expected = REFERENCE.loc[name]
    np.testing.assert_allclose(
        clones.checks[name], expected["value"], rtol=0, atol=expected["tolerance"]
    )


def test_sensitive_period_targets_are_the_reference_numbers(clones):
    assert set(clones.targets) == set(REFERENCE.index)
    assert clones.missed == ()


@pytest.mark.parametrize(
    ("course", "shape", "peaks"),
    [
        ("constant", "linear", [0, 0, 0]),
        ("constant", "diminishing", [0, 0, 0]),
        ("falling", "linear", [0, 0, 0]),
        ("falling", "diminishing", [0, 0, 0]),
        ("rising", "linear", [1, 3, 5]),
        ("rising", "diminishing", [2, 2, 3]),
    ],
)
def test_plasticity_peaks_late_only_if_reliability_rises(flips, course, shape, peaks):
    found = [
        flips.checks[f"peak_age ({course} reliability; {shape}; prior={prior})"]
        for prior in (0.5, 0.7, 0.9)
    ]
    assert found == peaks


def test_every_curve_has_a_name_and_a_unit(clones, flips):
    curves = [*clones.curves.values(), *flips.curves.values()]
    assert all({"long_name", "units"} <= set(curve.attrs) for curve in curves)


def _value(steps, periods, kind):
    """The three shapes, from their definition."""
    return {
        "linear": steps,
        "increasing": periods / (np.exp(0.2 * periods) - 1) * (np.exp(0.2 * steps) - 1),
        "diminishing": periods / (1 - np.exp(-0.2 * periods)) * (1 - np.exp(-0.2 * steps)),
    }[kind]


def _all_rules(ecology, kind):
    """Largest expected fitness of all rules that map three cues to three steps.

    What follows the first cue does not matter to what follows the other first cue, so the
    3**7 rules for each are tried on their own.
    """

    def fitness(mine, other):
        return _value(mine, 3, kind) - ecology.penalty_weight * _value(other, 3, kind)

    def joint(cues, environment):
        born = ecology.prior if environment else 1 - ecology.prior
        return born * prod(
            r if cue == environment else 1 - r
            for cue, r in zip(cues, ecology.reliability, strict=True)
        )

    def expected(rule, first):
        total = 0.0
        for second, third in product((0, 1), repeat=2):
            taken = (rule[0], rule[1 + second], rule[3 + 2 * second + third])
            toward_0, toward_1 = taken.count(0), taken.count(1)
            cues = (first, second, third)
            total += joint(cues, 0) * fitness(toward_0, toward_1)
            total += joint(cues, 1) * fitness(toward_1, toward_0)
        return total

    rules = list(product(range(3), repeat=7))
    return sum(max(expected(rule, first) for rule in rules) for first in (0, 1))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("reliability", [(0.7, 0.7, 0.7), (0.6, 0.75, 0.9)])
def test_no_rule_of_three_periods_beats_the_plan(shape, reliability):
    ecology = Ecology(0.65, reliability, shape, shape, penalty_weight=0.8)
    np.testing.assert_allclose(
        best_plan(ecology).value, _all_rules(ecology, shape.__name__), rtol=1e-12
    )


def test_benefit_and_penalty_may_differ_in_shape():
    ecology = Ecology(0.5, (0.8,), increasing, diminishing, penalty_weight=0.5)
    # One step of one period counts 1 in every shape.
    np.testing.assert_allclose(best_plan(ecology).value, 0.8 - 0.5 * 0.2, rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_all_periods_together_count_the_same_in_every_shape(shape):
    steps = np.array([0, 20])
    np.testing.assert_allclose(shape(steps, 20), [0.0, 20.0], rtol=1e-12)


@given(prior=probability)
def test_cues_that_say_nothing_leave_the_prior(prior):
    found = best_plan(Ecology(prior, (0.5,) * 6)).value
    np.testing.assert_allclose(found, 6 * abs(2 * prior - 1), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("prior", [0.3, 0.5, 0.9])
def test_one_certain_cue_gives_full_fitness(prior):
    found = best_plan(Ecology(prior, (1 - 1e-9,) * 6)).value
    np.testing.assert_allclose(found, 6.0, rtol=1e-6)


@settings(max_examples=25)
@given(prior=probability, reliability=probability, shape=st.sampled_from(SHAPES))
def test_the_names_of_the_environments_do_not_matter(prior, reliability, shape):
    one, other = (
        best_plan(Ecology(p, (reliability,) * 6, shape, shape)).value
        for p in (prior, 1 - prior)
    )
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


def test_cues_that_always_lie_are_as_good_as_cues_that_never_do():
    honest, lying = (best_plan(Ecology(0.6, (r,) * 8)).value for r in (0.8, 0.2))
    np.testing.assert_allclose(honest, lying, rtol=1e-12)


def test_better_cues_are_worth_more():
    values = [best_plan(Ecology(0.7, (r,) * 10)).value for r in (0.55, 0.65, 0.75, 0.85, 0.95)]
    assert np.all(np.diff(values) > 0)


def test_beliefs_follow_bayes_rule():
    log_odds = best_plan(Ecology(0.3, (0.6, 0.9))).log_odds[2]
    odds = 3 / 7 * np.array([1 / 1.5 / 9, 1.5 / 9, 9 / 1.5, 1.5 * 9])
    np.testing.assert_allclose(np.exp(log_odds), odds, rtol=1e-12)


def test_beliefs_recombine_if_reliability_is_constant():
    assert [len(odds) for odds in best_plan(STEADY).log_odds] == list(range(1, 12))


@pytest.mark.parametrize("shape", SHAPES)
def test_lives_earn_what_the_plan_expects(shape):
    ecology = Ecology(0.6, (0.55, 0.6, 0.65, 0.7, 0.75, 0.8), shape, shape)
    plan = best_plan(ecology)
    rng = np.random.default_rng(0)
    environment = (rng.random(20_000) < 0.6).astype(int)
    right = rng.random((20_000, 6)) < np.array(ecology.reliability)
    cues = np.where(right, environment[:, None], 1 - environment[:, None])
    mature = grow(plan, cues, rng.random(cues.shape))
    lives = np.arange(20_000)
    earned = _value(mature[lives, environment], 6, shape.__name__)
    earned -= _value(mature[lives, 1 - environment], 6, shape.__name__)
    # Four standard errors of the mean.
    tolerance = 4 * earned.std() / np.sqrt(20_000)
    np.testing.assert_allclose(earned.mean(), plan.value, rtol=0, atol=tolerance)


def test_steps_and_waits_fill_the_life():
    cues = np.random.default_rng(1).integers(0, 2, (500, 10))
    mature = grow(best_plan(STEADY), cues, np.full(cues.shape, 0.5))
    assert np.all(mature >= 0)
    np.testing.assert_array_equal(mature.sum(1), 10)


def test_equally_good_steps_are_drawn_by_lot():
    plan = best_plan(Ecology(0.5, (0.5,)))
    lots = np.array([[0.1], [0.5], [0.9]])
    mature = grow(plan, np.ones((3, 1), dtype=np.int64), lots)
    np.testing.assert_array_equal(mature, np.eye(3))


def test_clone_moved_after_the_last_cue_is_the_same():
    moved = panchanathan2016.move_clones(STEADY, best_plan(STEADY), (10,), individuals=300)
    np.testing.assert_array_equal(moved.distance, 0)


def test_certain_cues_send_a_clone_moved_at_birth_all_the_way():
    ecology = Ecology(0.5, (1 - 1e-12,) * 10)
    moved = panchanathan2016.move_clones(ecology, best_plan(ecology), (0,), individuals=300)
    np.testing.assert_allclose(moved.distance, 1, rtol=1e-12)


def test_environments_follow_the_prior():
    moved = panchanathan2016.move_clones(STEADY, best_plan(STEADY), (0,), individuals=20_000)
    # Four standard errors of a share of .6.
    np.testing.assert_allclose(moved.environment.mean(), 0.6, rtol=0, atol=0.014)


def test_seed_decides_the_lives():
    plan = best_plan(STEADY)
    first, again, other = (
        panchanathan2016.move_clones(STEADY, plan, individuals=200, seed=s) for s in (3, 3, 4)
    )
    np.testing.assert_array_equal(first.distance, again.distance)
    assert np.any(first.distance != other.distance)


def test_flipped_cue_agrees_with_all_histories_one_by_one():
    ecology = Ecology(0.7, (0.55, 0.65, 0.75, 0.85, 0.95))
    plan = best_plan(ecology)
    cues = np.array(list(product((0, 1), repeat=5)))
    reliability = np.array(ecology.reliability)
    probability = np.where(cues == 1, reliability, 1 - reliability).prod(1)
    lots = np.full(cues.shape, 0.5)
    mature = grow(plan, cues, lots)
    flipped = [grow(plan, cues ^ np.eye(5, dtype=int)[age], lots) for age in range(5)]
    distance = np.linalg.norm(np.array(flipped) - mature, axis=2) / (5 * np.sqrt(2))
    np.testing.assert_allclose(
        walasek2022.flip_plasticity(ecology, plan), distance @ probability, rtol=1e-12
    )


def test_flipped_cue_averages_over_the_lots():
    ecology = Ecology(0.5, (0.75,) * 4)
    plan = best_plan(ecology)
    rng = np.random.default_rng(0)
    cues = (rng.random((40_000, 4)) < 0.75).astype(int)
    lots = rng.random(cues.shape)
    flipped = grow(plan, cues ^ np.eye(4, dtype=int)[1], lots)
    distance = np.linalg.norm(flipped - grow(plan, cues, lots), axis=1) / (4 * np.sqrt(2))
    # Four standard errors of the mean.
    tolerance = 4 * distance.std() / np.sqrt(40_000)
    np.testing.assert_allclose(
        walasek2022.flip_plasticity(ecology, plan)[1], distance.mean(), rtol=0, atol=tolerance
    )


def test_a_cue_that_says_nothing_changes_nothing():
    ecology = Ecology(0.7, (0.5, 0.8, 0.8))
    assert walasek2022.flip_plasticity(ecology, best_plan(ecology))[0] == 0


def test_earliest_of_equal_ages_is_the_peak():
    assert walasek2022.peak_age(np.array([0.1, 0.3, 0.3 + 1e-15, 0.2])) == 1


@pytest.mark.parametrize("wrong", [0.0, 1.0, -0.1, float("nan")])
def test_probability_at_the_edge_is_refused(wrong):
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        Ecology(0.5, (0.7, wrong))


def test_life_without_periods_is_refused():
    with pytest.raises(ValueError, match="one probability for each period"):
        Ecology(0.5, ())
