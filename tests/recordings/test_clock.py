"""Two signals on one clock: nothing invented, nothing shifted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowlby.recordings.preparation.clock import (
    align,
    moving_mean,
    odd_count,
    stretches,
    without_fast_parts,
)
from bowlby.recordings.recording import RecordingError, Signal


def signal(values, rate_hz=10.0, start_s=0.0):
    return Signal("other", np.asarray(values, dtype=float), rate_hz, start_s=start_s)


def with_holes(seed, count=200):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=count)
    values[rng.uniform(size=count) < 0.2] = np.nan
    return values


@given(seed=st.integers(0, 2**16), rate_hz=st.sampled_from([1.0, 25.0, 29.97, 59.94]))
def test_signals_on_the_same_clock_keep_their_samples(seed, rate_hz):
    values = with_holes(seed)
    x, y, start_s, common_hz = align(signal(values, rate_hz), signal(values[::-1], rate_hz))
    np.testing.assert_array_equal(x, values)
    np.testing.assert_array_equal(y, values[::-1])
    assert (start_s, common_hz) == (0.0, rate_hz)


def test_samples_before_the_later_start_are_dropped():
    x, y, start_s, _ = align(signal(np.arange(50.0)), signal(np.arange(50.0), start_s=2.0))
    assert start_s == 2.0
    np.testing.assert_array_equal(x, np.arange(20.0, 50.0))
    np.testing.assert_array_equal(y, np.arange(30.0))


def test_a_start_between_samples_is_met_by_linear_interpolation():
    ramp = np.arange(50.0)
    x, y, _, _ = align(signal(ramp), signal(ramp, start_s=0.03))
    np.testing.assert_allclose(x, ramp[:-1] + 0.3, atol=1e-9)
    np.testing.assert_array_equal(y, ramp[:-1])


def test_interpolation_never_reaches_over_a_missing_sample():
    values = np.arange(50.0)
    values[20] = np.nan
    x, _, _, _ = align(signal(values), signal(np.zeros(50), start_s=0.03))
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(x)), [19, 20])


@given(seed=st.integers(0, 2**16), rate_hz=st.floats(2.0, 9.0))
def test_a_pause_is_never_filled_at_any_rate(seed, rate_hz):
    values = np.random.default_rng(seed).normal(size=400)
    values[100:200] = np.nan
    x, _, start_s, common_hz = align(signal(values), signal(np.zeros(400), rate_hz))
    times_s = start_s + np.arange(len(x)) / common_hz
    assert np.isnan(x[(times_s > 9.95) & (times_s < 19.95)]).all()


def test_partners_recorded_at_different_times_are_told_both_spans():
    with pytest.raises(
        RecordingError,
        match=r"client: 0\.0 to 4\.9 s, therapist: 60\.0 to 64\.9 s.*start times",
    ):
        align(
            signal(np.arange(50.0)),
            signal(np.arange(50.0), start_s=60.0),
            roles=("client", "therapist"),
        )


def test_thinning_out_removes_what_would_alias():
    time_s = np.arange(6000) / 100.0
    fast = signal(np.sin(2 * np.pi * 8.3 * time_s), 100.0)
    x, _, _, rate_hz = align(fast, fast, rate_hz=4.0)
    assert rate_hz == 4.0
    assert np.abs(x[4:-4]).max() < 0.05


def test_thinning_out_keeps_what_is_slow():
    time_s = np.arange(6000) / 100.0
    slow = signal(np.sin(2 * np.pi * 0.2 * time_s), 100.0)
    x, _, start_s, rate_hz = align(slow, slow, rate_hz=4.0)
    expected = np.sin(2 * np.pi * 0.2 * (start_s + np.arange(len(x)) / rate_hz))
    # The kernel takes 0.9 % off at 0.2 Hz; samples are 10 ms wide.
    np.testing.assert_allclose(x[4:-4], expected[4:-4], atol=0.02)


@given(seed=st.integers(0, 2**16))
def test_thinning_out_keeps_non_negative_signals_non_negative(seed):
    values = np.abs(with_holes(seed))
    smooth = without_fast_parts(values, rate_hz=25.0, new_rate_hz=4.0)
    assert np.nanmin(smooth) >= -1e-12


@given(seed=st.integers(0, 2**16), duration_s=st.sampled_from([0.3, 1.1, 9.9]))
def test_moving_mean_is_the_mean_of_what_is_there(seed, duration_s):
    values = with_holes(seed)
    window = pd.Series(values).rolling(odd_count(duration_s, 10.0), center=True, min_periods=1)
    expected = np.where(np.isnan(values), np.nan, window.mean().to_numpy())
    smooth = moving_mean(values, duration_s=duration_s, rate_hz=10.0)
    # pandas keeps running sums, which lose a few digits.
    np.testing.assert_allclose(smooth, expected, atol=1e-12)


def test_the_same_mean_comes_from_the_fourier_method():
    values = 1e4 + with_holes(3, 1000)
    window = pd.Series(values).rolling(101, center=True, min_periods=1)
    expected = np.where(np.isnan(values), np.nan, window.mean().to_numpy())
    np.testing.assert_allclose(
        moving_mean(values, duration_s=10.1, rate_hz=10.0), expected, atol=1e-9
    )


def test_half_a_second_at_25_hz_is_13_samples():
    assert odd_count(0.5, 25.0) == 13


def test_no_smoothing_is_one_sample():
    assert odd_count(0.0, 25.0) == 1


def test_stretches_are_the_unbroken_runs():
    assert stretches(np.array([True, True, False, True])) == ((0, 2), (3, 4))


def test_a_signal_without_samples_there_has_no_stretches():
    assert stretches(np.zeros(5, dtype=bool)) == ()
