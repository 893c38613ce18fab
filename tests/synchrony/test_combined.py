"""The combined statistic, the effect size, the lag's interval and what cannot be tested."""

import numpy as np
import pytest
from scipy.signal import lfilter

from bowlby.recordings.recording import SignalPair
from bowlby.synchrony.combined import largest_standardised
from bowlby.synchrony.held_bands import share_in_band
from bowlby.synchrony.leading import peak_lag
from bowlby.synchrony.measures import MEASURES
from bowlby.synchrony.measuring import Settings, measure_pair
from bowlby.synchrony.segment_table import (
    Scale,
    block_averages,
    blocks_of,
    moved,
    n_blocks,
    short_blocks,
    unbroken,
)
from bowlby.synchrony.summary_rows import measure_row
from bowlby.synchrony.surrogates import CutShift, NearPermutation, SegmentPermutation
from bowlby.synchrony.windows import Windows, plan_windows

RATE = 4.0


def burst(rng, n, shared=None, c=0.0):
    fast = (
        rng.normal(size=n)
        if shared is None
        else c * shared + np.sqrt(1 - c * c) * rng.normal(size=n)
    )
    return np.exp(np.convolve(fast, np.ones(3) / 2, "same"))


def pair(seed, minutes=10, c=0.0, lag=4):
    rng = np.random.default_rng(seed)
    n = round(minutes * 60 * RATE)
    fast = rng.normal(size=n + lag)
    x = np.exp(np.convolve(fast[lag:], np.ones(3) / 2, "same"))
    y = burst(rng, n, fast[:n], c)
    return SignalPair("motion", "motion", x, y, RATE, 0.0, "", ("client", "therapist"), ())


def test_the_largest_standardised_summary_is_numpys():
    table = np.random.default_rng(1).normal(size=(50, 3)) * [1, 10, 100]
    expected = ((table - table.mean(0)) / table.std(0, ddof=1)).max(1)
    np.testing.assert_allclose(largest_standardised(table), expected)


def test_summaries_without_spread_or_value_take_no_part():
    table = np.random.default_rng(1).normal(size=(50, 3))
    table[:, 1], table[:, 2] = 5.0, np.nan
    np.testing.assert_allclose(largest_standardised(table), largest_standardised(table[:, :1]))


def test_a_short_window_of_a_surrogate_is_the_correlation_of_what_meets():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 2400)).cumsum(axis=1)
    plan = plan_windows(2400, Windows(60, 30, 2), rate_hz=RATE)
    blocks = short_blocks(2400, plan, window_s=15, step_s=7.5, lag_step_s=1.0)
    order = rng.permutation(n_blocks(2400, plan))
    found = block_averages(x, y, blocks, order[None], Scale())
    place = np.concatenate([b * blocks.block + np.arange(blocks.block) for b in order])
    z = np.full((len(blocks.first), len(blocks.lags)), np.nan)
    for w, (first, last) in enumerate(zip(blocks.first, blocks.last, strict=True)):
        at = np.arange(blocks.edges[first], blocks.edges[last])
        for j, lag in enumerate(blocks.lags):
            u, v = x[at + max(-lag, 0)], y[place[at] + max(lag, 0)]
            z[w, j] = np.arctanh(np.corrcoef(u, v)[0, 1])
    np.testing.assert_allclose(found.highest[0], np.abs(z).max(axis=1), atol=1e-8)
    np.testing.assert_allclose(found.signed[0], z.mean(axis=0), atol=1e-8)
    np.testing.assert_allclose(found.size[0], np.abs(z).mean(axis=0), atol=1e-8)


def test_windows_over_a_seam_or_of_the_same_moment_are_told():
    plan = plan_windows(800, Windows(20, 10, 0), rate_hz=10.0)
    blocks = blocks_of(800, plan)
    order = np.array([[2, 3, 0, 1, 4, 5, 7, 6]])
    cuts = np.zeros(8, dtype=bool)
    np.testing.assert_array_equal(
        unbroken(blocks, order, cuts)[0], [True, False, True, False, True, False, False]
    )
    np.testing.assert_array_equal(
        moved(blocks, order)[0], [True, True, True, False, False, False, True]
    )
    cuts[[2, 4]] = True
    own = unbroken(blocks, np.arange(8)[None], cuts)[0]
    np.testing.assert_array_equal(own, [True, False, True, False, True, True, True])


def lively(seed, c):
    """Bursts of half a second on a level that drifts, the second a second later."""
    rng = np.random.default_rng(seed)
    level = lfilter([1], [1, -0.9876], rng.normal(size=(2, 2400))) * 0.1256
    fast = lfilter([1], [1, -0.535], rng.normal(size=(2, 2404))) * 0.76
    x = np.exp(level[0] + fast[0, 4:])
    y = np.exp(level[1] + c * fast[0, :-4] + np.sqrt(1 - c * c) * fast[1, 4:])
    return SignalPair("motion", "motion", x, y, RATE, 0.0, "", ("a", "b"), ())


def test_a_follower_is_found_more_often_than_by_the_former_default():
    found = [measure_pair(lively(s, 0.3), Settings(surrogates=39)) for s in range(12)]
    former = Settings(surrogates=39, statistic="wcc_peak")
    old = [measure_pair(lively(s, 0.3), former) for s in range(12)]
    new, old = (np.mean([float(f.p[0]) <= 0.05 for f in each]) for each in (found, old))
    assert new >= 0.9
    assert new > old


@pytest.mark.parametrize("minutes", [3, 10])
def test_unrelated_pairs_are_called_synchronous_as_often_as_stated(minutes):
    p = [float(measure_pair(pair(s, minutes), Settings(surrogates=19)).p[0]) for s in range(60)]
    # 3 expected of 60; the exact 99.9 % interval ends at 10.
    assert np.sum(np.array(p) <= 0.05) <= 10


def test_three_minutes_of_the_same_signal_can_be_significant_and_one_cannot():
    whole, short = pair(1, 3), pair(1, 1)
    same = [SignalPair("motion", "motion", p.x, p.x.copy(), RATE, 0.0, "", ("a", "b"), ())
            for p in (whole, short)]  # fmt: skip
    found, untested = (measure_pair(p, Settings(surrogates=199)) for p in same)
    assert float(found.p[0]) <= 0.05
    assert "alone, in segments of 30 s" in found.attrs["steps"][-1]
    assert np.isnan(untested.p[0])
    assert untested.attrs["smallest_p"] > 0.05


def test_windows_of_ones_own_are_kept_in_short_recordings():
    found = measure_pair(pair(1, 4), Settings(surrogates=19, window_s=60.0))
    assert found.attrs["window_s"] == 60.0
    assert np.isnan(found.attrs["short_window_s"])


def test_the_effect_size_is_the_same_in_short_and_long_recordings():
    short, long = (
        np.array([
            measure_pair(pair(s, m, c=0.6), Settings(surrogates=39)).excess[0].item()
            for s in range(n)
        ])
        for m, n in ((5, 24), (20, 6))
    )  # fmt: skip
    error = np.hypot(short.std() / np.sqrt(len(short)), long.std() / np.sqrt(len(long)))
    assert abs(short.mean() - long.mean()) < 3.3 * error
    assert short.mean() > 5 * error


def test_without_coupling_the_effect_size_is_zero_on_average():
    found = [measure_pair(pair(s, 5), Settings(surrogates=39)).excess[0].item()
             for s in range(40)]  # fmt: skip
    assert abs(np.mean(found)) < 3.3 * np.std(found) / np.sqrt(len(found))


def test_the_interval_of_a_sure_lag_is_a_lag_wide_and_of_noise_wide():
    lags = np.arange(-5, 6) * 0.25
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(40, 11))
    sure = noise + 10.0 * (lags == 0.5)
    found = peak_lag(sure, lags, block=2, rng=rng)
    assert (found.lag_s, found.low_s, found.high_s) == (0.5, 0.375, 0.625)
    assert found.leader(("a", "b")) == "a"
    assert peak_lag(noise, lags, block=2, rng=rng).leader(("a", "b")) == ""


def test_a_leader_is_named_in_time_and_simultaneous_people_have_none():
    led = measure_pair(pair(4, c=0.5, lag=6), Settings(surrogates=39))
    level = measure_pair(pair(4, c=0.5, lag=0), Settings(surrogates=39))
    assert (led.leader[0].item(), float(led.peak_lag_s[0])) == ("client", 1.5)
    assert (level.leader[0].item(), float(level.peak_lag_s[0])) == ("", 0.0)


def test_near_segments_stay_within_four():
    orders = NearPermutation().orders(60, 2, 50, rng=np.random.default_rng(1))
    assert (np.sort(orders, axis=1) == np.arange(60)).all()
    assert np.abs(orders - np.arange(60)).max() <= 8
    assert len(np.unique(orders, axis=0)) > 40


@pytest.mark.parametrize(("largest_s", "farthest"), [(None, 150), (40.0, 40)])
def test_a_cut_shift_leaves_a_gap_at_its_seam_and_one_in_the_recording(largest_s, farthest):
    x = np.arange(300.0)
    shift = CutShift(10.0, largest_s)
    own, *made = shift.pairs(x, x, 40, rate_hz=1.0, rng=np.random.default_rng(1))
    assert [int(np.isnan(a).sum()) for pair in (own, *made) for a in pair] == [1] * 82
    np.testing.assert_array_equal(*own)
    for a, b in made:
        seam = int(np.flatnonzero(np.isnan(b))[0])
        np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
        (apart,) = np.unique(np.delete(b - a, seam) % 300)
        assert 10 <= min(apart, 300 - apart) <= farthest
        # On either side of the gap nothing jumps.
        assert (np.delete(np.diff(b), [seam - 1, seam]) == 1.0).all()


def test_phase_surrogates_of_absolute_values_are_refused_with_the_reason():
    with pytest.raises(ValueError, match="Gaussian"):
        Settings(surrogate="phase")
    assert Settings(surrogate="phase", absolute=False).surrogate == "phase"


def test_phase_surrogates_of_spikes_are_refused_with_the_reason():
    rng = np.random.default_rng(2)
    x, y = np.exp(0.3 * rng.normal(size=(2, 2400)))
    y[rng.integers(2400, size=8)] += 60.0
    both = SignalPair("motion", "motion", x, y, RATE, 0.0, "", ("a", "b"), ())
    with pytest.raises(ValueError, match=r"spikes.*--surrogate segments"):
        measure_pair(both, Settings(surrogate="phase", absolute=False, surrogates=9))


@pytest.mark.parametrize("measure", ["cross_recurrence", "directed_influence"])
def test_two_levels_that_fall_alike_are_not_called_coupled(measure):
    # Signals of the review: 5 s of memory and a warm-up of 90 s; 25 to 45 % were rejected.
    p = []
    for seed in range(30):
        rng = np.random.default_rng([seed, 5])
        noise = lfilter([1], [1, -np.exp(-1 / 20)], rng.normal(size=(2, 2400)) * 0.31)
        x, y = noise + 3 * np.exp(-np.arange(2400) / RATE / 90)
        both = SignalPair("dial", "dial", x, y, RATE, 0.0, "", ("a", "b"), ())
        found = measure_row(
            MEASURES[measure], both, SegmentPermutation(60.0), 19, np.random.default_rng(seed)
        )
        p.append(found.comparison.p)
    assert np.mean(np.array(p) <= 0.05) <= 0.15


def test_the_share_of_a_band_is_that_of_its_sine():
    t = np.arange(4000) / RATE
    two = np.sin(2 * np.pi * t / 8) + 3 * np.sin(2 * np.pi * t / 50)
    share = share_in_band(two, rate_hz=RATE, periods_s=(4.0, 16.0))
    np.testing.assert_allclose(share, 0.1, atol=0.005)


@pytest.mark.parametrize("measure", ["phase_locking", "directed_influence"])
def test_a_measure_of_periods_that_a_slow_signal_lacks_is_refused(measure):
    rng = np.random.default_rng(5)
    slow = np.apply_along_axis(
        lambda v: np.convolve(v, np.hanning(400), "valid"), 1, rng.normal(size=(2, 2799))
    )
    both = SignalPair("dial", "dial", *slow, RATE, 0.0, "", ("a", "b"), ())
    found = measure_pair(both, Settings(surrogates=9, measures=("wcc", measure)))
    assert measure not in found.statistic
    assert f"{measure} is left out" in found.attrs["steps"][-1]


def test_skin_level_is_compared_on_its_rate_of_change():
    rng = np.random.default_rng(6)
    fall = np.linspace(5, 0, 4800)
    x, y = fall + rng.normal(size=(2, 4800)).cumsum(axis=1) * 0.01
    both = SignalPair("eda_tonic", "eda_tonic", x, y, RATE, 0.0, "uS", ("a", "b"), ())
    found = measure_pair(both, Settings(surrogates=19))
    assert "rate of change" in found.attrs["steps"][-1]
    np.testing.assert_array_equal(found.x, x)
