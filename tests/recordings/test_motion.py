"""Motion energy before it is compared."""

import numpy as np

from bowlby.recordings.preparation.motion import (
    motion_pairs,
    repeated_frames,
    without_outliers,
)
from bowlby.recordings.recording import Signal

ROLES = ("client", "therapist")


def energy(seed, count=5000):
    return np.rint(200.0 * np.maximum(np.random.default_rng(seed).normal(size=count), 0.0))


def pair(first, second, *, rates=(25.0, 25.0), smooth_s=0.5):
    (made,) = motion_pairs(
        "motion",
        Signal("motion", first, rates[0]),
        Signal("motion", second, rates[1]),
        roles=ROLES,
        where="dyad, motion",
        smooth_s=smooth_s,
    )
    return made


def test_samples_over_ten_standard_deviations_are_missing():
    values = energy(1)
    values[[100, 200, 300]] = 1e5
    made = pair(energy(2), values)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(made.y)), [100, 200, 300])
    assert "3 samples more than 10 SD above the mean set missing in therapist" in made.steps[0]


def test_an_outlier_does_not_leak_into_its_neighbours():
    values = energy(1)
    spoilt = values.copy()
    spoilt[100] = 1e6
    values[100] = np.nan
    np.testing.assert_allclose(
        pair(spoilt, spoilt).x, pair(values, values).x, rtol=1e-12, equal_nan=True
    )


def test_a_constant_offset_is_no_outlier():
    _, count = without_outliers(1e6 + energy(3))
    assert count == 0


def test_a_signal_without_samples_has_no_outliers():
    _, count = without_outliers(np.full(10, np.nan))
    assert count == 0


def test_a_single_burst_is_spread_evenly_and_not_shifted():
    values = np.zeros(81)
    values[40] = 13.0
    expected = np.zeros(81)
    expected[34:47] = 1.0
    np.testing.assert_allclose(pair(values, energy(5, 81)).x, expected, atol=1e-12)


def test_without_smoothing_samples_stay_as_recorded():
    made = pair(energy(6), energy(7), smooth_s=0.0)
    np.testing.assert_array_equal(made.x, energy(6))
    assert made.steps == ()


def test_two_cameras_meet_at_the_slower_rate():
    made = pair(energy(8, 3000), energy(9, 1500), rates=(50.0, 25.0))
    assert made.rate_hz == 25.0
    assert any("slower of 50 and 25 Hz" in step for step in made.steps)


def test_values_below_zero_are_told():
    made = pair(energy(1) - 50.0, energy(2))
    assert any("below zero kept in client" in step for step in made.steps)


def test_real_motion_energy_loses_no_sample_to_smoothing(shared_data):
    path = shared_data / "rmea_psychotherapy_mea" / "dropout" / "100_01.txt"
    client, therapist = np.loadtxt(path, skiprows=1, unpack=True)
    made = pair(client, therapist)
    n_outliers = int(np.sum(client > client.mean() + 10.0 * client.std()))
    assert int(np.isnan(made.x).sum()) == n_outliers
    assert np.nanmin(made.x) >= -1e-9


def moving(seed, count=5000):
    return np.rint(1 + 200.0 * np.random.default_rng(seed).gamma(1.0, size=count))


def test_frames_that_a_camera_repeated_are_missing_in_both():
    at = np.arange(30, 4980, 30)
    x, y = moving(1), moving(2)
    x[at] = y[at] = 0.0
    made = pair(x, y, smooth_s=0.0)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(made.x)), at)
    np.testing.assert_array_equal(np.isnan(made.x), np.isnan(made.y))
    assert f"{len(at)} frames repeat the one before in both people" in made.steps[0]


def test_values_that_a_table_repeats_in_both_are_missing():
    at = np.arange(30, 4980, 30)
    x, y = moving(1), moving(2)
    x[at], y[at] = x[at - 1], y[at - 1]
    assert np.isnan(pair(x, y, smooth_s=0.0).x[at]).all()


def test_people_who_often_keep_still_by_themselves_repeat_no_frame():
    rng = np.random.default_rng(3)
    x, y = (np.where(rng.random(5000) < 0.3, 0.0, moving(seed)) for seed in (1, 2))
    assert not repeated_frames(x, y).any()
    # Coarse counts: the same value twice is common.
    coarse = np.random.default_rng(4).integers(1, 4, size=(2, 5000)).astype(float)
    assert not repeated_frames(*coarse).any()
