import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import plain_correlations

from bowlby.synchrony.lagged_correlation import lagged_correlation
from bowlby.synchrony.windows import Windows, plan_windows

RATE_HZ = 10.0
PLAN = plan_windows(600, Windows(10, 4, 2), rate_hz=RATE_HZ)


def noise(seed, n=600):
    return np.random.default_rng(seed).normal(size=(2, n)).cumsum(axis=1)


def plain(x, y, plan):
    return plain_correlations(
        x,
        y,
        starts=plan.starts,
        length=plan.length,
        lags=plan.lags,
        is_backward=plan.is_backward,
    )


@pytest.mark.parametrize(
    ("step_s", "is_exact", "is_backward"),
    [
        (4, False, False),
        (3.3, True, False),
        (15, False, False),
        (4, True, True),
        (7.7, True, True),
    ],
)
def test_agrees_with_one_corrcoef_per_cell(step_s, is_exact, is_backward):
    x, y = noise(1)
    plan = plan_windows(
        600, Windows(10, step_s, 2), rate_hz=RATE_HZ, is_exact=is_exact, is_backward=is_backward
    )
    np.testing.assert_allclose(
        lagged_correlation(x, y, plan).r, plain(x, y, plan), rtol=0, atol=1e-12
    )


def test_agrees_with_corrcoef_of_the_valid_pairs_when_samples_are_missing():
    x, y = noise(2)
    x[100:180] = np.nan
    y[150:220] = np.nan
    found = lagged_correlation(x, y, PLAN, min_coverage=0.3)
    expected = plain(x, y, PLAN)
    expected[found.coverage < 0.3] = np.nan
    np.testing.assert_allclose(found.r, expected, rtol=0, atol=1e-12)


def test_a_window_that_hardly_varies_keeps_its_digits():
    x, y = noise(3)
    x[200:320] = 1e6 + 1e-3 * np.random.default_rng(0).normal(size=120)
    np.testing.assert_allclose(
        lagged_correlation(x, y, PLAN).r, plain(x, y, PLAN), rtol=0, atol=1e-6
    )


def test_a_constant_window_has_no_value():
    x, y = noise(4)
    x[: PLAN.length + 40] = 7.0
    r = lagged_correlation(x, y, PLAN).r
    assert np.isnan(r[0]).all()
    assert np.isfinite(r[-1]).all()


def test_coverage_counts_the_pairs_with_both_samples():
    x, y = noise(5)
    x[: PLAN.length // 2] = np.nan
    zero = len(PLAN.lags) // 2
    np.testing.assert_allclose(lagged_correlation(x, y, PLAN).coverage[0, zero], 0.5)


def test_a_gap_is_never_bridged():
    # Two levels either side of a pause: interpolation would correlate, valid pairs do not.
    x, y = np.random.default_rng(6).normal(size=(2, 600))
    x[300:], y[300:] = x[300:] + 50, y[300:] + 50
    x[250:400] = y[250:400] = np.nan
    inside = (PLAN.starts + PLAN.length > 250) & (PLAN.starts < 250)
    r = lagged_correlation(x, y, PLAN).r[inside]
    assert np.nanmax(np.abs(r)) < 0.6


@given(seed=st.integers(0, 2**16), has_gap=st.booleans())
@settings(max_examples=30)
def test_swapping_partners_mirrors_the_lag_axis(seed, has_gap):
    x, y = noise(seed)
    if has_gap:
        y[200:260] = np.nan
    forward = lagged_correlation(x, y, PLAN).r
    backward = lagged_correlation(y, x, PLAN).r
    np.testing.assert_allclose(forward, backward[:, ::-1], rtol=0, atol=1e-12)


@given(scale=st.floats(1e-3, 1e3), offset=st.floats(-1e3, 1e3))
@settings(max_examples=30)
def test_scale_and_offset_do_not_matter(scale, offset):
    x, y = noise(7)
    np.testing.assert_allclose(
        lagged_correlation(scale * x + offset, y, PLAN).r,
        lagged_correlation(x, y, PLAN).r,
        rtol=0,
        atol=1e-9,
    )


def test_shifting_both_in_time_by_a_step_shifts_the_windows():
    x, y = noise(8, 640)
    step = PLAN.starts[1]
    early = lagged_correlation(x[:600], y[:600], PLAN).r
    late = lagged_correlation(x[step : step + 600], y[step : step + 600], PLAN).r
    np.testing.assert_allclose(early[1:], late[:-1], rtol=0, atol=1e-11)


@pytest.mark.parametrize("lag", [-15, 0, 12])
def test_a_planted_lead_shows_at_its_lag_with_the_leader_positive(lag):
    x = np.random.default_rng(9).normal(size=600)
    y = np.roll(x, lag)
    profile = np.nanmean(lagged_correlation(x, y, PLAN).r, axis=0)
    assert PLAN.lags[np.argmax(profile)] == lag


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="600 and 599 samples"):
        lagged_correlation(np.zeros(600), np.zeros(599), PLAN)
