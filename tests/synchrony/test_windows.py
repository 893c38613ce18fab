import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowlby.synchrony.windows import Windows, plan_windows


def test_rmea_counts_windows_as_its_formula_does():
    plan = plan_windows(15000, Windows(30, 10, 5), rate_hz=25, is_exact=True)
    assert len(plan.starts) == np.ceil((15000 - 750 - 125 + 1) / 250)


def test_an_hour_at_25_hz_has_118_windows_and_251_lags():
    plan = plan_windows(90000, Windows(60, 30, 5), rate_hz=25)
    assert (len(plan.starts), len(plan.lags)) == (118, 251)


def test_fractional_rates_keep_whole_blocks_within_a_sample_per_block():
    plan = plan_windows(30000, Windows(60, 25, 5), rate_hz=29.97)
    assert plan.length % plan.block == 0
    assert abs(plan.length - 60 * 29.97) <= plan.length / plan.block / 2


def test_lag_zero_is_in_the_middle_at_any_rate():
    plan = plan_windows(30000, Windows(30, 10, 5), rate_hz=29.97)
    assert plan.lag_s[len(plan.lags) // 2] == 0.0


def test_sub_second_times_are_kept():
    plan = plan_windows(4000, Windows(0.5, 0.25, 0.2), rate_hz=100)
    assert (plan.length, plan.starts[1], plan.lags[-1]) == (50, 25, 20)


def test_a_recording_too_short_says_how_long_it_must_be():
    with pytest.raises(ValueError, match=r"needs 65\.0 s"):
        plan_windows(1000, Windows(60, 30, 5), rate_hz=25)


@pytest.mark.parametrize("name", ["window_s", "step_s"])
def test_a_time_that_is_not_positive_is_refused(name):
    times = {"window_s": 10.0, "step_s": 5.0, "max_lag_s": 1.0, name: 0.0}
    with pytest.raises(ValueError, match=f"{name}=0.0 must be positive"):
        Windows(**times)


@given(
    n=st.integers(500, 5000),
    window_s=st.floats(0.5, 20),
    step_s=st.floats(0.1, 20),
    max_lag_s=st.floats(0, 5),
    rate_hz=st.sampled_from([4.0, 25.0, 29.97, 59.94]),
    is_backward=st.booleans(),
)
def test_no_window_reaches_outside_the_recording_at_any_lag(
    n, window_s, step_s, max_lag_s, rate_hz, is_backward
):
    try:
        plan = plan_windows(
            n, Windows(window_s, step_s, max_lag_s), rate_hz=rate_hz, is_backward=is_backward
        )
    except ValueError:
        return
    x_offset, y_offset = plan.offsets
    first = plan.starts[0] + min(x_offset.min(), y_offset.min())
    last = plan.starts[-1] + plan.length + max(x_offset.max(), y_offset.max())
    assert first >= 0
    assert last <= n
