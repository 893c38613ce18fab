"""Cross-recurrence against a plain matrix and plain loops, and on real gaze."""

from itertools import groupby

import numpy as np
import pandas as pd
import pytest

from bowlby.synchrony.recurrence import (
    CrossRecurrence,
    categorical_recurrence,
    cross_recurrence,
)


def run_lengths(lines):
    return [len(list(run)) for line in lines for is_on, run in groupby(line) if is_on]


def summary(lengths, shortest):
    """Share of cells on lines, mean, longest, entropy."""
    kept = np.array([n for n in lengths if n >= shortest])
    share = np.unique(kept, return_counts=True)[1] / len(kept)
    return kept.sum() / sum(lengths), kept.mean(), kept.max(), -(share * np.log(share)).sum()


@pytest.fixture(params=["whole", "with gaps"])
def pair(request):
    x, y = np.random.default_rng(1).normal(size=(2, 60)).cumsum(axis=1)
    if request.param == "with gaps":
        x[10:14] = np.nan
        y[40] = np.nan
    return x, y


def as_measured(x, y):
    """What the measure standardises: moments at which both were recorded."""
    both = np.isfinite(x) & np.isfinite(y)
    u, v = np.where(both, x, np.nan), np.where(both, y, np.nan)
    return (u - np.nanmean(u)) / np.nanstd(u), (v - np.nanmean(v)) / np.nanstd(v)


def recurrence_matrix(x, y, radius):
    return np.abs(x[:, None] - y) <= radius


def test_the_radius_holds_the_share_of_cells_asked_for(pair):
    u, v = as_measured(*pair)
    distances = np.abs(u[:, None] - v)
    valid = np.sort(distances[np.isfinite(distances)])
    found = cross_recurrence(*pair, rate_hz=1.0, recurrence_rate=0.1)
    wanted = int(np.ceil(0.1 * len(valid)))
    np.testing.assert_allclose(found.radius, valid[wanted - 1], rtol=1e-8)
    np.testing.assert_allclose(found.recurrence_rate, wanted / len(valid), rtol=1e-12)


def test_line_measures_equal_those_counted_in_the_matrix(pair):
    found = cross_recurrence(*pair, rate_hz=2.0, recurrence_rate=0.1)
    matrix = recurrence_matrix(*as_measured(*pair), found.radius)
    diagonal = run_lengths(np.diag(matrix, k) for k in range(-59, 60))
    determinism, mean, longest, entropy = summary(diagonal, 2)
    straight = run_lengths([*matrix, *matrix.T])
    laminarity, trapping, _, _ = summary(straight, 2)
    np.testing.assert_allclose(
        [found.determinism, found.mean_line_s, found.longest_line_s, found.entropy,
         found.laminarity, found.trapping_s],
        [determinism, mean / 2, longest / 2, entropy, laminarity, trapping / 2],
        rtol=1e-12,
    )  # fmt: skip


def test_the_profile_is_the_mean_of_each_diagonal(pair):
    found = cross_recurrence(*pair, rate_hz=1.0, recurrence_rate=0.1, max_lag_s=8.0)
    u, v = as_measured(*pair)
    matrix = recurrence_matrix(u, v, found.radius).astype(float)
    matrix[np.isnan(u[:, None] - v)] = np.nan
    expected = [np.nanmean(np.diag(matrix, k)) for k in range(-8, 9)]
    np.testing.assert_allclose(found.profile.rate, expected, rtol=1e-12)
    np.testing.assert_array_equal(found.profile.lag_s, np.arange(-8.0, 9.0))


def test_a_copy_three_seconds_later_makes_the_first_the_leader():
    x = np.random.default_rng(2).normal(size=400)
    found = cross_recurrence(x, np.roll(x, 6), rate_hz=2.0)
    assert found.profile.peak_lag_s == 3.0
    assert found.profile.lead > 0


def test_a_rhythm_is_deterministic_and_noise_is_not():
    saw = np.arange(300.0) % 16
    noise = np.random.default_rng(3).normal(size=(2, 300))
    rhythmic = cross_recurrence(saw, np.roll(saw, 3), rate_hz=2.0)
    random = cross_recurrence(*noise, rate_hz=2.0)
    # All lines but the corner cells of the matrix.
    assert rhythmic.determinism > 0.99
    # Neighbours of a random cell are recurrent in 5 %: about 1 - 0.95^2 of cells are on lines.
    np.testing.assert_allclose(random.determinism, 0.0975, atol=0.02)


def test_equally_high_lags_name_no_leader():
    x = np.tile([0.0, 0, 0, 1, 1, 1], 60)
    estimate = CrossRecurrence(max_lag_s=6.0, rate_hz_max=1.0).estimate(x, x, rate_hz=1.0)
    assert estimate.peak_lag_s == 0.0


def test_categories_recur_where_the_codes_are_equal():
    x, y = np.array([1.0, 2, 2, 3, np.nan]), np.array([2.0, 2, 3, 1, 1])
    found = categorical_recurrence(x, y, rate_hz=1.0, max_lag_s=2.0)
    # Lag -2: x 2 3 (NaN) with y 2 2 3: one of two; lag -1: x 2 2 3 (NaN) with y 2 2 3 1: all
    # three; lag 0: one of four; lags 1 (x 1 2 2 3, y 2 3 1 1) and 2 (x 1 2 2, y 3 1 1): none.
    np.testing.assert_allclose(found.profile.rate, [1 / 2, 3 / 3, 1 / 4, 0, 0])


def test_an_ignored_category_matches_nothing_but_was_recorded():
    x = np.array([9.0, 9, 1, 1])
    found = categorical_recurrence(x, x, rate_hz=1.0, max_lag_s=0.0, ignored=(9.0,))
    np.testing.assert_allclose(found.profile.rate, [0.5])


def test_the_narrator_s_eyes_lead_the_listener_s(shared_data):
    # Richardson & Dale (2005): listeners look where speakers looked a moment ago.
    gaze = pd.read_csv(shared_data / "crqa_handmovement" / "eyemovement_listener_narrator.csv")
    found = categorical_recurrence(
        gaze.narrator.to_numpy(float), gaze.listener.to_numpy(float),
        rate_hz=30.0, max_lag_s=6.0, ignored=(10.0,),
    )  # fmt: skip
    assert 0.5 < found.profile.peak_lag_s < 4.0
    assert found.profile.lead > 0


def test_hands_that_move_together_recur_near_lag_0(shared_data):
    hands = pd.read_csv(shared_data / "crqa_handmovement" / "handmovement.csv")
    found = CrossRecurrence().estimate(
        hands.P1_TT_d.to_numpy(float), hands.P2_TT_d.to_numpy(float), rate_hz=15.0
    )
    assert np.isfinite(found.value)
    assert abs(found.peak_lag_s) <= 5.0


def test_too_few_moments_say_what_to_change():
    with pytest.raises(ValueError, match="Use a longer recording"):
        cross_recurrence(np.arange(9.0), np.arange(9.0), rate_hz=2.0)


def test_a_recurrence_rate_in_per_cent_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        cross_recurrence(np.zeros(9), np.zeros(9), rate_hz=2.0, recurrence_rate=5)
